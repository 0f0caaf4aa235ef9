"""The challenge of lab 13: accuracy under the limits of three devices, of memory and parameters.

The mean of the thirty best values must reach what random search exceeds in 5 % of its attempts.
"""

import numpy as np

from course_lib.checks.artefact import Artefact
from course_lib.checks.lab13_hardware.limits import limited
from course_lib.checks.lab13_hardware.sections import SEARCHING
from course_lib.checks.search_challenge import SearchChallenge, threshold
from course_lib.core import History
from course_lib.nas.table import Table

ANSWERS = 20
HINTS = (
    "Each answer tells six numbers, not one: `trial.objectives`. What do they say about cells that "
    "were never asked?",
    "Latency is nearly a sum over the edges: your look-up table, in other words. One column for "
    "each operation on each edge, 0 or 1, and ridge regression on what was answered.",
    "After eight random answers predict the accuracy and each of the five parts of all cells. Ask "
    "about the one of the highest accuracy among those whose parts are all at most 1 by the "
    "prediction, and predict anew.",
)


def best(history: History) -> float:
    """The best value; a history without any is worth nothing."""
    return max((trial.value for trial in history), default=-1.0)


def needed(table: Table) -> float:
    """What the mean best value of random search exceeds in 5 % of its attempts."""
    measure = limited(table)
    return threshold(np.array([measure(arch).value for arch in table.space]), ANSWERS)


CHALLENGE = SearchChallenge(
    Artefact("lab13_hardware", SEARCHING, "my_search"),
    budget=float(ANSWERS),
    fidelities={1.0: None},
    posed=lambda table: (table.space, limited(table)),
    score=best,
    scored="best values",
    needed=needed,
    salt=5000,
)
