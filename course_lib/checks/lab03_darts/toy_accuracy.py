"""Problems of `discretization`: alphas, and what a supernet could answer for their weights."""

from typing import Any

import torch
from torch import Tensor

from course_lib.checks.values import kind
from course_lib.checks.variants import seeded


class Accuracy:
    """What a supernet could answer: a number in (0, 1) for any weights (edges, operations).

    slope: how much better mixtures (positive) or paths (negative) do, by their squared length.
    """

    def __init__(self, edges: int, operations: int, variant: int, slope: float) -> None:
        rng = seeded(variant, 61)
        self.taste = torch.randn(edges, operations, generator=rng, dtype=torch.float64)
        self.slope = slope

    def __call__(self, weights: Any) -> float:
        if type(weights) is not Tensor or weights.shape != self.taste.shape:
            got = tuple(weights.shape) if isinstance(weights, Tensor) else kind(weights)
            raise ValueError(
                f"accuracy expects weights {tuple(self.taste.shape)}, one row per edge, got {got}"
            )
        weights = weights.detach().double()
        score = 0.3 * (self.taste * weights).sum() - self.slope * weights.square().sum()
        return float(torch.sigmoid(score))


def draw_alpha(variant: int, salt: int, spread: float = 1.0) -> Tensor:
    rng = seeded(variant, salt)
    edges, operations = 4 + variant % 3, 3 + variant % 2
    return spread * torch.randn(edges, operations, generator=rng, dtype=torch.float64)


def accuracy_for(alpha: Tensor, variant: int, slope: float = 0.2) -> Accuracy:
    edges, operations = alpha.shape
    return Accuracy(edges, operations, variant, slope)


def questions(variant: int) -> list[tuple[Accuracy, Tensor]]:
    """Mixtures better than their paths, and worse ones."""
    alphas = [draw_alpha(variant, salt) for salt in (75, 76, 77, 78)]
    slopes = (0.2, -0.2, 0.2, -0.2)
    return [(accuracy_for(a, variant, slope), a) for a, slope in zip(alphas, slopes, strict=True)]


def entropy_by_scipy(alpha: Tensor) -> Tensor:
    """Of each row's softmax, in nats; shares no code with torch."""
    from scipy.stats import entropy

    return torch.from_numpy(entropy(alpha.softmax(1).numpy(), axis=1))
