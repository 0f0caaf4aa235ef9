"""Gradients through training: how the validation loss depends on every step's learning rate."""

from collections.abc import Callable

import torch
from torch import Tensor
from torch.func import grad, grad_and_value

from course_lib.core.seam import expect_shape, named

StepLoss = Callable[[Tensor, int], Tensor]
"""(weights, step) -> scalar; the step says which batch, so that a second look finds the same."""
FinalLoss = Callable[[Tensor], Tensor]


def hypergradient(
    theta: Tensor, train_loss: StepLoss, valid_loss: FinalLoss, rates: Tensor
) -> Tensor:
    """d valid_loss(w_T) / d rate_t for every step of w_{t+1} = w_t - rate_t g_t, w_0 = theta.

    With g_t = grad train_loss(w_t, t), H_t the Hessian there and
    lambda_t = d valid_loss(w_T) / d w_t, backwards from lambda_T = grad valid_loss(w_T):

        d rate_t = -<g_t, lambda_{t+1}>,   lambda_t = lambda_{t+1} - rate_t H_t lambda_{t+1}.

    theta: the weights before training, of any shape. rates: (T,). Answer: (T,), no graph attached.
    All T weights are kept: the memory grows by a whole copy a step. ValueError names the step at
    which the training loss or its gradient is no longer finite.
    Source: Maclaurin et al. 2015, sec. 2 (reverse-mode differentiation of SGD); Domke 2012.
    """
    visited = trajectory(theta, train_loss, rates)
    slope = grad(valid_loss)(visited.pop())
    answer = torch.zeros_like(rates)
    for step in reversed(range(len(rates))):
        times_hessian, along = product(train_loss, visited.pop(), step, slope)
        answer[step] = -along
        slope = slope - rates[step] * times_hessian
    return answer.detach()


def product(
    train_loss: StepLoss, weights: Tensor, step: int, slope: Tensor
) -> tuple[Tensor, Tensor]:
    """(H lambda, <g, lambda>) without a Hessian: the first is the gradient of the second."""

    def along(weights: Tensor) -> Tensor:
        gradient: Tensor = grad(train_loss)(weights, step)
        return (gradient * slope).sum()

    times_hessian, inner = grad_and_value(along)(weights)
    return times_hessian, inner


def trajectory(theta: Tensor, train_loss: StepLoss, rates: Tensor) -> list[Tensor]:
    """The weights w_0, ..., w_T of SGD, all of them kept."""
    if rates.ndim != 1 or not len(rates):
        raise ValueError(
            f"rates must be one learning rate a step, (steps,), got {tuple(rates.shape)}"
        )
    visited = [theta.detach()]
    for step, rate in enumerate(rates.detach()):
        gradient = finite_gradient(train_loss, visited[-1], step)
        visited.append(visited[-1] - rate * gradient)
    return visited


def finite_gradient(train_loss: StepLoss, weights: Tensor, step: int) -> Tensor:
    """grad train_loss(weights, step); ValueError with the step if it has an entry that is none."""

    def loss(weights: Tensor) -> Tensor:
        return expect_shape(named("train_loss", train_loss), train_loss(weights, step), ())

    gradient: Tensor = grad(loss)(weights)
    if not gradient.isfinite().all():
        raise ValueError(
            f"the gradient of {named('train_loss', train_loss)} is not finite at step {step}: "
            "training diverged, smaller learning rates may help"
        )
    return gradient
