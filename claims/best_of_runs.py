"""Lecture 05: by how much does the best of several runs flatter a search?"""

from collections.abc import Sequence

import numpy as np

from claims.best_models import reported
from claims.estimates import estimates
from claims.searches import BUDGET, RANDOM, SEEDS, conditions, histories, tuned
from course_lib.core.statistics import expected_best
from course_lib.nas.table import digits201
from course_lib.show.measured import Measured

RUNS = 5


def best_of_runs() -> Measured:
    """The expected best of five runs minus the mean of all runs, search by search."""
    table = digits201()
    found = {name: reported(table, runs, BUDGET) for name, runs in histories().items()}
    best = {name: expected_best(own, RUNS, replace=False) for name, own in found.items()}
    rivals = ", ".join(f"{n} {np.mean(own):.1f}" for n, own in found.items() if n != RANDOM)
    return Measured(
        conditions=f"{conditions()} The best of {RUNS} is that of all subsets of {len(SEEDS)} "
        f"runs, computed without drawing; its interval is the jackknife's. With {RUNS} runs of "
        f"{BUDGET} trainings, the best of random search has {best[RANDOM]:.1f} % test accuracy, "
        f"its mean run {np.mean(found[RANDOM]):.1f}; the mean runs of the others: {rivals}.",
        estimates=estimates({name: [flattery(own, RUNS)] for name, own in found.items()}),
        seeds=list(SEEDS),
        settings={"budget": BUDGET, "runs": RUNS, "tuned": tuned()},
    )


def flattery(values: Sequence[float], n: int) -> list[float]:
    """What each of N values adds to U = (expected best of n) - (mean): U's pseudo-values.

    u_i = N U - (N - 1) U without value i. Both parts of U are means over subsets, so the mean of
    the u_i is U itself, and a t interval of the u_i is the jackknife's.

    n: fewer than the values. Source: Arvesen 1969.
    """
    own = np.asarray(values, dtype=float)
    without = [_lead(np.delete(own, place), n) for place in range(len(own))]
    pseudo: list[float] = (len(own) * _lead(own, n) - (len(own) - 1) * np.array(without)).tolist()
    return pseudo


def _lead(values: np.ndarray, n: int) -> float:
    return expected_best(values, n, replace=False) - float(np.mean(values))
