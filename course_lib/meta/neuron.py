"""One neuron that learns by a local rule, and the functions that one neuron can learn."""

from collections.abc import Callable, Sequence
from itertools import product
from typing import Protocol

import torch
from torch import Generator, Tensor

from course_lib.meta.tasks import Tasks


class LocalRule(Protocol):
    """The change of one synapse, from what is known at that synapse.

    pre, weight: (..., inputs); post, teacher: (..., 1). The answer: (..., inputs).
    """

    def __call__(self, pre: Tensor, post: Tensor, weight: Tensor, teacher: Tensor, /) -> Tensor: ...


def learn(rule: LocalRule, x: Tensor, y: Tensor) -> Tensor:
    """w_0 = 0,  w_t = w_{t-1} + rule(x_t, tanh(w_{t-1} . x_t), w_{t-1}, y_t);  w_0, ..., w_n.

    x: (..., n, inputs), the presentations in order; y: (..., n), the teacher's activity at each.
    Leading dimensions are tasks, which learn side by side. Returns (n + 1, ..., inputs).
    """
    if y.shape != x.shape[:-1]:
        raise ValueError(f"x of shape {tuple(x.shape)} needs y of shape {tuple(x.shape[:-1])}, "
                         f"got {tuple(y.shape)}: one answer per presentation")  # fmt: skip
    weight = torch.zeros_like(x[..., 0, :])
    weights = [weight]
    for pre, teacher in zip(x.unbind(-2), y.unsqueeze(-1).unbind(-2), strict=True):
        post = (weight * pre).sum(-1, keepdim=True).tanh()
        weight = weight + rule(pre, post, weight, teacher)
        weights.append(weight)
    return torch.stack(weights)


def hebb_rule(rate: float) -> LocalRule:
    """dw = rate * pre * teacher: what fires together is wired together, taught what to fire.

    Source: Hebb 1949; supervised, as in associative memories.
    """
    return lambda pre, post, weight, teacher: rate * pre * teacher


def delta_rule(rate: float) -> LocalRule:
    """dw = rate * pre * (teacher - post). Source: Widrow and Hoff 1960."""
    return lambda pre, post, weight, teacher: rate * pre * (teacher - post)


def tuned(
    rule: Callable[[float], LocalRule],
    tasks: Tasks,
    rates: Sequence[float] = (0.03, 0.05, 0.1, 0.15, 0.2, 0.3, 0.5, 1.0),
) -> float:
    """The rate after whose learning these tasks are answered with the fewest mistakes."""

    def wrong(rate: float) -> float:
        weights = learn(rule(rate), tasks.support_x, tasks.support_y)
        return errors(weights[-1:], tasks).mean().item()

    return min(rates, key=wrong)


def threshold_functions(inputs: int) -> tuple[Tensor, Tensor]:
    """All Boolean functions of at most four inputs that one neuron can compute.

    Returns the patterns (2^inputs, inputs + 1), inputs silent (0) or active (1), with a last
    column of ones for the bias, and the functions (count, 2^inputs) of answers -1 and 1, in a fixed
    order: 4, 14, 104, 1882 for 1, 2, 3, 4 inputs. They are the linearly separable ones, which
    sign(w . x + b) with whole w from -3 to 3 reaches (Muroga 1971).
    """
    if inputs not in (1, 2, 3, 4):
        raise ValueError(f"inputs must be 1, 2, 3 or 4, got {inputs}")
    corners = torch.tensor(list(product((0.0, 1.0), repeat=inputs)))
    weights = torch.tensor(list(product(range(-3, 4), repeat=inputs)), dtype=torch.float)
    biases = torch.arange(-3 * inputs, 3 * inputs + 2) - 0.5
    potentials = (weights @ corners.T)[:, None] + biases[:, None]
    functions = torch.unique(potentials.flatten(0, 1).sign(), dim=0)
    return torch.cat([corners, torch.ones(len(corners), 1)], 1), functions


def presentations(
    patterns: Tensor, functions: Tensor, rng: Generator, *, tasks: int, sweeps: int = 2
) -> Tasks:
    """Tasks that each show one function, drawn at random, and ask for it on every pattern.

    support: `sweeps` times all patterns, each sweep in an order of its own.
    query: all patterns. patterns: (m, inputs); functions: (count, m).
    """
    answers = functions[torch.randint(len(functions), (tasks,), generator=rng)]
    shuffled = torch.rand(tasks, sweeps, len(patterns), generator=rng).argsort(-1).flatten(1)
    every = patterns.expand(tasks, -1, -1)
    return Tasks(patterns[shuffled], answers.gather(1, shuffled), every, answers)


def answers(weights: Tensor, tasks: Tasks) -> Tensor:
    """What the neuron answers to every query at every moment of its learning.

    weights: (moments, tasks, inputs), as `learn` returns. Returns (moments, tasks, m), in (-1, 1).
    """
    return torch.einsum("sti,tmi->stm", weights, tasks.query_x).tanh()


def errors(weights: Tensor, tasks: Tasks) -> Tensor:
    """The share of wrong answers, (moments, tasks); an answer of 0 counts as half wrong."""
    return (1 - answers(weights, tasks).sign() * tasks.query_y).mean(-1) / 2
