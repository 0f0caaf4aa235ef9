"""A supernet of linear maps that watches every pass; its gradients have a closed form."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import torch
from torch import Generator, Tensor, nn
from torch.nn import functional as F

from course_lib.checks.values import kind
from course_lib.checks.wrong import Wrong
from course_lib.core import Arch, Space

Batch = tuple[Tensor, Tensor]
"""x (n, features) float64 and y (n,) int64."""


@dataclass(frozen=True)
class Pass:
    """One call of the net: what went in, and the weights at that time, [edge][choice]."""

    x: Tensor
    arch: Arch
    training: bool
    weights: list[list[Tensor]]


class SharedLinear(nn.Module):
    """logits = sum over edges e of (x * scale_e) @ W[e][arch[e]], in float64.

    The gradient of the mean cross-entropy in W[e][arch[e]] is
    (x * scale_e)^T (softmax(logits) - one_hot(y)) / n, and 0 in all other weights.
    """

    def __init__(self, rng: Generator, choices: Sequence[int], features: int, classes: int) -> None:
        super().__init__()
        self.space = Space(choices)
        self.scales = 0.5 + torch.rand(len(choices), features, generator=rng, dtype=torch.float64)
        self.weights = nn.ModuleList(
            nn.ParameterList(
                0.5 * torch.randn(features, classes, generator=rng, dtype=torch.float64)
                for _ in range(count)
            )
            for count in choices
        )
        self.passes: list[Pass] = []

    def forward(self, x: Tensor, arch: Arch) -> Tensor:
        path = as_arch(arch, self.space)
        self.passes.append(Pass(x.detach(), path, self.training, self.snapshot()))
        return self.logits(x, path, self.rows())

    def logits(self, x: Tensor, arch: Arch, weights: Sequence[Sequence[Tensor]]) -> Tensor:
        """What the net answers with the given weights, [edge][choice]."""
        parts = [
            (x * scale) @ weights[edge][choice]
            for edge, (scale, choice) in enumerate(zip(self.scales, arch, strict=True))
        ]
        return torch.stack(parts).sum(0)

    def gradients(
        self, batch: Batch, arch: Arch, weights: Sequence[Sequence[Tensor]]
    ) -> list[Tensor]:
        """Of each edge's chosen weights, by the closed form."""
        x, y = batch
        logits = self.logits(x, arch, weights)
        error = (logits.softmax(1) - F.one_hot(y, logits.shape[1])) / len(y)
        return [(x * scale).T @ error for scale in self.scales]

    def loss(self, batch: Batch, arch: Arch, weights: Sequence[Sequence[Tensor]]) -> float:
        """The mean cross-entropy."""
        return float(F.cross_entropy(self.logits(batch[0], arch, weights), batch[1]))

    def accuracy(self, batch: Batch, arch: Arch, weights: Sequence[Sequence[Tensor]]) -> float:
        """The share of the batch that is classified rightly."""
        found = self.logits(batch[0], arch, weights).argmax(1)
        return float((found == batch[1]).double().mean())

    def rows(self) -> list[list[Tensor]]:
        """The parameters, [edge][choice]."""
        return [list(row.parameters()) for row in self.weights]

    def snapshot(self) -> list[list[Tensor]]:
        """A copy of the parameters, [edge][choice]."""
        return [[weight.detach().clone() for weight in row] for row in self.rows()]


def as_arch(value: object, space: Space) -> Arch:
    """A path as a tuple of Python integers; TypeError or ValueError says what it is instead."""
    if isinstance(value, Tensor):
        value = value.tolist()
    if not isinstance(value, tuple | list):
        raise TypeError(f"net(x, arch): arch is {kind(value)}, expected a tuple of choices")
    return space.validate(tuple(int(choice) for choice in value))


def batches_of(
    rng: Generator, count: int, size: int, features: int = 4, classes: int = 3
) -> list[Batch]:
    """Batches of drawn features and labels."""
    return [
        (
            torch.randn(size, features, generator=rng, dtype=torch.float64),
            torch.randint(classes, (size,), generator=rng),
        )
        for _ in range(count)
    ]


def moved(before: Sequence[Sequence[Tensor]], after: Sequence[Sequence[Tensor]]) -> set[Arch]:
    """The (edge, choice) whose weights are not bit for bit the same."""
    return {
        (edge, choice)
        for edge, (old, new) in enumerate(zip(before, after, strict=True))
        for choice, (a, b) in enumerate(zip(old, new, strict=True))
        if not torch.equal(a, b)
    }


def chi_square_too_large(counts: Tensor, expected: Tensor) -> bool:
    """Whether frequencies are off by more than chance does once in a million times.

    counts, expected: (cells,); expected sums to the number of draws.
    """
    from scipy.stats import chi2

    possible = expected > 0
    if bool(counts[~possible].any()):
        return True
    statistic = ((counts - expected).square() / expected)[possible].sum()
    return float(statistic) > float(chi2.isf(1e-6, int(possible.sum()) - 1))


def a_list(value: Any, length: int, what: str) -> list[Any]:
    """A list or tuple of a length; Wrong says what it is instead."""
    if type(value) not in (list, tuple):
        raise Wrong(f"{what} is {kind(value)}, expected a list")
    if len(value) != length:
        raise Wrong(f"{what} has {len(value)} entries, expected {length}")
    return list(value)
