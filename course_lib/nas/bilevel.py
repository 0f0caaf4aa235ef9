"""Two levels: the gradient of the validation loss in alpha, where the weights follow alpha.

    minimise over alpha   L_valid(w*(alpha), alpha)   with   w*(alpha) = argmin_w L_train(w, alpha)

The inner minimum is never waited for: one step of descent stands for it. How far the gradient
follows that step is what tells the functions here apart (Liu et al. 2019, sec. 2.3).
"""

from collections.abc import Iterable, Mapping
from typing import Protocol

import torch
from torch import Tensor

Params = Mapping[str, Tensor]
"""The weights w by name."""


class Loss(Protocol):
    """A scalar loss on one batch, the noise of the step being frozen inside."""

    def __call__(self, params: Params, alpha: Tensor, /) -> Tensor: ...


class AlphaGradient(Protocol):
    """The gradient that the step on alpha descends, of the shape of alpha.

    xi: the step size of the weights. The weights and alpha are left as they are.
    """

    def __call__(
        self, train_loss: Loss, valid_loss: Loss, params: Params, alpha: Tensor, /, *, xi: float
    ) -> Tensor: ...


def first_order(
    train_loss: Loss, valid_loss: Loss, params: Params, alpha: Tensor, *, xi: float = 0.0
) -> Tensor:
    """As if the weights did not depend on alpha: grad_alpha L_valid(w, alpha).

    Source: Liu et al. 2019, sec. 2.3, "first-order approximation" (xi = 0).
    """
    return _in_alpha(valid_loss, params, alpha)


def second_order(
    train_loss: Loss,
    valid_loss: Loss,
    params: Params,
    alpha: Tensor,
    *,
    xi: float,
    radius: float = 0.01,
) -> Tensor:
    """Through one step of the weights, the mixed second derivative by finite differences.

    w' = w - xi grad_w L_train(w, alpha),   v = grad_w' L_valid(w', alpha)
    grad_alpha L_valid(w', alpha) - xi (d(e) - d(-e)) / 2e

    with d(e) = grad_alpha L_train(w + e v, alpha) and e = radius / |v|: two more backward passes
    instead of a matrix of second derivatives.
    Source: Liu et al. 2019, eqs. 7 and 8.
    """
    _, slope = _in_both(train_loss, params, alpha)
    unrolled = _moved(params, slope, -xi)
    direct, direction = _in_both(valid_loss, unrolled, alpha)
    length = _norm(direction.values())
    if length == 0:
        return direct
    small = radius / length
    ahead = _in_alpha(train_loss, _moved(params, direction, small), alpha)
    behind = _in_alpha(train_loss, _moved(params, direction, -small), alpha)
    return direct - xi * (ahead - behind) / (2 * small)


def exact_second_order(
    train_loss: Loss, valid_loss: Loss, params: Params, alpha: Tensor, *, xi: float
) -> Tensor:
    """Through one step of the weights, exactly: backward through the backward pass.

    d/d alpha of L_valid(w - xi grad_w L_train(w, alpha), alpha), the quantity of Liu et al. 2019,
    eq. 6, which `second_order` approximates. It keeps the graph of a gradient in memory.
    """
    leaf = _leaf(alpha)
    weights = {name: _leaf(value) for name, value in params.items()}
    step = _gradient(train_loss(weights, leaf), list(weights.values()), create_graph=True)
    unrolled = {
        name: value - xi * slope for (name, value), slope in zip(weights.items(), step, strict=True)
    }
    return _gradient(valid_loss(unrolled, leaf), [leaf])[0]


def single_level(
    train_loss: Loss, valid_loss: Loss, params: Params, alpha: Tensor, *, xi: float = 0.0
) -> Tensor:
    """One level instead of two: grad_alpha L_train(w, alpha), on the data that train the weights.

    Source: Xie et al. 2019 (SNAS), which trains weights and alphas on one objective.
    """
    return _in_alpha(train_loss, params, alpha)


def _in_alpha(loss: Loss, params: Params, alpha: Tensor) -> Tensor:
    leaf = _leaf(alpha)
    return _gradient(loss(params, leaf), [leaf])[0]


def _in_both(loss: Loss, params: Params, alpha: Tensor) -> tuple[Tensor, dict[str, Tensor]]:
    """The gradients in alpha and in the weights, from one backward pass."""
    leaf = _leaf(alpha)
    weights = {name: _leaf(value) for name, value in params.items()}
    in_alpha, *in_weights = _gradient(loss(weights, leaf), [leaf, *weights.values()])
    return in_alpha, dict(zip(weights, in_weights, strict=True))


def _gradient(
    loss: Tensor, inputs: list[Tensor], *, create_graph: bool = False
) -> tuple[Tensor, ...]:
    """Zero in whatever the loss does not depend on."""
    if not loss.requires_grad:
        return tuple(torch.zeros_like(value) for value in inputs)
    return torch.autograd.grad(loss, inputs, create_graph=create_graph, materialize_grads=True)


def _leaf(value: Tensor) -> Tensor:
    return value.detach().clone().requires_grad_()


def _moved(params: Params, direction: Params, length: float) -> dict[str, Tensor]:
    return {name: value.detach() + length * direction[name] for name, value in params.items()}


def _norm(values: Iterable[Tensor]) -> float:
    return float(torch.stack([value.norm() for value in values]).norm())
