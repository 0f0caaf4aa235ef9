"""Answers to `bootstrap_difference`."""

import math
import random
from functools import partial

import numpy as np
import torch

from course_lib.core import make_rng, randint, statistics


def one_by_one(first, second, rng, *, level=0.95, resamples=1000):
    """Right: a loop over resamples, single places drawn one after the other, lists."""
    found = []
    for _ in range(resamples):
        one = [float(first[randint(rng, len(first))]) for _ in range(len(first))]
        two = [float(second[randint(rng, len(second))]) for _ in range(len(second))]
        found.append(sum(one) / len(one) - sum(two) / len(two))
    found.sort()
    cut = int((1 - level) / 2 * resamples)
    return found[cut], found[-1 - cut]


def by_counts(first, second, rng, *, level=0.95, resamples=1000):
    """Right: how often each run was drawn; a list of tensors."""
    means = []
    for sample in (first, second):
        values = torch.as_tensor(sample, dtype=torch.float64)
        drawn = torch.randint(len(values), (resamples, len(values)), generator=rng)
        counts = torch.nn.functional.one_hot(drawn, len(values)).sum(1)
        means.append((counts * values).sum(1) / len(values))
    tail = (1 - level) / 2
    ends = (means[0] - means[1]).quantile(torch.tensor([tail, 1 - tail], dtype=torch.float64))
    return list(ends)


def by_multinomial(first, second, rng, *, level=0.95, resamples=1000):
    """Right: torch.multinomial with replacement, single precision, percentages."""

    def means(sample):
        values = torch.tensor([float(v) for v in sample])
        drawn = torch.multinomial(
            torch.ones(len(values)), resamples * len(values), True, generator=rng
        )
        return values[drawn].view(resamples, -1).mean(1).numpy()

    return tuple(np.percentile(means(first) - means(second), [50 - 50 * level, 50 + 50 * level]))


def by_numpy_rng(first, second, rng, *, level=0.95, resamples=1000):
    """Right: numpy's generator, its seed drawn from rng; another definition of a quantile."""
    draws = np.random.default_rng(randint(rng, 2**31))
    one, two = np.asarray(first, dtype=float), np.asarray(second, dtype=float)
    differences = [
        draws.choice(one, len(one)).mean() - draws.choice(two, len(two)).mean()
        for _ in range(resamples)
    ]
    low = np.quantile(differences, (1 - level) / 2, method="lower")
    return low, np.quantile(differences, (1 + level) / 2, method="higher")


def _drawn(sample, rng, resamples, size=None):
    values = np.asarray(sample, dtype=float)
    places = torch.randint(len(values), (resamples, size or len(values)), generator=rng)
    return values[places.numpy()]


def _both(first, second, rng, resamples):
    return _drawn(first, rng, resamples).mean(1) - _drawn(second, rng, resamples).mean(1)


def _bootstrap(differences=_both, ends=lambda d, p, first, second: np.quantile(d, [p, 1 - p])):
    """A right interval unless a part is exchanged."""

    def bootstrap_difference(first, second, rng, *, level=0.95, resamples=1000):
        found = differences(first, second, rng, resamples)
        low, high = ends(found, (1 - level) / 2, first, second)
        return low, high

    return bootstrap_difference


def single(a, b, rng, resamples):
    return (_drawn(a, rng, resamples, 1) - _drawn(b, rng, resamples, 1))[:, 0]


def every_pair(first, second, rng, resamples):
    return np.subtract.outer(np.asarray(first), np.asarray(second)).ravel()


def same_places(first, second, rng, resamples):
    """One draw of places for both, as far as the shorter goes."""
    size = min(len(first), len(second))
    places = torch.randint(size, (resamples, size), generator=rng).numpy()
    return np.asarray(first)[places].mean(1) - np.asarray(second)[places].mean(1)


def permuted(first, second, rng, resamples):
    def mean(sample):
        return np.asarray(sample)[torch.randperm(len(sample), generator=rng).numpy()].mean()

    return np.array([mean(first) - mean(second) for _ in range(resamples)])


def one_pot(first, second, rng, resamples):
    """Under the hypothesis that nothing differs: the interval lies about 0."""
    pot = np.concatenate([first, second])
    one, two = _drawn(pot, rng, resamples, len(first)), _drawn(pot, rng, resamples, len(second))
    return one.mean(1) - two.mean(1)


def of_each(first, second, rng, resamples, *, by):
    return by(_drawn(first, rng, resamples), 1) - by(_drawn(second, rng, resamples), 1)


def half_samples(first, second, rng, resamples):
    """Half as many runs as there were: too wide."""
    halves = [_drawn(s, rng, resamples, (len(s) + 1) // 2).mean(1) for s in (first, second)]
    return halves[0] - halves[1]


def equal_sizes(first, second, rng, resamples):
    """Both resamples are as large as the larger sample."""
    size = max(len(first), len(second))
    one, two = (_drawn(sample, rng, resamples, size).mean(1) for sample in (first, second))
    return one - two


def plus_minus(d, p, first, second):
    from scipy.stats import norm

    middle, spread = np.mean(first) - np.mean(second), norm.isf(p) * np.std(d)
    return middle - spread, middle + spread


def student_t(first, second, rng, *, level=0.95, resamples=1000):
    """Welch's interval: nothing is resampled."""
    from scipy.stats import ttest_ind

    one, two = np.asarray(first, dtype=float), np.asarray(second, dtype=float)
    return tuple(ttest_ind(one, two, equal_var=False).confidence_interval(level))


def turned_over(d, p, first, second):
    middle = np.mean(first) - np.mean(second)
    low, high = np.quantile(d, [p, 1 - p])
    return 2 * middle - high, 2 * middle - low


def ordered(first, second, rng, *, level=0.95, resamples=1000):
    """Right numbers, and the caller's lists are sorted."""
    if isinstance(first, list):
        first.sort()
    return one_by_one(first, second, rng, level=level, resamples=resamples)


def never_below_zero(d, p, first, second):
    low, high = np.quantile(d, [p, 1 - p])
    return max(low, 0.0), high


def pythons_random(first, second, rng, resamples):
    means = [[np.mean(random.choices(list(s), k=len(s))) for s in (first, second)]
             for _ in range(resamples)]  # fmt: skip
    return np.array([one - two for one, two in means])


def calls_library(first, second, rng, *, level=0.95, resamples=1000):
    interval = statistics.difference(first, second, rng, level=level)
    return interval.low, interval.high


def seeded_each_time(first, second, rng, *, level=0.95, resamples=1000):
    """The generator is seeded anew for every resample."""
    found = [_both(first, second, make_rng(3), 1)[0] for _ in range(resamples)]
    return tuple(np.quantile(found, [(1 - level) / 2, (1 + level) / 2]))


def two_intervals(first, second, rng, *, level=0.95, resamples=1000):
    """The worst of the one against the best of the other: too wide."""
    (a, b), (c, d) = (
        np.quantile(_drawn(s, rng, resamples).mean(1), [(1 - level) / 2, (1 + level) / 2])
        for s in (first, second)
    )
    return a - d, b - c


def always_95(first, second, rng, *, level=0.95, resamples=1000):
    return one_by_one(first, second, rng, level=0.95, resamples=resamples)


def three_numbers(first, second, rng, *, level=0.95, resamples=1000):
    low, high = one_by_one(first, second, rng, level=level, resamples=resamples)
    return np.mean(first) - np.mean(second), low, high


OTHER = "something else than the two means is compared"
TOGETHER = "the samples are not drawn each on its own"
TAILS = "the ends do not cut off (1 - level) / 2 each"
ONE_SIDED = "only one of the two samples is resampled"
TURNED = "the ends or the samples are exchanged"
PLUS_MINUS = "plus and minus something, or turned over"
WRONG = [
    (_bootstrap(single), OTHER),
    (_bootstrap(every_pair), OTHER),
    (_bootstrap(same_places), TOGETHER),
    (_bootstrap(lambda a, b, rng, r: _drawn(a, rng, r).mean(1) - np.mean(b)), ONE_SIDED),
    (_bootstrap(lambda a, b, rng, r: np.mean(a) - _drawn(b, rng, r).mean(1)), ONE_SIDED),
    (_bootstrap(permuted), "drawn without replacement"),
    (_bootstrap(ends=plus_minus), PLUS_MINUS),
    (_bootstrap(ends=turned_over), PLUS_MINUS),
    (student_t, PLUS_MINUS),
    (_bootstrap(ends=lambda d, p, *_: np.quantile(d, [2 * p, 1 - 2 * p])), TAILS),
    (_bootstrap(ends=lambda d, p, *_: np.quantile(d, [1 - p, p])), TURNED),
    (_bootstrap(lambda one, two, rng, r: _both(two, one, rng, r)), TURNED),
    (_bootstrap(one_pot), TOGETHER),
    (_bootstrap(partial(of_each, by=np.median)), OTHER),
    (_bootstrap(partial(of_each, by=np.max)), "✘ the quantiles of all resamples"),
    (_bootstrap(half_samples), "all resamples give"),
    (_bootstrap(equal_sizes), "all resamples give"),
    (_bootstrap(lambda a, b, rng, r: _both(a, b, rng, 2000)), "resamples = 1 gives"),
    (_bootstrap(lambda a, b, rng, r: _both(a, b, rng, max(1, r // 2))), "six times two resamples"),
    (_bootstrap(ends=never_below_zero), "✘ lists, tuples, arrays, tensors"),
    (always_95, TAILS),
    (seeded_each_time, "the draws do not come from rng"),
    (two_intervals, "all resamples give"),
    (ordered, "the function changes its arguments"),
    (_bootstrap(pythons_random), "the draws do not come from rng"),
    (_bootstrap(lambda a, b, _, r: _both(a, b, make_rng(0), r)), "the draws do not come from rng"),
    (calls_library, "library's function is called"),
    (three_numbers, "expected the tuple (low, high)"),
    (_bootstrap(ends=lambda d, p, *_: None), "TypeError"),
    (_bootstrap(lambda a, b, rng, r: _both(a, b, rng, r) * math.nan), "the interval is [nan"),
]
RIGHT = [_bootstrap(), one_by_one, by_counts, by_multinomial, by_numpy_rng]
POINTLESS = (lambda first, second, rng, *, level=0.95, resamples=1000: (0.0, 0.0),)
PARTICULAR = {
    "resamples = 1 gives": {"as many resamples as asked for"},
    "changes its arguments": {"both samples stay as they are"},
}
_AS_TENSOR = "an array may be indexed by a tensor of integers, too"
EQUIVALENT = {
    "line 2: torch.randint(len(one), (resamples, len(one)), generator=... -> "
    "torch.randint(len(one), (resamples, len(one)), generator=...": _AS_TENSOR,
    "line 3: torch.randint(len(two), (resamples, len(two)), generator=... -> "
    "torch.randint(len(two), (resamples, len(two)), generator=...": _AS_TENSOR,
}
