"""Laws of `acceptance`: detailed balance with respect to exp(value / temperature), exactly."""

import math
from collections.abc import Callable

import torch

from course_lib.checks.guard import Ask, StudentError, seeded
from course_lib.checks.values import number
from course_lib.checks.wrong import Misconception, Wrong
from course_lib.core import Space

ALWAYS = Misconception(
    "every proposal is accepted",
    "Then the chain wanders over the proposals and forgets the values.",
)
GREEDY = Misconception(
    "a worse proposal is never accepted",
    "That is hill climbing. A chain must sometimes step down, the more rarely the deeper the step.",
)
SIGN = Misconception(
    "the sign of the difference is flipped",
    "We maximise: a better proposal must raise the ratio exp((proposed - value) / temperature).",
)
SYMMETRIC = Misconception(
    "the proposal is taken to be symmetric",
    "Where going there is easier than coming back, the ratio needs backward / forward (Hastings).",
)
RATIO = Misconception(
    "forward and backward are exchanged",
    "What is proposed too often must be accepted more rarely: forward belongs below the line.",
)
BARKER = Misconception(
    "r / (1 + r) (Barker's rule) instead of min(1, r)",
    "It keeps detailed balance too, but refuses more often than needed. Metropolis: min(1, r).",
)
DECISION = Misconception(
    "a decision instead of a probability",
    "The chain itself draws the random number. Return the probability of accepting.",
)
UNCAPPED = Misconception(
    "the ratio is not capped at 1",
    "A probability is at most 1: min(1, ratio).",
)
LOGARITHM = Misconception(
    "the logarithm of the probability",
    "Take the exponential before returning.",
)
NO_RETURN = Misconception(
    "a step from which there is no way back is accepted",
    "Where backward is 0, accepting would only ever let probability flow out.",
)
TEMPERATURE = Misconception(
    "the temperature does not divide the difference",
    "The target is exp(value / temperature): the colder, the more a difference matters.",
)
OVERFLOW = Misconception(
    "exp overflows for a large improvement",
    "Cap the exponent before taking the exponential: exp(min(0, ...)).",
)

Question = tuple[float, float, float, float, float]
"""value, proposed, temperature, forward, backward."""


def _ratio(question: Question) -> float:
    value, proposed, temperature, forward, backward = question
    return math.exp((proposed - value) / temperature) * backward / forward


def _with(question: Question, **changed: float) -> Question:
    names = ("value", "proposed", "temperature", "forward", "backward")
    return tuple(changed.get(n, old) for n, old in zip(names, question, strict=True))  # type: ignore[return-value]


def _swapped(question: Question) -> Question:
    value, proposed, temperature, forward, backward = question
    return proposed, value, temperature, backward, forward


KNOWN: dict[Misconception, Callable[[Question], float]] = {
    ALWAYS: lambda q: 1.0,
    GREEDY: lambda q: float(q[1] >= q[0]),
    SYMMETRIC: lambda q: min(1.0, _ratio(_with(q, forward=1.0, backward=1.0))),
    RATIO: lambda q: min(1.0, _ratio(_with(q, forward=q[4], backward=q[3]))),
    SIGN: lambda q: min(1.0, _ratio(_with(q, value=q[1], proposed=q[0]))),
    BARKER: lambda q: _ratio(q) / (1 + _ratio(q)),
    UNCAPPED: _ratio,
    LOGARITHM: lambda q: min(0.0, math.log(_ratio(q))),
    TEMPERATURE: lambda q: min(1.0, _ratio(_with(q, temperature=1.0))),
}
PROBES: tuple[Question, ...] = (
    (0.6, 0.8, 0.25, 0.5, 0.2),
    (0.8, 0.6, 0.25, 0.2, 0.3),
    (0.3, 0.4, 0.5, 0.1, 0.2),
    (0.7, 0.4, 0.2, 0.3, 0.3),
)


def asked(ask: Ask, question: Question) -> float:
    """The answer's probability; a misuse that shows in its type or range is named."""
    answer = ask(*question[:2], temperature=question[2], forward=question[3], backward=question[4])
    if type(answer) is bool or (type(answer) is torch.Tensor and answer.dtype is torch.bool):
        raise Wrong(f"acceptance returned {answer}, expected a number from 0 to 1", DECISION)
    return number(answer, "the acceptance probability")


def recognise(ask: Ask) -> Misconception | None:
    """The known mistake that gives the same numbers on all probes."""
    found = [asked(ask, probe) for probe in PROBES]
    for mistake, formula in KNOWN.items():
        if all(_close(f, formula(probe)) for f, probe in zip(found, PROBES, strict=True)):
            return mistake
    if set(found) <= {0.0, 1.0}:
        return DECISION
    return None


def _close(found: float, expected: float) -> bool:
    return abs(found - expected) <= 1e-6 * max(1.0, abs(expected))


def probability(ask: Ask, variant: int) -> None:
    """Between 0 and 1 for every value and temperature; the same whenever it is asked."""
    for question in (*PROBES, *map(_swapped, PROBES)):
        found = asked(ask, question)
        if not 0.0 <= found <= 1.0:
            raise Wrong(f"acceptance{question} = {found:.4g}", recognise(ask) or UNCAPPED)
        if found != asked(ask, question):
            raise Wrong(f"acceptance{question} gives another number the second time", DECISION)
    _require_balance(ask, PROBES)


def extremes(ask: Ask, variant: int) -> None:
    """Near temperature 0 improvements are certain, losses impossible; equals are certain."""
    cold = 1e-5 * (1 + variant % 5)
    _require_balance(ask, PROBES)
    for question, expected in (
        ((0.1, 0.9, cold, 1.0, 1.0), 1.0),
        ((0.9, 0.1, cold, 1.0, 1.0), 0.0),
        ((0.5, 0.5, cold, 1.0, 1.0), 1.0),
        ((0.1, 0.9, 1e5, 1.0, 1.0), 1.0),
    ):
        try:
            found = asked(ask, question)
        except StudentError as error:
            if isinstance(error.error, OverflowError):
                said = f"acceptance{question} raised {error}"
                raise Wrong(said, OVERFLOW) from error
            raise
        if not _close(found, expected):
            said = f"acceptance{question} = {found:.4g}, expected {expected:g}"
            raise Wrong(said, recognise(ask) or (OVERFLOW if math.isnan(found) else None))


def balance(ask: Ask, variant: int) -> None:
    """pi(x) a(x -> y) = pi(y) a(y -> x) with symmetric proposals, and one of the two is 1."""
    rng = seeded(variant)
    values = torch.rand(6, generator=rng, dtype=torch.float64).tolist()
    questions = [
        (x, y, temperature, 1.0, 1.0)
        for temperature in (0.1, 0.3, 2.0)
        for x in values
        for y in values
        if x != y
    ]
    _require_balance(ask, questions)


def asymmetric(ask: Ask, variant: int) -> None:
    """On strings with a stop, the chain's whole transition matrix keeps exp(value/temperature)."""
    rng = seeded(variant, 1)
    space = Space((2 + variant % 2, 3, 2), stop=0)
    strings = list(space)
    values = torch.rand(len(strings), generator=rng, dtype=torch.float64).tolist()
    temperature = 0.2 + 0.5 * float(torch.rand((), generator=rng))
    proposal = [[space.mutation_probability(x, y) for y in strings] for x in strings]
    pairs = [
        (i, j)
        for i in range(len(strings))
        for j in range(len(strings))
        if proposal[i][j] > 0 and proposal[j][i] > 0
    ]
    questions = [
        (values[i], values[j], temperature, proposal[i][j], proposal[j][i]) for i, j in pairs
    ]
    _require_balance(ask, questions)
    found = asked(ask, (0.5, 0.9, temperature, 0.25, 0.0))
    if found != 0.0:
        raise Wrong(f"with backward = 0 the probability is {found:.4g}, expected 0", NO_RETURN)
    flow = torch.zeros(len(strings), len(strings), dtype=torch.float64)
    for (i, j), question in zip(pairs, questions, strict=True):
        flow[i, j] = proposal[i][j] * asked(ask, question)
    pi = (torch.tensor(values, dtype=torch.float64) / temperature).softmax(0)
    drift = float((pi @ flow - pi * flow.sum(1)).abs().max())
    if drift > 1e-6:
        raise Wrong(
            f"one step moves the distribution exp(value / {temperature:.3g}) by up to {drift:.3g}",
            recognise(ask),
        )


def _require_balance(ask: Ask, questions: list[Question] | tuple[Question, ...]) -> None:
    """Detailed balance, and never refusing more than it asks for, on each pair of states."""
    for question in questions:
        value, proposed, temperature, forward, backward = question
        there, back = asked(ask, question), asked(ask, _swapped(question))
        # Divided by pi(x) + pi(y), so that neither exponential overflows.
        weight = 1 / (1 + math.exp((proposed - value) / temperature))
        left, right = weight * forward * there, (1 - weight) * backward * back
        if abs(left - right) > 1e-6:
            raise Wrong(
                f"from value {value:.3g} to {proposed:.3g} (temperature {temperature:g}, forward "
                f"{forward:.3g}, backward {backward:.3g}) flows {left:.4g}, back {right:.4g}; "
                "detailed balance asks for the same",
                recognise(ask),
            )
        if not _close(max(there, back), 1.0):
            raise Wrong(
                f"neither direction is accepted surely ({there:.3g} and {back:.3g}): the chain is "
                "slower than it needs to be",
                recognise(ask),
            )


LAWS = {
    "a probability": probability,
    "hot, cold, equal": extremes,
    "detailed balance": balance,
    "detailed balance when coming back is harder": asymmetric,
}
