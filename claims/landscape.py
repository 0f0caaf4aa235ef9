"""Lecture 01: what the table says about its space, with how sure it is."""

from typing import Any

import numpy as np

from claims.estimates import curve, estimates
from course_lib.core import make_rng
from course_lib.nas.landscape import early_correlation, locality
from course_lib.nas.table import digits201

GROUPS = 10
SEEDS = range(20)


def early_epochs() -> dict[str, Any]:
    """Rank correlation of early epochs with the last, among all cells and among the best."""
    table = digits201()
    final = np.nanmean(table.curves[..., -1], axis=1)
    best = np.argsort(final)[-len(final) // 10 :]
    within = {
        name: [early_correlation(table, group).tolist() for group in groups(networks)]
        for name, networks in (("all cells", np.arange(len(final))), ("best tenth", best))
    }
    early = range(1, table.epochs)
    samples = {
        f"epoch {epoch}, {name}": [[row[epoch - 1] for row in rows]]
        for epoch in (1, 2, table.epochs // 2)
        for name, rows in within.items()
    }
    lines = {name: curve(early, [row[:-1] for row in rows]) for name, rows in within.items()}
    return {
        "lecture": "01_rl_nas",
        "statement": "A few epochs of training rank cells as the whole training does.",
        "prediction": f"Before you look: how large is the rank correlation after one of "
        f"{table.epochs} epochs? And among the best tenth, where a search must choose?",
        "change_our_mind": "An interval on the other side of zero: with another recipe, whose "
        "step size falls otherwise, or on other pictures.",
        "reported": "Spearman's rank correlation of the validation accuracy after so many epochs "
        "with that after the last, within groups of cells",
        "conditions": f"The cells are dealt out into {GROUPS} groups at random, so that the "
        "interval says how much such a number depends on the cells. The best tenth are the cells "
        "with the highest final accuracy; they differ less, so that noise counts more.",
        "over": "cells",
        "quantity": "Spearman's correlation with the final order",
        "reference": 0.0,
        "above": "The order shows",
        "below": "The order is turned round",
        "undecided": "No order is shown yet",
        "architectures": table.space.size,
        "seeds": list(range(GROUPS)),
        "curves": {"xlabel": "epoch", "ylabel": "correlation with the final order", "lines": lines},
        **estimates(samples),
    }


def groups(networks: np.ndarray) -> list[np.ndarray]:
    """The networks, dealt out at random."""
    return np.array_split(np.random.default_rng(0).permutation(networks), GROUPS)


def neighbours() -> dict[str, Any]:
    """Correlation of the accuracies of two cells, by how many edges differ."""
    table = digits201()
    found = [locality(table, make_rng(seed), pairs=2000) for seed in SEEDS]
    samples = {
        f"{distance} of {len(found[0].distances)} edges": [
            [float(one.correlation[place]) for one in found]
        ]
        for place, distance in enumerate(found[0].distances)
    }
    return {
        "lecture": "01_rl_nas",
        "statement": "Cells that differ in one edge have similar accuracies, so a good cell shows "
        "the way to better ones.",
        "prediction": "Before you look: how large is the correlation of two cells that differ in "
        "one edge? From how many edges on is nothing left of it?",
        "change_our_mind": "An interval on the other side of zero, in another space or with more "
        "seeds per cell.",
        "reported": "correlation of the validation accuracies of two cells that differ in so many "
        "edges",
        "conditions": f"Each of {len(SEEDS)} draws has {found[0].pairs:,} random pairs; pairs that "
        "are one network by two names are left out. Noise of the seed is in both accuracies, so "
        "the cells themselves are somewhat more alike than that.",
        "over": "draws",
        "quantity": "Correlation of two cells' accuracies",
        "reference": 0.0,
        "above": "Alike",
        "below": "Opposite",
        "undecided": "No likeness is shown",
        "architectures": table.space.size,
        "seeds": list(SEEDS),
        **estimates(samples),
    }
