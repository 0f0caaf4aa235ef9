"""How `kendall_tau` goes wrong, and what the known mistakes give."""

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from course_lib.checks.wrong import Misconception

Numbers = NDArray[np.float64]

TAU_A = Misconception(
    "ties are ignored (tau-a)",
    "A tied pair agrees with nothing and cannot be won. tau-b divides by the square root of "
    "(pairs that differ in x) * (pairs that differ in y) instead of all pairs.",
)
GAMMA = Misconception(
    "tied pairs are left out altogether (Goodman and Kruskal's gamma)",
    "concordant + discordant below the line makes a few untied pairs look like a perfect ranking.",
)
ONE_SIDE = Misconception(
    "ties count on one side only",
    "Below the line stands the square root of a product: pairs that differ in x, times pairs that "
    "differ in y.",
)
TIE_WINS = Misconception(
    "ties count as agreement",
    "The sign of a difference of zero is zero: a tied pair is neither concordant nor discordant.",
)
SIGN = Misconception(
    "the sign is flipped",
    "Concordant pairs, ordered alike by x and y, raise tau.",
)
PEARSON = Misconception(
    "Pearson's correlation instead of Kendall's",
    "tau asks only which of two is larger, not by how much: signs of differences.",
)
SPEARMAN = Misconception(
    "Spearman's correlation of ranks instead of Kendall's",
    "tau counts pairs that are ordered alike, minus pairs that are not.",
)
SHARE = Misconception(
    "the share of concordant pairs",
    "tau runs from -1 to 1: concordant minus discordant.",
)
HALF = Misconception(
    "pairs are counted once above the line and twice below, or the other way round",
    "n (n - 1) / 2 pairs; a matrix of all (i, j) holds every pair twice, and n zeros.",
)
SELF = Misconception(
    "each element is compared with itself, too",
    "n elements have n (n - 1) / 2 pairs, not n * n / 2.",
)
NEIGHBOURS = Misconception(
    "only neighbours are compared",
    "Every pair counts, i < j, not only (i, i + 1).",
)
INDEPENDENT = Misconception(
    "x and y are resampled independently",
    "A pair belongs together: draw indices once per resample and take x[index] and y[index]. "
    "Otherwise the agreement is destroyed, and the interval lies about 0.",
)
NO_WIDTH = Misconception(
    "the resamples are all the same sample",
    "Draw n of the n pairs with replacement (torch.randint). A permutation is the same sample.",
)
TAILS = Misconception(
    "each end cuts off 1 - level",
    "Both tails together hold 1 - level: (1 - level) / 2 at either end.",
)
CROSSED = Misconception(
    "low and high are exchanged",
    "low is the quantile (1 - level) / 2, high the quantile 1 - (1 - level) / 2.",
)
SYMMETRIC = Misconception(
    "the interval is tau plus and minus something",
    "Take the quantiles of the resampled tau. They are not symmetric: tau cannot exceed 1.",
)
TIES_IN_RESAMPLES = Misconception(
    "ties are ignored in the resamples",
    "A pair that was drawn twice is tied with itself: every resample needs tau-b, too.",
)
CHANGED = Misconception(
    "the arguments are changed",
    "x and y belong to the caller: sort or shift a copy.",
)
GLOBAL_RNG = Misconception(
    "the draws do not come from rng alone",
    "torch.randint(n, (n,), generator=rng). numpy's generator is another one.",
)
RESEEDED = Misconception(
    "the draws start anew from a seed of their own",
    "Use the rng that was given, as it is.",
)


def signs(x: Numbers) -> Numbers:
    """sign(x_i - x_j), (n, n)."""
    return np.asarray(np.sign(x[:, None] - x[None, :]))


def _score(x: Numbers, y: Numbers) -> tuple[float, float, float, float]:
    """Concordant minus discordant; pairs that differ in x, in y; all pairs; each pair once."""
    sx, sy = signs(x), signs(y)
    pairs = len(x) * (len(x) - 1) / 2
    return (sx * sy).sum() / 2, np.abs(sx).sum() / 2, np.abs(sy).sum() / 2, pairs


def _tau_b(x: Numbers, y: Numbers) -> float:
    score, in_x, in_y, _ = _score(x, y)
    return float(score / np.sqrt(in_x * in_y))


def _gamma(x: Numbers, y: Numbers) -> float:
    sx, sy = signs(x), signs(y)
    return float((sx * sy).sum() / np.abs(sx * sy).sum())


def _tie_wins(x: Numbers, y: Numbers) -> float:
    wins = (np.triu(signs(x) * signs(y) >= 0, 1)).sum()
    pairs = len(x) * (len(x) - 1) / 2
    return float((2 * wins - pairs) / pairs)


def _concordant(x: Numbers, y: Numbers) -> float:
    return float(np.triu(signs(x) * signs(y) > 0, 1).sum() / _score(x, y)[3])


def _neighbours(x: Numbers, y: Numbers) -> float:
    return float((np.sign(np.diff(x)) * np.sign(np.diff(y))).mean())


def _spearman(x: Numbers, y: Numbers) -> float:
    from scipy.stats import spearmanr

    result: Any = spearmanr(x, y)
    return float(result.statistic)


Formula = Callable[[Numbers, Numbers], float]

KNOWN: dict[Misconception, tuple[Formula, ...]] = {
    SIGN: (lambda x, y: -_tau_b(x, y),),
    TAU_A: (lambda x, y: _score(x, y)[0] / _score(x, y)[3],),
    GAMMA: (_gamma,),
    ONE_SIDE: (
        lambda x, y: _score(x, y)[0] / _score(x, y)[1],
        lambda x, y: _score(x, y)[0] / _score(x, y)[2],
    ),
    PEARSON: (lambda x, y: float(np.corrcoef(x, y)[0, 1]),),
    SPEARMAN: (_spearman,),
    SHARE: (_concordant,),
    TIE_WINS: (_tie_wins,),
    NEIGHBOURS: (_neighbours,),
    SELF: (lambda x, y: 2 * _score(x, y)[0] / len(x) ** 2,),
    HALF: (lambda x, y: 2 * _tau_b(x, y), lambda x, y: _tau_b(x, y) / 2),
}
