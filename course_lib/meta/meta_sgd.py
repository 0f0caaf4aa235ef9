"""Meta-SGD: MAML that learns its inner step sizes, one for every number of the network."""

import torch

from course_lib.core.meta_train import Parameters
from course_lib.meta.maml import TaskLoss, expect_names, inner_loop

RATE = "rate of "


def with_rates(theta: Parameters, lr: float) -> Parameters:
    """theta, and beside each parameter "rate of NAME": as many step sizes, all `lr` at first."""
    return theta | {f"{RATE}{name}": torch.full_like(value, lr) for name, value in theta.items()}


def split_rates(theta: Parameters) -> tuple[Parameters, Parameters]:
    """(the parameters, their step sizes by the same names), as `with_rates` put them together."""
    rates = {name.removeprefix(RATE): theta[name] for name in theta if name.startswith(RATE)}
    start = {name: value for name, value in theta.items() if not name.startswith(RATE)}
    expect_names("rates of theta", start, rates)
    return start, rates


def meta_sgd(theta: Parameters, support_loss: TaskLoss, *, steps: int = 1) -> Parameters:
    """phi_{k+1} = phi_k - rate * grad support_loss(phi_k), elementwise, with the rates in theta.

    An inner loop for `maml_objective`: as theta = with_rates(...) is what is learnt, so are the
    rates, jointly; a rate that turns negative is kept. phi holds no rates.
    Source: Li et al. 2017 (Meta-SGD), algorithm 1, there with one step.
    """
    start, rates = split_rates(theta)
    return inner_loop(start, support_loss, lr=rates, steps=steps)
