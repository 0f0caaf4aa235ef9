"""The exact bootstrap of a difference of means, and what others resample instead."""

from collections.abc import Sequence
from itertools import combinations_with_replacement
from math import factorial, prod

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Generator

from course_lib.core import make_rng

Numbers = NDArray[np.float64]
RATE = 1e-5
"""How often an end of a right interval is found to be wrong."""


def runs(rng: Generator, count: int, *, level: float = 0.8, spread: float = 0.05) -> list[float]:
    """Accuracies of so many runs: most are close together, and one is far worse."""
    drawn = torch.rand(count, generator=rng, dtype=torch.float64)
    drawn[int(torch.randint(count, (), generator=rng))] -= 4.0
    values: list[float] = (level + spread * drawn).tolist()
    return values


def exact_means(values: Sequence[float]) -> tuple[Numbers, Numbers]:
    """All means of n of n values drawn with replacement, and how likely each is."""
    n = len(values)
    means, chances = [], []
    for drawn in combinations_with_replacement(range(n), n):
        counts = [drawn.count(i) for i in range(n)]
        means.append(sum(values[i] for i in drawn) / n)
        chances.append(factorial(n) / prod(map(factorial, counts)) / n**n)
    return np.array(means), np.array(chances)


def exact_differences(first: Sequence[float], second: Sequence[float]) -> tuple[Numbers, Numbers]:
    """All differences of two such means, in order, and how likely a smaller or equal one is."""
    (one, p), (two, q) = exact_means(first), exact_means(second)
    differences = (one[:, None] - two[None, :]).ravel()
    order = differences.argsort()
    return differences[order], (p[:, None] * q[None, :]).ravel()[order].cumsum()


def between(p: float, resamples: int, rate: float = RATE) -> tuple[float, float]:
    """Where the quantile p of so many resamples lies, as quantiles of what they are drawn from.

    Order statistics have beta distributions; any usual definition of a quantile will do.
    """
    from scipy.stats import beta

    low = int(p * (resamples - 1))
    high = low + 3
    least = float(beta.ppf(rate / 2, low, resamples - low + 1)) if low >= 1 else 0.0
    most = float(beta.isf(rate / 2, high, resamples - high + 1)) if high <= resamples else 1.0
    return least, most


def may_end(end: float, exact: tuple[Numbers, Numbers], p: float, resamples: int) -> bool:
    """Whether an end may be the quantile p of so many of these."""
    differences, below = exact
    least, most = (
        differences[min(int(np.searchsorted(below, q)), len(below) - 1)]
        for q in between(p, resamples)
    )
    return bool(least - 1e-6 <= end <= most + 1e-6)


DRAWS = 20_000


def _drawn(values: Numbers, rng: Generator, size: int) -> Numbers:
    index = torch.randint(len(values), (DRAWS, size), generator=rng).numpy()
    return np.asarray(values[index])


def single_runs(first: Numbers, second: Numbers, rng: Generator) -> Numbers:
    return np.asarray((_drawn(first, rng, 1) - _drawn(second, rng, 1))[:, 0])


def pairs(first: Numbers, second: Numbers, rng: Generator) -> Numbers:
    size = min(len(first), len(second))
    return np.asarray(_drawn(first[:size] - second[:size], rng, size).mean(1))


def one_pot(first: Numbers, second: Numbers, rng: Generator) -> Numbers:
    """Both samples are drawn from all runs."""
    pot = np.concatenate([first, second])
    one, two = (_drawn(pot, rng, len(sample)).mean(1) for sample in (first, second))
    return np.asarray(one - two)


def only_first(first: Numbers, second: Numbers, rng: Generator) -> Numbers:
    return np.asarray(_drawn(first, rng, len(first)).mean(1) - second.mean())


def only_second(first: Numbers, second: Numbers, rng: Generator) -> Numbers:
    return np.asarray(first.mean() - _drawn(second, rng, len(second)).mean(1))


def like(
    ends: tuple[float, float], replicates: Numbers, p: float, resamples: int, rate: float = 1e-7
) -> bool:
    """Whether both ends may be the quantiles p and 1 - p of so many of these, which are drawn."""
    slack = 5 * (p * (1 - p) / len(replicates)) ** 0.5
    for end, q in zip(ends, (p, 1 - p), strict=True):
        least, most = between(q, resamples, rate)
        low, high = np.quantile(replicates, [max(least - slack, 0.0), min(most + slack, 1.0)])
        if not low - 1e-9 <= end <= high + 1e-9:
            return False
    return True


def of_medians(
    ends: tuple[float, float], first: Numbers, second: Numbers, p: float, resamples: int
) -> bool:
    """Whether both ends are differences of two medians, as likely as such."""
    rng = make_rng(1)
    one, two = (np.median(_drawn(sample, rng, len(sample)), 1) for sample in (first, second))
    exact = all(float(np.abs(one - two - end).min()) < 1e-9 for end in ends)
    return exact and like(ends, np.asarray(one - two), p, resamples)
