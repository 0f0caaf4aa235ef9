"""Laws of `gumbel_softmax_sample`: for two choices its distribution is known in closed form."""

from collections.abc import Callable
from functools import partial

import numpy as np
import torch
from torch import Generator, Tensor

from course_lib.checks.ask import Ask, StudentError
from course_lib.checks.chance import (
    alike,
    counted,
    different,
    distance,
    distance_bound,
    fits,
    nearest,
    only_rng,
)
from course_lib.checks.lab04.maximum import spread_logits
from course_lib.checks.lab04.relaxed_mistakes import (
    AXIS,
    DETACHED,
    HARD,
    KNOWN,
    LOGARITHM,
    MULTIPLIED,
    NO_NOISE,
    NOT_REFUSED,
    OUTSIDE,
    SHARED,
    TAU_LOGITS,
    TAU_NOISE,
)
from course_lib.checks.values import same, shown, tensor
from course_lib.checks.variants import seeded
from course_lib.checks.wrong import Misconception, Wrong
from course_lib.core import make_rng

RESOLVED = (1e-5, 1 - 1e-5)
"""Between these, single precision tells weights apart; closer to 0 or 1 it rounds many to one."""


def two_choices(gap: float, tau: float) -> Callable[[np.ndarray], np.ndarray]:
    """P(y <= t) of the first of two weights, whose logit exceeds the other's by `gap`.

    y = sigmoid((gap + difference of two Gumbel numbers) / tau), and that difference is logistic:
    P(y <= t) = sigmoid(tau log(t / (1 - t)) - gap).
    """
    from scipy.special import expit, logit

    return lambda t: np.asarray(expit(tau * logit(np.clip(t, 0.0, 1.0)) - gap))


def _drawn(ask: Ask, logits: Tensor, rng: Generator, tau: float) -> Tensor:
    """One answer: weights of the shape of logits, rows sum to 1."""
    answer = ask(logits, rng, tau=tau)
    if type(answer) is Tensor and not answer.dtype.is_floating_point:
        raise Wrong(f"the sample has dtype {answer.dtype}, expected floating point", HARD)
    sample = tensor(answer, tuple(logits.shape), "the sample")
    _require_rows(sample, tau)
    return sample


def _require_rows(sample: Tensor, tau: float) -> None:
    sums = sample.detach().sum(-1)
    one = torch.ones_like(sums)
    if bool((sample.detach() < 0).any()):
        positive = same(sample.detach().exp().sum(-1), one, scale=10)
        raise Wrong(f"weights are negative: {shown(sample)}", LOGARITHM if positive else None)
    if not same(sums, one, scale=10):
        mistake = OUTSIDE if tau != 1 and same(sums * tau, one, scale=10) else None
        for axis in range(sample.ndim - 1):
            total = sample.detach().sum(axis)
            mistake = AXIS if same(total, torch.ones_like(total), scale=10) else mistake
        said = f"the rows must sum to 1; yours sum to {shown(sums)}"
        raise Wrong(said, mistake)


def _question(variant: int) -> tuple[Tensor, float]:
    """Logits of two choices, and a temperature well away from 1."""
    gap = 1.8 + 0.4 * float(torch.rand((), generator=seeded(variant)))
    return torch.tensor([0.3 + gap, 0.3]), (0.2, 0.25, 1.8)[variant % 3]


def closed_form(ask: Ask, variant: int) -> None:
    """8,000 samples of two choices against the closed distribution of the first weight."""
    logits, tau = _question(variant)
    n = 8000
    sample = _drawn(ask, logits.expand(n, -1).clone(), seeded(variant, 1), tau)[:, 0].detach()
    found = distance(sample, two_choices(float(logits[0] - logits[1]), tau), between=RESOLVED)
    if found > distance_bound(n):
        share, p = float((sample > 0.5).double().mean()), float(logits.softmax(0)[0])
        raise Wrong(
            f"logits {shown(logits)}, tau {tau:g}: the first weight's distribution is {found:.3f} "
            f"away from the closed one; right samples stay below {distance_bound(n):.3f}. It is "
            f"the larger one in {share:.0%} of the rows, expected {p:.0%}",
            _recognise(ask, sample, logits, tau, variant),
        )


def _recognise(
    ask: Ask, sample: Tensor, logits: Tensor, tau: float, variant: int
) -> Misconception | None:
    if different(sample) == 1:
        again = _drawn(ask, logits.expand(8000, -1).clone(), seeded(variant, 9), tau)
        return NO_NOISE if same(again[:, 0], sample) else SHARED
    if bool(((sample == 0) | (sample == 1)).all()):
        return HARD
    rng, many = make_rng(0), logits.expand(100_000, -1)
    known = ((m, lambda s=sampler: s(many, rng, tau)[:, 0]) for m, sampler in KNOWN)
    return nearest(known, lambda others: alike(sample, others))


def largest(ask: Ask, variant: int) -> None:
    """In 20,000 rows of several choices the largest weight is drawn with softmax(logits)."""
    logits, n = spread_logits(variant), 20_000
    tau = (0.3, 3.0)[variant % 2]
    sample = _drawn(ask, logits.expand(n, -1).clone(), seeded(variant, 10), tau).detach()
    counts, p = counted(sample.argmax(-1), len(logits)), logits.softmax(0)
    if not fits(counts, p):
        rng, many = make_rng(0), logits.expand(200_000, -1)

        def same_counts(others: Tensor) -> bool:
            return fits(counts, counted(others.argmax(-1), len(logits)) / len(others))

        known = ((mistake, partial(sampler, many, rng, tau)) for mistake, sampler in KNOWN)
        raise Wrong(
            f"logits {shown(logits)}, tau {tau:g}: the largest weight was each choice's in "
            f"{shown(counts / n)} of the rows, softmax is {shown(p)}",
            nearest(known, same_counts),
        )


def rows(ask: Ask, variant: int) -> None:
    """Rows sum to 1 for every shape, and each has noise of its own."""
    for shape in ((5,), (3, 3), (6, 4), (2, 3, 2 + variant % 4)):
        sample = _drawn(ask, torch.zeros(shape), seeded(variant, 2), 1.0).detach()
        flat = sample.reshape(-1, shape[-1])
        if len(flat) > 1 and different(flat, axis=0) < len(flat):
            raise Wrong(f"zero logits of shape {shape}: two rows of the sample are equal", SHARED)


def limits(ask: Ask, variant: int) -> None:
    """At tau = 0.01 nearly all samples are nearly one-hot, at a million they are uniform."""
    choices = 3 + variant % 3
    logits = torch.randn(500, choices, generator=seeded(variant, 3))
    cold = _drawn(ask, logits, seeded(variant, 4), 0.01).detach()
    # the two largest sums are closer than 0.05 in about 5 % of the rows: never in a third of them
    decided = float((cold.amax(-1) > 0.99).double().mean())
    if decided < 2 / 3:
        said = f"at tau = 0.01 only {decided:.0%} of the samples have a weight above 0.99"
        raise Wrong(said, MULTIPLIED if decided < 0.05 else None)
    hot = _drawn(ask, logits, seeded(variant, 5), 1e6).detach()
    if not bool(((hot - 1 / choices).abs() < 1e-3).all()):
        said = f"at tau = 1e6 all weights should be {1 / choices:.3f}, got {shown(hot[0])}"
        raise Wrong(said, _hot_mistake(ask, logits, hot, variant))
    still = _drawn(ask, logits * 1e4, seeded(variant, 6), 0.01).detach()
    if not bool((still.argmax(-1) == logits.argmax(-1)).double().mean() > 0.9):
        raise Wrong("logits that differ by thousands: the largest one should get all the weight")


def _hot_mistake(ask: Ask, logits: Tensor, hot: Tensor, variant: int) -> Misconception | None:
    if same(hot, logits.softmax(-1), scale=100):
        return TAU_NOISE
    without = _drawn(ask, torch.zeros_like(logits), seeded(variant, 5), 1e6)
    return TAU_LOGITS if same(hot, without, scale=100) else None


def gradient(ask: Ask, variant: int) -> None:
    """With the noise frozen, the gradient of the sample is its finite difference."""
    tau = 0.7 + 0.1 * (variant % 4)
    logits = torch.randn(3, 4, generator=seeded(variant, 6), dtype=torch.float64)
    weight = torch.randn(3, 4, generator=seeded(variant, 7), dtype=torch.float64)

    def value(at: Tensor) -> Tensor:
        return (_drawn(ask, at, seeded(variant, 8), tau).double() * weight).sum()

    at = logits.clone().requires_grad_()
    total = value(at)
    if not total.requires_grad:
        raise Wrong("the sample does not depend on logits any more", DETACHED)
    (found,) = torch.autograd.grad(total, at, allow_unused=True)
    step = 1e-2
    for place in ((0, 0), (1, 2), (2, 3)):
        shift = torch.zeros_like(logits)
        shift[place] = step
        with torch.no_grad():
            expected = float((value(logits + shift) - value(logits - shift)) / (2 * step))
        mine = 0.0 if found is None else float(found[place])
        # a step of 0.01 leaves an error of order 1e-4, single precision one of 1e-5
        if abs(mine - expected) > 2e-3:
            raise Wrong(
                f"tau {tau:g}, noise frozen: logit {place} moved by {step} changes the weighted "
                f"sum by {expected:.4f} per unit, and the gradient says {mine:.4f}",
                DETACHED if mine == 0 else None,
            )


def refused(ask: Ask, variant: int) -> None:
    """tau <= 0 is a ValueError."""
    for tau in (0.0, -1.0):
        try:
            ask(torch.zeros(2, 3), seeded(variant), tau=tau)
        except StudentError as error:
            if isinstance(error.error, ValueError):
                continue
            said = f"tau = {tau:g} raised {error}, expected a ValueError"
            raise Wrong(said, NOT_REFUSED) from error
        raise Wrong(f"tau = {tau:g} was accepted, expected a ValueError", NOT_REFUSED)


def generator(ask: Ask, variant: int) -> None:
    """All randomness comes from rng."""
    only_rng(lambda rng: _drawn(ask, torch.zeros(4, 3), rng, 1.0), "samples")


LAWS = {
    "two choices: the closed distribution": closed_form,
    "the largest weight is drawn with softmax(logits)": largest,
    "rows sum to 1, each with its own noise": rows,
    "cold it is one-hot, hot it is uniform": limits,
    "gradient = finite differences, noise frozen": gradient,
    "tau of 0 or below is refused": refused,
    "all draws come from rng": generator,
}
