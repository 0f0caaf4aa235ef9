"""Images to learn from: cluttered digits, made offline from scikit-learn's handwritten digits."""

from dataclasses import dataclass

import numpy as np
import torch
from torch import Generator, Tensor

from course_lib.core import make_rng

CANVAS = 12
_FRAGMENT = 4
_SOURCES = {"train": (0, 1000), "valid": (1000, 1350), "test": (1350, 1797)}


@dataclass(frozen=True)
class Images:
    """x: (n, channels, height, width) float32, standardised; y: (n,) int64 class labels."""

    x: Tensor
    y: Tensor

    def __len__(self) -> int:
        return len(self.y)


@dataclass(frozen=True)
class ImageTask:
    """A classification task whose three splits share no source image."""

    train: Images
    valid: Images
    test: Images
    classes: tuple[str, ...]


def cluttered_digits(
    *, train: int = 2000, valid: int = 1000, test: int = 10_000, seed: int = 0
) -> ImageTask:
    """Handwritten digits at random places on a 12 x 12 canvas, among fragments of other digits.

    train, valid, test: how many pictures to render for each split, all at least 1. The 1,797
        source images (Alpaydin and Kaynak 1998, as scikit-learn ships them) are divided among
        the splits once and for all; `seed` only changes the rendering.
    """
    from sklearn.datasets import load_digits

    counts = {"train": train, "valid": valid, "test": test}
    if min(counts.values()) < 1:
        raise ValueError(f"every split needs at least one picture, got {counts}")
    bunch = load_digits()
    digits = torch.from_numpy((bunch.images / 16).astype(np.float32))
    labels = torch.from_numpy(bunch.target.astype(np.int64))
    order = torch.randperm(len(labels), generator=make_rng(0))
    rng = make_rng(seed)
    splits = {}
    for split, (start, end) in _SOURCES.items():
        own = order[start:end]
        splits[split] = _render(digits[own], labels[own], counts[split], rng)
    return ImageTask(**splits, classes=tuple("0123456789"))


def _render(digits: Tensor, labels: Tensor, count: int, rng: Generator) -> Images:
    """Draw `count` pictures, going through the sources in rounds of random order."""
    rounds = -(-count // len(labels))
    picks = [torch.randperm(len(labels), generator=rng) for _ in range(rounds)]
    chosen = torch.cat(picks)[:count]
    contrast = 0.5 + 0.5 * torch.rand(count, 1, 1, generator=rng)
    canvas = _clutter(digits, count, rng)
    _paste(canvas, digits[chosen] * contrast, rng)
    canvas += 0.1 * torch.randn(canvas.shape, generator=rng)
    return Images(((canvas - 0.25) / 0.35).unsqueeze(1), labels[chosen])


def _clutter(digits: Tensor, count: int, rng: Generator, fragments: int = 3) -> Tensor:
    """Canvases that hold only small pieces, cut out of random digits."""
    canvas = torch.zeros(count, CANVAS, CANVAS)
    for _ in range(fragments):
        sources = digits[torch.randint(len(digits), (count,), generator=rng)]
        _paste(canvas, 0.4 * _windows(sources, _FRAGMENT, rng), rng)
    return canvas


def _windows(pictures: Tensor, size: int, rng: Generator) -> Tensor:
    rows, columns = _random_grid(len(pictures), pictures.shape[-1], size, rng)
    return pictures[torch.arange(len(pictures))[:, None, None], rows, columns]


def _paste(canvas: Tensor, pieces: Tensor, rng: Generator) -> None:
    """Lay each piece over its canvas at a random place; the brighter pixel shows."""
    rows, columns = _random_grid(len(canvas), CANVAS, pieces.shape[-1], rng)
    index = torch.arange(len(canvas))[:, None, None]
    canvas[index, rows, columns] = torch.maximum(canvas[index, rows, columns], pieces)


def _random_grid(count: int, outer: int, inner: int, rng: Generator) -> tuple[Tensor, Tensor]:
    """Row and column indices, (count, inner, 1) and (count, 1, inner), of random windows."""
    corner = torch.randint(outer - inner + 1, (2, count, 1), generator=rng)
    steps = torch.arange(inner)
    return (corner[0] + steps)[:, :, None], (corner[1] + steps)[:, None, :]
