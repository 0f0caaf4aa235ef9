"""How long a call takes, on a machine that does other things, too.

Noise only ever adds time, so a low quantile of many short samples tells more than their mean; and
a slow minute must not meet one candidate alone, so that all take turns in random order.
"""

import time
from collections.abc import Callable, Sequence

import torch
from scipy import stats
from torch import Generator, Tensor

Candidate = Callable[[], object]
"""One call of what is measured."""

Clock = Callable[[], float]
"""The seconds that have passed since any fixed moment."""


def measure(
    candidates: Sequence[Candidate],
    rng: Generator,
    *,
    rounds: int = 40,
    quantile: float = 0.1,
    repeats: int = 1,
    warmup: int = 1,
    clock: Clock = time.perf_counter,
) -> Tensor:
    """Seconds per call of every sample, (rounds, n).

    Every candidate is called `warmup` times before the clock is looked at. Then each round measures
    all of them once, in a fresh random order; one sample is `repeats` calls between two readings of
    the clock, divided by repeats.

    quantile: the one that will be read, in (0, 1): rounds must be enough for one sample below it.
    ValueError: no candidates, rounds * quantile < 1, repeats < 1, warmup < 0, or a clock that ran
    backwards or stood still.
    """
    _check(candidates, rounds, quantile, repeats, warmup)
    for candidate in candidates:
        for _ in range(warmup):
            candidate()
    samples = torch.empty(rounds, len(candidates), dtype=torch.float64)
    for sample in samples:
        for index in torch.randperm(len(candidates), generator=rng).tolist():
            sample[index] = seconds(candidates[index], repeats, clock) / repeats
    return samples


def seconds(candidate: Candidate, repeats: int, clock: Clock) -> float:
    """The time of `repeats` calls, between two readings of the clock."""
    start = clock()
    for _ in range(repeats):
        candidate()
    passed = clock() - start
    if passed <= 0:
        raise ValueError(
            f"the clock says that {repeats} calls took {passed} s: take more repeats, or a clock "
            "that is finer and never set back, such as time.perf_counter"
        )
    return passed


def low_quantile(samples: Tensor, q: float) -> Tensor:
    """The q quantile of every candidate's samples, (rounds, n) -> (n,)."""
    return torch.quantile(samples, q, dim=0)


def levelled(samples: Tensor) -> Tensor:
    """Samples without what slowed a whole round: (rounds, n) -> (rounds, n).

    Candidates of one round were measured within a moment, so what they have in common is the
    machine's. With m_i the median of candidate i over all rounds,

        level_r = median_i samples_ri / m_i,    out_ri = samples_ri / level_r.

    Their median orders better than a low quantile of the raw samples where the processor's speed
    comes and goes. ValueError: no rounds or no candidates.
    """
    if not samples.numel():
        raise ValueError(f"there are no samples to level, got shape {tuple(samples.shape)}")
    levels = torch.quantile(samples / torch.quantile(samples, 0.5, dim=0), 0.5, dim=1)
    return samples / levels[:, None]


def split_half_tau(samples: Tensor, q: float, rng: Generator) -> float:
    """Kendall's tau between the rankings that two random halves of the rounds give.

    samples: (rounds, n), each half's ranking is that of its q quantiles. 1 where noise changes no
    place, about 0 where the ranking is noise. ValueError: fewer than 2 rounds or candidates.
    """
    rounds, candidates = samples.shape
    if rounds < 2 or candidates < 2:
        raise ValueError(
            f"two halves of {rounds} rounds cannot rank {candidates} candidates: expected at least "
            "2 of both"
        )
    order = torch.randperm(rounds, generator=rng)
    halves = order[: rounds // 2], order[rounds // 2 :]
    one, other = (low_quantile(samples[half], q).tolist() for half in halves)
    tau = float(stats.kendalltau(one, other).statistic)
    return tau if tau == tau else 0.0  # all equal: nothing is ranked


def _check(
    candidates: Sequence[Candidate], rounds: int, quantile: float, repeats: int, warmup: int
) -> None:
    if not candidates:
        raise ValueError("there are no candidates, expected at least one call to measure")
    if not 0 < quantile < 1 or rounds * quantile < 1:
        raise ValueError(
            f"{rounds} rounds have no sample below their {quantile} quantile: expected a quantile "
            "between 0 and 1, and at least 1 / quantile rounds"
        )
    if repeats < 1 or warmup < 0:
        raise ValueError(f"expected repeats >= 1 and warmup >= 0, got {repeats} and {warmup}")
