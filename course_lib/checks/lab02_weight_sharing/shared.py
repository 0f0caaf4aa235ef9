"""A supernet of linear maps that watches every pass; its gradients have a closed form."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

import torch
from torch import Generator, Tensor, nn
from torch.nn import functional as F

from course_lib.checks.values import kind
from course_lib.checks.wrong import Misconception, Wrong
from course_lib.core import Arch, Space, make_rng

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


RESEEDED = Misconception(
    "the draws start anew from a seed of their own",
    "Use the rng that was given, as it is: a generator made inside always repeats itself.",
)


@contextmanager
def own_seed(draw: Callable[[Generator], Tensor]) -> Iterator[None]:
    """Where a law about the draws fails: RESEEDED, if two rngs give the same, and so does one."""
    try:
        yield
    except Wrong as wrong:
        if torch.equal(draw(make_rng(1)), draw(make_rng(2))):
            raise Wrong(wrong.said, RESEEDED) from wrong
        raise
