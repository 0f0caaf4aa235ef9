"""Hyperparameter gradients while training runs backwards: no step is stored."""

from collections.abc import Callable
from functools import partial
from typing import Any

import torch
from torch import Tensor
from torch.autograd.function import once_differentiable

from course_lib.core.meta_train import Parameters
from course_lib.core.seam import expect_shape, named
from course_lib.meta.fixed_point import Ratio, ratio
from course_lib.meta.reversible import Exact, Gradient, State

TrainLoss = Callable[[Tensor, Tensor, int], Tensor]
"""(weights, theta, step) -> scalar; the step says which batch: a second look finds the same."""


def train_reversibly(
    start: Tensor, theta: Tensor, train_loss: TrainLoss, *, rates: Tensor, momenta: Tensor
) -> Tensor:
    """The weights after T steps of SGD with momentum, differentiable in all that led to them.

        v_{t+1} = m_t v_t - (1 - m_t) g_t,   w_{t+1} = w_t + r_t v_{t+1},   v_0 = 0, w_0 = start

    with g_t the gradient of train_loss(w, theta, t) at w_t. Autograd finds derivatives in start,
    theta, rates and momenta by running training backwards. Memory: three integers a weight, and a
    buffer that grows by log2(1 / m_t) bits a weight and step; not the T copies of the weights.

    start: (n,). theta: what else the loss depends on, of any shape, such as weight decays.
    rates, momenta: (T,); momenta strictly between 0 and 1, rounded to steps of 2^-16.
    ValueError names the step where a number is not finite or leaves its 64 bits. RuntimeError, in
    the backward pass, where the way back does not end at the start: then train_loss gave different
    answers for the same step, as dropout or a draw from a shared generator does.
    Source: Maclaurin et al. 2015, algorithms 2 and 3.
    """
    if rates.ndim != 1 or not len(rates) or rates.shape != momenta.shape:
        raise ValueError(
            "rates and momenta must be (steps,), one of each a step, got "
            f"{tuple(rates.shape)} and {tuple(momenta.shape)}"
        )
    weights: Tensor = _Training.apply(start, theta, rates, momenta, train_loss)
    return weights


def run(
    state: State, gradient: Callable[[int], Gradient], rates: Tensor, ratios: list[Ratio]
) -> None:
    """All steps, in `state`; ValueError names the step that goes wrong."""
    for step, (rate, momentum) in enumerate(zip(rates.tolist(), ratios, strict=True)):
        try:
            state.forward(gradient(step), rate, momentum)
        except ValueError as error:
            raise ValueError(f"training stopped at step {step}: {error}") from error


class _Training(torch.autograd.Function):
    @staticmethod
    def forward(
        ctx: Any,
        start: Tensor,
        theta: Tensor,
        rates: Tensor,
        momenta: Tensor,
        train_loss: TrainLoss,
    ) -> Tensor:
        state = Exact(start)
        gradient = partial(StepGradient, train_loss, theta)
        run(state, gradient, rates, [ratio(m) for m in momenta.tolist()])
        ctx.save_for_backward(start, theta, rates, momenta)
        ctx.state, ctx.train_loss = state, train_loss
        return state.weights

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, slope: Tensor) -> tuple[Tensor | None, ...]:
        start, theta, rates, momenta = ctx.saved_tensors
        state, ctx.state = ctx.state, None
        if state is None:
            raise RuntimeError("training ran backwards already: train again for a second gradient")
        slopes = _backwards(state, slope, theta, ctx.train_loss, rates, momenta)
        if not state.at_start_from(start):
            raise RuntimeError(
                "running backwards did not end at the start, so these gradients are wrong: "
                f"{named('train_loss', ctx.train_loss)} must give the same answer whenever it is "
                "asked for the same weights and step (no dropout, no draw from a shared generator)"
            )
        return *slopes, None


class StepGradient:
    """g of one step as a function of the weights; afterwards its products with a vector.

    Forwards and backwards it is the same computation, graph included: to the last bit.
    """

    def __init__(self, train_loss: TrainLoss, theta: Tensor, step: int) -> None:
        self._train_loss, self._step = train_loss, step
        self._theta = theta.detach().requires_grad_()

    def __call__(self, weights: Tensor) -> Tensor:
        self._w = weights.detach().requires_grad_()
        with torch.enable_grad():
            loss = self._train_loss(self._w, self._theta, self._step)
            expect_shape(named("train_loss", self._train_loss), loss, ())
            (self._g,) = torch.autograd.grad(loss, self._w, create_graph=True)
        return self._g.detach()

    def times(self, slope: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """<g, slope> differentiated by weights and by theta, and itself, where g was last asked."""
        with torch.enable_grad():
            along = self._g @ slope
        leaves = (self._w, self._theta)
        if not along.requires_grad:
            return torch.zeros_like(self._w), torch.zeros_like(self._theta), along
        times_hessian, times_mixed = torch.autograd.grad(along, leaves, materialize_grads=True)
        return times_hessian, times_mixed, along.detach()


def _backwards(
    state: Exact,
    slope: Tensor,
    theta: Tensor,
    train_loss: TrainLoss,
    rates: Tensor,
    momenta: Tensor,
) -> tuple[Tensor, Tensor, Tensor, Tensor]:
    """Algorithm 2: derivatives in start, theta, rates and momenta; `state` goes back to step 0.

    dw, dv: how the final loss depends on the weights and the velocity of the step reached.
    """
    dw, dv = slope, torch.zeros_like(slope)
    d_theta, d_rates, d_momenta = (torch.zeros_like(each) for each in (theta, rates, momenta))
    for step in reversed(range(len(rates))):
        gradient, momentum = StepGradient(train_loss, theta, step), ratio(float(momenta[step]))
        rate, m = float(rates[step]), float(momentum)
        d_rates[step] = dw @ state.velocity
        dv = dv + rate * dw
        state.back(gradient, rate, momentum)
        times_hessian, times_mixed, along = gradient.times(dv)
        d_momenta[step] = dv @ state.velocity + along
        dw = dw - (1 - m) * times_hessian
        d_theta = d_theta - (1 - m) * times_mixed
        dv = m * dv
    return dw, d_theta, d_rates, d_momenta


def ravel(parameters: Parameters) -> tuple[Tensor, Callable[[Tensor], Parameters]]:
    """All numbers in one vector (n,), and the function that gives them names and shapes again."""
    shapes = {name: value.shape for name, value in parameters.items()}
    sizes = [shape.numel() for shape in shapes.values()]

    def unravel(vector: Tensor) -> Parameters:
        parts = zip(shapes.items(), torch.split(vector, sizes), strict=True)
        return {name: part.view(shape) for (name, shape), part in parts}

    return torch.cat([value.detach().flatten() for value in parameters.values()]), unravel


def decay(parameters: Parameters, strengths: Tensor) -> Tensor:
    """Weight decay with a strength for each tensor: sum_l s_l |w_l|^2 / 2; strengths (tensors,)."""
    squares = torch.stack([(value**2).sum() for value in parameters.values()])
    return strengths @ squares / 2
