"""Lecture 01: how much of a cell's accuracy is the luck of its seed?"""

from typing import Any

import numpy as np

from claims.estimates import estimates
from course_lib.nas.build_digits201 import Plan, chosen_again
from course_lib.nas.table import digits201

Cells = dict[str, np.ndarray]


def several_seeds() -> Cells:
    """Final validation accuracy in points, (cells, seeds), of the best cells and of random ones.

    The best are so by seed 0; seeds 1 and 2 had no part in choosing anything.
    """
    final = 100 * digits201().curves[..., -1]
    best, other = chosen_again(final[:, 0], Plan())
    return {"random cells": final[other], "best cells": final[best]}


def seed_noise() -> dict[str, Any]:
    """Does another seed change as much as another cell does?"""
    cells = several_seeds()
    return {
        "lecture": "01_rl_nas",
        "statement": "The seed of a training matters less than the cell that is trained.",
        "prediction": "Before you look: how many points apart are two trainings of one cell, and "
        "two random cells? And two of the best cells?",
        "change_our_mind": "An interval on the other side of zero, with larger networks, longer "
        "training or more pictures to learn from.",
        "reported": "mean distance, in points of validation accuracy, of two trainings of one cell "
        "minus that of two cells trained once each",
        "conditions": f"{_counts(cells)}, seeds 1 and 2, which had no part in choosing the cells. "
        "All trainings see the same pictures; a seed draws the first weights and the order.",
        "over": "cells",
        "quantity": "Distance by seed minus distance by cell, points",
        "reference": 0.0,
        "above": "Seeds differ more than cells do",
        "below": "Seeds differ less than cells do",
        "undecided": "No difference is shown",
        **estimates({name: distances(values) for name, values in cells.items()}),
    }


def distances(values: np.ndarray) -> list[list[float]]:
    """|seed 1 - seed 2| of every cell, and |one - other| of disjoint random pairs with seed 1."""
    order = np.random.default_rng(0).permutation(len(values))
    half = len(values) // 2
    one, other = values[order[:half], 1], values[order[half : 2 * half], 1]
    return [np.abs(values[:, 1] - values[:, 2]).tolist(), np.abs(one - other).tolist()]


def winners_curse() -> dict[str, Any]:
    """By how much seed 0 flatters the cells that it chose."""
    cells = several_seeds()
    return {
        "lecture": "01_rl_nas",
        "statement": "The best values of a table flatter: its winners were lucky, too.",
        "prediction": "Before you look: how many points do the best cells lose when they are "
        "trained with two new seeds? And random cells?",
        "change_our_mind": "An interval of the best cells that holds zero.",
        "reported": "validation accuracy with seed 0, by which the best cells were chosen, minus "
        "the mean of two further seeds",
        "conditions": f"{_counts(cells)}. Searches are scored on the mean of all seeds that a cell "
        "has.",
        "over": "cells",
        "quantity": "Seed 0 minus the mean of seeds 1 and 2, points",
        "reference": 0.0,
        "above": "Seed 0 flatters",
        "below": "Seed 0 belittles",
        "undecided": "No difference is shown",
        **estimates({name: [flattery(values)] for name, values in cells.items()}),
    }


def flattery(values: np.ndarray) -> list[float]:
    """Seed 0 minus the mean of the others, per cell."""
    lost: list[float] = (values[:, 0] - values[:, 1:].mean(1)).tolist()
    return lost


def _counts(cells: Cells) -> str:
    words = " and ".join(f"{len(values)} {name}" for name, values in cells.items())
    return words[:1].upper() + words[1:]
