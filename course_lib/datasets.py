"""Images to learn from: cluttered digits, made offline, and torchvision's sets for who has them."""

from dataclasses import dataclass, replace
from difflib import get_close_matches
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Generator, Tensor

from course_lib.core import make_rng
from course_lib.images import Augment, Images, ImageTask, cutout

__all__ = ["Augment", "ImageTask", "Images", "cluttered_digits", "cutout", "image_task"]

TORCHVISION_FOLDER = Path(__file__).parents[1] / "data" / "torchvision"
CANVAS = 12
_FRAGMENT = 4
_SOURCES = {"train": (0, 1000), "valid": (1000, 1350), "test": (1350, 1797)}
_TORCHVISION = {
    "cifar10": "CIFAR10",
    "cifar100": "CIFAR100",
    "fashionmnist": "FashionMNIST",
    "kmnist": "KMNIST",
    "mnist": "MNIST",
    "svhn": "SVHN",
}


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
    splits = {
        split: _render(digits, labels, order[start:end], counts[split], rng)
        for split, (start, end) in _SOURCES.items()
    }
    return ImageTask(**splits, classes=tuple("0123456789"))


def _render(digits: Tensor, labels: Tensor, own: Tensor, count: int, rng: Generator) -> Images:
    """Draw `count` pictures, going through the `own` sources in rounds of random order."""
    rounds = -(-count // len(own))
    picks = [torch.randperm(len(own), generator=rng) for _ in range(rounds)]
    chosen = own[torch.cat(picks)[:count]]
    contrast = 0.5 + 0.5 * torch.rand(count, 1, 1, generator=rng)
    canvas = _clutter(digits[own], count, rng)
    _paste(canvas, digits[chosen] * contrast, rng)
    canvas += 0.1 * torch.randn(canvas.shape, generator=rng)
    return Images(((canvas - 0.25) / 0.35).unsqueeze(1), labels[chosen], chosen)


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


def image_task(
    name: str,
    *,
    root: str | Path = TORCHVISION_FOLDER,
    train: int | None = None,
    valid: int = 5000,
    test: int | None = None,
    download: bool = False,
) -> ImageTask:
    """One of torchvision's sets: cifar10, cifar100, fashionmnist, kmnist, mnist or svhn.

    root: the folder that holds the set's files, by default data/torchvision of the course.
    download: fetch the files if they are not there.
    train, valid, test: how many pictures, None for all that there are. The set's own training
        part is shuffled once and for all; `valid` pictures are taken from it first and `train`
        from the rest. `test` comes from the set's own test part.

    Pixels are standardised per channel by mean and deviation of the chosen training pictures.
    FileNotFoundError where the files are absent or damaged.
    """
    _check_name(name)
    own = _torchvision_part(name, Path(root), training=True, download=download)
    held = _torchvision_part(name, Path(root), training=False, download=download)
    counts = {
        "train": len(own.y) - valid if train is None else train,
        "valid": valid,
        "test": len(held.y) if test is None else test,
    }
    _check_counts(name, counts, len(own.y), len(held.y))
    order = torch.randperm(len(own.y), generator=make_rng(0))
    held_order = torch.randperm(len(held.y), generator=make_rng(0))
    chosen = {
        "train": own.pick(order[valid : valid + counts["train"]]),
        "valid": own.pick(order[:valid]),
        "test": held.pick(held_order[: counts["test"]], first_number=len(own.y)),
    }
    return ImageTask(**_standardised(chosen), classes=own.classes)


def _standardised(splits: dict[str, Images]) -> dict[str, Images]:
    pixels = splits["train"].x
    mean = pixels.mean((0, 2, 3), keepdim=True)
    deviation = pixels.std((0, 2, 3), keepdim=True).clamp(min=1e-6)
    return {
        split: replace(images, x=(images.x - mean) / deviation) for split, images in splits.items()
    }


@dataclass(frozen=True)
class _Part:
    """pixels: (n, channels, height, width) uint8; y: (n,) int64."""

    pixels: Tensor
    y: Tensor
    classes: tuple[str, ...]

    def pick(self, indices: Tensor, *, first_number: int = 0) -> Images:
        pixels = self.pixels[indices].float() / 255
        return Images(pixels, self.y[indices], first_number + indices)


def _torchvision_part(name: str, root: Path, *, training: bool, download: bool) -> _Part:
    from torchvision import datasets

    kind = getattr(datasets, _TORCHVISION[name])
    which = {"split": "train" if training else "test"} if name == "svhn" else {"train": training}
    try:
        part: Any = kind(str(root), download=download, **which)
    except (RuntimeError, OSError, ValueError, AssertionError, EOFError) as error:
        raise FileNotFoundError(
            f"the files of {kind.__name__} are not in {root}, or are damaged ({error}). Where "
            f"there is a network, image_task({name!r}, root={str(root)!r}, download=True) fetches "
            "them once; without one, copy that folder from a machine that has it, or use "
            "cluttered_digits(), which needs no files."
        ) from error
    labels = part.labels if name == "svhn" else part.targets
    classes = getattr(part, "classes", None) or [str(digit) for digit in range(10)]
    return _Part(
        _channels_first(torch.as_tensor(part.data)), torch.as_tensor(labels), tuple(classes)
    )


def _channels_first(pixels: Tensor) -> Tensor:
    """From (n, height, width), (n, height, width, 3) or (n, 3, height, width)."""
    if pixels.ndim == 3:
        return pixels[:, None]
    return pixels.permute(0, 3, 1, 2) if pixels.shape[3] == 3 else pixels


def _check_name(name: str) -> None:
    if name not in _TORCHVISION:
        near = get_close_matches(name.lower(), _TORCHVISION, n=1)
        hint = f"; did you mean {near[0]!r}?" if near else ""
        raise ValueError(f"unknown set {name!r}, expected one of {', '.join(_TORCHVISION)}{hint}")


def _check_counts(name: str, counts: dict[str, int], own: int, held: int) -> None:
    if min(counts.values()) < 1:
        raise ValueError(f"every split needs at least one picture, got {counts} from {name}")
    if counts["train"] + counts["valid"] > own or counts["test"] > held:
        raise ValueError(
            f"{name} has {own} training pictures for train and valid together and {held} for "
            f"test, too few for {counts}"
        )
