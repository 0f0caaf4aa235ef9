"""`sample_episode`: what every episode holds, and that all episodes are equally likely."""

from collections import Counter
from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from itertools import combinations, permutations, product

import torch
from torch import Generator, Tensor

from course_lib.checks.ask import Ask
from course_lib.checks.chance import GLOBAL_RNG, fits, only_rng
from course_lib.checks.engine import Exercise
from course_lib.checks.lab10_meta_learning import sections
from course_lib.checks.laws import CHANGED
from course_lib.checks.values import tensor, tuple_of
from course_lib.checks.variants import seeded
from course_lib.checks.wrong import Misconception, Wrong

OVERLAP = Misconception(
    "images of the support come again in the query",
    "The query asks about images that the learner has not seen: draw shots + queries images of a "
    "class at once, and cut them in two.",
)
REPLACED = Misconception(
    "images are drawn with replacement",
    "The images of a row are different ones: torch.randperm of the class's images, and the first "
    "of them.",
)
ROWS = Misconception(
    "a row does not hold a class of its own",
    "Row i of support and row i of query hold images of the same class, and no other row does.",
)
FIXED = Misconception(
    "a class has always the same new label",
    "Which class stands in which row is drawn anew for every episode. Where the classes come in "
    "order of their old labels, a learner can know the answer without looking at the support.",
)
SAME_IMAGES = Misconception(
    "the same images of a class come every time",
    "Which images of a class are its support, and which its query, is drawn anew for every "
    "episode.",
)
BY_SIZE = Misconception(
    "large classes are drawn more often",
    "All classes are equally likely, however many images they have: draw among the different "
    "labels (labels.unique()), not among the images.",
)
MISTAKES = (OVERLAP, REPLACED, ROWS, FIXED, SAME_IMAGES, BY_SIZE, GLOBAL_RNG, CHANGED)
EPISODES = 300


@dataclass(frozen=True)
class Episode:
    """An answer: which images, and the class of each row."""

    support: Tensor
    query: Tensor
    classes: tuple[int, ...]


def shuffled(rng: Generator, sizes: dict[int, int]) -> Tensor:
    """Labels of so many images of each class, in any order."""
    labels = torch.cat([torch.full((size,), name) for name, size in sizes.items()])
    return labels[torch.randperm(len(labels), generator=rng)]


def asked(
    ask: Ask, labels: Tensor, rng: Generator, *, ways: int, shots: int, queries: int
) -> Episode:
    """The answer, tested to be an episode."""
    answer = ask(labels.clone(), rng, ways=ways, shots=shots, queries=queries)
    support, query = tuple_of(answer, "support", "query")
    support = tensor(support, (ways, shots), "support", integers=True)
    query = tensor(query, (ways, queries), "query", integers=True)
    both = torch.cat([support, query], 1)
    if both.min() < 0 or both.max() >= len(labels):
        said = f"the places go from {int(both.min())} to {int(both.max())}"
        raise Wrong(f"{said}, and there are images 0 to {len(labels) - 1}")
    _require_rows(labels[support], labels[query])
    for row in both.tolist():
        held, asked_for = row[:shots], row[shots:]
        if again := set(held) & set(asked_for):
            raise Wrong(f"image {min(again)} is in the support and in the query", OVERLAP)
        if len(set(row)) < len(row):
            raise Wrong(f"a row holds an image twice: support {held}, query {asked_for}", REPLACED)
    return Episode(support, query, tuple(labels[both[:, 0]].tolist()))


def _require_rows(support: Tensor, query: Tensor) -> None:
    """support, query: the classes of the images."""
    both = torch.cat([support, query], 1)
    for i, row in enumerate(both.tolist()):
        if len(set(row)) > 1:
            held, asked_for = row[: support.shape[1]], row[support.shape[1] :]
            raise Wrong(
                f"row {i} has a support of the classes {held}, a query of {asked_for}", ROWS
            )
    if len(set(both[:, 0].tolist())) < len(both):
        raise Wrong(f"the rows are of the classes {both[:, 0].tolist()}, not all different", ROWS)


def an_episode(ask: Ask, variant: int) -> None:
    """Unequal classes, their names in no order; up to all classes, and all images of a class."""
    rng, sizes = seeded(variant), {7: 5, 0: 9, 40: 6, 3: 5, -2: 12, 11: 7 + variant % 5}
    for ways, shots, queries in ((5, 1, 3), (2, 2, 3), (6, 4, 1), (1, 1, 1), (6, 1, 4)):
        labels = shuffled(rng, sizes)
        for _ in range(8):
            asked(ask, labels, rng, ways=ways, shots=shots, queries=queries)


def _require_even(
    counts: Counter[Hashable],
    expected: list[Hashable],
    what: str,
    known: Misconception | None = None,
    advice: str = "",
) -> None:
    found = torch.tensor([counts[key] for key in expected])
    even = torch.full((len(expected),), 1 / len(expected))
    if int(found.sum()) != counts.total() or not fits(found, even):
        most, least = max(expected, key=counts.__getitem__), min(expected, key=counts.__getitem__)
        raise Wrong(
            f"of {counts.total()} episodes {counts[most]} have {what} {most}, {counts[least]} have "
            f"{least}; each of {len(expected)} is as likely{advice}",
            known,
        )


def _episodes(
    ask: Ask, labels: Tensor, rng: Generator, ways: int, shots: int, queries: int
) -> list[Episode]:
    """So many of them, tested not to be always the same."""
    sizes = {"ways": ways, "shots": shots, "queries": queries}
    found = [asked(ask, labels, rng, **sizes) for _ in range(EPISODES)]
    if len({str((e.support.tolist(), e.query.tolist())) for e in found}) == 1:
        raise Wrong(f"all {EPISODES} episodes are the same one", GLOBAL_RNG)
    return found


def every_class(ask: Ask, variant: int) -> None:
    """Each set of classes is equally likely, whatever their sizes."""
    rng = seeded(variant, 1)
    names = [5, 1, 9, 4, 2]
    labels = shuffled(rng, dict(zip(names, (2, 20, 4, 2, 9), strict=True)))
    sets = [tuple(sorted(e.classes)) for e in _episodes(ask, labels, rng, 2, 1, 1)]
    counts = Counter[Hashable](sets)
    alone = {name: sum(name in pair for pair in sets) for name in names}
    # class 1 has half of the images
    known = BY_SIZE if len(counts) > 1 and alone[1] > 0.65 * EPISODES else None
    _require_even(counts, list(combinations(sorted(names), 2)), "the classes", known)


def every_order(ask: Ask, variant: int) -> None:
    """Each order of the classes is equally likely, also where all classes take part."""
    rng = seeded(variant, 2)
    for sizes, ways in (({8: 3, 3: 3, 6: 4, 1: 3}, 4), ({3: 3, 1: 2, 8: 2, 4: 6}, 2)):
        labels = shuffled(rng, sizes)
        orders = [e.classes for e in _episodes(ask, labels, rng, ways, 1, 1)]
        counts, sets = Counter[Hashable](orders), {tuple(sorted(order)) for order in orders}
        known = FIXED if len(counts) <= len(sets) else None
        _require_even(counts, list(permutations(sorted(sizes), ways)), "the rows", known)


def every_image(ask: Ask, variant: int) -> None:
    """Each way to cut a class into support, query and the rest is equally likely.

    The class that is counted is once the smallest, and twice larger than the others.
    """
    rng = seeded(variant, 3)
    for size, others, shots, queries in ((4, 6, 1, 2), (4, 3, 2, 1), (5, 2, 1, 1)):
        labels = shuffled(rng, {2: size, 5: others, 0: others})
        own = torch.nonzero(labels == 2).flatten().tolist()
        counts = Counter[Hashable]()
        for episode in _episodes(ask, labels, rng, 3, shots, queries):
            row = episode.classes.index(2)
            parts = (episode.support[row].tolist(), episode.query[row].tolist())
            held, asked_for = (tuple(sorted(own.index(i) for i in part)) for part in parts)
            counts[held, asked_for] += 1
        cuts: list[Hashable] = [
            (held, asked_for)
            for held in combinations(range(size), shots)
            for asked_for in combinations([i for i in range(size) if i not in held], queries)
        ]
        known = SAME_IMAGES if len(counts) == 1 else None
        _require_even(counts, cuts, "of one class the images (support), (query)", known)


def rows_on_their_own(ask: Ask, variant: int) -> None:
    """What is drawn of one class says nothing about another, nor about the order of the rows."""
    rng = seeded(variant, 4)
    labels = shuffled(rng, {6: 4, 1: 4})
    place = {int(i): k for name in (1, 6) for k, i in enumerate(torch.nonzero(labels == name))}

    def told(images: Sequence[int], classes: Sequence[int]) -> str:
        return " and ".join(f"image {i} of class {c}" for i, c in zip(images, classes, strict=True))

    pairs = product(range(4), repeat=2)
    expected: list[Hashable] = [told(pair, c) for pair in pairs for c in ((1, 6), (6, 1))]
    advice = " (images are counted within their class). Is something drawn once for all rows?"
    for part, shots, queries in (("support", 1, 2), ("query", 2, 1)):
        counts = Counter[Hashable]()
        for episode in _episodes(ask, labels, rng, 2, shots, queries):
            images = [place[int(i)] for i in getattr(episode, part)[:, 0]]
            counts[told(images, episode.classes)] += 1
        _require_even(counts, expected, f"as {part}", advice=advice)


def draws_from_rng(ask: Ask, variant: int) -> None:
    """The same rng gives the same episodes, another rng others; nothing else has a say."""
    labels = shuffled(seeded(variant, 5), {k: 6 + k for k in range(8)})
    given = labels.clone()
    ask(given, seeded(variant, 6), ways=3, shots=2, queries=3)
    if not torch.equal(labels, given):
        raise Wrong("labels are not the same after the call", CHANGED)

    def episodes(rng: Generator) -> Tensor:
        found = [asked(ask, labels, rng, ways=3, shots=2, queries=3) for _ in range(6)]
        return torch.stack([torch.cat([e.support, e.query], 1) for e in found])

    only_rng(episodes, "episodes")


sample_episode = Exercise(
    lab="lab10_meta_learning",
    name="sample_episode",
    section=sections.EPISODES,
    library=(
        "course_lib.meta.few_shot:sample_episode",
        "course_lib.meta.few_shot:FewShotImages.sample",
    ),
    laws={
        "a row is one class, support and query apart": an_episode,
        "all sets of classes are as likely": every_class,
        "all orders of the classes are as likely": every_order,
        "all images of a class are as likely": every_image,
        "every row is drawn on its own": rows_on_their_own,
        "all draws come from rng": draws_from_rng,
    },
    mistakes=MISTAKES,
    hints=(
        "Two things are drawn: which classes, in which order; and of each class which images.",
        "classes = labels.unique(); classes[torch.randperm(len(classes), generator=rng)[:ways]] "
        "draws them in random order.",
        "The images of class c are (labels == c).nonzero().flatten(). Draw shots + queries of them "
        "in the same way, and cut them in two.",
        "torch.stack(rows) makes one tensor of them: rows[:, :shots] and rows[:, shots:].",
    ),
    basic="a row is one class, support and query apart",
)
