"""Analogies among the features of known classes, a1 : a2 :: b1 : b2, and a generator of b2."""

from dataclasses import dataclass
from functools import partial
from typing import Any

import torch
import torch.nn.functional as F
from torch import Generator, Tensor

from course_lib.core import randint
from course_lib.core.log import Log
from course_lib.core.meta_train import Parameters, meta_train
from course_lib.meta.embedding import class_numbers
from course_lib.meta.few_shot import FewShotImages
from course_lib.meta.hallucinate import Hallucinate, complete, generator
from course_lib.meta.recipe import annealed


def class_centroids(features: FewShotImages, rng: Generator, *, count: int = 5) -> Tensor:
    """K-means within every class: (classes, count, d), classes in increasing order of their labels.

    features: each (1, 1, d), as an `Embedding` gives them. ValueError where a class has fewer than
    `count` examples, or a feature is negative: the generator's answers cannot be.
    """
    from sklearn.cluster import KMeans

    x = features.images.flatten(1)
    if count < 2 or int(class_numbers(features.labels).bincount().min()) < count:
        raise ValueError(
            f"count must be at least 2 and at most the examples of a class, got {count}"
        )
    if x.min() < 0:
        raise ValueError("features must not be negative: take those after a ReLU")
    rows = []
    for label in features.classes:
        own = x[features.labels == label].numpy()
        means = KMeans(count, n_init=1, random_state=randint(rng, 2**31)).fit(own).cluster_centers_
        rows.append(torch.from_numpy(means))
    return torch.stack(rows).to(x.dtype)


def train_classifier(features: FewShotImages, rng: Generator, *, steps: int = 150) -> Tensor:
    """W of scores = x W, (d, classes), by softmax regression on all classes of `features`."""
    x, numbers = features.images.flatten(1), class_numbers(features.labels)

    def loss(
        theta: Parameters, which: Tensor, rng: Generator, carry: None, /
    ) -> tuple[Tensor, None]:
        return F.cross_entropy(x[which] @ theta["weight"], numbers[which]), carry

    theta, _ = meta_train(
        {"weight": torch.zeros(x.shape[1], int(numbers.max()) + 1)},
        loss,
        lambda rng: torch.randint(len(x), (256,), generator=rng),
        rng,
        steps=steps,
        optimizer=partial(annealed, lr=0.02, steps=steps),
    )
    return theta["weight"]


@dataclass(frozen=True)
class Analogies:
    """a1 : a2 :: b1 : b2 as rows of `places`, (n, 4), positions in centroids (classes, count, d).

    similarity: (n,) cosines of a2 - a1 and b2 - b1.
    """

    centroids: Tensor
    places: Tensor
    similarity: Tensor

    def __len__(self) -> int:
        return len(self.places)

    @property
    def classes(self) -> Tensor:
        """Which class each of the four is of, (n, 4)."""
        return self.places // self.centroids.shape[1]

    def quadruplets(self, which: Tensor) -> Tensor:
        """(len(which), 4, d)."""
        return self.centroids.flatten(0, 1)[self.places[which]]


def mine_analogies(centroids: Tensor) -> Analogies:
    """For every pair of centroids of a class the pair of another class that differs most alike.

        (b1, b2) = argmax cos(a2 - a1, b2 - b1)   over all pairs of all other classes,

    kept where the cosine is above 0. Both orders of a pair count. centroids: (classes, count, d),
    at least two of both. Source: Hariharan and Girshick 2017, sec. 4.1.
    """
    if centroids.ndim != 3 or min(centroids.shape[:2]) < 2:
        raise ValueError(
            "centroids must be (classes, count, d) with at least 2 classes and 2 centroids each, "
            f"got {tuple(centroids.shape)}"
        )
    count = centroids.shape[1]
    first, second = torch.cartesian_prod(*[torch.arange(count)] * 2).T
    first, second = first[first != second], second[first != second]
    moves = F.normalize(centroids[:, second] - centroids[:, first], dim=2)  # (classes, pairs, d)
    flat, pairs = moves.flatten(0, 1), len(first)
    places, similarity = [], []
    for name, own in enumerate(moves):
        cosines = own @ flat.T
        cosines[:, name * pairs : (name + 1) * pairs] = -torch.inf
        best, at = cosines.max(1)
        other, pair = at // pairs * count, at % pairs
        row = (name * count + first, name * count + second, other + first[pair])
        places.append(torch.stack((*row, other + second[pair]), 1))
        similarity.append(best)
    kept = torch.cat(similarity) > 0
    return Analogies(centroids, torch.cat(places)[kept], torch.cat(similarity)[kept])


def analogy_loss(
    theta: Parameters,
    batch: tuple[Tensor, Tensor],
    rng: Generator | None = None,
    carry: Any = None,
    *,
    classifier: Tensor,
    weight: float = 10.0,
) -> tuple[Tensor, Any]:
    """weight * mean (G(a1, a2, b1) - b2)^2 + cross-entropy of the classifier's answer, b's class.

    batch: quadruplets (n, 4, d) and classes of b (n,). classifier: (d, classes), which stays fixed.
    Source: Hariharan and Girshick 2017, sec. 4.1.
    """
    (a1, a2, b1, b2), labels = batch[0].unbind(1), batch[1]
    made = complete(theta, b1, torch.cat((a1, a2), -1))
    return weight * F.mse_loss(made, b2) + F.cross_entropy(made @ classifier, labels), carry


def train_on_analogies(
    analogies: Analogies,
    classifier: Tensor,
    rng: Generator,
    *,
    steps: int = 400,
    batch: int = 128,
    lr: float = 1e-3,
    weight: float = 10.0,
    progress: bool = False,
) -> tuple[Parameters, Log]:
    """Theta of `by_analogy`, by `annealed` on random analogies; the log has each step's loss.

    classifier: (d, classes), as `train_classifier` gives it; ValueError if its shape is another.
    """
    classes, _, width = analogies.centroids.shape
    if classifier.shape != (width, classes):
        raise ValueError(
            f"the classifier must be {(width, classes)}, a column for each class of the centroids, "
            f"got {tuple(classifier.shape)}"
        )

    def sample(rng: Generator) -> tuple[Tensor, Tensor]:
        which = torch.randint(len(analogies), (batch,), generator=rng)
        return analogies.quadruplets(which), analogies.classes[which, 2]

    return meta_train(
        generator(rng, width=width, draws=2 * width),
        partial(analogy_loss, classifier=classifier, weight=weight),
        sample,
        rng,
        steps=steps,
        optimizer=partial(annealed, lr=lr, steps=steps),
        progress=progress,
    )


def by_analogy(theta: Parameters, centroids: Tensor) -> Hallucinate:
    """G(a1, a2, example), with two different centroids of a class drawn anew for every example."""

    def hallucinate(examples: Tensor, rng: Generator) -> Tensor:
        return complete(theta, examples, torch.cat(_pairs(centroids, examples, rng), -1))

    return hallucinate


def by_sum(centroids: Tensor) -> Hallucinate:
    """example + a2 - a1, cut off at 0: what needs no generator, to compare with."""

    def hallucinate(examples: Tensor, rng: Generator) -> Tensor:
        a1, a2 = _pairs(centroids, examples, rng)
        return (examples + a2 - a1).clamp(min=0)

    return hallucinate


def _pairs(centroids: Tensor, examples: Tensor, rng: Generator) -> tuple[Tensor, Tensor]:
    """For every example two different centroids of one class."""
    classes, count, _ = centroids.shape
    shape = examples.shape[:-1]
    name = torch.randint(classes, shape, generator=rng)
    first = torch.randint(count, shape, generator=rng)
    second = (first + torch.randint(1, count, shape, generator=rng)) % count
    return centroids[name, first], centroids[name, second]
