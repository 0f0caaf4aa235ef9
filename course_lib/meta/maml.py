"""MAML: an initialization from which a few gradient steps on a few examples go far."""

from collections.abc import Callable, Collection
from itertools import count
from typing import Any, NoReturn, Protocol

import torch
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
    """(theta, support_loss) -> phi, what the task is then solved with."""

    def __call__(self, theta: Parameters, support_loss: TaskLoss, /) -> Parameters: ...


def inner_loop(
    theta: Parameters, support_loss: TaskLoss, *, lr: float | Parameters, steps: int = 1
) -> Parameters:
    """phi_0 = theta,  phi_{k+1} = phi_k - lr * grad support_loss(phi_k);  phi_steps.

    The answer depends on theta through every step, second derivatives included.
    lr: one step size, or by name a tensor of them for every parameter, as in `meta_sgd`.
    ValueError where a parameter has no step size. Source: Finn et al. 2017, algorithm 1.
    """
    if steps < 0:
        raise ValueError(f"steps must be at least 0, got {steps}")
    rates = lr if isinstance(lr, dict) else dict.fromkeys(theta, lr)
    expect_names("lr", theta, rates)
    phi = theta
    for _ in range(steps):
        gradient = grad(support_loss)(phi)
        phi = {name: value - rates[name] * gradient[name] for name, value in phi.items()}
    return phi


def first_order(adapt: InnerLoop) -> InnerLoop:
    """The inner loop whose answer is differentiated as if its steps did not depend on theta.

    d phi / d theta = 1, whatever the steps were; step sizes in theta are not learnt.
    Source: Finn et al. 2017, sec. 5.2 (FOMAML).
    """

    def loop(theta: Parameters, support_loss: TaskLoss, /) -> Parameters:
        with torch.no_grad():
            phi = adapt(theta, support_loss)
            moved = {name: value - theta[name] for name, value in phi.items()}
        return {name: theta[name] + step for name, step in moved.items()}

    return loop


def anil(adapt: InnerLoop, moving: Collection[str]) -> InnerLoop:
    """The inner loop in which only the parameters of these names move, the last layer's, say.

    The others are the same for all tasks and are learnt by the outer loop alone. ValueError names
    parameters that theta does not have. Source: Raghu et al. 2020 (almost no inner loop).
    """

    def loop(theta: Parameters, support_loss: TaskLoss, /) -> Parameters:
        expect_names("theta", moving, theta)
        shared = {name: value for name, value in theta.items() if name not in moving}
        start = {name: theta[name] for name in moving}
        return shared | adapt(start, lambda phi: support_loss(shared | phi))

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

    All tasks run at once under `vmap`. ValueError names the task and the inner step where a loss
    is not finite. Source: Finn et al. 2017, algorithm 1.
    """

    def after(support_x: Tensor, support_y: Tensor, query_x: Tensor, query_y: Tensor) -> Tensor:
        phi = inner_loop(theta, lambda phi: loss(predict(phi, support_x), support_y))
        return loss(predict(phi, query_x), query_y)

    losses = vmap(after)(*tasks)
    return finite_mean(losses, theta, tasks, predict, loss, inner_loop), carry


def finite_mean(
    losses: Tensor, theta: Parameters, tasks: Tasks, predict: Predict, loss: Loss, adapt: InnerLoop
) -> Tensor:
    """The mean of the tasks' query losses (tasks,); ValueError says which went wrong, and where."""
    mean = losses.mean()
    if not torch.isfinite(mean):
        first = int((~torch.isfinite(losses)).int().argmax())
        x, y = tasks.support_x[first], tasks.support_y[first]
        said = f"task {first}: the query loss is {losses[first].item()}"
        blame(said, theta, lambda phi: loss(predict(phi, x), y), adapt)
    return mean


def blame(said: str, theta: Parameters, support_loss: TaskLoss, adapt: InnerLoop) -> NoReturn:
    """Runs the inner loop again, and says at which of its steps a loss was first not finite."""
    calls = count()

    def watched(phi: Parameters) -> Tensor:
        step, value = next(calls), support_loss(phi)
        if not torch.isfinite(value):
            where = f"before inner step {step}"
            hint = "smaller inner steps may help" if step else "look at theta and at the examples"
            raise ValueError(f"{said}, its support loss {value.item()} {where}; {hint}")
        return value

    adapt(theta, watched)
    raise ValueError(f"{said} after the last inner step; smaller inner steps may help")


def expect_names(what: str, wanted: Collection[str], known: Collection[str]) -> None:
    """ValueError unless all of the wanted names are known."""
    if missing := [name for name in wanted if name not in known]:
        raise ValueError(f"{what} lacks {', '.join(missing)}; it has {', '.join(known)}")
