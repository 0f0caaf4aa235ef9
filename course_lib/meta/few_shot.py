"""Few-shot classification: episodes of a few classes with a few images each, from any images."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any, Self

import numpy as np
import torch
from torch import Generator, Tensor

from course_lib.meta.tasks import Tasks


def sample_episode(
    labels: Tensor, rng: Generator, *, ways: int, shots: int, queries: int
) -> tuple[Tensor, Tensor]:
    """Which images make one episode: support (ways, shots) and query (ways, queries) positions.

    Draw `ways` classes uniformly, in random order, whatever the number of their images; row i is
    the class that the episode calls i. Of each class draw shots + queries images without
    replacement: the first are the support set, the others the queries.

    labels: (n,) integers. ValueError for more ways than classes, or a class with too few images.
    Source: Vinyals et al. 2016.
    """
    support, query = _Classes(labels).episodes(rng, 1, ways=ways, shots=shots, queries=queries)
    return support[0], query[0]


class FewShotImages:
    """Images with integer labels, from which N-way K-shot tasks are drawn.

    images: (n, height, width) or (n, channels, height, width); truth values and real numbers stay
        what they are, uint8 is divided by 255. TypeError or ValueError says what does not fit.
    labels: (n,) integers, any that there are.
    """

    def __init__(self, images: Any, labels: Any) -> None:
        self.images = _images(images)
        self.labels = _labels(labels)
        if len(self.images) != len(self.labels):
            raise ValueError(f"{len(self.images)} images have {len(self.labels)} labels")
        self._classes = _Classes(self.labels)

    @classmethod
    def from_npz(cls, path: str | Path) -> Self:
        """From a file of `numpy.savez_compressed(path, images=..., labels=...)`."""
        with np.load(path) as file:
            if missing := {"images", "labels"} - set(file.files):
                raise ValueError(
                    f"{path} holds {', '.join(file.files) or 'nothing'}, but no "
                    f"{' and no '.join(sorted(missing))}"
                )
            return cls(file["images"], file["labels"])

    @property
    def classes(self) -> tuple[int, ...]:
        """The labels that there are, in increasing order."""
        return tuple(self._classes.names.tolist())

    def __len__(self) -> int:
        return len(self.labels)

    def __repr__(self) -> str:
        size = " x ".join(map(str, self.images.shape[1:]))
        return f"FewShotImages({len(self)} images {size} of {len(self.classes)} classes)"

    def part(self, classes: Sequence[int] | Tensor) -> "FewShotImages":
        """The images of these classes alone, with the labels that they have; KeyError if absent."""
        wanted = _labels(classes)
        if strangers := set(wanted.tolist()) - set(self.classes):
            raise KeyError(f"no images of class {', '.join(map(str, sorted(strangers)))}")
        own = torch.isin(self.labels, wanted)
        return FewShotImages(self.images[own], self.labels[own])

    def x(self, which: Tensor) -> Tensor:
        """The images at positions `which`, (*which.shape, channels, height, width) float32."""
        picked = self.images[which]
        return picked.float() / 255 if picked.dtype == torch.uint8 else picked.float()

    def sample(
        self, rng: Generator, *, tasks: int, ways: int = 5, shots: int = 1, queries: int = 15
    ) -> Tasks:
        """Episodes as `sample_episode` draws them, all at once; `queries` per class.

        The support holds ways x shots images, class by class, and the queries likewise.
        """
        if tasks < 1:
            raise ValueError(f"tasks must be at least 1, got {tasks}")
        support, query = self._classes.episodes(rng, tasks, ways=ways, shots=shots, queries=queries)
        numbers = torch.arange(ways)
        return Tasks(
            self.x(support.flatten(1)),
            numbers.repeat_interleave(shots).repeat(tasks, 1),
            self.x(query.flatten(1)),
            numbers.repeat_interleave(queries).repeat(tasks, 1),
        )


class _Classes:
    """Where the images of each class stand: `order` sorted by class, `first` and `count` in it."""

    def __init__(self, labels: Tensor) -> None:
        labels = _labels(labels)
        self.order = labels.argsort(stable=True)
        names, count = np.unique(labels.numpy(), return_counts=True)
        self.names, self.count = torch.from_numpy(names), torch.from_numpy(count)
        self.first = self.count.cumsum(0) - self.count

    def episodes(
        self, rng: Generator, tasks: int, *, ways: int, shots: int, queries: int
    ) -> tuple[Tensor, Tensor]:
        """Support (tasks, ways, shots) and query (tasks, ways, queries) positions."""
        self._check(ways=ways, shots=shots, queries=queries)
        rows = torch.rand(tasks, len(self.names), generator=rng).topk(ways).indices
        keys = torch.rand(tasks, ways, int(self.count.max()), generator=rng)
        absent = torch.arange(keys.shape[2]) >= self.count[rows][:, :, None]
        within = keys.masked_fill_(absent, -1.0).topk(shots + queries).indices
        chosen = self.order[self.first[rows][:, :, None] + within]
        return chosen[:, :, :shots], chosen[:, :, shots:]

    def _check(self, **numbers: int) -> None:
        for name, number in numbers.items():
            if number < 1:
                raise ValueError(f"{name} must be at least 1, got {number}")
        if numbers["ways"] > len(self.names):
            raise ValueError(
                f"ways = {numbers['ways']}, but there are images of {len(self.names)} classes"
            )
        each = numbers["shots"] + numbers["queries"]
        if int(self.count.min()) < each:
            least = int(self.count.argmin())
            raise ValueError(
                f"an episode needs {numbers['shots']} + {numbers['queries']} images of a class, "
                f"and class {int(self.names[least])} has {int(self.count[least])}: draw fewer, or "
                "leave such classes out by `part`"
            )


def _images(images: Any) -> Tensor:
    """(n, channels, height, width), of the type that they came in."""
    try:
        tensor: Tensor = torch.as_tensor(
            images if isinstance(images, Tensor) else np.asarray(images)
        )
    except (TypeError, ValueError) as error:
        sizes = sorted({tuple(np.shape(image)) for image in images})
        if len(sizes) < 2:
            raise TypeError(f"images must be an array of numbers: {error}") from error
        raise ValueError(
            f"images must be of one size, got {', '.join(map(str, sizes[:3]))}: resize them first"
        ) from error
    if tensor.ndim not in (3, 4):
        raise ValueError(
            "images must be (n, height, width) or (n, channels, height, width), got "
            f"{tuple(tensor.shape)}"
        )
    if not (tensor.is_floating_point() or tensor.dtype in (torch.uint8, torch.bool)):
        raise TypeError(
            f"images must be real numbers, uint8 or truth values, got {tensor.dtype}: convert "
            "them, so that black and white are what you mean"
        )
    return tensor[:, None] if tensor.ndim == 3 else tensor


def _labels(labels: Any) -> Tensor:
    given: Tensor = torch.as_tensor(labels if isinstance(labels, Tensor) else np.asarray(labels))
    whole = not (given.is_floating_point() or given.is_complex() or given.dtype == torch.bool)
    if not whole or given.ndim != 1 or not len(given):
        raise TypeError(
            f"labels must be integers in a row, got {given.dtype} of shape {tuple(given.shape)}"
        )
    return given.long()
