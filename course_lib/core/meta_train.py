"""The outer loop of meta-learning: what is learnt is what every task starts from."""

from collections.abc import Callable, Iterable
from functools import partial
from typing import Any, Protocol

import torch
from torch import Generator, Tensor
from torch.optim import Adam, Optimizer

from course_lib.core.log import Log
from course_lib.core.seam import expect_shape, named

Parameters = dict[str, Tensor]
"""Named tensors: of a network for `torch.func.functional_call`, or of a learned rule."""
ADAM = partial(Adam, lr=1e-3)


class Objective(Protocol):
    """(theta, task, rng, carry) -> (scalar to be made small, carry of the next step)."""

    def __call__(
        self, theta: Parameters, task: Any, rng: Generator, carry: Any, /
    ) -> tuple[Tensor, Any]: ...


def meta_train(
    theta: Parameters,
    objective: Objective,
    sample_task: Callable[[Generator], Any],
    rng: Generator,
    *,
    steps: int,
    optimizer: Callable[[Iterable[Tensor]], Optimizer] = ADAM,
    progress: bool = False,
) -> tuple[Parameters, Log]:
    """theta <- theta - optimizer's step along d objective(theta, task) / d theta, `steps` times.

    theta: stays as it is; the answer has its names, detached.
    objective: returns a scalar that theta is differentiated through, and a carry: what the next
        step continues from, as a truncated unroll does; None at first, and for MAML always.
    sample_task: one task, or a batch of tasks that the objective averages over.

    The log has one entry a step: "loss", the objective before the step. ValueError names the step
    where it is not finite; nothing of theta is lost.
    """
    if steps < 1:
        raise ValueError(f"steps must be at least 1, got {steps}")
    from tqdm import trange

    theta = {name: value.detach().clone().requires_grad_() for name, value in theta.items()}
    adjust, log, carry = optimizer(theta.values()), Log(), None
    for step in trange(steps, desc="meta-training", disable=not progress):
        loss, carry = objective(theta, sample_task(rng), rng, carry)
        loss = expect_shape(named("objective", objective), loss, ())
        if not torch.isfinite(loss):
            raise ValueError(
                f"the meta-loss is {loss.item()} in step {step}: smaller steps may help"
            )
        adjust.zero_grad()
        torch.autograd.backward(loss)
        adjust.step()
        log.append(loss=loss)
    return {name: value.detach() for name, value in theta.items()}, log
