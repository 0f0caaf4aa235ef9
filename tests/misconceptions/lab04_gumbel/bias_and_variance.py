"""Answers to `bias_and_variance`."""

from collections.abc import Callable
from typing import Any

import numpy as np
import torch
from torch import Tensor

from course_lib.nas.estimators import exact_gradient


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


def _naive(f: Any, logits: Tensor) -> Tensor:
    costs = f(torch.eye(len(logits), dtype=logits.dtype)).detach()
    p = logits.exp() / logits.exp().sum()
    return p * (costs - p @ costs)


def _by_coarse_differences(f: Any, logits: Tensor) -> Tensor:
    def value(at):
        return float(at.softmax(0) @ f(torch.eye(len(at), dtype=at.dtype)))

    step = 1e-2 * torch.eye(len(logits), dtype=logits.dtype)
    return torch.tensor([(value(logits + s) - value(logits)) / 1e-2 for s in step])


def judge_in_place(estimates, f, logits):
    exact = _exact(f, logits)
    mean = estimates.mean(0)
    estimates -= mean
    return mean - exact, estimates.square().sum() / (len(estimates) - 1)


def judge_by_jacobian(estimates, f, logits):
    """Right: the Jacobian of the softmax, written out; the variance from torch."""
    costs, p = _costs(f, logits)
    return estimates.mean(0) - (torch.diag(p) - torch.outer(p, p)) @ costs, estimates.var(0).sum()


def judge_by_pairs(estimates, f, logits):
    """Right: half the mean squared distance of two estimates."""
    n = len(estimates)
    apart = torch.cdist(estimates[None], estimates[None]).square().sum()
    return estimates.mean(0) - _exact(f, logits), apart / (2 * n * (n - 1))


WRONG = [
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
    (judge_swapped, "the bias has shape ()"),
    (judge_bias_only, "expected the two tensors"),
    (judge_calls_library, "library's function is called"),
    (_judge(exact=_naive), "the bias holds nan"),
    (_judge(exact=_by_coarse_differences), "bias_and_variance: failed"),
    (judge_in_place, "the function changes its arguments"),
]
RIGHT = [judge_by_autograd, judge_with_numpy, judge_by_jacobian, judge_by_pairs]
POINTLESS = (lambda estimates, f, logits: (0 * logits, estimates.var(0).sum()),)
PARTICULAR = {"samples instead of samples": {"variance of one estimate"}}
EQUIVALENT = {
    "line 1: 0 -> -1": "logits of one choice have one axis: 0 and -1 are the same",
    "line 5: estimates - mean -> mean - estimates": "it is squared",
}
