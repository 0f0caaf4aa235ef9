"""Intervals of samples: Student's and Welch's for means, Wilson's for shares."""

from collections.abc import Callable, Sequence
from dataclasses import replace

import numpy as np
from scipy import stats

from course_lib.show.measured import Curve, Intervals, Row, Samples


def estimates(samples: Samples, kind: str = "mean") -> Intervals:
    """The rows of a claim, from the samples alone.

    kind: "mean", with Student's t intervals (Welch's for a difference), which unlike the bootstrap
        keep their word with five values; or "share", of samples of zeros and ones, with Wilson's.
    The intervals of all rows hold together with 95 % (Bonferroni).
    """
    level = 1 - 0.05 / len(samples)
    kinds: dict[str, Callable[..., Row]] = {"mean": interval, "share": share}
    rows = [replace(kinds[kind](*own, level=level), label=name) for name, own in samples.items()]
    return Intervals(kind, level, rows, samples)


def interval(
    first: Sequence[float], second: Sequence[float] | None = None, *, level: float = 0.95
) -> Row:
    """mean(first), or mean(first) - mean(second), with its t interval.

    A sample whose values are all the same counts as a known number: the length of the interval is
    that of the other sample alone, or zero.
    """
    n = [len(sample) for sample in (first, second) if sample is not None]
    if second is not None and not _spread(first):
        first, second = (np.mean(first) - np.asarray(second)).tolist(), None
    elif second is not None and not _spread(second):
        first, second = (np.asarray(first) - np.mean(second)).tolist(), None
    if second is None:
        mean = float(np.mean(first))
        reach = float(stats.t.ppf((1 + level) / 2, len(first) - 1) * stats.sem(first))
        return Row("", mean, mean - reach, mean + reach, n)
    mean = float(np.mean(first) - np.mean(second))
    low, high = stats.ttest_ind(first, second, equal_var=False).confidence_interval(level)
    return Row("", mean, float(low), float(high), n)


def share(hits: Sequence[float], *, level: float = 0.95) -> Row:
    """The share of ones among zeros and ones, with Wilson's interval."""
    ones, n = round(sum(hits)), len(hits)
    low, high = stats.binomtest(ones, n).proportion_ci(level, method="wilson")
    return Row("", ones / n, float(low), float(high), [n])


def curve(x: Sequence[float], values: Sequence[Sequence[float]]) -> Curve:
    """One line of a picture: values (seeds, points) along x, mean and 95 % interval per point."""
    points = [interval(column) for column in np.array(values).T.tolist()]
    return Curve(list(x), *([getattr(p, key) for p in points] for key in ("mean", "low", "high")))


def _spread(sample: Sequence[float]) -> bool:
    """Whether the values differ by more than rounding."""
    return bool(np.ptp(sample) > 1e-9 * np.abs(sample).max())
