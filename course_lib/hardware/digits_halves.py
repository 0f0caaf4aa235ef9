"""Adaptation from one half of the digits to the other, by a few convolutions of equal size."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import prod

import numpy as np
import torch
from torch import Generator, Tensor
from torch.nn import functional as F

from course_lib.images import Images

CHANNELS, KERNEL, SIDE, LAYERS, CLASSES = 6, 3, 4, 3, 5
TRAIN = 200
"""Pictures to adapt with; all others of these classes are the test."""
SYMMETRIES = 8

Weights = list[Tensor]
"""One vector for each layer, the last with the classifier's numbers behind its own."""


@dataclass(frozen=True)
class Half:
    """Five classes, divided into pictures to learn from and pictures for the test."""

    train: Images
    test: Images

    def turned(self, symmetry: int) -> "Half":
        """All pictures turned by quarters, and mirrored from 4 on: other classes to a network."""
        return Half(
            *(Images(_turned(part.x, symmetry), part.y) for part in (self.train, self.test))
        )

    def batch(self, rng: Generator, size: int = 16) -> tuple[Tensor, Tensor]:
        """Pictures (size, 1, 8, 8) and labels from 0 to 4, drawn with replacement."""
        drawn = torch.randint(len(self.train.y), (size,), generator=rng)
        return self.train.x[drawn], self.train.y[drawn]


def halves(rng: Generator) -> tuple[Half, Half]:
    """The odd and the even digits of scikit-learn (Alpaydin and Kaynak 1998), divided by `rng`."""
    from sklearn.datasets import load_digits

    bunch = load_digits()
    x = torch.from_numpy((bunch.images / 8 - 1).astype(np.float32))[:, None]
    y = torch.from_numpy(bunch.target.astype(np.int64))
    found = []
    for remainder in (1, 0):
        own = torch.nonzero(y % 2 == remainder)[:, 0]
        own = own[torch.randperm(len(own), generator=rng)]
        parts = own[:TRAIN], own[TRAIN:]
        found.append(Half(*(Images(x[part], y[part] // 2) for part in parts)))
    return found[0], found[1]


def _turned(x: Tensor, symmetry: int) -> Tensor:
    turned = torch.rot90(x, symmetry % 4, (2, 3))
    return turned.flip(3) if symmetry >= 4 else turned


class SmallConvolutions:
    """A random stem that stays, LAYERS convolutions of equal size, the mean, a linear map."""

    def __init__(self, rng: Generator) -> None:
        self.stem = torch.randn(CHANNELS, 1, KERNEL, KERNEL, generator=rng) / KERNEL
        own = [(CHANNELS, CHANNELS, KERNEL, KERNEL), (CHANNELS,)]
        self.shapes: list[list[tuple[int, ...]]] = [list(own) for _ in range(LAYERS)]
        self.shapes[-1] += [(CLASSES, CHANNELS), (CLASSES,)]

    @property
    def counts(self) -> list[int]:
        """Parameters of each layer."""
        return [sum(map(prod, shapes)) for shapes in self.shapes]

    def draw(self, rng: Generator) -> Weights:
        """He's normal weights; biases are zero."""
        return [torch.cat([_drawn(shape, rng) for shape in shapes]) for shapes in self.shapes]

    def loss(self, weights: Sequence[Tensor], x: Tensor, y: Tensor) -> Tensor:
        """Mean cross-entropy."""
        return F.cross_entropy(self(weights, x), y)

    @torch.no_grad()
    def accuracy(self, weights: Sequence[Tensor], pictures: Images) -> float:
        """The share of pictures that are classified right."""
        return float((self(weights, pictures.x).argmax(1) == pictures.y).float().mean())

    def __call__(self, weights: Sequence[Tensor], x: Tensor) -> Tensor:
        """Pictures (n, 1, 8, 8) to logits (n, CLASSES)."""
        x = F.relu(F.conv2d(x, self.stem, stride=2, padding=1))
        parts: list[Tensor] = []
        for vector, shapes in zip(weights, self.shapes, strict=True):
            parts = self._parts(vector, shapes)
            x = F.relu(F.conv2d(x, parts[0], parts[1], padding=1))
        return F.linear(x.mean((2, 3)), parts[2], parts[3])

    def _parts(self, vector: Tensor, shapes: list[tuple[int, ...]]) -> list[Tensor]:
        ends = np.cumsum([0, *map(prod, shapes)]).tolist()
        return [
            vector[start:end].view(shape)
            for (start, end), shape in zip(pairwise(ends), shapes, strict=True)
        ]

    def layer_macs(self, batch: int) -> list[float]:
        """Multiply-accumulates of each layer's forward pass; the stem and classifier are small."""
        return [float(batch * CHANNELS**2 * KERNEL**2 * SIDE**2)] * LAYERS


def _drawn(shape: tuple[int, ...], rng: Generator) -> Tensor:
    if len(shape) == 1:
        return torch.zeros(shape)
    spread: float = (2 / prod(shape[1:])) ** 0.5
    return spread * torch.randn(prod(shape), generator=rng)
