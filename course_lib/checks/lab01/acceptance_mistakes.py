"""How `acceptance` goes wrong, and what the known mistakes answer."""

import math
from collections.abc import Callable

from course_lib.checks.wrong import Misconception

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
MULTIPLIED = Misconception(
    "the difference is multiplied by the temperature",
    "Divide: the target is exp(value / temperature), and the colder, the pickier.",
)
SURELY = Misconception(
    "every better proposal is accepted surely",
    "A better neighbour is accepted surely only if the way back is not too rare: backward / "
    "forward belongs into the ratio for better proposals, too.",
)
EARLY = Misconception(
    "backward / forward stands outside the cap",
    "Put backward / forward inside the min: min(1, ratio) with the whole ratio.",
)
NEVER = Misconception(
    "no proposal is ever accepted",
    "A chain that stands still keeps every balance and explores nothing.",
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


def _capped(question: Question) -> float:
    return min(1.0, _ratio(_with(question, forward=1.0, backward=1.0)))


def _with(question: Question, **changed: float) -> Question:
    names = ("value", "proposed", "temperature", "forward", "backward")
    return tuple(changed.get(n, old) for n, old in zip(names, question, strict=True))  # type: ignore[return-value]


def swapped(question: Question) -> Question:
    value, proposed, temperature, forward, backward = question
    return proposed, value, temperature, backward, forward


KNOWN: tuple[tuple[Misconception, Callable[[Question], float]], ...] = (
    (ALWAYS, lambda q: 1.0),
    (NEVER, lambda q: 0.0),
    (GREEDY, lambda q: float(q[1] >= q[0])),
    (SYMMETRIC, lambda q: min(1.0, _ratio(_with(q, forward=1.0, backward=1.0)))),
    (RATIO, lambda q: min(1.0, _ratio(_with(q, forward=q[4], backward=q[3])))),
    (SIGN, lambda q: min(1.0, _ratio(_with(q, value=q[1], proposed=q[0])))),
    (BARKER, lambda q: _ratio(q) / (1 + _ratio(q))),
    (UNCAPPED, _ratio),
    (LOGARITHM, lambda q: min(0.0, math.log(_ratio(q)))),
    (TEMPERATURE, lambda q: min(1.0, _ratio(_with(q, temperature=1.0)))),
    (MULTIPLIED, lambda q: min(1.0, _ratio(_with(q, temperature=1 / q[2])))),
    (SURELY, lambda q: 1.0 if q[1] >= q[0] else min(1.0, _ratio(q))),
    (EARLY, lambda q: min(1.0, _capped(q) * q[4] / q[3])),
    (EARLY, lambda q: _capped(q) * q[4] / q[3]),
)
PROBES: tuple[Question, ...] = (
    (0.6, 0.8, 0.25, 0.5, 0.2),
    (0.8, 0.6, 0.25, 0.2, 0.3),
    (0.3, 0.4, 0.5, 0.1, 0.2),
    (0.7, 0.4, 0.2, 0.3, 0.3),
)
SYMMETRIC_PROBES: tuple[Question, ...] = tuple(
    _with(probe, forward=0.3, backward=0.3) for probe in PROBES
)
