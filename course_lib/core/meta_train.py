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
    where it is not finite or does not depend on theta; the theta that was given is as it was.
    """
    if steps < 1:
        raise ValueError(f"steps must be at least 1, got {steps}")
    from tqdm import trange

    theta = {name: value.detach().clone().requires_grad_() for name, value in theta.items()}
    adjust, log, carry = optimizer(theta.values()), Log(), None
    for step in trange(steps, desc="meta-training", disable=not progress):
        try:
            loss, carry = objective(theta, sample_task(rng), rng, carry)
        except ValueError as error:
            raise ValueError(f"step {step} of meta-training: {error}") from error
        _expect_differentiable(loss, named("objective", objective), step)
        adjust.zero_grad()
        torch.autograd.backward(loss)
        adjust.step()
        log.append(loss=loss)
    return {name: value.detach() for name, value in theta.items()}, log


def _expect_differentiable(loss: Tensor, subject: str, step: int) -> None:
    expect_shape(subject, loss, ())
    if not torch.isfinite(loss):
        raise ValueError(f"the meta-loss is {loss.item()} in step {step}: smaller steps may help")
    if not loss.requires_grad:
        raise ValueError(
            f"{subject} returned a loss that does not depend on theta: was it detached, or is it "
            "computed with another theta than the one that it was given?"
        )
