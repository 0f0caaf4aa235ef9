"""Lecture 05: are the best models of random search, the controller and evolution alike?"""

from collections.abc import Mapping, Sequence
from itertools import combinations

import numpy as np

from claims.estimates import estimates
from claims.luck import points
from claims.searches import CANDIDATES, RANDOM, SEEDS, conditions, histories, tuned
from claims.tuning import incumbents
from course_lib.core.compare import Run
from course_lib.core.statistics import by_pair
from course_lib.nas.table import Table, digits201
from course_lib.show.measured import Intervals, Measured, Samples

SEARCHES = (RANDOM, "controller", "evolution")
BUDGETS = (25, 100, 200)
MARGIN = 1.0
"""Points of test accuracy: less than that counts as alike."""


def best_models() -> Measured:
    """How far the best models of each two searches are apart, the better search first."""
    table, runs = digits201(), histories()
    accuracies = {
        budget: {name: reported(table, runs[name], budget) for name in SEARCHES}
        for budget in BUDGETS
    }
    samples = {
        f"{pair}, {budget}": sample
        for budget, found in accuracies.items()
        for pair, sample in leads(found).items()
    }
    own = estimates(samples)
    return Measured(
        conditions=f"{conditions()} The better search of each pair is named first, so that its "
        "lead is positive and an interval below the margin lies within it on both sides. Leads "
        f"are paired by seed. {_means(accuracies)} {shown(own)}",
        estimates=own,
        reference=MARGIN,
        seeds=list(SEEDS),
        settings={
            "margin": MARGIN,
            "tuned": {name: tuned()[name] for name in SEARCHES if CANDIDATES[name][1] != [{}]},
            "architectures": table.space.size,
        },
    )


def reported(table: Table, runs: Sequence[Run], budget: float) -> list[float]:
    """Of every run, the points of test accuracy of its best answer by validation, read once."""
    return [points(table, incumbents(run, [budget])[0]) for run in runs]


def leads(found: Mapping[str, Sequence[float]]) -> Samples:
    """For each two searches, seed by seed, by how much the one with the higher mean leads.

    A t interval is symmetric: with a mean that is not negative, [low, high] lies within
    (-margin, margin) where high < margin, and beyond it where low > margin.
    """
    samples = {}
    for pair in combinations(found, 2):
        ahead, behind = sorted(pair, key=lambda name: -np.mean(found[name]))
        samples[f"{ahead} - {behind}"] = [by_pair(found[ahead], found[behind]).tolist()]
    return samples


def shown(found: Intervals) -> str:
    """In words: the leads that are no accident, small or not."""
    leading = [row.label for row in found.rows if row.low > 0]
    return f"Above zero lie the intervals of: {' · '.join(leading) or 'none'}."


def _means(accuracies: Mapping[int, Mapping[str, Sequence[float]]]) -> str:
    """In words: the mean test accuracy of every search at every budget."""
    parts = [
        f"{', '.join(f'{name} {np.mean(own):.1f}' for name, own in found.items())} after {budget}"
        for budget, found in accuracies.items()
    ]
    return f"Mean test accuracies in percent: {'; '.join(parts)} trainings."
