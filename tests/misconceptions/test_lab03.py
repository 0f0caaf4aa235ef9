"""Lab 03: its wrong and right answers, and slips in its solution, against its checks."""

from typing import Any

import torch

from tests.misconceptions.every_lab import Answers, Mutants

LAB = "lab03_darts"


def zeros(train_loss: Any, valid_loss: Any, params: Any, alpha: Any, *, xi: float) -> Any:
    return torch.zeros_like(alpha)


class TestAnswers(Answers):
    lab = LAB
    pointless = (
        ("mixed_op", lambda operations, x, weights: torch.zeros_like(x)),
        ("mixed_op", lambda operations, x, weights: x),
        ("first_order", zeros),
        ("second_order", zeros),
        ("derive", lambda alpha, edges, operations, *, keep=None: []),
        ("discretization", lambda accuracy, alpha: (torch.zeros(len(alpha)), 0.0)),
    )
    particular = (
        ("mixed_op", "weight 0 are left out", "the gradient reaches every weight"),
        ("mixed_op", "reach the operations", "the gradient reaches the operations"),
        ("first_order", "the weights are stepped", "weights and alpha stay as they are"),
        ("first_order", "at stepped weights",
         "gradient of the validation loss; the same for every xi; "
         "weights and alpha stay as they are"),
        ("second_order", "one-sided", "central differences, around w"),
        ("second_order", "eps does not shrink", "a vector v of any length"),
        ("second_order", "zero vector", "a vector v of any length"),
        ("derive", "left out where it is allowed",
         "cells of NAS-Bench-201: the strongest operation"),
        ("derive", "by alphas instead", "edges are compared by their weights"),
        ("discretization", "0 log 0", "even: log K, decided: 0"),
        ("discretization", "path minus mixture", "the gap is mixture minus path"),
    )  # fmt: skip


class TestMutants(Mutants):
    lab = LAB
