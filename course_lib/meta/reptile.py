"""Reptile: move the start towards where some steps of ordinary training lead."""

from typing import Any

import torch
from torch import Generator, Tensor
from torch.func import vmap

from course_lib.core.meta_train import Parameters
from course_lib.meta.maml import Loss, Predict, expect_names, inner_loop
from course_lib.meta.tasks import Tasks


def reptile_step(theta: Parameters, phis: Parameters, *, eps: float) -> Parameters:
    """theta + eps * mean_i(phi_i - theta).

    phis: what the tasks were solved with, each parameter (tasks, ...). ValueError where phis lacks
    a parameter. Source: Nichol et al. 2018, algorithm 2.
    """
    expect_names("phis", theta, phis)
    return {name: value + eps * (phis[name] - value).mean(0) for name, value in theta.items()}


def reptile_objective(
    theta: Parameters,
    tasks: Tasks,
    rng: Generator,
    carry: Any = None,
    *,
    predict: Predict,
    loss: Loss,
    lr: float,
    steps: int,
    batch: int,
) -> tuple[Tensor, Any]:
    """|theta - mean_i phi_i|^2 / 2, whose gradient is theta - mean_i phi_i: SGD on it is Reptile.

    phi_i is `trained`: what so many steps of SGD on task i make of theta. It counts as a
    constant; no second derivative is taken, and the loss is a squared length, no error.
    Source: Nichol et al. 2018, algorithm 2 and sec. 5.
    """
    phis = trained(theta, tasks, rng, predict=predict, loss=loss, lr=lr, steps=steps, batch=batch)
    return sum(
        ((value - phis[name].mean(0)).square().sum() / 2 for name, value in theta.items()),
        torch.zeros(()),
    ), carry


def trained(
    theta: Parameters,
    tasks: Tasks,
    rng: Generator,
    *,
    predict: Predict,
    loss: Loss,
    lr: float,
    steps: int,
    batch: int,
) -> Parameters:
    """phi_i after SGD from theta on each task: each parameter (tasks, ...), detached.

    Every step sees `batch` examples of the task, support and query in one pool, drawn without
    replacement. With one step the mean of phi - theta is a step of joint training, and nothing is
    learnt about learning: take more. ValueError where a task has fewer examples than a batch.
    """
    x, y = tasks.joined()
    if not 1 <= batch <= x.shape[1]:
        raise ValueError(f"a batch must have 1 to {x.shape[1]} examples of a task, got {batch}")
    order = torch.rand(len(tasks), steps, x.shape[1], generator=rng).argsort(-1)[:, :, :batch]

    def on_one(x: Tensor, y: Tensor, batches: Tensor) -> Parameters:
        phi = theta
        for chosen in batches:
            inputs, answers = x[chosen], y[chosen]

            def batch_loss(phi: Parameters, x: Tensor = inputs, y: Tensor = answers) -> Tensor:
                return loss(predict(phi, x), y)

            phi = inner_loop(phi, batch_loss, lr=lr)
        return phi

    with torch.no_grad():
        return vmap(on_one)(x, y, order)
