"""Lab 04: plausible wrong answers with the words that the check must answer, and other right ones.

WRONG: exercise -> pairs (answer, words). RIGHT: exercise -> answers that must get all points.
"""

from collections.abc import Callable
from typing import Any

import numpy as np
import torch
from torch import Generator, Tensor
from torch.nn import functional

from course_lib.nas import relax
from course_lib.nas.estimators import exact_gradient

# --- sample_gumbel ---------------------------------------------------------------------------


def _rand(shape: Any, rng: Generator, dtype: torch.dtype = torch.float64) -> Tensor:
    return torch.rand(shape, generator=rng, dtype=dtype).clamp(min=1e-300)


def _gumbel(shape: Any, rng: Generator) -> Tensor:
    return -(-_rand(shape, rng).log()).log()


def noise_one_log(shape, rng):
    return -_rand(shape, rng).log()


def noise_one_log_no_sign(shape, rng):
    return _rand(shape, rng).log()


def noise_flipped(shape, rng):
    return (-_rand(shape, rng).log()).log()


def noise_no_inner_sign(shape, rng):
    return -_rand(shape, rng).log().log()


def noise_uniform(shape, rng):
    return _rand(shape, rng)


def noise_normal(shape, rng):
    return torch.randn(shape, generator=rng)


def noise_logistic(shape, rng):
    u = _rand(shape, rng)
    return (u / (1 - u)).log()


def noise_centred(shape, rng):
    return _gumbel(shape, rng) - 0.5772156649


def noise_base_two(shape, rng):
    return -(-_rand(shape, rng).log2()).log2()


def noise_float32(shape, rng):
    return -(-torch.rand(shape, generator=rng).log()).log()


def noise_one_minus(shape, rng):
    return -(-(1 - torch.rand(shape, generator=rng)).log()).log()


def noise_eps_above_one(shape, rng):
    return -(-(_rand(shape, rng) + 1e-3).log()).log()


def noise_eps_inside(shape, rng):
    u = torch.rand(shape, generator=rng)
    return -(-(u + 1e-6).log() + 1e-6).log()


def noise_clamped(shape, rng):
    u = torch.rand(shape, generator=rng, dtype=torch.float64)
    return -(-u.clamp(1e-6, 1 - 1e-6).log()).log()


def noise_clamped_hard(shape, rng):
    return -(-torch.rand(shape, generator=rng).clamp(1e-3, 0.999).log()).log()


def noise_shared_over_rows(shape, rng):
    return _gumbel(shape[-1:], rng).expand(shape).clone()


def noise_one_number(shape, rng):
    return _gumbel((1,) * len(shape), rng).expand(shape).clone()


def noise_global(shape, rng):
    return torch.distributions.Gumbel(0.0, 1.0).sample(shape)


def noise_reseeds(shape, rng):
    return _gumbel(shape, rng.manual_seed(1))


def noise_own_generator(shape, rng):
    return _gumbel(shape, torch.Generator().manual_seed(3))


def noise_ignores_shape(shape, rng):
    return _gumbel((len(shape),), rng)


def noise_numpy(shape, rng):
    return np.zeros(shape)


def noise_no_return(shape, rng):
    noise = _gumbel(shape, rng)  # noqa: F841


def noise_calls_library(shape, rng):
    return relax.sample_gumbel(shape, rng)


def noise_double(shape, rng):
    """Right: double precision, in which an exact zero does not come in a lifetime."""
    return -torch.log(-torch.log(torch.rand(tuple(shape), generator=rng, dtype=torch.float64)))


def noise_exponential(shape, rng):
    """Right: minus the logarithm of exponential numbers, which torch draws itself."""
    return -torch.empty(shape).exponential_(generator=rng).log()


def noise_tiny(shape, rng):
    """Right: single precision, kept off 0 by the smallest normal number."""
    u = torch.rand(shape, generator=rng).clamp(min=torch.finfo(torch.float32).tiny)
    return -(-u.log()).log()


def noise_numpy_maths(shape, rng):
    """Right: the maths in numpy, the draws from rng."""
    u = torch.rand(shape, generator=rng, dtype=torch.float64).numpy()
    return torch.from_numpy(-np.log(-np.log(np.maximum(u, 1e-300)))).float()


NOISE_WRONG = [
    (noise_one_log, "one logarithm is missing"),
    (noise_one_log_no_sign, "one logarithm is missing"),
    (noise_flipped, "sign is flipped"),
    (noise_no_inner_sign, "logarithm of a negative number"),
    (noise_uniform, "uniform numbers"),
    (noise_normal, "normal numbers"),
    (noise_logistic, "logistic numbers"),
    (noise_centred, "the noise is centred"),
    (noise_base_two, "another base than e"),
    (noise_float32, "exactly 0 or 1 now and then"),
    (noise_one_minus, "exactly 0 or 1 now and then"),
    (noise_eps_inside, "a tail is cut off"),
    (noise_eps_above_one, "u can exceed 1"),
    (noise_clamped, "a tail is cut off"),
    (noise_clamped_hard, "a tail is cut off"),
    (noise_shared_over_rows, "one draw serves several entries"),
    (noise_one_number, "one draw serves several entries"),
    (noise_global, "do not come from rng alone"),
    (noise_reseeds, "do not come from rng alone"),
    (noise_own_generator, "do not come from rng alone"),
    (noise_ignores_shape, "the noise has shape"),
    (noise_numpy, "expected a tensor"),
    (noise_no_return, "`return` missing"),
    (noise_calls_library, "library's function is called"),
]
NOISE_RIGHT = [noise_double, noise_exponential, noise_tiny, noise_numpy_maths]

# --- gumbel_max_sample -----------------------------------------------------------------------


def max_greedy(logits, rng):
    return logits.argmax(-1)


def max_noise_only(logits, rng):
    return _gumbel(logits.shape, rng).argmax(-1)


def max_of_softmax(logits, rng):
    return (logits.softmax(-1) + _gumbel(logits.shape, rng)).argmax(-1)


def max_minus_noise(logits, rng):
    return (logits - _gumbel(logits.shape, rng)).argmax(-1)


def max_smallest(logits, rng):
    return (logits + _gumbel(logits.shape, rng)).argmin(-1)


def max_uniform_noise(logits, rng):
    return (logits + torch.rand(logits.shape, generator=rng)).argmax(-1)


def max_normal_noise(logits, rng):
    return (logits + torch.randn(logits.shape, generator=rng)).argmax(-1)


def max_exponential_noise(logits, rng):
    return (logits - _rand(logits.shape, rng).log()).argmax(-1)


def max_multiplied(logits, rng):
    return (logits * _gumbel(logits.shape, rng)).argmax(-1)


def max_shared_noise(logits, rng):
    return (logits + _gumbel(logits.shape[-1:], rng)).argmax(-1)


def max_shared_over_second_axis(logits, rng):
    shape = (*logits.shape[:-2], 1, logits.shape[-1]) if logits.ndim > 2 else logits.shape
    return (logits + _gumbel(shape, rng)).argmax(-1)


def max_first_axis(logits, rng):
    return (logits + _gumbel(logits.shape, rng)).argmax(0)


def max_axis_one(logits, rng):
    return (logits + _gumbel(logits.shape, rng)).argmax(min(1, logits.ndim - 1))


def max_everything(logits, rng):
    return (logits + _gumbel(logits.shape, rng)).argmax()


def max_one_hot(logits, rng):
    index = (logits + _gumbel(logits.shape, rng)).argmax(-1)
    return functional.one_hot(index, logits.shape[-1])


def max_values(logits, rng):
    return (logits + _gumbel(logits.shape, rng)).amax(-1)


def max_pair(logits, rng):
    return (logits + _gumbel(logits.shape, rng)).max(-1)


def max_int32(logits, rng):
    return (logits + _gumbel(logits.shape, rng)).argmax(-1).int()


def max_global(logits, rng):
    return torch.distributions.Categorical(logits=logits).sample()


def max_calls_library(logits, rng):
    return relax.gumbel_max_sample(logits, rng)


def max_race(logits, rng):
    """Right: an exponential race, the first to arrive wins."""
    arrival = torch.empty(logits.shape, dtype=torch.float64).exponential_(generator=rng)
    return (arrival.log() - logits).argmin(-1)


def max_multinomial(logits, rng):
    """Right by every law: torch draws from softmax itself."""
    flat = logits.reshape(-1, logits.shape[-1]).double().softmax(-1)
    return torch.multinomial(flat, 1, generator=rng).view(logits.shape[:-1])


def max_log_softmax(logits, rng):
    """Right: log-probabilities instead of logits, and torch.max for the index."""
    return torch.max(logits.log_softmax(-1) + _gumbel(logits.shape, rng), dim=-1).indices


MAX_WRONG = [
    (max_greedy, "the largest logit is taken, no noise"),
    (max_noise_only, "the logits are not used"),
    (max_of_softmax, "softmax is taken before the noise"),
    (max_minus_noise, "the noise is subtracted, or the smallest sum"),
    (max_smallest, "the noise is subtracted, or the smallest sum"),
    (max_uniform_noise, "the noise is not Gumbel noise"),
    (max_normal_noise, "the noise is not Gumbel noise"),
    (max_exponential_noise, "the noise is not Gumbel noise"),
    (max_multiplied, "multiplied with the logits"),
    (max_shared_noise, "the rows share their noise"),
    (max_shared_over_second_axis, "the rows share their noise"),
    (max_first_axis, "argmax over the wrong axis"),
    (max_axis_one, "argmax over the wrong axis"),
    (max_everything, "argmax over the wrong axis"),
    (max_one_hot, "a one-hot vector instead of an index"),
    (max_values, "the value of the largest sum instead of its index"),
    (max_pair, "expected a tensor"),
    (max_int32, "expected torch.int64"),
    (max_global, "do not come from rng alone"),
    (max_calls_library, "library's function is called"),
]
MAX_RIGHT = [max_race, max_multinomial, max_log_softmax]

# --- gumbel_softmax_sample -------------------------------------------------------------------


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


SOFT_WRONG = [
    (_relaxed(lambda x, g, tau: (x + g / tau).softmax(-1)), "divides the noise only"),
    (_relaxed(lambda x, g, tau: (x / tau + g).softmax(-1)), "divides the logits only"),
    (_relaxed(lambda x, g, tau: (x + g).softmax(-1)), "temperature is not used"),
    (_relaxed(lambda x, g, tau: ((x + g) * tau).softmax(-1)), "multiplied by the temperature"),
    (_relaxed(lambda x, g, tau: (x / tau).softmax(-1)), "there is no noise"),
    (_relaxed(lambda x, g, tau: ((x - g) / tau).softmax(-1)), "the noise is subtracted"),
    (_relaxed(noise=_rand), "not Gumbel noise"),
    (_relaxed(noise=noise_normal), "not Gumbel noise"),
    (_relaxed(noise=noise_one_log), "not Gumbel noise"),
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
]
SOFT_RIGHT = [_relaxed(), soft_by_hand, soft_row_by_row]

# --- straight_through ------------------------------------------------------------------------


def _hard(soft: Tensor, axis: int = -1) -> Tensor:
    return torch.zeros_like(soft).scatter(axis, soft.argmax(axis, keepdim=True), 1.0)


def through_swapped(soft):
    return _hard(soft) - soft + soft.detach()


def through_argmax(soft):
    return functional.one_hot(soft.argmax(-1), soft.shape[-1]).to(soft)


def through_integers(soft):
    return functional.one_hot(soft.argmax(-1), soft.shape[-1])


def through_all_detached(soft):
    return _hard(soft) + soft.detach() - soft.detach() + 0 * soft


def through_nothing(soft):
    return soft


def through_sum(soft):
    return _hard(soft) + soft


def through_sum_detached(soft):
    return _hard(soft) + soft.detach()


def through_product(soft):
    return _hard(soft) * soft


def through_ratio(soft):
    return _hard(soft) * soft / soft.detach()


def through_threshold(soft):
    return (soft > 0.5).to(soft) + soft - soft.detach()


def through_round(soft):
    return soft.round()


def through_ties(soft):
    hard = (soft == soft.amax(-1, keepdim=True)).to(soft)
    return hard + soft - soft.detach()


def through_first_axis(soft):
    return _hard(soft, 0) + soft - soft.detach()


def through_index(soft):
    return soft.argmax(-1)


def through_in_place(soft):
    hard = _hard(soft)
    with torch.no_grad():
        soft.copy_(hard)
    return soft


def through_calls_library(soft):
    return relax.straight_through(soft)


class _Through(torch.autograd.Function):
    @staticmethod
    def forward(context, soft):
        return functional.one_hot(soft.argmax(-1), soft.shape[-1]).to(soft)

    @staticmethod
    def backward(context, slope):
        return slope


def through_function(soft):
    """Right: an autograd function of its own."""
    return _Through.apply(soft)


def through_difference(soft):
    """Right: the difference is detached as a whole; a loop over places makes the vector."""
    hard = torch.zeros_like(soft)
    for place in np.ndindex(*soft.shape[:-1]):
        hard[(*place, int(soft[place].argmax()))] = 1.0
    return soft + (hard - soft).detach()


def through_single(soft):
    """Right: single precision."""
    low = soft.float()
    return _hard(low.detach()) + low - low.detach()


THROUGH_WRONG = [
    (through_swapped, "the wrong term is detached"),
    (through_argmax, "argmax has no gradient"),
    (through_integers, "argmax has no gradient"),
    (through_all_detached, "argmax has no gradient"),
    (through_nothing, "the value is still soft"),
    (through_sum, "nothing cancels the value of soft"),
    (through_sum_detached, "nothing cancels the value of soft"),
    (through_product, "hard times soft"),
    (through_ratio, "only the chosen entry gets a gradient"),
    (through_threshold, "a threshold instead of the largest entry"),
    (through_round, "a threshold instead of the largest entry"),
    (through_ties, "equal largest entries all become 1"),
    (through_first_axis, "the largest entry along the wrong axis"),
    (through_index, "an index instead of a one-hot vector"),
    (through_in_place, "soft is changed in place"),
    (through_calls_library, "library's function is called"),
]
THROUGH_RIGHT = [through_function, through_difference, through_single]

# --- bias_and_variance -----------------------------------------------------------------------


def _costs(f: Any, logits: Tensor) -> tuple[Tensor, Tensor]:
    return f(torch.eye(len(logits), dtype=logits.dtype)).detach(), logits.detach().softmax(0)


def _exact(f: Any, logits: Tensor) -> Tensor:
    costs, p = _costs(f, logits)
    return p * (costs - p @ costs)


def _judge(
    bias: Callable[..., Any] = lambda x, exact: x.mean(0) - exact,
    variance: Callable[..., Any] = lambda x, exact: x.var(0).sum(),
    exact: Callable[..., Tensor] = _exact,
) -> Callable[..., Any]:
    """A right answer unless a part is exchanged."""

    def bias_and_variance(estimates, f, logits):
        right = exact(f, logits)
        return bias(estimates, right), variance(estimates, right)

    return bias_and_variance


def _inside(f: Any, logits: Tensor) -> Tensor:
    at = logits.clone().requires_grad_()
    return torch.autograd.grad(f(at.softmax(0)), at)[0]


def _uncentred(f: Any, logits: Tensor) -> Tensor:
    costs, p = _costs(f, logits)
    return p * costs


def judge_swapped(estimates, f, logits):
    bias, variance = _judge()(estimates, f, logits)
    return variance, bias


def judge_bias_only(estimates, f, logits):
    return _judge()(estimates, f, logits)[0]


def judge_calls_library(estimates, f, logits):
    return estimates.mean(0) - exact_gradient(logits, f), estimates.var(0).sum()


def judge_by_autograd(estimates, f, logits):
    """Right: the exact gradient by differentiating the enumerated mean, costs one at a time."""
    at = logits.detach().clone().requires_grad_()
    p = at.softmax(0)
    corners = torch.eye(len(logits), dtype=logits.dtype)
    mean = sum(p[k] * f(corners[k : k + 1])[0].detach() for k in range(len(logits)))
    mean.backward()
    centred = estimates - estimates.mean(0)
    return estimates.mean(0) - at.grad, (centred**2).sum() / (len(estimates) - 1)


def judge_with_numpy(estimates, f, logits):
    """Right: loops and numpy, single precision, the variance as a trace."""
    costs, p = _costs(f, logits)
    level = sum(float(c) * float(q) for c, q in zip(costs, p, strict=True))
    exact = [float(q) * (float(c) - level) for c, q in zip(costs, p, strict=True)]
    mean = estimates.numpy().mean(axis=0)
    trace = float(np.trace(np.cov(estimates.numpy(), rowvar=False)))
    return torch.tensor(mean - np.array(exact), dtype=torch.float32), trace


JUDGE_WRONG = [
    (_judge(exact=_inside), "of f at the mean, not of the mean of f"),
    (_judge(exact=_uncentred), "exact gradient is p_k f_k"),
    (_judge(bias=lambda x, exact: exact - x.mean(0)), "bias has the wrong sign"),
    (_judge(bias=lambda x, exact: (x.mean(0) - exact).abs()), "bias has lost its sign"),
    (_judge(bias=lambda x, exact: (x.mean(0) - exact).square()), "bias has lost its sign"),
    (_judge(bias=lambda x, exact: (x.mean(0) - exact).norm()), "bias has lost its sign"),
    (_judge(bias=lambda x, exact: x.mean(0)), "not compared with the exact gradient"),
    (_judge(variance=lambda x, exact: x.square().sum(1).mean()), "mean square instead"),
    (
        _judge(variance=lambda x, exact: (x - exact).square().sum(1).mean()),
        "mean squared error instead of the variance",
    ),
    (_judge(variance=lambda x, exact: x.var(0).sum() / len(x)), "variance of the mean"),
    (_judge(variance=lambda x, exact: x.var(0, correction=0).sum()), "samples instead of samples"),
    (_judge(variance=lambda x, exact: x.std(0).sum()), "standard deviation instead"),
    (_judge(variance=lambda x, exact: x.var(0).sum().sqrt()), "standard deviation instead"),
    (_judge(variance=lambda x, exact: x.var(0).mean()), "mean over the entries"),
    (_judge(variance=lambda x, exact: x.var(0)), "one variance per entry"),
    (_judge(variance=lambda x, exact: x.var()), "all numbers in one heap"),
    (_judge(variance=lambda x, exact: x.var(1).sum()), "variance of one estimate"),
    (judge_swapped, "bias has lost its sign"),
    (judge_bias_only, "expected the two tensors"),
    (judge_calls_library, "library's function is called"),
]
JUDGE_RIGHT = [judge_by_autograd, judge_with_numpy]

# --- gdas_edge -------------------------------------------------------------------------------


def _edge(
    soft: Callable[..., Tensor] = lambda x, rng, tau: ((x + _gumbel(x.shape, rng)) / tau).softmax(
        -1
    ),
    choose: Callable[..., Any] = lambda soft, x, rng, tau: int(soft.argmax()),
    weight: Callable[..., Any] = lambda soft, k: 1 + soft[k] - soft[k].detach(),
    output: Callable[..., Any] = lambda ops, k, x: ops[k](x),
) -> Callable[..., Any]:
    """A right edge unless a part is exchanged."""

    def gdas_edge(operations, x, logits, rng, *, tau=1.0):
        weights = soft(logits, rng, tau)
        chosen = choose(weights, logits, rng, tau)
        return weight(weights, chosen) * output(operations, chosen, x)

    return gdas_edge


def edge_all(operations, x, logits, rng, *, tau=1.0):
    soft = ((logits + _gumbel(logits.shape, rng)) / tau).softmax(-1)
    hard = _hard(soft) + soft - soft.detach()
    return sum(w * op(x) for w, op in zip(hard, operations, strict=True))


def edge_mixture(operations, x, logits, rng, *, tau=1.0):
    soft = ((logits + _gumbel(logits.shape, rng)) / tau).softmax(-1)
    return sum(w * op(x) for w, op in zip(soft, operations, strict=True))


def edge_two_noises(operations, x, logits, rng, *, tau=1.0):
    k = int((logits + _gumbel(logits.shape, rng)).argmax())
    soft = ((logits + _gumbel(logits.shape, rng)) / tau).softmax(-1)
    return (_hard(soft) + soft - soft.detach())[k] * operations[k](x)


def edge_same_noise(operations, x, logits, rng, *, tau=1.0):
    return _edge()(operations, x, logits, torch.Generator().manual_seed(0), tau=tau)


def _in_pairs() -> Callable[..., Any]:
    """Two edges, one after the other, get the same draw."""
    kept: list[int] = []

    def gdas_edge(operations, x, logits, rng, *, tau=1.0):
        soft = ((logits + _gumbel(logits.shape, rng)) / tau).softmax(-1)
        if kept:
            k = kept.pop() % len(operations)
        else:
            k = int(soft.argmax())
            kept.append(k)
        return (1 + soft[k] - soft[k].detach()) * operations[k](x)

    return gdas_edge


def edge_global(operations, x, logits, rng, *, tau=1.0):
    soft = functional.gumbel_softmax(logits, tau=tau)
    k = int(soft.argmax())
    return (1 + soft[k] - soft[k].detach()) * operations[k](x)


def edge_calls_library(operations, x, logits, rng, *, tau=1.0):
    weights = relax.gumbel_straight_through(logits, rng, tau=tau)
    k = int(weights.argmax())
    return weights[k] * operations[k](x)


def edge_added(operations, x, logits, rng, *, tau=1.0):
    """Right: the gradient is carried by a second term of value 0, in a product with the output."""
    soft = torch.softmax((logits - torch.empty(
        logits.shape, dtype=logits.dtype).exponential_(generator=rng).log()) / tau, -1)  # fmt: skip
    best = max(range(len(operations)), key=lambda k: float(soft[k]))
    out = operations[best](x)
    return out + (soft[best] - soft[best].detach()) * out


def edge_one_hot(operations, x, logits, rng, *, tau=1.0):
    """Right: straight-through weights; operations of weight 0 are not called."""
    soft = ((logits + _gumbel(logits.shape, rng)) / tau).softmax(-1)
    hard = _hard(soft.detach()) + soft - soft.detach()
    total = 0.0
    for k, operation in enumerate(operations):
        if float(hard[k]) > 0.5:
            total = total + hard[k] * operation(x)
    return total


EDGE_WRONG = [
    (edge_all, "all operations are computed"),
    (edge_mixture, "the output is a mixture"),
    (edge_two_noises, "choice and its weight use different noise"),
    (_edge(weight=lambda soft, k: soft[k]), "weighted with the probability"),
    (_edge(weight=lambda soft, k: 1.0), "the logits get no gradient"),
    (_edge(weight=lambda soft, k: 1 + 0 * soft[k]), "the logits get no gradient"),
    (_edge(weight=lambda soft, k: 1 - soft[k] + soft[k].detach()), "gradient has the wrong sign"),
    (_edge(weight=lambda soft, k: soft[k] / soft[k].detach()), "that of log soft"),
    (_edge(choose=lambda soft, x, rng, tau: int(x.argmax())), "always chosen"),
    (
        _edge(choose=lambda soft, x, rng, tau: int(torch.randint(len(x), (), generator=rng))),
        "drawn uniformly",
    ),
    (
        _edge(soft=lambda x, rng, tau: (x / tau + _gumbel(x.shape, rng)).softmax(-1)),
        "changes how likely an operation is",
    ),
    (
        _edge(soft=lambda x, rng, tau: (x + _gumbel(x.shape, rng) / tau).softmax(-1)),
        "changes how likely an operation is",
    ),
    (
        _edge(
            choose=lambda soft, x, rng, tau: int(
                torch.multinomial((x / tau).softmax(-1), 1, generator=rng)
            )
        ),
        "changes how likely an operation is",
    ),
    (
        _edge(soft=lambda x, rng, tau: (x + _gumbel(x.shape, rng)).softmax(-1)),
        "the gradient forgets the temperature",
    ),
    (
        _edge(
            soft=lambda x, rng, tau: x.softmax(-1),
            choose=lambda soft, x, rng, tau: int((x + _gumbel(x.shape, rng)).argmax()),
        ),
        "without the noise of the draw",
    ),
    (
        _edge(
            soft=lambda x, rng, tau: (x / tau).softmax(-1),
            choose=lambda soft, x, rng, tau: int((x + _gumbel(x.shape, rng)).argmax()),
        ),
        "without the noise of the draw",
    ),
    (
        _edge(choose=lambda soft, x, rng, tau: int((x + _gumbel(x.shape, rng)).argmax())),
        "choice and gradient use different noise",
    ),
    (edge_same_noise, "always chosen"),
    (_in_pairs(), "one draw is shared over the edges"),
    (_edge(output=lambda ops, k, x: ops[k](x).detach()), "the operation learns nothing"),
    (edge_global, "do not come from rng alone"),
    (edge_calls_library, "library's function is called"),
]
EDGE_RIGHT = [_edge(), edge_added, edge_one_hot]

WRONG: dict[str, list[tuple[Callable[..., Any], str]]] = {
    "sample_gumbel": NOISE_WRONG,
    "gumbel_max_sample": MAX_WRONG,
    "gumbel_softmax_sample": SOFT_WRONG,
    "straight_through": THROUGH_WRONG,
    "bias_and_variance": JUDGE_WRONG,
    "gdas_edge": EDGE_WRONG,
}
RIGHT: dict[str, list[Callable[..., Any]]] = {
    "sample_gumbel": NOISE_RIGHT,
    "gumbel_max_sample": MAX_RIGHT,
    "gumbel_softmax_sample": SOFT_RIGHT,
    "straight_through": THROUGH_RIGHT,
    "bias_and_variance": JUDGE_RIGHT,
    "gdas_edge": EDGE_RIGHT,
}
