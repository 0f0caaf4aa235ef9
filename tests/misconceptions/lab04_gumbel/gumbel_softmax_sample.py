"""Answers to `gumbel_softmax_sample`."""

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor
from torch.nn import functional

from course_lib.nas import relax
from tests.misconceptions.lab04_gumbel.noise import gumbel as _gumbel
from tests.misconceptions.lab04_gumbel.noise import rand as _rand


def _relaxed(
    weigh: Callable[[Tensor, Tensor, float], Tensor] = lambda x, g, tau: ((x + g) / tau).softmax(
        -1
    ),
    noise: Callable[..., Tensor] = _gumbel,
    refuse: bool = True,
) -> Callable[..., Any]:
    """A right sampler unless a part is exchanged."""

    def gumbel_softmax_sample(logits, rng, *, tau=1.0):
        if refuse and tau <= 0:
            raise ValueError("tau must be positive")
        return weigh(logits, noise(logits.shape, rng), tau)

    return gumbel_softmax_sample


def soft_global(logits, rng, *, tau=1.0):
    if tau <= 0:
        raise ValueError
    return functional.gumbel_softmax(logits, tau=tau)


def soft_asserts(logits, rng, *, tau=1.0):
    assert tau > 0
    return _relaxed()(logits, rng, tau=tau)


def soft_refuses_zero_only(logits, rng, *, tau=1.0):
    if tau == 0:
        raise ValueError("tau is 0")
    return _relaxed(refuse=False)(logits, rng, tau=tau)


def soft_abs(logits, rng, *, tau=1.0):
    return _relaxed(refuse=False)(logits, rng, tau=max(abs(tau), 1e-6))


def soft_no_grad(logits, rng, *, tau=1.0):
    with torch.no_grad():
        return _relaxed()(logits, rng, tau=tau)


def soft_calls_library(logits, rng, *, tau=1.0):
    return relax.gumbel_softmax_sample(logits, rng, tau=tau)


def soft_by_hand(logits, rng, *, tau=1.0):
    """Right: exponentials and their sum, the largest taken off first; single precision."""
    if not tau > 0:
        raise ValueError(f"expected tau > 0, got {tau}")
    score = (logits.float() - torch.empty(logits.shape).exponential_(generator=rng).log()) / tau
    weight = (score - score.detach().amax(-1, keepdim=True)).exp()
    return weight / weight.sum(-1, keepdim=True)


def soft_row_by_row(logits, rng, *, tau=1.0):
    """Right: row by row, from log-probabilities."""
    if tau <= 0:
        raise ValueError("no such temperature")
    flat = logits.reshape(-1, logits.shape[-1])
    rows = [
        functional.softmax((row.log_softmax(0) + _gumbel(row.shape, rng)) / tau, 0) for row in flat
    ]
    return torch.stack(rows).view(logits.shape)


def soft_naive(logits, rng, *, tau=1.0):
    """Overflows where (logits + noise) / tau exceeds what exp can hold."""
    if tau <= 0:
        raise ValueError
    weight = ((logits + _gumbel(logits.shape, rng).to(logits)) / tau).exp()
    return weight / weight.sum(-1, keepdim=True)


def soft_backward_fails(logits, rng, *, tau=1.0):
    """The division in place breaks the way back."""
    if tau <= 0:
        raise ValueError
    score = (logits + _gumbel(logits.shape, rng)) / tau
    y = torch.exp(score - score.detach().amax(-1, keepdim=True))
    y /= y.sum(-1, keepdim=True)
    return y


def soft_in_place(logits, rng, *, tau=1.0):
    if tau <= 0:
        raise ValueError
    with torch.no_grad():
        logits += _gumbel(logits.shape, rng)
    return (logits / tau).softmax(-1)


def soft_by_logs(logits, rng, *, tau=1.0):
    """The logarithm of a probability that has become 0 has no gradient."""
    if tau <= 0:
        raise ValueError
    return ((logits.softmax(-1).log() + _gumbel(logits.shape, rng)) / tau).softmax(-1)


def soft_gradient_off(logits, rng, *, tau=1.0):
    sample = _relaxed()(logits, rng, tau=tau)
    logits.requires_grad_(False)
    return sample


def soft_by_logsumexp(logits, rng, *, tau=1.0):
    """Right: rows sum to 1 within what single precision keeps of large numbers."""
    if not tau > 0:
        raise ValueError(f"tau must be positive, got {tau}")
    score = (logits + _gumbel(logits.shape, rng).to(logits)) / tau
    return (score - score.logsumexp(-1, keepdim=True)).exp()


def soft_in_double(logits, rng, *, tau=1.0):
    """Right: double precision, handed back as it came."""
    if not tau > 0:
        raise ValueError("tau")
    return ((logits.double() + _gumbel(logits.shape, rng)) / tau).softmax(-1).to(logits.dtype)


def soft_by_log_softmax(logits, rng, *, tau=1.0):
    """Right: log_softmax and exp."""
    if not tau > 0:
        raise ValueError("tau")
    noise = -torch.empty_like(logits).exponential_(generator=rng).log()
    return torch.log_softmax((logits + noise) / tau, -1).exp()


WRONG = [
    (_relaxed(lambda x, g, tau: (x + g / tau).softmax(-1)), "divides the noise only"),
    (_relaxed(lambda x, g, tau: (x / tau + g).softmax(-1)), "divides the logits only"),
    (_relaxed(lambda x, g, tau: (x + g).softmax(-1)), "temperature is not used"),
    (_relaxed(lambda x, g, tau: ((x + g) * tau).softmax(-1)), "multiplied by the temperature"),
    (_relaxed(lambda x, g, tau: (x / tau).softmax(-1)), "there is no noise"),
    (_relaxed(lambda x, g, tau: ((x - g) / tau).softmax(-1)), "the noise is subtracted"),
    (_relaxed(noise=_rand), "not Gumbel noise"),
    (_relaxed(noise=lambda shape, rng: torch.randn(shape, generator=rng)), "not Gumbel noise"),
    (_relaxed(noise=lambda shape, rng: -_rand(shape, rng).log()), "not Gumbel noise"),
    (
        _relaxed(lambda x, g, tau: ((x.softmax(-1) + g) / tau).softmax(-1)),
        "softmax is taken before the noise",
    ),
    (_relaxed(lambda x, g, tau: ((x + g) / tau).log_softmax(-1)), "logarithm of the sample"),
    (_relaxed(lambda x, g, tau: (x + g).softmax(-1) / tau), "divides the result"),
    (_relaxed(lambda x, g, tau: ((x + g) / tau).softmax(0)), "softmax over the wrong axis"),
    (
        _relaxed(lambda x, g, tau: ((x + g) / tau).softmax(min(1, x.ndim - 1))),
        "softmax over the wrong axis",
    ),
    (_relaxed(noise=lambda shape, rng: _gumbel(shape[-1:], rng)), "the rows share their noise"),
    (_relaxed(lambda x, g, tau: ((x.detach() + g) / tau).softmax(-1)), "lost its gradient"),
    (soft_no_grad, "lost its gradient"),
    (
        _relaxed(
            lambda x, g, tau: functional.one_hot((x + g).argmax(-1), x.shape[-1]).to(x) + 0 * x
        ),
        "a one-hot sample",
    ),
    (_relaxed(refuse=False), "not positive is not refused"),
    (soft_asserts, "not positive is not refused"),
    (soft_refuses_zero_only, "not positive is not refused"),
    (soft_abs, "not positive is not refused"),
    (soft_global, "do not come from rng alone"),
    (soft_calls_library, "library's function is called"),
    (soft_naive, "failed"),
    (soft_backward_fails, "at the gradient of the sample, Python says"),
    (soft_in_place, "the function changes its arguments"),
    (soft_gradient_off, "gumbel_softmax_sample: "),
    (soft_by_logs, "failed"),
    (
        _relaxed(lambda x, g, tau: ((x + g) / max(tau, 0.02)).softmax(-1)),
        "away from the closed one",
    ),
    (_relaxed(lambda x, g, tau: ((x + g) / min(tau, 5.0)).softmax(-1)), "away from the closed one"),
    (
        _relaxed(lambda x, g, tau: ((x + g) / tau).clamp(-60, 60).softmax(-1)),
        "away from the closed one",
    ),
]
RIGHT = [
    _relaxed(),
    soft_by_hand,
    soft_row_by_row,
    soft_by_logsumexp,
    soft_in_double,
    soft_by_log_softmax,
]
POINTLESS = (lambda logits, rng, *, tau: (logits / tau).softmax(-1),)
PARTICULAR = {
    "is not refused": {"tau of 0 or below is refused"},
    "noise is subtracted": {"the largest weight is drawn with softmax(logits)"},
}
