"""`acceptance`: detailed balance with respect to exp(value / temperature), exactly."""

import math
from collections.abc import Callable
from typing import Any

import torch

from course_lib.checks.ask import Ask, StudentError
from course_lib.checks.engine import Exercise
from course_lib.checks.lab01_rl_nas import sections
from course_lib.checks.lab01_rl_nas.in_parts import exchanged_rule
from course_lib.checks.lab01_rl_nas.steps import (
    DECISION,
    PROBES,
    asked,
    close,
    require_balance,
    swapped,
    symmetric_steps,
    written,
)
from course_lib.checks.variants import seeded
from course_lib.checks.wrong import Misconception, Wrong, mistake
from course_lib.core import Space

NO_RETURN = Misconception(
    "a step from which there is no way back is accepted",
    "Where backward is 0, accepting would only ever let probability flow out.",
)
OVERFLOW = Misconception(
    "exp overflows for a large improvement",
    "Cap the exponent before taking the exponential: exp(min(0, ...)).",
)


def _symmetric(**part: Any) -> Callable[..., float]:
    """The same where forward and backward are left out as well."""
    return exchanged_rule(lambda r, q: min(1.0, r), **part)


def _downhill(difference: float, temperature: float) -> float:
    return -difference / temperature


MISTAKES = (
    mistake(
        "every proposal is accepted",
        "Then the chain wanders over the proposals and forgets the values.",
        exchanged_rule(lambda r, q: 1.0),
    ),
    mistake(
        "no proposal is ever accepted",
        "A chain that stands still keeps every balance and explores nothing.",
        exchanged_rule(lambda r, q: 0.0),
    ),
    mistake(
        "a worse proposal is never accepted",
        "That is hill climbing. A chain must sometimes step down, the more rarely the deeper the "
        "step.",
        exchanged_rule(lambda r, q: float(r >= 1)),
        exchanged_rule(lambda r, q: float(r > 1)),
    ),
    mistake(
        "the proposal is taken to be symmetric",
        "Where going there is easier than coming back, the ratio needs backward / forward "
        "(Hastings).",
        _symmetric(),
    ),
    mistake(
        "forward and backward are exchanged",
        "What is proposed too often must be accepted more rarely: forward belongs below the line.",
        exchanged_rule(lambda r, q: min(1.0, r / q)),
    ),
    mistake(
        "the sign of the difference is flipped",
        "We maximise: a better proposal must raise the ratio exp((proposed - value) / "
        "temperature).",
        exchanged_rule(gain=_downhill),
        _symmetric(gain=_downhill),
    ),
    mistake(
        "r / (1 + r) (Barker's rule) instead of min(1, r)",
        "It keeps detailed balance too, but refuses more often than needed. Metropolis: min(1, r).",
        exchanged_rule(lambda r, q: r * q / (1 + r * q)),
        exchanged_rule(lambda r, q: r / (1 + r)),
    ),
    mistake(
        "the ratio is not capped at 1",
        "A probability is at most 1: min(1, ratio).",
        exchanged_rule(lambda r, q: r * q),
        exchanged_rule(lambda r, q: r),
    ),
    mistake(
        "the logarithm of the probability",
        "Take the exponential before returning.",
        exchanged_rule(lambda r, q: min(0.0, math.log(r * q))),
        exchanged_rule(lambda r, q: min(0.0, math.log(r))),
    ),
    mistake(
        "the temperature does not divide the difference",
        "The target is exp(value / temperature): the colder, the more a difference matters.",
        exchanged_rule(gain=lambda difference, t: difference),
        _symmetric(gain=lambda difference, t: difference),
    ),
    mistake(
        "the difference is multiplied by the temperature",
        "Divide: the target is exp(value / temperature), and the colder, the pickier.",
        exchanged_rule(gain=lambda difference, t: difference * t),
        _symmetric(gain=lambda difference, t: difference * t),
    ),
    mistake(
        "every better proposal is accepted surely",
        "A better neighbour is accepted surely only if the way back is not too rare: backward / "
        "forward belongs into the ratio for better proposals, too.",
        exchanged_rule(lambda r, q: 1.0 if r >= 1 else min(1.0, r * q)),
        exchanged_rule(lambda r, q: 1.0 if r > 1 else min(1.0, r * q)),
    ),
    mistake(
        "backward / forward stands outside the cap",
        "Put backward / forward inside the min: min(1, ratio) with the whole ratio.",
        exchanged_rule(lambda r, q: min(1.0, min(1.0, r) * q)),
        exchanged_rule(lambda r, q: min(1.0, r) * q),
    ),
    DECISION,
    NO_RETURN,
    OVERFLOW,
)


def probe(ask: Ask, variant: int) -> list[float]:
    """What is answered to steps up and down, with proposals that are not symmetric."""
    return [asked(ask, question) for question in PROBES]


def probability(ask: Ask, variant: int) -> None:
    """Between 0 and 1 for every value and temperature; the same whenever it is asked."""
    for question in (*PROBES, *map(swapped, PROBES)):
        found = asked(ask, question)
        if not 0.0 <= found <= 1.0:
            raise Wrong(f"{written(question)} = {found:.4g}, expected a number from 0 to 1")
        if any(asked(ask, question) != found for _ in range(3)):
            raise Wrong(f"{written(question)} gives another number when asked again", DECISION)


def extremes(ask: Ask, variant: int) -> None:
    """Near temperature 0 improvements are certain, losses impossible; equals are certain."""
    cold = 1e-5 * (1 + variant % 5)
    for question, expected in (
        ((0.1, 0.9, cold, 1.0, 1.0), 1.0),
        ((0.9, 0.1, cold, 1.0, 1.0), 0.0),
        ((0.5, 0.5, cold, 1.0, 1.0), 1.0),
        ((0.1, 0.9, 1e5, 1.0, 1.0), 1.0),
        ((0.9, 0.1, 1e8, 1.0, 1.0), 1.0),
        ((0.1, 0.9, cold, 0.5, 0.01), 1.0),
        ((0.1, 0.9, 0.01, 1.0, 0.001), 1.0),
        ((0.9, 0.1, cold, 0.01, 0.5), 0.0),
    ):
        try:
            found = asked(ask, question)
        except StudentError as error:
            if isinstance(error.error, OverflowError):
                said = f"{written(question)} raised {error}"
                raise Wrong(said, OVERFLOW) from error
            raise
        if not close(found, expected):
            said = f"{written(question)} = {found:.4g}, expected {expected:g}"
            raise Wrong(said, OVERFLOW if math.isnan(found) else None)


def balance(ask: Ask, variant: int) -> None:
    """pi(x) a(x -> y) = pi(y) a(y -> x) with symmetric proposals, and the chain moves."""
    for question in symmetric_steps(variant):
        require_balance(ask, question)
        if asked(ask, question) <= 0.0:
            raise Wrong(f"{written(question)} = 0: the chain never takes this step")


def one_way_surely(ask: Ask, variant: int) -> None:
    """Of each pair of states one direction is accepted with probability 1."""
    for question in (*PROBES, *symmetric_steps(variant)):
        there, back = asked(ask, question), asked(ask, swapped(question))
        if not close(max(there, back), 1.0):
            raise Wrong(
                f"{written(question)} = {there:.3g}, and the way back {back:.3g}: neither is 1, so "
                "the chain is slower than it needs to be"
            )


def asymmetric(ask: Ask, variant: int) -> None:
    """Every pair is in balance where proposals are not symmetric, as on strings with a stop."""
    for probe in PROBES:
        require_balance(ask, probe)
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
                require_balance(ask, (value, proposed, temperature, forward, backward))
    no_way_back = (0.5, 0.9, temperature, 0.25, 0.0)
    found = asked(ask, no_way_back)
    if found != 0.0:
        raise Wrong(f"{written(no_way_back)} = {found:.4g}, expected 0", NO_RETURN)


acceptance = Exercise(
    lab="lab01_rl_nas",
    name="acceptance",
    section=sections.METROPOLIS,
    library=("course_lib.nas.search:acceptance",),
    laws={
        "detailed balance": balance,
        "detailed balance when coming back is harder": asymmetric,
        "one of the two ways is accepted surely": one_way_surely,
        "a probability": probability,
        "hot, cold, equal": extremes,
    },
    mistakes=MISTAKES,
    probe=probe,
    hints=(
        "Detailed balance: pi(x) forward a(x -> y) = pi(y) backward a(y -> x), with pi "
        "proportional to exp(value / temperature). Solve for the ratio of the two acceptances.",
        "The ratio is exp((proposed - value) / temperature) * backward / forward. The larger of "
        "the two acceptances may be 1, so take min(1, ratio).",
        "At a low temperature exp() of an improvement overflows. Add log(backward / forward) to "
        "the exponent, cap the exponent at 0, then take exp. Where backward is 0 the step must not "
        "be taken at all.",
    ),
    basic="detailed balance",
)
