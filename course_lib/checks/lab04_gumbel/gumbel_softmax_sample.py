"""`gumbel_softmax_sample`: for two choices its distribution is known in closed form."""

from typing import Any

import torch
from torch.nn.functional import one_hot

from course_lib.checks.ask import Ask, StudentError
from course_lib.checks.chance import (
    GLOBAL_RNG,
    Drawn,
    counted,
    different,
    distance,
    distance_bound,
    fits,
    only_rng,
)
from course_lib.checks.engine import Exercise
from course_lib.checks.lab04_gumbel import sections
from course_lib.checks.lab04_gumbel.gumbel_max_sample import spread_logits
from course_lib.checks.lab04_gumbel.noise import gumbel, uniform
from course_lib.checks.lab04_gumbel.relaxed import (
    DETACHED,
    drawn,
    gradient,
    resolved,
    two_choices,
)
from course_lib.checks.laws import CHANGED, Given, arguments_stay
from course_lib.checks.values import shown
from course_lib.checks.variants import seeded
from course_lib.checks.wrong import Misconception, Wrong, mistake

NOT_REFUSED = Misconception(
    "a temperature that is not positive is not refused",
    'Divided by 0 the sample is nan: `raise ValueError(f"tau must be positive, got {tau}")`.',
)
MISTAKES = (
    mistake(
        "there is no noise",
        "Without noise it is an ordinary softmax with a temperature, the same every time.",
        lambda x, rng, *, tau=1.0: (x / tau).softmax(-1),
        lambda x, rng, *, tau=1.0: x.softmax(-1),
        part="weights",
    ),
    mistake(
        "the rows share their noise",
        "Every entry of logits needs a draw of its own: noise of the shape of logits.",
        lambda x, rng, *, tau=1.0: ((x + gumbel(x.shape[-1:], rng)) / tau).softmax(-1),
        part="equal rows",
    ),
    mistake(
        "the temperature divides the noise only",
        "Divide the sum: only then is the largest entry still drawn with softmax(logits).",
        lambda x, rng, *, tau=1.0: (x + gumbel(x.shape, rng) / tau).softmax(-1),
        part="weights",
    ),
    mistake(
        "the temperature divides the logits only",
        "Divide the sum: only then is the largest entry still drawn with softmax(logits).",
        lambda x, rng, *, tau=1.0: (x / tau + gumbel(x.shape, rng)).softmax(-1),
        part="weights",
    ),
    mistake(
        "the temperature is not used",
        "Divide the sum of logits and noise by tau before the softmax.",
        lambda x, rng, *, tau=1.0: (x + gumbel(x.shape, rng)).softmax(-1),
        part="weights",
    ),
    mistake(
        "multiplied by the temperature instead of divided",
        "The colder, the closer to one-hot: small tau must make the differences large.",
        lambda x, rng, *, tau=1.0: ((x + gumbel(x.shape, rng)) * tau).softmax(-1),
        part="weights",
    ),
    mistake(
        "the noise is subtracted",
        "Gumbel noise has its long tail on the right: add it.",
        lambda x, rng, *, tau=1.0: ((x - gumbel(x.shape, rng)) / tau).softmax(-1),
        part="weights",
    ),
    mistake(
        "the noise is not Gumbel noise",
        "Uniform or normal noise, or a single logarithm, gives another distribution.",
        lambda x, rng, *, tau=1.0: ((x + uniform(x.shape, rng)) / tau).softmax(-1),
        lambda x, rng, *, tau=1.0: ((x - uniform(x.shape, rng).log()) / tau).softmax(-1),
        lambda x, rng, *, tau=1.0: ((x + torch.randn(x.shape, generator=rng)) / tau).softmax(-1),
        part="weights",
    ),
    mistake(
        "softmax is taken before the noise is added",
        "The noise is added to logits, not to probabilities; the softmax comes last.",
        lambda x, rng, *, tau=1.0: ((x.softmax(-1) + gumbel(x.shape, rng)) / tau).softmax(-1),
        part="weights",
    ),
    mistake(
        "the logarithm of the sample (log_softmax)",
        "The weights themselves are wanted: they are positive and sum to 1.",
        lambda x, rng, *, tau=1.0: ((x + gumbel(x.shape, rng)) / tau).log_softmax(-1),
        part="weights",
    ),
    mistake(
        "the temperature divides the result instead of what goes into the softmax",
        "Divide first, then take the softmax: its rows sum to 1.",
        lambda x, rng, *, tau=1.0: (x + gumbel(x.shape, rng)).softmax(-1) / tau,
        part="weights",
    ),
    mistake(
        "a one-hot sample",
        "The relaxed sample lies between the corners; making it hard is the next exercise.",
        lambda x, rng, *, tau=1.0: one_hot((x + gumbel(x.shape, rng)).argmax(-1), x.shape[-1]).to(
            x
        ),
        part="weights",
    ),
    mistake(
        "softmax over the wrong axis",
        "The choices are the last axis of logits: softmax over -1.",
        lambda x, rng, *, tau=1.0: ((x + gumbel(x.shape, rng)) / tau).softmax(0),
        lambda x, rng, *, tau=1.0: ((x + gumbel(x.shape, rng)) / tau).softmax(min(1, x.ndim - 1)),
        lambda x, rng, *, tau=1.0: ((x + gumbel(x.shape, rng)) / tau).softmax(-2),
        part="sums of 1",
    ),
    DETACHED,
    NOT_REFUSED,
    GLOBAL_RNG,
    CHANGED,
)
SHAPES = ((5,), (1, 4), (3, 3), (6, 4), (2, 1, 3), (2, 3, 4), (2, 2, 3, 4))


def probe(ask: Ask, variant: int) -> dict[str, list[Any]]:
    """The first weights of 20,000 rows, cold and hot; what sums to 1; whether rows are equal."""
    rng, logits = seeded(variant, 20), spread_logits(variant)
    weights = [ask(logits.repeat(20_000, 1), rng, tau=tau).detach() for tau in (0.4, 2.5)]
    few = [ask(torch.zeros(shape), rng, tau=1.0).detach() for shape in ((3, 3), (6, 4), (2, 3, 4))]
    sums = [bool(((one.sum(a) - 1).abs() < 1e-4).all()) for one in few for a in range(one.ndim)]
    equal = [different(one.reshape(-1, one.shape[-1]), axis=0) == 1 for one in few]
    first = [Drawn(one[:, k]) for one in weights for k in (0, 1)]
    return {"weights": first, "sums of 1": sums, "equal rows": equal}


def closed_form(ask: Ask, variant: int) -> None:
    """20,000 samples of two choices against the closed distribution of the first weight, very cold
    to hot, and with a constant added to both logits."""
    gap, n = 1.8 + 0.4 * float(torch.rand((), generator=seeded(variant))), 20_000
    own = (0.2, 0.25, 1.8)[variant % 3]
    extreme = [(own, gap, 500.0), (own, gap, -500.0), (0.001, 0.2, 0.0), (0.05, 0.2, 0.0)]
    for tau, wide, constant in [(own, gap, 0.3), *extreme, (12.0, gap, 0.0)]:
        logits = torch.tensor([constant + wide, constant])
        sample = drawn(ask, logits.repeat(n, 1), seeded(variant, 1), tau)[:, 0]
        closed = two_choices(float(logits[0] - logits[1]), tau)
        found = distance(sample, closed, between=resolved(logits, tau))
        if found > distance_bound(n):
            share, p = float((sample > 0.5).double().mean()), float(logits.softmax(0)[0])
            raise Wrong(
                f"logits {shown(logits)}, tau {tau:g}: the first weight's distribution is "
                f"{found:.3f} away from the closed one; right samples stay below "
                f"{distance_bound(n):.3f}. It is the larger one in {share:.0%} of the rows, "
                f"expected {p:.0%}"
            )


def largest(ask: Ask, variant: int) -> None:
    """In 20,000 rows of several choices the largest weight is drawn with softmax(logits)."""
    logits, n, tau = spread_logits(variant), 20_000, (0.3, 3.0)[variant % 2]
    sample = drawn(ask, logits.repeat(n, 1), seeded(variant, 10), tau).detach()
    counts, p = counted(sample.argmax(-1), len(logits)), logits.softmax(0)
    if not fits(counts, p):
        raise Wrong(
            f"logits {shown(logits)}, tau {tau:g}: the largest weight was each choice's in "
            f"{shown(counts / n)} of the rows, softmax is {shown(p)}"
        )


def rows(ask: Ask, variant: int) -> None:
    """Rows sum to 1 for every shape, and each has noise of its own."""
    for shape in (*SHAPES, (2, 3, 2 + variant % 4)):
        sample = drawn(ask, torch.zeros(shape), seeded(variant, 2), 1.0).detach()
        flat = sample.reshape(-1, shape[-1])
        if len(flat) > 1 and different(flat, axis=0) < len(flat):
            raise Wrong(f"zero logits of shape {shape}: two rows of the sample are equal")


def limits(ask: Ask, variant: int) -> None:
    """At tau = 0.01 nearly all samples are nearly one-hot, at a million they are uniform."""
    logits = torch.randn(500, choices := 3 + variant % 3, generator=seeded(variant, 3))
    cold = drawn(ask, logits, seeded(variant, 4), 0.01).detach()
    # the two largest sums are closer than 0.05 in about 5 % of the rows: never in a third of them
    decided = float((cold.amax(-1) > 0.99).double().mean())
    if decided < 2 / 3:
        raise Wrong(f"at tau = 0.01 only {decided:.0%} of the samples have a weight above 0.99")
    hot = drawn(ask, logits, seeded(variant, 5), 1e6).detach()
    if not bool(((hot - 1 / choices).abs() < 1e-3).all()):
        raise Wrong(f"at tau = 1e6 all weights should be {1 / choices:.3f}, got {shown(hot[0])}")
    still = drawn(ask, logits * 1e4, seeded(variant, 6), 0.01).detach()
    if float((still.argmax(-1) == logits.argmax(-1)).double().mean()) <= 0.9:
        raise Wrong("logits that differ by thousands: the largest one should get all the weight")


def refused(ask: Ask, variant: int) -> None:
    """tau <= 0 is a ValueError."""
    for tau in (0.0, -1.0, -1e-3):
        try:
            ask(torch.zeros(2, 3), seeded(variant), tau=tau)
        except StudentError as error:
            if isinstance(error.error, ValueError):
                continue
            raise Wrong(f"tau = {tau:g}: {error}; expected a ValueError", NOT_REFUSED) from error
        raise Wrong(f"tau = {tau:g} was accepted, expected a ValueError", NOT_REFUSED)


def generator(ask: Ask, variant: int) -> None:
    """All randomness comes from rng."""
    only_rng(lambda rng: drawn(ask, torch.zeros(4, 3), rng, 1.0), "samples")


def _given(variant: int) -> Given:
    return {"logits": spread_logits(variant).repeat(3, 1).requires_grad_(variant % 2 == 0)}


def _put(ask: Ask, given: Given) -> None:
    drawn(ask, given["logits"], seeded(1, 12), 0.7)


gumbel_softmax_sample = Exercise(
    lab="lab04_gumbel",
    name="gumbel_softmax_sample",
    section=sections.SOFTMAX,
    library=("course_lib.nas.relax:gumbel_softmax_sample",),
    laws={
        "two choices: the closed distribution": closed_form,
        "the largest weight is drawn with softmax(logits)": largest,
        "rows sum to 1, each with its own noise": rows,
        "cold it is one-hot, hot it is uniform": limits,
        "gradient = finite differences, noise frozen": gradient,
        "tau of 0 or below is refused": refused,
        "all draws come from rng": generator,
        "the logits stay as they are": arguments_stay(_given, _put),
    },
    mistakes=MISTAKES,
    probe=probe,
    hints=(
        "It is the last exercise with a softmax where the argmax was, and a temperature in it.",
        "Divide the *sum* of logits and noise by tau, then softmax over the last axis.",
        'The first line refuses what cannot be divided by: `if tau <= 0: raise ValueError("...")`.',
    ),
    basic="two choices: the closed distribution",
)
