"""Is this what chance would give? Tests that a right answer fails once in 100,000 times.

A law makes at most ten of them, so that its false alarms stay below 1 in 10,000; all draws come
from the case's seed, so a graded answer gets the same verdict every time.
"""

from collections.abc import Callable
from dataclasses import dataclass
from itertools import combinations

import numpy as np
import torch
from torch import Generator, Tensor

from course_lib.checks.wrong import Misconception, Wrong
from course_lib.core import make_rng

RATE = 1e-5
Draw = Callable[[Generator], Tensor]

GLOBAL_RNG = Misconception(
    "the draws do not come from rng alone",
    "Give `generator=rng` to everything that draws, as in `torch.rand(..., generator=rng)`. What "
    "takes no generator draws from elsewhere. And do not seed anything yourself.",
)


def distance(
    draws: Tensor,
    distribution: Callable[[np.ndarray], np.ndarray],
    *,
    between: tuple[float, float] = (-np.inf, np.inf),
) -> float:
    """Kolmogorov and Smirnov's: the largest gap between the draws' and the closed distribution.

    between: where to look for it; outside, rounding may have made many draws equal.
    """
    x = np.sort(draws.detach().double().flatten().numpy())
    n, kept = len(x), (x >= between[0]) & (x <= between[1])
    if not kept.any():
        return 1.0
    above = np.arange(1, n + 1) / n
    expected = distribution(x[kept])
    return float(np.maximum(above[kept] - expected, expected - above[kept] + 1 / n).max())


def distance_bound(n: int) -> float:
    """What the distance of n right draws exceeds once in 100,000 times."""
    from scipy.stats import kstwo

    return float(kstwo.isf(RATE, n))


def alike(draws: Tensor, others: Tensor) -> bool:
    """Whether two samples may come from one distribution (Kolmogorov and Smirnov, asymptotic)."""
    from scipy.stats import ks_2samp, kstwobign

    a, b = (x.detach().double().flatten().numpy() for x in (draws, others))
    found = ks_2samp(a, b, method="asymp").statistic
    return bool(found <= kstwobign.isf(RATE) * (1 / len(a) + 1 / len(b)) ** 0.5)


@dataclass(frozen=True, eq=False)
class Drawn:
    """What a probe was given by chance: equal to another where one distribution may give both."""

    draws: Tensor

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Drawn) or self.draws.shape != other.draws.shape:
            return False
        # where all draws are equal, roundings would differ
        a, b = (x.draws.detach().double().round(decimals=4) for x in (self, other))
        return alike(a, b)

    __hash__ = None  # type: ignore[assignment]


def excess(scores: Tensor) -> float | None:
    """How many times too large, or too small, squared sums over some axes are; None: by chance.

    scores: of mean 0 and variance 1, independent if all is right. Sorted or repeated numbers give
    sums that are too large, mirrored or evenly spaced ones such that are too small.
    """
    from scipy.stats import chi2

    for left in range(1, scores.ndim):
        for axes in combinations(range(scores.ndim), left):
            sums = scores.sum(axes)
            freedom = sums.numel()
            squares = float(sums.square().sum()) * freedom / scores.numel()
            low, high = chi2.ppf(RATE / 2, freedom), chi2.isf(RATE / 2, freedom)
            if not low <= squares <= high:
                return squares / freedom
    return None


def fits(counts: Tensor, probabilities: Tensor) -> bool:
    """Pearson's chi-square: whether counts may be draws with these probabilities."""
    from scipy.stats import chi2

    counts, p = counts.double().flatten(), probabilities.detach().double().flatten()
    expected = counts.sum() * p
    if bool((counts[expected < 1e-9] > 0).any()):
        return False
    kept = expected >= 1e-9
    statistic = ((counts - expected).square()[kept] / expected[kept]).sum()
    return bool(statistic <= chi2.isf(RATE, max(int(kept.sum()) - 1, 1)))


def counted(indices: Tensor, choices: int) -> Tensor:
    """How often each index was drawn: (choices,)."""
    return torch.bincount(indices.flatten(), minlength=choices)


def pairs_counted(first: Tensor, second: Tensor, choices: int) -> Tensor:
    """How often each pair of indices was drawn together: (choices, choices)."""
    return counted(first.flatten() * choices + second.flatten(), choices**2).view(choices, choices)


def different(values: Tensor, *, axis: int | None = None) -> int:
    """How many different values there are; with an axis, different slices along it."""
    return len(np.unique(values.detach().numpy(), axis=axis))


def only_rng(draw: Draw, what: str) -> None:
    """The same rng gives the same draws, another one others, and nothing else has a say."""

    def drawn(seed: int, outside: int) -> Tensor:
        torch.default_generator.manual_seed(outside)
        return draw(make_rng(seed)).detach()

    if not torch.equal(drawn(1, 10), drawn(1, 11)):
        raise Wrong(f"the same rng gave {what} that differ", GLOBAL_RNG)
    if torch.equal(drawn(1, 10), drawn(2, 10)):
        raise Wrong(f"two different rngs gave the same {what}", GLOBAL_RNG)
    before, rng = torch.get_rng_state(), make_rng(3)
    first = draw(rng).detach()
    if not torch.equal(before, torch.get_rng_state()):
        raise Wrong("torch's global generator was used or seeded", GLOBAL_RNG)
    if torch.equal(first, draw(rng).detach()):
        raise Wrong(f"two calls in a row, with the same rng, gave the same {what}", GLOBAL_RNG)
