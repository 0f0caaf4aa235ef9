"""From a choice to weights: how the logits of one decision become a mixture of its choices.

Every `Relax` here takes logits (..., choices), a generator and a temperature, and gives weights of
the same shape whose rows sum to 1. It is one column of the table of one-shot methods; what is
computed with the weights (all operations or few) is the next one.
"""

import math
from collections.abc import Callable, Sequence
from typing import Protocol

import torch
from torch import Generator, Tensor
from torch.nn import functional as F


class Relax(Protocol):
    """Weights (..., choices), rows sum to 1, from logits (..., choices); tau is a temperature."""

    def __call__(self, logits: Tensor, rng: Generator, /, *, tau: float) -> Tensor: ...


def softmax_relax(logits: Tensor, rng: Generator, *, tau: float = 1.0) -> Tensor:
    """Every choice with its probability, no noise: softmax(logits / tau).

    The larger tau, the more even the mixture. Nothing is drawn from `rng`.
    Source: Liu et al. 2019 (DARTS), eq. 2, with tau = 1.
    """
    return _softmax(logits, tau)


def sample_gumbel(
    shape: Sequence[int], rng: Generator, *, dtype: torch.dtype = torch.float32
) -> Tensor:
    """Independent standard Gumbel numbers: g = -log(-log u), u uniform on (0, 1).

    This is inverse transform sampling: the distribution function is exp(-exp(-g)). u is drawn in
    float64 and kept off 0, so that every number is finite and the upper tail reaches 36.
    """
    uniform = torch.rand(tuple(shape), generator=rng, dtype=torch.float64)
    uniform = uniform.clamp(min=torch.finfo(torch.float64).tiny)
    return -(-uniform.log()).log().to(dtype)


def gumbel_max_sample(logits: Tensor, rng: Generator) -> Tensor:
    """An exact draw from softmax(logits): argmax_k (logits_k + g_k), int64 of shape (...).

    Source: Maddison et al. 2014; Jang et al. 2017, eq. 1.
    """
    return (logits + _noise(logits, rng)).argmax(-1)


def gumbel_softmax_sample(logits: Tensor, rng: Generator, *, tau: float = 1.0) -> Tensor:
    """A relaxed one-hot sample: softmax((logits + g) / tau) with g standard Gumbel.

    tau > 0. As tau -> 0 the sample becomes one-hot, as tau -> infinity uniform; the largest entry
    is an exact draw from softmax(logits) at every tau. The gradient in logits is that of the
    softmax, the noise being held fixed.
    Source: Jang et al. 2017, eq. 2; Maddison et al. 2017, eq. 10.
    """
    return _softmax(logits + _noise(logits, rng), tau)


def straight_through(soft: Tensor) -> Tensor:
    """The one-hot vector of the largest entry, with the gradient of `soft`.

    hard + (soft - stop_gradient(soft)): the bracket is zero forward, and all the gradient backward.
    Source: Bengio et al. 2013; for this softmax Jang et al. 2017, sec. 2.2.
    """
    return _one_hot(soft.argmax(-1), soft) + (soft - soft.detach())


def gumbel_straight_through(logits: Tensor, rng: Generator, *, tau: float = 1.0) -> Tensor:
    """One choice per row, drawn from softmax(logits), with the gradient of the relaxed sample.

    With `sampled_op` only the chosen operation is computed. Source: Dong and Yang 2019 (GDAS).
    """
    return straight_through(gumbel_softmax_sample(logits, rng, tau=tau))


def uniform_one_hot(logits: Tensor, rng: Generator, *, tau: float = 1.0) -> Tensor:
    """One choice per row, each as likely, whatever the logits: a uniformly drawn path.

    Source: Guo et al. 2020 (single path one-shot); Li and Talwalkar 2019 (random search with
    weight sharing).
    """
    check_tau(tau)
    chosen = torch.randint(logits.shape[-1], logits.shape[:-1], generator=rng)
    return _one_hot(chosen, logits)


def path_dropout(logits: Tensor, rng: Generator, *, tau: float = 1.0, rate: float = 0.5) -> Tensor:
    """Some choices are dropped, those that stay share the row equally, whatever the logits.

    Each of the k choices of a row is dropped with probability (rate tau)^(1/k), independently: all
    k together with probability rate tau, and then one of them, drawn uniformly, is kept after all.
    rate in [0, 1), rate tau < 1. The paper raises the rate linearly from 0 while the weights are
    trained: tau=(1e-3, 1.0) in the loop does that.
    Source: Bender et al. 2018, sec. 3.2, where the kept paths are summed, not averaged.
    """
    check_tau(tau)
    if not 0 <= rate * tau < 1:
        raise ValueError(f"rate tau must be in [0, 1), got {rate} * {tau}")
    choices = logits.shape[-1]
    drop = (rate * tau) ** (1 / choices)
    kept = (torch.rand(logits.shape, generator=rng) >= drop).to(logits.dtype)
    spare = uniform_one_hot(logits, rng)
    kept = torch.where(kept.sum(-1, keepdim=True) > 0, kept, spare)
    return kept / kept.sum(-1, keepdim=True)


def binary_paths(logits: Tensor, rng: Generator, *, tau: float = 1.0) -> Tensor:
    """Two choices compete: one gate is open, and both logits feel the gradient.

    Two different choices i, j are drawn, with probabilities softmax(logits / tau). Between them
    q = softmax over (i, j) decides which gate is 1. Backward the gates have the gradient of q, so
    that for gates with gradients v the expected change of logit i is
    sum_j P(i, j drawn) q_i q_j (v_i - v_j) / tau: of two choices this is the exact gradient of the
    expected value, of more it weighs the pairs differently.

    The closed gate of the pair holds eps^3 (2e-21 in float32) instead of 0, which changes no digit
    of the sum, so that `nonzero_op` computes both paths of the pair and no other.
    Source: Cai et al. 2019 (ProxylessNAS), sec. 3.2 (without the rescaling of the pair's logits
    after each step).
    """
    _check_choices(logits, 2)
    chances = _softmax(logits, tau)
    flat = chances.detach().reshape(-1, chances.shape[-1])
    flat = flat.clamp(min=torch.finfo(flat.dtype).tiny)
    pair = torch.multinomial(flat, 2, generator=rng).view(*logits.shape[:-1], 2)
    soft = _softmax(logits.gather(-1, pair), tau)
    first = torch.rand(logits.shape[:-1], generator=rng) < soft.detach()[..., 0]
    gates = torch.stack([first, ~first], -1).to(logits.dtype)
    gates = gates.clamp(min=torch.finfo(logits.dtype).eps ** 3) + (soft - soft.detach())
    return torch.zeros_like(logits).scatter(-1, pair, gates)


def sampled_path(logits: Tensor, rng: Generator, *, tau: float = 1.0) -> Tensor:
    """One choice per row, drawn from softmax(logits / tau); no gradient.

    The weight step that goes with `binary_paths`: one path is computed.
    """
    return _one_hot(gumbel_max_sample(logits.detach() / check_tau(tau), rng), logits)


def nonzero_op(
    operations: Sequence[Callable[[Tensor], Tensor]], x: Tensor, weights: Tensor
) -> Tensor:
    """sum_k weights[k] * operations[k](x) over the weights that are not zero; no other is computed.

    weights: (operations,). A weight of zero gets no gradient. Where all are zero the first
    operation is computed, for the shape of the zeros.
    """
    computed = weights.detach().nonzero()[:, 0].tolist() or [0]
    total: Tensor = weights[computed[0]] * operations[computed[0]](x)
    for k in computed[1:]:
        total = total + weights[k] * operations[k](x)
    return total


def _softmax(logits: Tensor, tau: float) -> Tensor:
    """softmax(logits / tau), finite however small tau is: the largest logit is taken off first."""
    check_tau(tau)
    return F.softmax((logits - logits.detach().amax(-1, keepdim=True)) / tau, -1)


def _noise(logits: Tensor, rng: Generator) -> Tensor:
    return sample_gumbel(logits.shape, rng, dtype=logits.dtype)


def _one_hot(chosen: Tensor, like: Tensor) -> Tensor:
    return F.one_hot(chosen, like.shape[-1]).to(like.dtype)


def check_tau(tau: float) -> float:
    """tau itself; ValueError unless it is positive and finite."""
    if not (tau > 0 and math.isfinite(tau)):
        raise ValueError(
            f"tau must be positive and finite, got {tau}: the limit tau -> 0 is one-hot, "
            "which `straight_through` gives"
        )
    return tau


def _check_choices(logits: Tensor, least: int) -> None:
    if logits.ndim < 1 or logits.shape[-1] < least:
        raise ValueError(
            f"expected logits (..., choices) of at least {least} choices, got {tuple(logits.shape)}"
        )
