"""A learning rule with parameters, learnt by gradient descent through what it teaches."""

from collections.abc import Mapping
from typing import Any

import torch
from torch import Generator, Tensor

from course_lib.core.meta_train import Parameters
from course_lib.meta.neuron import LocalRule, answers, learn
from course_lib.meta.tasks import Tasks

VARIABLES = ("pre", "post", "weight", "teacher")


def products(variables: tuple[Any, ...], one: Any, times: Any) -> list[Any]:
    """All products of some of the variables: 1, a, b, a b, c, a c, b c, a b c, ..."""
    terms = [one]
    for variable in variables:
        terms += [times(term, variable) for term in terms]
    return terms


TERMS: tuple[str, ...] = tuple(
    " ".join(term) or "1" for term in products(VARIABLES, (), lambda term, name: (*term, name))
)
"""The names of the sixteen products, in the order of the coefficients."""


def synaptic_rule(theta: Tensor) -> LocalRule:
    """dw = sum_k theta_k * term_k,  the terms all products of pre, post, weight and teacher.

    theta: (16,), in the order of `TERMS`. Hebb's rule and the delta rule are among these rules.
    The form of the paper: a sum of products of what is known at the synapse, with the same
    parameters at every synapse; the teacher plays the part of the facilitating neuron.
    Source: Bengio, Bengio and Cloutier 1991; Bengio, Bengio, Cloutier and Gecsei 1992.
    """
    if theta.shape != (len(TERMS),):
        raise ValueError(f"theta must have shape ({len(TERMS)},), got {tuple(theta.shape)}: one "
                         "coefficient for every name in TERMS")  # fmt: skip

    def rule(pre: Tensor, post: Tensor, weight: Tensor, teacher: Tensor) -> Tensor:
        every = products((pre, post, weight, teacher), torch.ones_like(pre), torch.mul)
        return torch.stack(every, -1) @ theta

    return rule


def coefficients(terms: Mapping[str, float]) -> Tensor:
    """(16,) coefficients with these values at these terms, such as {"pre teacher": 0.5}, else 0."""
    if unknown := terms.keys() - set(TERMS):
        raise ValueError(f"no term {', '.join(sorted(unknown))}; there are {', '.join(TERMS)}")
    return torch.tensor([terms.get(name, 0.0) for name in TERMS])


def rule_objective(
    theta: Parameters, tasks: Tasks, rng: Generator | None = None, carry: Any = None
) -> tuple[Tensor, Any]:
    """The mean squared error on all queries, over tasks and over every moment of the learning.

    theta: {"rule": (16,)}. To learn soon is rewarded, not only to have learnt in the end.
    """
    weights = learn(synaptic_rule(theta["rule"]), tasks.support_x, tasks.support_y)
    return (answers(weights, tasks)[1:] - tasks.query_y).square().mean(), carry
