"""How sure a number over seeds is: bootstrap intervals of a mean, a difference, a win."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import ArrayLike, NDArray
from torch import Generator

_RESAMPLES = 10_000


@dataclass(frozen=True)
class Interval:
    """An estimate with its bootstrap interval [low, high].

    level: the fraction of repetitions of the whole experiment whose interval covers the truth, as
        far as the bootstrap keeps its word: a little less where a sample is small or skewed.
    n: the size of each sample.
    """

    estimate: float
    low: float
    high: float
    level: float
    n: tuple[int, ...]

    def __str__(self) -> str:
        sizes = " and ".join(map(str, self.n))
        return (
            f"{self.estimate:.4g} [{self.low:.4g}, {self.high:.4g}] ({self.level:.0%}, n = {sizes})"
        )


def bootstrap_interval(values: ArrayLike, rng: Generator, *, level: float = 0.95) -> Interval:
    """The mean of `values`, with its percentile interval.

    Draw n of the n values with replacement, take the mean, repeat 10,000 times; the interval cuts
    off (1 - level) / 2 of these means at either end. Source: Efron 1979 (the bootstrap).

    values: (n,) independent and finite, n at least 2, or ValueError.
    """
    sample = _sample("values", values)
    return _interval(sample.mean(), _weights(len(sample), rng) @ sample, level, [sample])


def difference(
    first: ArrayLike, second: ArrayLike, rng: Generator, *, level: float = 0.95
) -> Interval:
    """mean(first) - mean(second), for two independent samples, with its percentile interval."""
    one, two = _sample("first", first), _sample("second", second)
    means = _weights(len(one), rng) @ one - _weights(len(two), rng) @ two
    return _interval(one.mean() - two.mean(), means, level, [one, two])


def probability_of_win(
    first: ArrayLike, second: ArrayLike, rng: Generator, *, level: float = 0.95
) -> Interval:
    """P(a > b) + P(a = b) / 2 for a from `first`, b from `second`, with its percentile interval.

    The estimate is the fraction of all pairs that the first wins, a tie being half a win: the
    Mann-Whitney statistic U / (n m). 1/2 says that neither is ahead.
    """
    one, two = _sample("first", first), _sample("second", second)
    wins = (np.sign(one[:, None] - two[None, :]) + 1) / 2
    weighted = (_weights(len(one), rng) @ wins) * _weights(len(two), rng)
    return _interval(wins.mean(), weighted.sum(axis=1), level, [one, two])


def kendall_tau(
    x: ArrayLike, y: ArrayLike, rng: Generator, *, level: float = 0.95, resamples: int = 2000
) -> Interval:
    """Kendall's tau-b of paired values, with its percentile interval over resampled pairs.

    tau_b = sum_ij s_ij t_ij / sqrt(sum_ij s_ij^2 * sum_ij t_ij^2)

    with s_ij = sign(x_i - x_j) and t_ij = sign(y_i - y_j): +1 where both orders agree, -1 where one
    is the other's reverse, about 0 where they have nothing to do with each other; pairs tied in x
    or y count for neither side. A pair drawn twice is tied with itself.

    x, y: (n,) finite, not all equal, or ValueError. Time and memory grow as n^2.
    Source: Kendall 1945 (ties).
    """
    one, other = _sample("x", x), _sample("y", y)
    if len(one) != len(other):
        raise ValueError(f"x and y must be paired, got {len(one)} and {len(other)} values")
    for name, sample in (("x", one), ("y", other)):
        if np.ptp(sample) == 0:
            raise ValueError(f"all values of {name} are equal: they have no order to compare")
    signs = [np.sign(sample[:, None] - sample[None, :]) for sample in (one, other)]
    counts = np.vstack([np.full(len(one), 1 / len(one)), _weights(len(one), rng, resamples)])
    agreement, x_pairs, y_pairs = (
        ((counts @ (first * second)) * counts).sum(axis=1)
        for first, second in (signs, (signs[0], signs[0]), (signs[1], signs[1]))
    )
    ordered = (x_pairs > 0) & (y_pairs > 0)
    taus = agreement[ordered] / np.sqrt(x_pairs[ordered] * y_pairs[ordered])
    return _interval(taus[0], taus[1:], level, [one])


def _sample(name: str, values: ArrayLike) -> NDArray[np.float64]:
    sample = np.asarray(values, dtype=np.float64)
    if sample.ndim != 1 or len(sample) < 2 or not np.isfinite(sample).all():
        raise ValueError(f"{name} must be two or more finite numbers in a row, got {values!r}")
    return sample


def _weights(n: int, rng: Generator, resamples: int = _RESAMPLES) -> NDArray[np.float64]:
    """How often each of n values is drawn, over n, in every resample: (resamples, n)."""
    drawn = torch.randint(n, (resamples, n), generator=rng)
    counts = torch.zeros(resamples, n, dtype=torch.float64)
    return (counts.scatter_add_(1, drawn, torch.ones_like(counts)) / n).numpy()


def _interval(
    estimate: np.floating,
    replicates: NDArray[np.float64],
    level: float,
    samples: Sequence[NDArray[np.float64]],
) -> Interval:
    if not 0 < level < 1:
        raise ValueError(f"level must lie between 0 and 1, got {level}")
    tail = (1 - level) / 2
    low, high = np.quantile(replicates, [tail, 1 - tail])
    return Interval(float(estimate), float(low), float(high), level, tuple(map(len, samples)))
