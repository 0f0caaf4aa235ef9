"""Transfer: one network for all tasks at once, its layers used again, and fine-tuned on a few."""

from collections.abc import Collection
from functools import partial
from typing import Any

import torch
from torch import Generator, Tensor
from torch.func import vmap

from course_lib.core.meta_train import Parameters
from course_lib.meta.maml import Loss, Predict, anil, expect_names, inner_loop
from course_lib.meta.tasks import Tasks


def joint_objective(
    theta: Parameters,
    tasks: Tasks,
    rng: Generator | None = None,
    carry: Any = None,
    *,
    predict: Predict,
    loss: Loss,
) -> tuple[Tensor, Any]:
    """The mean over tasks of L_i(theta), on all examples: multi-task learning, or pretraining.

    MAML's objective with no inner step. Its SGD step is theta - eta sum_i grad L_i(theta), with
    eta / tasks for eta. Source: Caruana 1997.
    """
    losses = vmap(lambda x, y: loss(predict(theta, x), y))(*tasks.joined())
    return losses.mean(), carry


def reuse(donor: Parameters, fresh: Parameters, names: Collection[str]) -> Parameters:
    """`fresh`, with the donor's parameters of these names: lower layers used again, a new head.

    ValueError where either lacks one of them, or their shapes differ. Source: Yosinski et al. 2014.
    """
    expect_names("the donor", names, donor)
    expect_names("the fresh network", names, fresh)
    for name in names:
        if donor[name].shape != fresh[name].shape:
            shapes = f"{tuple(donor[name].shape)} and {tuple(fresh[name].shape)}"
            raise ValueError(f"{name} has two shapes, {shapes}: it cannot be used again")
    return fresh | {name: donor[name] for name in names}


def adaptation_losses(
    theta: Parameters,
    tasks: Tasks,
    *,
    predict: Predict,
    loss: Loss,
    lr: float | Parameters,
    steps: int,
    moving: Collection[str] | None = None,
) -> Tensor:
    """The query loss of every task after 0, 1, ..., steps inner steps from theta.

    moving: the names of the parameters that are fine-tuned, all if None; the others are frozen.
    Answer: (tasks, steps + 1). A loss that runs away is not refused: it shows as inf or nan.
    """
    if steps < 0:
        raise ValueError(f"steps must be at least 0, got {steps}")
    one_step = anil(partial(inner_loop, lr=lr), theta if moving is None else moving)

    def curve(support_x: Tensor, support_y: Tensor, query_x: Tensor, query_y: Tensor) -> Tensor:
        phi, losses = theta, [loss(predict(theta, query_x), query_y)]
        for _ in range(steps):
            phi = one_step(phi, lambda phi: loss(predict(phi, support_x), support_y))
            losses.append(loss(predict(phi, query_x), query_y))
        return torch.stack(losses)

    with torch.no_grad():
        return vmap(curve)(*tasks)
