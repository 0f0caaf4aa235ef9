"""Lecture 01: how much of a cell's accuracy is the luck of its seed?"""

import numpy as np

from claims.estimates import estimates
from course_lib.nas.plan import Plan, chosen_again
from course_lib.nas.table import digits201
from course_lib.show.measured import Measured

Cells = dict[str, np.ndarray]


def several_seeds() -> Cells:
    """Final validation accuracy in points, (cells, seeds), of the best cells and of random ones.

    The best are so by seed 0; seeds 1 and 2 had no part in choosing anything.
    """
    final = 100 * digits201().curves[..., -1]
    best, other = chosen_again(final[:, 0], Plan())
    return {"random cells": final[other], "best cells": final[best]}


def seed_noise() -> Measured:
    """Does another seed change as much as another cell does?"""
    cells = several_seeds()
    return Measured(
        conditions=f"{_counts(cells)}, seeds 1 and 2, which had no part in choosing the cells. "
        "All trainings see the same pictures; a seed draws the first weights and the order.",
        estimates=estimates({name: distances(values) for name, values in cells.items()}),
        over="cells",
    )


def distances(values: np.ndarray) -> list[list[float]]:
    """|seed 1 - seed 2| of every cell, and |one - other| of disjoint random pairs with seed 1."""
    order = np.random.default_rng(0).permutation(len(values))
    half = len(values) // 2
    one, other = values[order[:half], 1], values[order[half : 2 * half], 1]
    return [np.abs(values[:, 1] - values[:, 2]).tolist(), np.abs(one - other).tolist()]


def winners_curse() -> Measured:
    """By how much seed 0 flatters the cells that it chose."""
    cells = several_seeds()
    return Measured(
        conditions=f"{_counts(cells)}. Searches are scored on the mean of all seeds that a cell "
        "has.",
        estimates=estimates({name: [flattery(values)] for name, values in cells.items()}),
        over="cells",
    )


def flattery(values: np.ndarray) -> list[float]:
    """Seed 0 minus the mean of the others, per cell."""
    lost: list[float] = (values[:, 0] - values[:, 1:].mean(1)).tolist()
    return lost


def _counts(cells: Cells) -> str:
    words = " and ".join(f"{len(values)} {name}" for name, values in cells.items())
    return words[:1].upper() + words[1:]
