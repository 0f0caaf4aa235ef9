"""The challenge of lab 05: a search that pays in epochs, and may stop a training early.

The mean of the thirty best accuracies after whole trainings must reach what random search exceeds
in 5 % of its attempts if it spends the same epochs on whole trainings.
"""

import numpy as np

from course_lib.checks.artefact import Artefact
from course_lib.checks.lab05_random_search.sections import SURROGATE
from course_lib.checks.search_challenge import SearchChallenge, threshold
from course_lib.checks.wrong import Wrong
from course_lib.core import Arch, History, Measure, Trial
from course_lib.nas.table import Table

TRAININGS, WHOLE = 20, 8
EPOCHS = (1, 5, WHOLE)
CHARGES = {float(end - start): end for end in EPOCHS for start in (0, *EPOCHS) if start < end}
"""What an answer costs -> after how many epochs it was measured: no two differences are equal."""
HINTS = (
    "Look before you trust: how well do 60 cells after 1 or 5 epochs predict themselves after 8?",
    "An answer says something about cells that were never asked: they share operations with it. "
    "What would you predict for a cell from those that were trained?",
    "One column for each operation on each edge, 0 or 1, and ridge regression: after eight random "
    "trainings, always train one of the cells with the best prediction, and predict anew.",
)


def in_epochs(table: Table) -> Measure:
    """measure(arch, epochs): validation accuracy after so many epochs, which it costs."""

    def value(arch: Arch, fidelity: int | None = None, /) -> Trial:
        if fidelity not in EPOCHS:
            raise ValueError(
                f"oracle(arch, epochs): epochs is {fidelity}, expected one of {EPOCHS}"
            )
        return Trial(arch, table.measure(arch, fidelity).value, float(fidelity))

    return value


def best_trained(history: History) -> float:
    """The best accuracy after a whole training; there must be one."""
    whole = [trial.value for trial in history if CHARGES.get(trial.cost) == WHOLE]
    if not whole:
        raise Wrong(f"trained no cell to the end: oracle(arch, {WHOLE})")
    return max(whole)


def needed(table: Table) -> float:
    """What the mean best value of random search, twenty trainings a problem, exceeds in 5 %."""
    return threshold(np.array([table.measure(arch).value for arch in table.space]), TRAININGS)


CHALLENGE = SearchChallenge(
    Artefact("lab05_random_search", SURROGATE, "my_search"),
    budget=float(TRAININGS * WHOLE),
    fidelities=CHARGES,
    posed=lambda table: (table.space, in_epochs(table)),
    score=best_trained,
    scored="best trained cells",
    needed=needed,
)
