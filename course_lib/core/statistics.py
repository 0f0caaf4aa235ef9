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


def _sample(name: str, values: ArrayLike) -> NDArray[np.float64]:
    sample = np.asarray(values, dtype=np.float64)
    if sample.ndim != 1 or len(sample) < 2 or not np.isfinite(sample).all():
        raise ValueError(f"{name} must be two or more finite numbers in a row, got {values!r}")
    return sample


def _weights(n: int, rng: Generator) -> NDArray[np.float64]:
    """How often each of n values is drawn, over n, in every resample: (resamples, n)."""
    drawn = torch.randint(n, (_RESAMPLES, n), generator=rng)
    counts = torch.zeros(_RESAMPLES, n, dtype=torch.float64)
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
