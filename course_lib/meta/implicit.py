"""iMAML: the meta-gradient from where the inner loop ended, not from how it went."""

from collections.abc import Callable
from typing import Any

import torch
from torch import Generator, Tensor
from torch.func import grad, vjp, vmap

from course_lib.core.meta_train import Parameters
from course_lib.meta.maml import Loss, Predict, TaskLoss, finite_mean, inner_loop
from course_lib.meta.tasks import Tasks


def proximal(support_loss: TaskLoss, theta: Parameters, lam: float) -> TaskLoss:
    """phi -> support_loss(phi) + lam / 2 |phi - theta|^2: learn the task, and stay near theta."""

    def regularised(phi: Parameters) -> Tensor:
        distance = sum(((phi[name] - theta[name]).square().sum() for name in theta), 0)
        return support_loss(phi) + lam / 2 * distance

    return regularised


def implicit_gradient(
    phi: Parameters, outer: Parameters, support_loss: TaskLoss, *, lam: float, cg_steps: int
) -> Parameters:
    """(I + H / lam)^-1 outer, with H the Hessian of support_loss at phi.

    d Q(phi*) / d theta for outer = grad Q(phi*), if phi* minimises `proximal`. Only products of H
    with a vector are computed, by conjugate gradients: memory does not grow with the inner steps.
    I + H / lam must be positive definite; a larger lam makes it so.
    Source: Rajeswaran et al. 2019, equations 6 and 7.
    """
    _expect_positive(lam)
    pulled_back = vjp(grad(support_loss), phi)[1]

    def product(v: Parameters) -> Parameters:
        (curved,) = pulled_back(v)
        return {name: v[name] + curved[name] / lam for name in v}

    return conjugate_gradients(product, outer, steps=cg_steps)


def conjugate_gradients(
    product: Callable[[Parameters], Parameters], b: Parameters, *, steps: int
) -> Parameters:
    """x with A x = b for a positive definite A, of which only v -> A v is known.

    Exact once there are as many steps as A has distinct eigenvalues, up to rounding.
    Source: Hestenes and Stiefel 1952.
    """
    x = {name: torch.zeros_like(value) for name, value in b.items()}
    residual, direction, length = b, b, _dot(b, b)
    for _ in range(steps):
        image = product(direction)
        x = _add(x, _over(length, _dot(direction, image)), direction)
        residual = _add(residual, -_over(length, _dot(direction, image)), image)
        before, length = length, _dot(residual, residual)
        direction = _add(residual, _over(length, before), direction)
    return x


def imaml_objective(
    theta: Parameters,
    tasks: Tasks,
    rng: Generator | None = None,
    carry: Any = None,
    *,
    predict: Predict,
    loss: Loss,
    lam: float,
    lr: float,
    steps: int,
    cg_steps: int = 5,
) -> tuple[Tensor, Any]:
    """The mean query loss after `steps` steps on the proximal loss, with the implicit gradient.

    lam, lr: of the proximal term and of the inner steps, stable for lr < 2 / (lam + curvature).
    The value is the loss; its gradient in theta is the mean of `implicit_gradient`, which is exact
    as steps and cg_steps grow. Source: Rajeswaran et al. 2019, algorithms 1 and 2.
    """
    _expect_positive(lam)
    fixed = {name: value.detach() for name, value in theta.items()}

    def adapt(start: Parameters, support_loss: TaskLoss, /) -> Parameters:
        return inner_loop(start, proximal(support_loss, start, lam), lr=lr, steps=steps)

    def on_one(
        support_x: Tensor, support_y: Tensor, query_x: Tensor, query_y: Tensor
    ) -> tuple[Tensor, Parameters]:
        def support_loss(phi: Parameters) -> Tensor:
            return loss(predict(phi, support_x), support_y)

        def query_loss(phi: Parameters) -> Tensor:
            return loss(predict(phi, query_x), query_y)

        phi = adapt(fixed, support_loss)
        outer = grad(query_loss)(phi)
        found = implicit_gradient(phi, outer, support_loss, lam=lam, cg_steps=cg_steps)
        return query_loss(phi), found

    with torch.no_grad():
        losses, gradients = vmap(on_one)(*tasks)
    value = finite_mean(losses, fixed, tasks, predict, loss, adapt)
    for name, gradient in gradients.items():
        slope = gradient.mean(0)
        value = value + (slope * (theta[name] - fixed[name])).sum()
    return value, carry


def _expect_positive(lam: float) -> None:
    if not lam > 0:
        raise ValueError(f"lam must be positive, got {lam}: without it phi forgets theta")


def _dot(a: Parameters, b: Parameters) -> Tensor:
    return torch.stack([(a[name] * b[name]).sum() for name in a]).sum()


def _add(a: Parameters, factor: Tensor, b: Parameters) -> Parameters:
    return {name: a[name] + factor * b[name] for name in a}


def _over(a: Tensor, b: Tensor) -> Tensor:
    """a / b, and 0 where b is 0: there nothing is left to solve."""
    return torch.where(b == 0, 0, a / torch.where(b == 0, 1, b))
