"""MAML: an initialization from which a few gradient steps on a few examples go far."""

from collections.abc import Callable
from typing import Any, Protocol

from torch import Generator, Tensor
from torch.func import grad, vmap

from course_lib.core.meta_train import Parameters
from course_lib.meta.tasks import Tasks

Predict = Callable[[Parameters, Tensor], Tensor]
"""(phi, x) -> outputs; pure, as with `torch.func.functional_call`."""
Loss = Callable[[Tensor, Tensor], Tensor]
"""(outputs, answers) -> scalar, such as `F.mse_loss` or `F.cross_entropy`."""
TaskLoss = Callable[[Parameters], Tensor]


class InnerLoop(Protocol):
    def __call__(self, theta: Parameters, support_loss: TaskLoss, /) -> Parameters: ...


def inner_loop(
    theta: Parameters, support_loss: TaskLoss, *, lr: float | Parameters, steps: int = 1
) -> Parameters:
    """phi_0 = theta,  phi_{k+1} = phi_k - lr * grad support_loss(phi_k);  phi_steps.

    The answer depends on theta through every step, second derivatives included.
    lr: one step size, or one for every parameter, which then may be learnt (Meta-SGD).
    Source: Finn et al. 2017; Li et al. 2017 (Meta-SGD).
    """
    phi = theta
    for _ in range(steps):
        gradient = grad(support_loss)(phi)
        phi = {
            name: value - (lr[name] if isinstance(lr, dict) else lr) * gradient[name]
            for name, value in phi.items()
        }
    return phi


def first_order(adapt: InnerLoop) -> InnerLoop:
    """The inner loop whose answer is differentiated as if its steps did not depend on theta.

    d phi / d theta = 1, whatever the steps were. Source: Finn et al. 2017, sec. 5.2 (FOMAML).
    """

    def loop(theta: Parameters, support_loss: TaskLoss, /) -> Parameters:
        phi = adapt(theta, support_loss)
        return {name: value + (phi[name] - value).detach() for name, value in theta.items()}

    return loop


def maml_objective(
    theta: Parameters,
    tasks: Tasks,
    rng: Generator | None = None,
    carry: Any = None,
    *,
    predict: Predict,
    loss: Loss,
    inner_loop: InnerLoop,
) -> tuple[Tensor, Any]:
    """The mean over tasks of query_loss_i(phi_i) with phi_i = inner_loop(theta, support_loss_i).

    All tasks run at once under `vmap`. Source: Finn et al. 2017, algorithm 1.
    """

    def after(support_x: Tensor, support_y: Tensor, query_x: Tensor, query_y: Tensor) -> Tensor:
        phi = inner_loop(theta, lambda phi: loss(predict(phi, support_x), support_y))
        return loss(predict(phi, query_x), query_y)

    return vmap(after)(*tasks).mean(), carry
