"""How sure a number over seeds is: bootstrap intervals; and the best of n runs."""

import math
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


def paired_difference(
    first: ArrayLike, second: ArrayLike, rng: Generator, *, level: float = 0.95
) -> Interval:
    """The mean of first_i - second_i, for values paired by seed, with its percentile interval.

    Pairs are drawn, never single values, so that what a seed does to both cancels:

        Var(a - b) = Var(a) + Var(b) - 2 Cov(a, b).

    The interval is sharper than that of `difference` wherever a seed that is kind to one is kind to
    the other (the same first draws, the same data), and wider where it is unkind.

    first, second: (n,) in the same order of seeds, finite, n at least 2, or ValueError.
    """
    return bootstrap_interval(by_pair(first, second), rng, level=level)


def by_pair(first: ArrayLike, second: ArrayLike) -> NDArray[np.float64]:
    """first_i - second_i, (n,): the one sample that values paired by seed are.

    first, second: (n,) in the same order of seeds, finite, n at least 2, or ValueError.
    """
    one, two = _pairs("first", first, "second", second)
    return one - two


def expected_best(values: ArrayLike, n: int, *, replace: bool = True) -> float:
    """The mean of the best of n draws from `values`, without drawing.

    With v_1 <= ... <= v_N in order, the best of n is at most v_i where all n draws are among the
    first i:

        E = sum_i v_i (F(i) - F(i - 1)),   F(i) = (i / N)^n,

    and without replacement F(i) = C(i, n) / C(N, n).

    values: (N,) finite, or ValueError; the higher the better. n: whole and at least 1, without
    replacement at most N, or ValueError. With replacement the N runs stand for all runs that there
    might be; the best of n is then never above v_N, which for n near N is too low.
    Source: Dodge et al. 2019 (with replacement); Tang et al. 2020 (without).
    """
    ranked = np.sort(_sample("values", values, least=1))
    size = len(ranked)
    if isinstance(n, bool) or not isinstance(n, int | np.integer) or n < 1:
        raise ValueError(f"n must be a whole number of draws, at least 1, got {n!r}")
    if not replace and n > size:
        raise ValueError(
            f"without replacement at most {size} of {size} values can be drawn, got n = {n}: "
            "run more seeds, or draw with replacement"
        )
    places = range(size + 1)
    if replace:
        below = [(place / size) ** n for place in places]
    else:
        below = [math.comb(place, int(n)) / math.comb(size, int(n)) for place in places]
    return float(ranked @ np.diff(below))


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
    one, other = _pairs("x", x, "y", y)
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


def _sample(name: str, values: ArrayLike, *, least: int = 2) -> NDArray[np.float64]:
    sample = np.asarray(values, dtype=np.float64)
    if sample.ndim != 1 or len(sample) < least or not np.isfinite(sample).all():
        few = {1: "one", 2: "two"}[least]
        raise ValueError(f"{name} must be {few} or more finite numbers in a row, got {values!r}")
    return sample


def _pairs(
    first_name: str, first: ArrayLike, second_name: str, second: ArrayLike
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    one, two = _sample(first_name, first), _sample(second_name, second)
    if len(one) != len(two):
        names = f"{first_name} and {second_name}"
        raise ValueError(f"{names} must be paired, got {len(one)} and {len(two)} values")
    return one, two


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
