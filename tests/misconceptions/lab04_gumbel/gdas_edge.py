"""Answers to `gdas_edge`."""

from collections.abc import Callable
from typing import Any

import torch
from torch import Generator, Tensor
from torch.nn import functional

from course_lib.nas import relax
from tests.misconceptions.lab04_gumbel.noise import gumbel as _gumbel


def _hard(soft: Tensor) -> Tensor:
    return functional.one_hot(soft.argmax(), len(soft)).to(soft)


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


def _naive(x: Tensor, rng: Generator, tau: float) -> Tensor:
    weight = ((x + _gumbel(x.shape, rng)) / tau).exp()
    return weight / weight.sum()


def edge_in_place(operations, x, logits, rng, *, tau=1.0):
    with torch.no_grad():
        logits += _gumbel(logits.shape, rng)
    return _edge(soft=lambda x, rng, tau: (x / tau).softmax(-1))(
        operations, x, logits, rng, tau=tau
    )


def edge_backward_fails(operations, x, logits, rng, *, tau=1.0):
    score = (logits + _gumbel(logits.shape, rng)) / tau
    soft = torch.exp(score - score.detach().max())
    soft /= soft.sum()
    k = int(soft.argmax())
    return (1 + soft[k] - soft[k].detach()) * operations[k](x)


def edge_twice(operations, x, logits, rng, *, tau=1.0):
    return 2 * _edge()(operations, x, logits, rng, tau=tau)


def edge_nothing(operations, x, logits, rng, *, tau=1.0):
    return 0 * _edge()(operations, x, logits, rng, tau=tau)


def edge_by_logsumexp(operations, x, logits, rng, *, tau=1.0):
    """Right: log-weights, and a detached ratio only where it is 1."""
    score = (logits + _gumbel(logits.shape, rng)) / tau
    y = (score - score.logsumexp(0)).exp()
    k = y.detach().numpy().argmax()
    return operations[k](x) * (y[k] + (1 - y[k]).detach())


def edge_single(operations, x, logits, rng, *, tau=1.0):
    """Right: noise in single precision."""
    noise = -torch.empty(len(logits)).exponential_(generator=rng).log()
    y = torch.softmax((logits + noise) / tau, dim=0)
    k = y.max(0).indices.item()
    return (torch.ones(()) + y[k] - y.detach()[k]) * operations[k](x)


def edge_scales_in_place(operations, x, logits, rng, *, tau=1.0):
    """Writes into what an operation gives, which of a skip connection is x."""
    soft = ((logits + _gumbel(logits.shape, rng)) / tau).softmax(-1)
    k = int(soft.argmax())
    out = operations[k](x)
    out *= 1 + soft[k] - soft[k].detach()
    return out


def edge_einsum(operations, x, logits, rng, *, tau=1.0):
    """Right: the weight by einsum, into a copy of the output."""
    soft = ((logits + _gumbel(logits.shape, rng)) / tau).softmax(-1)
    k = int(soft.argmax())
    weight = torch.einsum("k,k->", _hard(soft), soft) + (1 - soft[k]).detach()
    return operations[k](x).clone().mul_(weight)


WRONG = [
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
    (_edge(soft=_naive), "gdas_edge: "),
    (edge_in_place, "the function changes its arguments"),
    (edge_scales_in_place, "the function changes its arguments"),
    (edge_backward_fails, "at the gradient of the output, Python says"),
    (edge_twice, "is not that of any operation"),
    (edge_nothing, "is not that of any operation"),
    (_edge(weight=lambda soft, k: 1 + soft[k] ** 2 - (soft[k] ** 2).detach()), "failed"),
    (
        _edge(soft=lambda x, rng, tau: ((x + _gumbel(x.shape, rng)) / max(tau, 0.5)).softmax(-1)),
        "the relaxed sample's gradient",
    ),
]
RIGHT = [_edge(), edge_added, edge_one_hot, edge_by_logsumexp, edge_single, edge_einsum]
POINTLESS = (lambda operations, x, logits, rng, *, tau: x,)
PARTICULAR = {
    "learns nothing": {"the operation learns as if it were alone"},
    "choice and gradient use different noise": {"it is the relaxed sample's gradient"},
}
EQUIVALENT = {"line 1: 1 -> 0": "logits of one edge have one axis: 0 and -1 are the same"}
