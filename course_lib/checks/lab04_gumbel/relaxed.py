"""A relaxed sample: what each must be, its distribution for two choices, its gradient."""

from collections.abc import Callable

import numpy as np
import torch
from torch import Generator, Tensor

from course_lib.checks.ask import Ask
from course_lib.checks.laws import gradients
from course_lib.checks.values import apart, same, shown, tensor
from course_lib.checks.variants import seeded
from course_lib.checks.wrong import Misconception, Wrong

DETACHED = Misconception(
    "the sample has lost its gradient",
    "This is what the relaxation is for: keep the path from logits to the sample attached.",
)
RESOLVED = (1e-5, 1 - 1e-5)
"""Between these, single precision tells weights apart; closer to 0 or 1 it rounds many to one."""


def resolved(logits: Tensor, tau: float) -> tuple[float, float]:
    """The same for large (logits + noise) / tau, of which a softmax by logsumexp keeps less."""
    size = (float(logits.detach().abs().max()) + 20) / tau
    return max(1e-5, 4e-7 * size), 1 - max(1e-5, 4e-7 * size)


def two_choices(gap: float, tau: float) -> Callable[[np.ndarray], np.ndarray]:
    """P(y <= t) of the first of two weights, whose logit exceeds the other's by `gap`.

    y = sigmoid((gap + difference of two Gumbel numbers) / tau), and that difference is logistic:
    P(y <= t) = sigmoid(tau log(t / (1 - t)) - gap).
    """
    from scipy.special import expit, logit

    return lambda t: np.asarray(expit(tau * logit(np.clip(t, 0.0, 1.0)) - gap))


def drawn(ask: Ask, logits: Tensor, rng: Generator, tau: float) -> Tensor:
    """One answer: weights of the shape of logits, rows sum to 1."""
    sample = tensor(ask(logits, rng, tau=tau), tuple(logits.shape), "the sample")
    weights = sample.detach().double()
    if bool((weights < 0).any()):
        raise Wrong(f"weights are negative: {shown(sample)}")
    # exp(x - logsumexp(x)) is as exact as single precision keeps x = (logits + noise) / tau
    size = (float(logits.detach().abs().max()) + 20) / tau
    off = (weights.sum(-1) - 1).abs()
    if float(off.max()) > 1e-5 + 2e-7 * size:
        worst = float(weights.sum(-1).flatten()[int(off.argmax())])
        raise Wrong(f"with tau {tau:g} a row sums to {worst:.8g}; every row must sum to 1")
    return sample


def gradient(ask: Ask, variant: int) -> None:
    """With the noise frozen, the gradient of the sample is its finite difference; where it is also
    tested to the last digit, y (v - <v, y>) / tau."""
    noisy = torch.randn(2, 3, 4, generator=seeded(variant, 6), dtype=torch.float64)
    for tau, logits in ((0.7 + 0.1 * (variant % 4), noisy[0]), (0.2, 1000 * noisy[0])):
        at, weight = logits.clone().requires_grad_(), noisy[1]
        sample = drawn(ask, at, seeded(variant, 8), tau).double()
        (found,) = gradients((sample * weight).sum(), [at], "the sample", DETACHED)
        y = sample.detach()
        expected = y * (weight - (y * weight).sum(-1, keepdim=True)) / tau
        if not same(found, expected, scale=100):
            wanted, got = apart(expected, found)
            raise Wrong(
                f"logits {shown(logits[0])}, tau {tau:g}: of the weighted sum the gradient is "
                f"{got}, expected {wanted}"
            )
    # the sample itself must move like that: a step of 0.01 leaves an error of order 1e-4
    logits, step, tau = noisy[0], 1e-2, 0.7 + 0.1 * (variant % 4)
    shift = torch.zeros_like(logits)
    shift[1, 2] = step
    ends = [
        drawn(ask, logits + sign * shift, seeded(variant, 8), tau).detach().double()
        for sign in (1, -1)
    ]
    y = (ends[0] + ends[1])[1] / 2
    moved = float(((ends[0] - ends[1]) * noisy[1]).sum() / (2 * step))
    right = float(y[2] * (noisy[1][1, 2] - (y * noisy[1][1]).sum()) / tau)
    if abs(moved - right) > 2e-3:
        raise Wrong(
            f"tau {tau:g}, noise frozen: moving a logit by {step} changes the weighted sum by "
            f"{moved:.4f} per unit, expected {right:.4f}"
        )
