"""Answers to `expected_best`."""

import math
import random
from fractions import Fraction

import numpy as np
import scipy.stats
import torch

from course_lib.core import statistics


def by_fractions(values, n, *, replace=True):
    """How often each value is the last of n in order."""
    ranked, total, size = sorted(map(float, values)), Fraction(0), len(values)
    if n > size and not replace:
        raise ValueError("too many")
    for i, value in enumerate(ranked, 1):
        if replace:
            share = Fraction(i**n - (i - 1) ** n, size**n)
        else:
            share = Fraction(math.comb(i - 1, n - 1), math.comb(size, n))
        total += share * Fraction(value)
    return total.numerator / total.denominator


def by_torch(values, n, *, replace=True):
    """In single precision, by cumulated products."""
    ranked = torch.as_tensor(np.array(values), dtype=torch.float32).sort().values
    size = len(ranked)
    if not replace and size < n:
        raise ValueError("too many")
    i = torch.arange(size + 1.0)
    if replace:
        below = (i / size) ** n
    else:
        taken = torch.arange(float(n))
        below = ((i[:, None] - taken).clamp(min=0) / (size - taken)).prod(1)
    return (ranked * below.diff()).sum()


def by_scipy(values, n, *, replace=True):
    ranked = np.sort(np.asarray(values))
    i = np.arange(len(ranked) + 1)
    if replace:
        below = np.exp(n * np.log(np.maximum(i, 1e-300) / len(ranked)))
    elif n <= len(ranked):
        below = scipy.stats.hypergeom.pmf(n, len(ranked), i, n)
    else:
        raise ValueError("too many")
    return ranked[-1] - (np.diff(ranked) * below[1:-1]).sum()


def recursive(values, n, *, replace=True):
    """The largest is among the n with chance n / N; if not, the rest is a smaller such question."""
    ranked = sorted(values)
    if replace:
        size = len(ranked)
        return sum(v * ((i + 1) ** n - i**n) / size**n for i, v in enumerate(ranked))
    if n > len(ranked):
        raise ValueError("too many")
    chance, total = 1.0, 0.0
    while ranked and chance:
        drawn = n / len(ranked)
        total, chance = total + chance * drawn * ranked.pop(), chance * (1 - drawn)
    return total


def best(
    *,
    order=sorted,
    chance=lambda i, size, n, replace: (
        (i / size) ** n if replace else math.comb(i, n) / math.comb(size, n)
    ),
    lower=lambda i: i - 1,
    begin=1,
    refuse=True,
    finish=float,
):
    """A right answer unless a part is exchanged."""

    def expected_best(values, n, *, replace=True):
        size = len(values)
        if refuse and not replace and n > size:
            raise ValueError("too many")
        total = 0.0
        for i, value in enumerate(order(values), begin):
            below = chance(lower(i), size, n, replace) if lower else 0.0
            total += float(value) * (chance(i, size, n, replace) - below)
        return finish(total)

    return expected_best


def one_way(replace):
    """`replace` is not looked at."""

    def expected_best(values, n, **_):
        return best()(values, n, replace=replace)

    return expected_best


def exchanged(values, n, *, replace=True):
    return best()(values, n, replace=not replace)


def first_n(values, n, *, replace=True):
    return max(values[:n])


def simulated(draw, times=300):
    def expected_best(values, n, *, replace=True):
        if not replace and n > len(values):
            raise ValueError("too many")
        return float(np.mean([np.max(draw(np.asarray(values), n, replace)) for _ in range(times)]))

    return expected_best


def numpys(values, n, replace):
    return np.random.choice(values, n, replace=replace)


def pythons(values, n, replace):
    return random.choices(values, k=n) if replace else random.sample(list(values), n)


def seeded(values, n, *, replace=True):
    rng = np.random.default_rng(0)
    return simulated(lambda v, k, r: rng.choice(v, k, replace=r))(values, n, replace=replace)


def quantile(values, n, *, replace=True):
    if not replace and n > len(values):
        raise ValueError("too many")
    return np.quantile(values, n / (n + 1))


def largest(values, n, *, replace=True):
    return max(values)


def sorts(values, n, *, replace=True):
    if hasattr(values, "sort") and type(values) is list:
        values.sort()
    return by_fractions(values, n, replace=replace)


def sorts_array(values, n, *, replace=True):
    if type(values) is np.ndarray:
        values.sort()
    return by_fractions(values, n, replace=replace)


def sorts_through(values, n, *, replace=True):
    """A tensor and its array share their memory."""
    ranked = np.asarray(values) if type(values) is not tuple else np.array(values)
    ranked.sort()
    return by_fractions(ranked, n, replace=replace)


def without_ties(values, n, *, replace=True):
    return by_fractions(sorted(set(map(float, values))), n, replace=replace)


def as_many_as_there_are(values, n, *, replace=True):
    return by_fractions(values, n if replace else min(n, len(values)), replace=replace)


def never_more(values, n, *, replace=True):
    if n > len(values):
        raise ValueError("too many")
    return by_fractions(values, n, replace=replace)


def lists_only(values, n, *, replace=True):
    return by_fractions(list.copy(values), n, replace=replace)


def without_by_default(values, n, *, replace=False):
    return by_fractions(values, n, replace=replace)


def in_the_middle(values, n, *, replace=True):
    """The density of the best at the middle of each step."""
    i = np.arange(len(values)) + 0.5
    return np.sort(values) @ (n * (i / len(values)) ** (n - 1) / len(values))


def swapped_power(i, size, n, replace):
    return 1 - (1 - i / size) ** n if replace else math.comb(i, n) / math.comb(size, n)


def calls_library(values, n, *, replace=True):
    return statistics.expected_best(values, n, replace=replace)


def forgets_return(values, n, *, replace=True):
    by_fractions(values, n, replace=replace)


WRONG = [
    (best(order=list), "the values are not sorted"),
    (best(order=lambda values: sorted(values, reverse=True)), "sorted downwards"),
    (best(lower=None), "the difference is missing"),
    (best(begin=0, lower=lambda i: max(i - 1, 0)), "the ranks begin at 0"),
    (best(begin=0), "the mean over all draws with replacement"),
    (exchanged, "the ways of drawing are mixed up"),
    (one_way(True), "the ways of drawing are mixed up"),
    (one_way(False), "the ways of drawing are mixed up"),
    (first_n, "the best of the first n values"),
    (simulated(numpys), "the best of n is simulated"),
    (simulated(pythons), "the best of n is simulated"),
    (simulated(numpys, times=20), "the best of n is simulated"),
    (seeded, "the best of n is simulated"),
    (quantile, "on average; got"),
    (largest, "on average; got"),
    (in_the_middle, "the mean over all draws with replacement"),
    (without_by_default, "with replacement, the default"),
    (sorts, "the values are sorted in place"),
    (sorts_array, "the values are sorted in place"),
    (sorts_through, "the values are sorted in place"),
    (without_ties, "any order, ties"),
    (as_many_as_there_are, "expected a ValueError"),
    (best(refuse=False), "ZeroDivisionError"),
    (never_more, "too many"),
    (lists_only, "any order, ties"),
    (best(chance=swapped_power), "on average; got"),
    (best(finish=lambda total: round(total, 4)), "on average; got"),
    (best(finish=lambda total: [total]), "expected a number"),
    (calls_library, "library's function is called"),
    (forgets_return, "`return` missing"),
]
RIGHT = [by_fractions, by_torch, by_scipy, recursive, best()]
POINTLESS = (
    lambda values, n, *, replace=True: sum(map(float, values)) / len(values),
    largest,
    lambda values, n, *, replace=True: 0.0,
)
PARTICULAR = {
    "sorted in place": {"the values stay as they are"},
    "expected a ValueError": {"no more draws than values without replacement"},
    "any order, ties": {"any order, ties, list, array or tensor"},
}
EQUIVALENT = {
    "line 1: np.asarray(values, dtype=float) -> np.asarray(values)": "the product with the weights "
    "is a float in any case",
}
