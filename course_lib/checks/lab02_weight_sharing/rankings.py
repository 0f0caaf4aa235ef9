"""Rankings that agree more or less, how they are scored, and the bootstrap of tau."""

from collections.abc import Callable
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Generator

from course_lib.checks.wrong import Misconception, mistake

Numbers = NDArray[np.float64]
REFERENCE = 60_000
"""Resamples of ours, with which an answer's are compared."""


def drawn_pairs(
    rng: Generator, n: int, *, noise: float = 0.7, levels: int | None = None
) -> tuple[Numbers, Numbers]:
    """x and y that agree up to noise; levels: rounded to so many values, so that there are ties."""
    drawn = torch.randn(2, n, generator=rng, dtype=torch.float64).numpy()
    x, y = drawn[0], drawn[0] + noise * drawn[1]
    if levels is not None:
        x, y = np.round(x * levels / 4) / levels, np.round(y * levels / 5) / levels
    return x, y


def signs(x: Numbers) -> Numbers:
    """sign(x_i - x_j), (n, n)."""
    return np.asarray(np.sign(x[:, None] - x[None, :]))


def counts(x: Numbers, y: Numbers) -> tuple[float, float, float, float]:
    """Concordant minus discordant; pairs that differ in x, in y; all pairs; each pair once."""
    sx, sy = signs(x), signs(y)
    pairs = len(x) * (len(x) - 1) / 2
    return (sx * sy).sum() / 2, np.abs(sx).sum() / 2, np.abs(sy).sum() / 2, pairs


def tau_b(x: Numbers, y: Numbers) -> float:
    score, in_x, in_y, _ = counts(x, y)
    return float(score / np.sqrt(in_x * in_y))


def tau_a(x: Numbers, y: Numbers) -> float:
    return float(counts(x, y)[0] / counts(x, y)[3])


def gamma(x: Numbers, y: Numbers) -> float:
    sx, sy = signs(x), signs(y)
    return float((sx * sy).sum() / np.abs(sx * sy).sum())


def ties_win(x: Numbers, y: Numbers) -> float:
    wins = (np.triu(signs(x) * signs(y) >= 0, 1)).sum()
    pairs = counts(x, y)[3]
    return float((2 * wins - pairs) / pairs)


def concordant(x: Numbers, y: Numbers) -> float:
    return float(np.triu(signs(x) * signs(y) > 0, 1).sum() / counts(x, y)[3])


def neighbours(x: Numbers, y: Numbers) -> float:
    return float((np.sign(np.diff(x)) * np.sign(np.diff(y))).mean())


def pearson(x: Numbers, y: Numbers) -> float:
    return float(np.corrcoef(x, y)[0, 1])


def spearman(x: Numbers, y: Numbers) -> float:
    from scipy.stats import spearmanr

    result: Any = spearmanr(x, y)
    return float(result.statistic)


Formula = Callable[[Numbers, Numbers], float]


def _tau(name: str, advice: str, *formulas: Formula) -> Misconception:
    """A mistake in tau itself; the interval is not compared."""
    answers = [
        lambda x, y, rng, *, level, resamples, formula=formula: (formula(x, y), 0.0, 0.0)
        for formula in formulas
    ]
    return mistake(name, advice, *answers)


OTHER_SCORES = (
    _tau(
        "the sign is flipped: concordant pairs lower tau",
        "Concordant pairs, ordered alike by x and y, raise tau.",
        lambda x, y: -tau_b(x, y),
    ),
    _tau(
        "ties are ignored (tau-a)",
        "A tied pair agrees with nothing and cannot be won. tau-b divides by the square root of "
        "(pairs that differ in x) * (pairs that differ in y) instead of all pairs.",
        tau_a,
    ),
    _tau(
        "tied pairs are left out altogether (Goodman and Kruskal's gamma)",
        "concordant + discordant below the line makes a few untied pairs look like a perfect "
        "ranking.",
        gamma,
    ),
    _tau(
        "ties count on one side only",
        "The denominator is the square root of a product: pairs that differ in x, times pairs "
        "that differ in y.",
        lambda x, y: counts(x, y)[0] / counts(x, y)[1],
        lambda x, y: counts(x, y)[0] / counts(x, y)[2],
    ),
    _tau(
        "Pearson's correlation instead of Kendall's",
        "tau asks only which of two is larger, not by how much: signs of differences.",
        pearson,
    ),
    _tau(
        "Spearman's correlation of ranks instead of Kendall's",
        "tau counts pairs that are ordered alike, minus pairs that are not.",
        spearman,
    ),
    _tau(
        "the share of concordant pairs",
        "tau runs from -1 to 1: concordant minus discordant.",
        concordant,
    ),
    _tau(
        "ties count as agreement",
        "The sign of a difference of zero is zero: a tied pair is neither concordant nor "
        "discordant.",
        ties_win,
    ),
    _tau(
        "only neighbours are compared",
        "Every pair counts, i < j, not only (i, i + 1).",
        neighbours,
    ),
    _tau(
        "each element is compared with itself, too",
        "n elements have n (n - 1) / 2 pairs, not n * n / 2.",
        lambda x, y: 2 * counts(x, y)[0] / len(x) ** 2,
    ),
    _tau(
        "pairs are counted once above the line and twice below, or the other way round",
        "n (n - 1) / 2 pairs; a matrix of all (i, j) holds every pair twice, and n zeros.",
        lambda x, y: 2 * tau_b(x, y),
        lambda x, y: tau_b(x, y) / 2,
    ),
)


def bootstrap(x: Numbers, y: Numbers, rng: Generator, *, ties: bool = True) -> Numbers:
    """tau of REFERENCE resamples, (REFERENCE,): pair i is drawn c_i times, and
    tau = c^T S c / sqrt(c^T [x differs] c * c^T [y differs] c). Without ties: tau-a."""
    drawn = torch.randint(len(x), (REFERENCE, len(x)), generator=rng)
    zeros = torch.zeros(REFERENCE, len(x), dtype=torch.float64)
    c = zeros.scatter_add_(1, drawn, torch.ones_like(zeros)).numpy()

    def form(matrix: Numbers) -> Numbers:
        return np.asarray(((c @ matrix) * c).sum(1))

    sx, sy = signs(x), signs(y)
    if not ties:
        return form(sx * sy) / (len(x) * (len(x) - 1))
    return np.asarray(form(sx * sy) / np.sqrt(form(np.abs(sx)) * form(np.abs(sy))))


def torn_apart(x: Numbers, y: Numbers, rng: Generator) -> Numbers:
    """tau of 2,000 resamples in which x and y are drawn each on its own."""
    one, two = (torch.randint(len(x), (2000, len(x)), generator=rng).numpy() for _ in range(2))
    sx, sy = signs(x), signs(y)
    sx = sx[one[:, :, None], one[:, None, :]]
    sy = sy[two[:, :, None], two[:, None, :]]
    above, below = (sx * sy).sum((1, 2)), np.abs(sx).sum((1, 2)) * np.abs(sy).sum((1, 2))
    return np.asarray(above / np.sqrt(below))


def between(p: float, resamples: int, rate: float) -> tuple[float, float]:
    """Where the quantile p of so many draws lies, as quantiles of what they are drawn from, but
    for one time in 1 / rate: order statistics have beta distributions.

    Any of the usual definitions of a sample's quantile, which take one of four neighbours.
    """
    from scipy.stats import beta

    low = int(p * (resamples - 1))
    high = low + 3
    least = float(beta.ppf(rate / 2, low, resamples - low + 1)) if low >= 1 else 0.0
    most = float(beta.isf(rate / 2, high, resamples - high + 1)) if high <= resamples else 1.0
    slack = 4.5 * (p * (1 - p) / REFERENCE) ** 0.5
    return max(least - slack, 0.0), min(most + slack, 1.0)
