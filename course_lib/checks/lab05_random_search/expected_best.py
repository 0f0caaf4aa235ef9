"""`expected_best`: the mean over all draws, written out or counted."""

from collections.abc import Callable
from functools import partial
from itertools import combinations, product
from typing import Any

import numpy as np
import torch

from course_lib.checks.ask import Ask, StudentError
from course_lib.checks.engine import Exercise
from course_lib.checks.lab05_random_search import sections
from course_lib.checks.lab05_random_search.best_of import (
    among_with,
    among_without,
    counted,
    exchanged_best,
    numbers,
    of_the_first,
)
from course_lib.checks.values import number, told_apart
from course_lib.checks.variants import seeded
from course_lib.checks.wrong import Misconception, Wrong
from course_lib.checks.wrong import mistake as named

SIMULATED = Misconception(
    "the best of n is simulated",
    "Draws are noise that nothing but more draws makes smaller. There is a sum that is exact: how "
    "likely is it that the i-th smallest value is the best of n?",
)
IN_PLACE = Misconception(
    "the values are sorted in place",
    "values.sort() changes the caller's list. sorted(values) and np.sort(values) give a new one.",
)


def mistakes(name: str, advice: str, *answers: Callable[..., float]) -> tuple[Misconception, ...]:
    """A mistake that may be made with replacement, without, or both times."""
    return tuple(named(name, advice, *answers, part=part) for part in ("with", "without"))


MISTAKES = (
    *mistakes(
        "the values are not sorted",
        "The weight belongs to the i-th smallest value: sort first, upwards.",
        exchanged_best(order=np.asarray),
    ),
    *mistakes(
        "the values are sorted downwards",
        "The largest value is the likeliest to be the best of n: it gets the largest weight. This "
        "is the expected worst.",
        exchanged_best(order=lambda values: np.sort(values)[::-1]),
    ),
    *mistakes(
        "the difference is missing",
        "(i / N)^n, or C(i, n) / C(N, n), is the chance that the best is at most the i-th value. "
        "That it is exactly this one: subtract the same for i - 1.",
        exchanged_best(weight=lambda below, i, size, n: below(i, size, n)),
    ),
    *mistakes(
        "the ranks begin at 0",
        "The smallest value has rank 1 and the largest N, while Python counts from 0: the weights "
        "must add up to 1.",
        exchanged_best(first=0),
        exchanged_best(
            first=0,
            weight=lambda below, i, size, n: below(i, size, n) - below(max(i - 1, 0), size, n),
        ),
    ),
    *mistakes(
        "the ways of drawing are mixed up",
        "replace=True, as if there were infinitely many runs like these: (i / N)^n. replace=False, "
        "n different ones of these: C(i, n) / C(N, n).",
        exchanged_best(ways=(among_with, among_without)),
    ),
    *mistakes(
        "this is the best of the first n values",
        "Which runs came first is chance: take the mean over all that might be drawn.",
        of_the_first,
    ),
    SIMULATED,
    IN_PLACE,
)


def asked(ask: Ask, values: Any, n: int, *, replace: bool = True) -> float:
    """The answer as a float; replace=True is the default, and half of the times left out."""
    how = {} if replace and n % 2 else {"replace": replace}
    return number(ask(values, n, **how), "the answer")


def probe(ask: Ask, variant: int) -> dict[str, list[float]]:
    """The best of 2, 3 and 4 of six values, in both ways of drawing."""
    rng, told = seeded(variant, 7), {}
    for part, replace in (("with", True), ("without", False)):
        samples = [(numbers(rng, 6), n) for n in (2, 3, 4, 2, 3, 4)]
        told[part] = [asked(ask, values, n, replace=replace) for values, n in samples]
    return told


def _require(
    ask: Ask, values: Any, n: int, expected: float, *, replace: bool, tolerance: float = 1e-6
) -> None:
    found = asked(ask, values, n, replace=replace)
    if not abs(found - expected) <= tolerance * max(1.0, *(abs(float(v)) for v in values)):
        right, wrong = told_apart(expected, found)
        listed = ", ".join(f"{float(v):.3g}" for v in values[:6])
        more = ", ..." if len(values) > 6 else ""
        how = "with replacement, the default" if replace else "without replacement"
        raise Wrong(
            f"the best of {n} of {len(values)} values [{listed}{more}], {how}, is "
            f"{right} on average; got {wrong}",
            SIMULATED if _is_noise(ask) else None,
        )


def _is_noise(ask: Ask) -> bool:
    """Whether answers are close by, but others when asked again or with the values reversed."""
    rng, errors, others = seeded(0), [], False
    for _ in range(8):
        values = numbers(rng, 5)
        found, again, turned = (asked(ask, v, 3) for v in (values[:], values[:], values[::-1]))
        errors.append(abs(found - counted(values, 3, replace=True)) / (max(values) - min(values)))
        others |= abs(found - again) > 1e-9 or abs(found - turned) > 1e-9
    return others and max(errors) < 0.2


def all_draws(ask: Ask, variant: int) -> None:
    """With replacement: the mean of the largest over all N^n ways to draw n of N values."""
    rng = seeded(variant)
    for size, n in ((5, 3), (4, 2), (3, 4), (2, 6), (5, 1), (1, 3), (4, 5)):
        values = numbers(rng, size)
        expected = float(np.mean([max(draw) for draw in product(values, repeat=n)]))
        _require(ask, values, n, expected, replace=True)


def all_subsets(ask: Ask, variant: int) -> None:
    """Without replacement: the mean of the largest over all sets of n of N values."""
    rng = seeded(variant, 1)
    for size in (1, 2, 5, 7):
        values = numbers(rng, size)
        for n in range(1, size + 1):
            expected = float(np.mean([max(draw) for draw in combinations(values, n)]))
            _require(ask, values, n, expected, replace=False)


def many(ask: Ask, variant: int) -> None:
    """Of many values, as percent too: from the mean, n = 1, to the largest, n large or all."""
    rng = seeded(variant, 2)
    for size, level in ((30, 0.0), (60 + variant % 9, 90.0)):
        values = numbers(rng, size, level=level)
        for n in (1, 10, size // 2, size - 1, size):
            for replace in (True, False):
                expected = counted(values, n, replace=replace)
                _require(ask, values, n, expected, replace=replace, tolerance=1e-5)
        few = values[:4]
        _require(ask, few, 150, max(few), replace=True, tolerance=1e-5)


in_torch = partial(torch.tensor, dtype=torch.float64)


def holders(ask: Ask, variant: int) -> None:
    """The same numbers in a list, a tuple, an array or a tensor, with ties, in any order."""
    rng = seeded(variant, 3)
    values = [round(value, 1) for value in numbers(rng, 6)]
    values += [values[0], values[0], min(values)]
    for replace in (True, False):
        expected = counted(values, 4, replace=replace)
        for holder in (list, tuple, sorted, np.array, in_torch, lambda v: sorted(v)[::-1]):
            _require(ask, holder(values), 4, expected, replace=replace)
        _require(ask, 5 * values[:1], 3, values[0], replace=replace)


def refused(ask: Ask, variant: int) -> None:
    """Without replacement there are no more than N: a ValueError; with replacement there are."""
    values = numbers(seeded(variant, 4), 5)
    for n in (6, 7, 50):
        _require(ask, values, n, counted(values, n, replace=True), replace=True)
        said = f"{n} of 5 values without replacement"
        try:
            found = ask(list(values), n, replace=False)
        except StudentError as error:
            if isinstance(error.error, ValueError):
                continue
            raise Wrong(f"{said}: {error}; expected a ValueError") from error
        raise Wrong(f"{said} gave {found!r}, expected a ValueError")


def untouched(ask: Ask, variant: int) -> None:
    """The values stay in their order, whatever holds them."""
    values = numbers(seeded(variant, 5), 7)
    for holder in (list, np.array, in_torch):
        for replace in (True, False):
            given = holder(values)
            ask(given, 3, replace=replace)
            if [float(value) for value in given] != values:
                raise Wrong("the values are not the same after the call", IN_PLACE)


expected_best = Exercise(
    lab="lab05_random_search",
    name="expected_best",
    section=sections.LUCK,
    library=("course_lib.core.statistics:expected_best",),
    laws={
        "the mean over all draws with replacement": all_draws,
        "the mean over all draws without replacement": all_subsets,
        "many values, from the mean to the largest": many,
        "any order, ties, list, array or tensor": holders,
        "no more draws than values without replacement": refused,
        "the values stay as they are": untouched,
    },
    mistakes=MISTAKES,
    probe=probe,
    hints=(
        "Sort the values: v_1 <= ... <= v_N. The best of n draws is one of them: how likely is it "
        "which?",
        "The best is at most v_i where all n draws are among the first i: with replacement with "
        "chance (i / N)^n.",
        "Exactly v_i: (i / N)^n - ((i - 1) / N)^n. The answer is the sum of v_i times this, i from "
        "1 to N.",
        "Without replacement put C(i, n) / C(N, n) in the place of (i / N)^n: math.comb counts it, "
        "and gives 0 for i < n. First of all: if n > N, raise ValueError(...).",
    ),
    basic="the mean over all draws with replacement",
)
