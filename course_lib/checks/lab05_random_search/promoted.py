"""`promoted`: in rungs of all sizes, whom fewest others beat; and a whole halving."""

from collections.abc import Callable, Sequence
from functools import partial

import numpy as np
import torch

from course_lib.checks.ask import Ask
from course_lib.checks.engine import Exercise
from course_lib.checks.lab05_random_search import sections
from course_lib.checks.laws import CHANGED
from course_lib.checks.values import integers, told_apart
from course_lib.checks.variants import seeded
from course_lib.checks.wrong import Misconception, Wrong
from course_lib.checks.wrong import mistake as named

Values = Sequence[float]


def _best_first(values: Values) -> list[int]:
    return sorted(range(len(values)), key=lambda i: -values[i])


def _count(n: int, eta: int) -> int:
    return max(1, n // eta)


def _promoted(
    order: Callable[[Values], list[int]] = _best_first,
    count: Callable[[int, int], int] = _count,
    chosen: Callable[[list[int], int], list[int]] = lambda ranked, size: ranked[:size],
) -> Callable[..., list[int]]:
    """A promotion with one part exchanged."""
    return lambda values, *, eta: chosen(order(values), count(len(values), eta))


PLACES = "the answer is not places, counted from 0"
WHICH = (
    "The caller has to know who goes on: return their places in the list, of which the first is 0, "
    "and not what they reached."
)
VALUES = Misconception(PLACES, WHICH)
mistake = partial(named, part="no ties")
MISTAKES = (
    mistake(
        "the lowest values go on",
        "A higher value is better: the largest go on.",
        _promoted(order=lambda values: _best_first(values)[::-1]),
    ),
    mistake(
        "the number is rounded up",
        "Of 7 with eta = 2 three go on: floor(n / eta), in Python n // eta.",
        _promoted(count=lambda n, eta: -(-n // eta)),
        _promoted(count=lambda n, eta: max(1, round(n / eta))),
        _promoted(count=lambda n, eta: max(1, int(n / eta + 0.5))),
    ),
    mistake(
        "nobody goes on where fewer than eta competed",
        "A round must end with somebody: at least one goes on, max(1, n // eta).",
        _promoted(count=lambda n, eta: n // eta),
    ),
    mistake(
        "the share is not 1 / eta",
        "One in eta goes on: with eta = 3, three of nine. Neither eta of them, nor all but those.",
        _promoted(count=lambda n, eta: min(n, eta)),
        _promoted(count=lambda n, eta: n - n // eta),
        _promoted(count=lambda n, eta: max(1, n // (eta + 1))),
        _promoted(count=lambda n, eta: max(1, n // 2)),
    ),
    mistake(
        "the best does not come first",
        "The right ones go on, in another order than asked for: the best first.",
        _promoted(chosen=lambda ranked, size: ranked[:size][::-1]),
        _promoted(chosen=lambda ranked, size: sorted(ranked[:size])),
    ),
    named(
        "ties do not go to the earlier",
        "Of equal values the earlier comes first. sorted(..., reverse=True) keeps the order of "
        "equals; sorting upwards and turning the list round turns them, too.",
        _promoted(order=lambda v: sorted(range(len(v)), key=lambda i: v[i])[::-1]),
        lambda values, *, eta: [
            i for i in _best_first(values) if values[i] >= sorted(values)[-_count(len(values), eta)]
        ],
        part="ties",
    ),
    mistake(PLACES, WHICH, _promoted(chosen=lambda ranked, size: [i + 1 for i in ranked[:size]])),
    VALUES,
    CHANGED,
)


def asked(ask: Ask, values: Values, eta: int) -> list[int]:
    """The answer as a list of integers, given a copy of the values."""
    answer = ask(list(values), eta=eta)
    if type(answer) in (list, tuple, np.ndarray):
        held = [entry for entry in answer if isinstance(entry, float)]
        if held and len(held) == len(answer) and all(entry in values for entry in held):
            raise Wrong(f"{_shown(values)}: got the {_shown(held)}, expected places", VALUES)
    return integers(answer, "the answer", "an entry of the answer")


def probe(ask: Ask, variant: int) -> dict[str, list[list[int]]]:
    """Who goes on in twelve rungs without ties, some smaller than eta, and in six with ties."""
    sizes = [(n, eta) for n in (2, 5, 8, 11) for eta in (2, 3, 4)]
    told: dict[str, list[list[int]]] = {"no ties": [], "ties": []}
    for number, (n, eta) in enumerate(sizes):
        told["no ties"].append(asked(ask, _rung(variant, 700 + number, n), eta))
    for number in range(6):
        told["ties"].append(asked(ask, _rung(variant, 720 + number, 9, levels=3), 2 + number % 2))
    return told


def _rung(variant: int, salt: int, n: int, *, levels: int | None = None) -> list[float]:
    """Accuracies of n candidates; levels: rounded to so many, so that there are ties."""
    drawn = torch.rand(n, generator=seeded(variant, salt), dtype=torch.float64)
    if levels is not None:
        drawn = (drawn * levels).floor() / levels
    values: list[float] = drawn.tolist()
    return values


def _expected(values: Values, eta: int) -> list[int]:
    """Of each place: who is beaten by exactly so many others."""
    beaten = [
        sum(other > mine or (other == mine and j < i) for j, other in enumerate(values))
        for i, mine in enumerate(values)
    ]
    return [beaten.index(place) for place in range(len(values)) if place * eta <= len(values) - eta]


def _require(ask: Ask, values: Values, eta: int, *, ordered: bool = True) -> list[int]:
    found, expected = asked(ask, values, eta), _expected(values, eta) or _expected(values, 1)[:1]
    if found != expected and (ordered or sorted(found) != sorted(expected)):
        raise Wrong(f"{_shown(values)}, eta = {eta}: expected {_few(expected)}, got {_few(found)}")
    return found


def _few(indices: Sequence[int]) -> str:
    return f"{list(indices[:8])}{f' and {len(indices) - 8} more' if len(indices) > 8 else ''}"


def _shown(values: Sequence[float]) -> str:
    """All of a few values; of many the largest, with their places."""
    if len(values) <= 8:
        return f"values [{', '.join(told_apart(*values, digits=3))}]"
    first = _best_first(values)[:8]
    told = zip(first, told_apart(*(values[i] for i in first), digits=3), strict=True)
    best = ", ".join(f"{place}: {value}" for place, value in told)
    return f"{len(values)} values, the best {{place: value}} = {{{best}, ...}}"


def one_in_eta(ask: Ask, variant: int) -> None:
    """eta competed or more: the floor(n / eta) largest, here in any order."""
    for salt, (n, eta) in enumerate(((2, 2), (9, 3), (7, 2), (11, 3), (16 + variant % 5, 4))):
        _require(ask, _rung(variant, salt, n), eta, ordered=False)
    _require(ask, _rung(variant, 8, 81), 3, ordered=False)
    _require(ask, _rung(variant, 9, 98), 49, ordered=False)  # 98 * (1 / 49) is less than 2


def at_least_one(ask: Ask, variant: int) -> None:
    """Fewer than eta competed: the best of them, also where it is alone."""
    for salt, (n, eta) in enumerate(((1, 2), (2, 3), (3, 4), (5, 6 + variant % 3))):
        _require(ask, _rung(variant, 20 + salt, n), eta)


def earlier_first(ask: Ask, variant: int) -> None:
    """Of equal values the earlier goes on, and comes first; also where all are equal."""
    for salt, levels in enumerate((2, 3, 4, 1)):
        _require(ask, _rung(variant, 30 + salt, 10 + variant % 4, levels=levels), 2 + salt % 2)


def any_size(ask: Ask, variant: int) -> None:
    """Only the order of the values counts: negative ones, tiny gaps, huge ones, a lost run."""
    values = _rung(variant, 40, 8)
    for scale, shift in ((1.0, -5.0), (1e-12, 0.25), (1e200, 0.0), (-1.0, 0.0)):
        _require(ask, [scale * value + shift for value in values], 3)
    _require(ask, [-np.inf, *values[:4], -np.inf], 2)
    _require(ask, [0.0, -1.0, -0.5, -2.0], 2)


def whole_halving(ask: Ask, variant: int) -> None:
    """Learning curves that cross: who is left at the end, and how many epochs were trained."""
    for salt, (n, eta, epochs) in enumerate(((27, 3, (1, 3, 9)), (12, 2, (1, 2, 4, 8)))):
        curves = torch.rand(n, max(epochs), generator=seeded(variant, 50 + salt)).tolist()
        left, paid, trained = list(range(n)), 0, 0
        for until in epochs:
            paid += len(left) * (until - trained)
            trained = until
            values = [float(curves[candidate][until - 1]) for candidate in left]
            left = [left[i] for i in _require(ask, values, eta)]
        rungs = zip(epochs, (0, *epochs), strict=False)
        exact = sum(max(1, n // eta**k) * (end - start) for k, (end, start) in enumerate(rungs))
        if paid != exact:
            raise Wrong(f"{n} candidates, rungs at {epochs}: {paid} epochs, expected {exact}")


def untouched(ask: Ask, variant: int) -> None:
    """The values stay in their order."""
    for salt in range(4):
        values = _rung(variant, 60 + salt, 9)
        ask(given := list(values), eta=3)
        if given != values:
            raise Wrong(f"{_shown(values)}: they are not the same after the call", CHANGED)


promoted = Exercise(
    lab="lab05_random_search",
    name="promoted",
    section=sections.HALVING,
    library=("course_lib.nas.halving:promoted",),
    laws={
        "of eta or more, the best floor(n / eta)": one_in_eta,
        "of fewer than eta, the best one": at_least_one,
        "ties go to the earlier": earlier_first,
        "only the order of the values counts": any_size,
        "a whole halving, rung by rung": whole_halving,
        "the values stay as they are": untouched,
    },
    mistakes=MISTAKES,
    probe=probe,
    hints=(
        "Two questions: how many go on, and in which order do the candidates stand?",
        "How many: n // eta rounds down, and max(1, ...) sees to it that somebody does.",
        "sorted(range(len(values)), key=lambda i: values[i], reverse=True) holds the indices, the "
        "best first; equal ones keep their order.",
    ),
    basic="of eta or more, the best floor(n / eta)",
)
