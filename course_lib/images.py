"""What a data set of images is, and how a training batch is disturbed on purpose."""

from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import Generator, Tensor


@dataclass(frozen=True)
class Images:
    """x: (n, channels, height, width) float32, standardised; y: (n,) int64 class labels.

    index: (n,) int64, the number of the source picture that each was made from, or None where it
        is not known. It betrays two splits that share a source.
    """

    x: Tensor
    y: Tensor
    index: Tensor | None = None

    def __post_init__(self) -> None:
        lengths = [len(part) for part in (self.x, self.y, self.index) if part is not None]
        if len(set(lengths)) > 1:
            raise ValueError(f"x, y and index must be of one length, got {lengths}")

    def __len__(self) -> int:
        return len(self.y)

    def part(self, which: Tensor | slice) -> "Images":
        """Some of the images: which are positions (k,), a mask (n,) of truth values, or a slice."""
        index = None if self.index is None else self.index[which]
        return Images(self.x[which], self.y[which], index)


@dataclass(frozen=True)
class ImageTask:
    """A classification task whose three splits share no source image."""

    train: Images
    valid: Images
    test: Images
    classes: tuple[str, ...]


Augment = Callable[[Tensor, Generator], Tensor]
"""A batch of images (n, channels, height, width) and a generator -> the batch as it is learnt."""


def cutout(x: Tensor, rng: Generator, *, size: int = 4) -> Tensor:
    """Blank a square of `size` x `size` pixels in every image, by 0: the standardised mean.

    x: (n, channels, height, width), left as it is. The centre is drawn uniformly from all pixels,
    so that a part of the square may fall outside. Source: DeVries and Taylor 2017, sec. 3.2.
    """
    if size < 1:
        raise ValueError(f"size must be at least 1, got {size}")
    rows, columns = (_blanked(len(x), length, size, rng) for length in x.shape[2:])
    return x.masked_fill((rows[:, :, None] & columns[:, None, :])[:, None], 0.0)


def _blanked(count: int, length: int, size: int, rng: Generator) -> Tensor:
    """Which of `length` places `size` of them around a random one cover: (count, length)."""
    start = torch.randint(length, (count, 1), generator=rng) - size // 2
    places = torch.arange(length)
    return (start <= places) & (places < start + size)
