"""Answers to `sample_episode`."""

import numpy as np
import torch

from course_lib.core import randint
from course_lib.meta import few_shot


def by_randperm(labels, rng, *, ways, shots, queries):
    """Right: permutations of classes and of images."""
    names = labels.unique()
    rows = []
    for name in names[torch.randperm(len(names), generator=rng)[:ways]]:
        own = (labels == name).nonzero().flatten()
        rows.append(own[torch.randperm(len(own), generator=rng)[: shots + queries]])
    chosen = torch.stack(rows)
    return chosen[:, :shots], chosen[:, shots:]


def by_keys(labels, rng, *, ways, shots, queries):
    """Right: one random number for each class and image, and the largest of them."""
    names = labels.unique()
    classes = names[torch.rand(len(names), generator=rng).topk(ways).indices]
    keys = torch.rand(ways, len(labels), generator=rng)
    keys[classes[:, None] != labels[None, :]] = -1.0
    chosen = keys.topk(shots + queries).indices
    return chosen[:, :shots].sort(1).values, chosen[:, shots:].sort(1).values


def one_by_one(labels, rng, *, ways, shots, queries):
    """Right: lists from which single ones are drawn and taken out; the queries first."""
    own = {}
    for place, name in enumerate(labels.tolist()):
        own.setdefault(name, []).append(place)
    names, support, query = sorted(own), [], []
    for _ in range(ways):
        left = own[names.pop(randint(rng, len(names)))]
        query.append([left.pop(randint(rng, len(left))) for _ in range(queries)])
        support.append([left.pop(randint(rng, len(left))) for _ in range(shots)])
    return torch.tensor(support), torch.tensor(query)


def by_shuffled_images(labels, rng, *, ways, shots, queries):
    """Right: all images are shuffled once; then the classes in random order."""
    order = torch.randperm(len(labels), generator=rng)
    names = labels.unique()
    names = names[torch.multinomial(torch.ones(len(names)), ways, generator=rng)]
    rows = torch.stack([order[labels[order] == name][: shots + queries] for name in names])
    return rows[:, :shots], rows[:, shots:]


def _episode(
    classes=lambda names, labels, rng, ways: names[
        torch.randperm(len(names), generator=rng)[:ways]
    ],
    images=lambda own, rng, shots, queries: _cut(
        own[torch.randperm(len(own), generator=rng)], shots, queries
    ),
    end=lambda support, query: (support, query),
):
    """A right episode unless a part is exchanged."""

    def sample_episode(labels, rng, *, ways, shots, queries):
        rows = []
        for name in classes(labels.unique(), labels, rng, ways):
            own = (labels == name).nonzero().flatten()
            rows.append(images(own, rng, shots, queries))
        return end(torch.stack([s for s, _ in rows]), torch.stack([q for _, q in rows]))

    return sample_episode


def _cut(chosen, shots, queries):
    return chosen[:shots], chosen[shots : shots + queries]


def twice(own, rng, shots, queries):
    """Support and query are drawn apart from each other."""
    first, second = (own[torch.randperm(len(own), generator=rng)] for _ in range(2))
    return first[:shots], second[:queries]


def with_replacement(own, rng, shots, queries):
    return _cut(own[torch.randint(len(own), (shots + queries,), generator=rng)], shots, queries)


def queries_again(own, rng, shots, queries):
    chosen = own[torch.randperm(len(own), generator=rng)]
    left = chosen[shots:]
    return chosen[:shots], left[torch.randint(len(left), (queries,), generator=rng)]


def sorted_classes(names, labels, rng, ways):
    return names[torch.randperm(len(names), generator=rng)[:ways]].sort().values


def by_image(names, labels, rng, ways):
    found = []
    while len(found) < ways:
        name = int(labels[randint(rng, len(labels))])
        if name not in found:
            found.append(name)
    return torch.tensor(found)


def classes_with_replacement(names, labels, rng, ways):
    return names[torch.randint(len(names), (ways,), generator=rng)]


def never_the_last(names, labels, rng, ways):
    open_ = names[:-1] if len(names) > ways else names
    return open_[torch.randperm(len(open_), generator=rng)[:ways]]


def neighbours(own, rng, shots, queries):
    return _cut(own.roll(randint(rng, len(own))), shots, queries)


def cut_to_the_smallest(labels, rng, *, ways, shots, queries):
    """What lies beyond the size of the smallest class is never drawn."""
    least = int(labels.unique(return_counts=True)[1].min())
    images = lambda own, r, s, q: _cut(own[:least][torch.randperm(least, generator=r)], s, q)  # noqa: E731
    return _episode(images=images)(labels, rng, ways=ways, shots=shots, queries=queries)


def fixed_queries(own, rng, shots, queries):
    """The last images of a class are always its query."""
    left = own[: len(own) - queries]
    return left[torch.randperm(len(left), generator=rng)[:shots]], own[len(own) - queries :]


def same_order_for_all(labels, rng, *, ways, shots, queries):
    """One permutation serves every class."""
    names = labels.unique()
    names = names[torch.randperm(len(names), generator=rng)[:ways]]
    order = torch.randperm(int(labels.bincount().max()) if labels.min() >= 0 else 99, generator=rng)
    rows = []
    for name in names:
        own = (labels == name).nonzero().flatten()
        rows.append(own[order[order < len(own)]][: shots + queries])
    chosen = torch.stack(rows)
    return chosen[:, :shots], chosen[:, shots:]


def mixed_rows(labels, rng, *, ways, shots, queries):
    support, query = by_randperm(labels, rng, ways=ways, shots=shots, queries=queries)
    return support, query.flip(0)


def any_images(labels, rng, *, ways, shots, queries):
    chosen = torch.randperm(len(labels), generator=rng)[: ways * (shots + queries)]
    chosen = chosen.view(ways, -1)
    return chosen[:, :shots], chosen[:, shots:]


def positions_in_class(labels, rng, *, ways, shots, queries):
    rows = torch.stack([torch.randperm(shots + queries, generator=rng) for _ in range(ways)])
    return rows[:, :shots], rows[:, shots:]


def the_labels(labels, rng, *, ways, shots, queries):
    support, query = by_randperm(labels, rng, ways=ways, shots=shots, queries=queries)
    return labels[support], labels[query]


def global_rng(own, rng, shots, queries):
    return _cut(own[torch.randperm(len(own))], shots, queries)


def numpys_rng(names, labels, rng, ways):
    return torch.as_tensor(np.random.permutation(names.numpy())[:ways])


def rolled(names, labels, rng, ways):
    return sorted_classes(names, labels, rng, ways).roll(randint(rng, ways))


def queries_together(labels, rng, *, ways, shots, queries):
    """One draw for all rows says which of the images that are left are asked about."""
    support, _ = by_randperm(labels, rng, ways=ways, shots=shots, queries=queries)
    order, left = torch.randperm(99, generator=rng), (labels == labels[support[:, :1]]).int()
    left.scatter_(1, support, 0)
    rows = [row.nonzero().flatten() for row in left]
    return support, torch.stack([row[order[order < len(row)]][:queries] for row in rows])


def reseeded(labels, rng, *, ways, shots, queries):
    own = torch.Generator().manual_seed(0)
    return by_randperm(labels, own, ways=ways, shots=shots, queries=queries)


def sorts_labels(labels, rng, **sizes):
    return by_randperm(labels.copy_(labels.sort().values), rng, **sizes)


def uses_labels_up(labels, rng, **sizes):
    support, query = by_randperm(labels, rng, **sizes)
    labels[support] = -1
    return support, query


def calls_library(labels, rng, *, ways, shots, queries):
    return few_shot.sample_episode(labels, rng, ways=ways, shots=shots, queries=queries)


OVERLAP = "images of the support come again in the query"
REPLACED = "images are drawn with replacement"
ROWS = "a row does not hold a class of its own"
FIXED = "a class has always the same new label"
SAME_IMAGES = "the same images of a class come every time"
BY_SIZE = "large classes are drawn more often"
RNG = "the draws do not come from rng"
IMAGES = "✘ all images of a class are as likely"
WRONG = [
    (_episode(images=twice), OVERLAP),
    (_episode(images=lambda own, rng, s, q: (own[:s], own[:q])), OVERLAP),
    (_episode(images=with_replacement), OVERLAP),
    (_episode(images=queries_again), REPLACED),
    (mixed_rows, ROWS),
    (any_images, ROWS),
    (positions_in_class, ROWS),
    (_episode(classes=classes_with_replacement), ROWS),
    (_episode(classes=sorted_classes), FIXED),
    (_episode(classes=lambda names, labels, rng, ways: names[:ways]), FIXED),
    (_episode(images=lambda own, rng, s, q: _cut(own, s, q)), SAME_IMAGES),
    (_episode(classes=by_image), BY_SIZE),
    (_episode(classes=never_the_last), "✘ all sets of classes are as likely"),
    (_episode(images=neighbours), IMAGES),
    (cut_to_the_smallest, IMAGES),
    (_episode(images=fixed_queries), IMAGES),
    *((wrong, "drawn once for all rows?") for wrong in (same_order_for_all, queries_together)),
    (_episode(classes=rolled), "✘ all orders of the classes are as likely"),
    (the_labels, "✘"),
    (_episode(images=global_rng), RNG),
    (_episode(classes=numpys_rng), RNG),
    (reseeded, RNG),
    *((wrong, "the function changes its arguments") for wrong in (sorts_labels, uses_labels_up)),
    (_episode(end=lambda support, query: torch.cat([support, query], 1)), "expected the tuple"),
    (_episode(end=lambda support, query: (query, support)), "support has shape"),
    (_episode(end=lambda support, query: (support.T, query.T)), "support has shape"),
    (_episode(end=lambda support, query: (support.tolist(), query.tolist())), "of type list"),
    (_episode(end=lambda support, query: None), "`return` missing"),
    (calls_library, "library's function is called"),
]
RIGHT = [by_randperm, by_keys, one_by_one, by_shuffled_images]
PARTICULAR = {
    BY_SIZE: {"all sets of classes are as likely", "all orders of the classes are as likely"},
    "once for all rows": {"every row is drawn on its own"},
}
