"""Laws of `acceptance`: detailed balance with respect to exp(value / temperature), exactly."""

import math

import torch

from course_lib.checks.ask import Ask, StudentError
from course_lib.checks.lab01.acceptance_mistakes import (
    DECISION,
    KNOWN,
    NEVER,
    NO_RETURN,
    OVERFLOW,
    PROBES,
    SYMMETRIC_PROBES,
    UNCAPPED,
    Question,
    swapped,
)
from course_lib.checks.values import number
from course_lib.checks.variants import seeded
from course_lib.checks.wrong import Misconception, Wrong
from course_lib.core import Space


def asked(ask: Ask, question: Question) -> float:
    """The answer's probability; a misuse that shows in its type or range is named."""
    answer = ask(*question[:2], temperature=question[2], forward=question[3], backward=question[4])
    if type(answer) is bool or (type(answer) is torch.Tensor and answer.dtype is torch.bool):
        raise Wrong(f"acceptance returned {answer}, expected a number from 0 to 1", DECISION)
    return number(answer, "the acceptance probability")


def recognise(ask: Ask) -> Misconception | None:
    """The known mistake that gives the same numbers on all probes, or on the symmetric ones."""
    for probes in (PROBES, SYMMETRIC_PROBES):
        found = [asked(ask, probe) for probe in probes]
        for mistake, formula in KNOWN:
            if all(_close(f, formula(probe)) for f, probe in zip(found, probes, strict=True)):
                return mistake
        if set(found) <= {0.0, 1.0}:
            return DECISION
    return None


def _close(found: float, expected: float) -> bool:
    return abs(found - expected) <= 1e-6 * max(1.0, abs(expected))


def written(question: Question) -> str:
    """The question as Python, to be pasted."""
    value, proposed, temperature, forward, backward = (f"{number:.4g}" for number in question)
    return (
        f"acceptance({value}, {proposed}, temperature={temperature}, forward={forward}, "
        f"backward={backward})"
    )


def probability(ask: Ask, variant: int) -> None:
    """Between 0 and 1 for every value and temperature; the same whenever it is asked."""
    for question in (*PROBES, *map(swapped, PROBES)):
        found = asked(ask, question)
        if not 0.0 <= found <= 1.0:
            raise Wrong(f"{written(question)} = {found:.4g}", recognise(ask) or UNCAPPED)
        if found != asked(ask, question):
            raise Wrong(f"{written(question)} gives another number the second time", DECISION)


def extremes(ask: Ask, variant: int) -> None:
    """Near temperature 0 improvements are certain, losses impossible; equals are certain."""
    cold = 1e-5 * (1 + variant % 5)
    for question, expected in (
        ((0.1, 0.9, cold, 1.0, 1.0), 1.0),
        ((0.9, 0.1, cold, 1.0, 1.0), 0.0),
        ((0.5, 0.5, cold, 1.0, 1.0), 1.0),
        ((0.1, 0.9, 1e5, 1.0, 1.0), 1.0),
        ((0.9, 0.1, 1e8, 1.0, 1.0), 1.0),
    ):
        try:
            found = asked(ask, question)
        except StudentError as error:
            if isinstance(error.error, OverflowError):
                said = f"{written(question)} raised {error}"
                raise Wrong(said, OVERFLOW) from error
            raise
        if not _close(found, expected):
            said = f"{written(question)} = {found:.4g}, expected {expected:g}"
            raise Wrong(said, recognise(ask) or (OVERFLOW if math.isnan(found) else None))


def balance(ask: Ask, variant: int) -> None:
    """pi(x) a(x -> y) = pi(y) a(y -> x) with symmetric proposals, and the chain moves."""
    for question in _symmetric(variant):
        _require_balance(ask, question)
        if asked(ask, question) <= 0.0:
            raise Wrong(f"{written(question)} = 0: the chain never takes this step", NEVER)


def _symmetric(variant: int) -> list[Question]:
    values = torch.rand(6, generator=seeded(variant), dtype=torch.float64).tolist()
    return [
        (x, y, temperature, 1.0, 1.0)
        for temperature in (0.1, 0.3, 2.0)
        for x in values
        for y in values
        if x != y
    ]


def one_way_surely(ask: Ask, variant: int) -> None:
    """Of each pair of states one direction is accepted with probability 1."""
    for question in _symmetric(variant):
        there, back = asked(ask, question), asked(ask, swapped(question))
        if not _close(max(there, back), 1.0):
            raise Wrong(
                f"{written(question)} = {there:.3g}, and the way back {back:.3g}: neither is 1, so "
                "the chain is slower than it needs to be",
                recognise(ask),
            )


def asymmetric(ask: Ask, variant: int) -> None:
    """Every pair is in balance where proposals are not symmetric, as on strings with a stop."""
    for probe in PROBES:
        _require_balance(ask, probe)
    rng = seeded(variant, 1)
    space = Space((2 + variant % 2, 3, 2), stop=0)
    strings = list(space)
    values = torch.rand(len(strings), generator=rng, dtype=torch.float64).tolist()
    temperature = 0.2 + 0.5 * float(torch.rand((), generator=rng))
    proposal = [[space.mutation_probability(x, y) for y in strings] for x in strings]
    for i, value in enumerate(values):
        for j, proposed in enumerate(values):
            forward, backward = proposal[i][j], proposal[j][i]
            if forward > 0 and backward > 0:
                _require_balance(ask, (value, proposed, temperature, forward, backward))
    no_way_back = (0.5, 0.9, temperature, 0.25, 0.0)
    found = asked(ask, no_way_back)
    if found != 0.0:
        raise Wrong(f"{written(no_way_back)} = {found:.4g}, expected 0", NO_RETURN)


def _require_balance(ask: Ask, question: Question) -> None:
    """pi(x) forward a(x -> y) = pi(y) backward a(y -> x)."""
    value, proposed, temperature, forward, backward = question
    there, back = asked(ask, question), asked(ask, swapped(question))
    # Divided by pi(x) + pi(y), so that neither exponential overflows.
    weight = 1 / (1 + math.exp((proposed - value) / temperature))
    left, right = weight * forward * there, (1 - weight) * backward * back
    if not _close(left, right):
        raise Wrong(
            f"{written(question)} = {there:.4g}, so {left:.4g} flows there; the way back gives "
            f"{back:.4g}, so {right:.4g} flows back. Detailed balance asks for the same",
            recognise(ask),
        )


LAWS = {
    "detailed balance": balance,
    "detailed balance when coming back is harder": asymmetric,
    "one of the two ways is accepted surely": one_way_surely,
    "a probability": probability,
    "hot, cold, equal": extremes,
}
