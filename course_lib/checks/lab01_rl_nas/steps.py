"""Steps of a chain that an acceptance rule is asked about."""

import math

import torch

from course_lib.checks.ask import Ask
from course_lib.checks.values import number
from course_lib.checks.variants import seeded
from course_lib.checks.wrong import Misconception, Wrong

DECISION = Misconception(
    "a decision instead of a probability",
    "The chain itself draws the random number. Return the probability of accepting.",
)

Question = tuple[float, float, float, float, float]
"""value, proposed, temperature, forward, backward."""

PROBES: tuple[Question, ...] = (
    (0.6, 0.8, 0.25, 0.5, 0.2),
    (0.8, 0.6, 0.25, 0.2, 0.3),
    (0.3, 0.4, 0.5, 0.1, 0.2),
    (0.7, 0.4, 0.2, 0.3, 0.3),
    (0.5, 0.5, 0.3, 0.5, 0.2),
    (-0.2, -0.5, 0.3, 2e-5, 5e-5),
)


def swapped(question: Question) -> Question:
    value, proposed, temperature, forward, backward = question
    return proposed, value, temperature, backward, forward


def written(question: Question) -> str:
    """The question as Python, to be pasted."""
    value, proposed, temperature, forward, backward = (f"{number:.4g}" for number in question)
    return (
        f"acceptance({value}, {proposed}, temperature={temperature}, forward={forward}, "
        f"backward={backward})"
    )


def symmetric_steps(variant: int) -> list[Question]:
    """Steps between values of either sign, also where values and temperature are very small."""
    values = (torch.rand(6, generator=seeded(variant), dtype=torch.float64) - 0.5).tolist()
    return [
        (unit * x, unit * y, unit * temperature, 1.0, 1.0)
        for unit, temperature in ((1.0, 0.1), (1.0, 0.3), (1.0, 2.0), (1e-7, 0.5))
        for x in values
        for y in values
        if x != y
    ]


def asked(ask: Ask, question: Question) -> float:
    """The answer's probability; a misuse that shows in its type is named."""
    answer = ask(*question[:2], temperature=question[2], forward=question[3], backward=question[4])
    if type(answer) is bool or (type(answer) is torch.Tensor and answer.dtype is torch.bool):
        raise Wrong(f"acceptance returned {answer}, expected a number from 0 to 1", DECISION)
    return number(answer, "the acceptance probability")


def close(found: float, expected: float) -> bool:
    return abs(found - expected) <= 1e-5 * max(1.0, abs(expected))


def require_balance(ask: Ask, question: Question) -> None:
    """pi(x) forward a(x -> y) = pi(y) backward a(y -> x)."""
    value, proposed, temperature, forward, backward = question
    there, back = asked(ask, question), asked(ask, swapped(question))
    # Divided by pi(x) + pi(y), so that neither exponential overflows.
    # In units of the more likely proposal, however unlikely both are.
    weight, unit = 1 / (1 + math.exp((proposed - value) / temperature)), max(forward, backward)
    left, right = weight * forward / unit * there, (1 - weight) * backward / unit * back
    if not close(left, right):
        raise Wrong(
            f"{written(question)} = {there:.4g}, so {left:.4g} flows there; the way back gives "
            f"{back:.4g}, so {right:.4g} flows back. Detailed balance asks for the same"
        )
