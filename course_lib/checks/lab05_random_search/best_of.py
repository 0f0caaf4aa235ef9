"""The best of n values: counted exactly, and as somebody writes it who exchanges a part."""

from collections.abc import Callable, Sequence
from fractions import Fraction
from math import comb
from typing import Any

import numpy as np
import torch
from torch import Generator


def numbers(rng: Generator, count: int, *, level: float = -0.3) -> list[float]:
    drawn: list[float] = (torch.randn(count, generator=rng, dtype=torch.float64) + level).tolist()
    return drawn


def counted(values: Sequence[float], n: int, *, replace: bool) -> float:
    """The largest value less each gap below it, as often as the best does not cross it."""
    ranked, size = sorted(values), len(values)
    best = Fraction(ranked[-1])
    for i in range(1, size):
        below = Fraction(1)
        for j in range(n):
            below *= Fraction(i, size) if replace else Fraction(i - j, size - j)
        best -= below * (Fraction(ranked[i]) - Fraction(ranked[i - 1]))
    return float(best)


Below = Callable[[int, int, int], float]
"""The chance that n draws are all among the first i of N values: (i, N, n)."""


def among_with(i: int, size: int, n: int) -> float:
    return (i / size) ** n


def among_without(i: int, size: int, n: int) -> float:
    return comb(max(i, 0), n) / comb(size, n)


def _exactly(below: Below, i: int, size: int, n: int) -> float:
    return below(i, size, n) - below(i - 1, size, n)


def exchanged_best(
    order: Callable[[Any], Any] = np.sort,
    ways: tuple[Below, Below] = (among_without, among_with),
    weight: Callable[[Below, int, int, int], float] = _exactly,
    first: int = 1,
) -> Callable[..., float]:
    """An expected best with one part exchanged."""

    def expected_best(values: Any, n: int, *, replace: bool = True) -> float:
        size, below = len(values), ways[bool(replace)]
        if n > size and not replace:
            raise ValueError(f"{n} of {size} values without replacement")
        weights = [weight(below, i, size, n) for i in range(first, first + size)]
        return float(np.dot(order(np.asarray(values)), weights))

    return expected_best


def of_the_first(values: Any, n: int, *, replace: bool = True) -> float:
    return float(max(values[:n]))
