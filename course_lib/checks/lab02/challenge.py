"""The challenge of lab 02: a search with two prices.

A question costs 1 if the cell is trained alone, 1/50 if it inherits its weights from a supernet.
The mean of the thirty best stand-alone accuracies must reach what random search on stand-alone
accuracies exceeds in 5 % of its attempts.
"""

import numpy as np

from course_lib.checks.artefact import Artefact
from course_lib.checks.lab02.inherited import SPACE, inherited
from course_lib.checks.lab02.sections import INHERITED
from course_lib.checks.search_challenge import SearchChallenge, threshold
from course_lib.checks.wrong import Wrong
from course_lib.core import Arch, History, Measure, Trial
from course_lib.nas.table import Table

BUDGET = 10
CHEAP = 1
"""The fidelity of an answer with inherited weights."""
PRICE = 0.02
HINTS = (
    "Random search buys ten trainings. What do you know after two hundred inherited answers and "
    "six trainings?",
    "The supernet's answers are wrong in detail: do not train only the cell that it likes best.",
    "Ask for inherited accuracies of many random cells, sort, and train the best few alone: "
    "oracle(arch, 1), then oracle(arch).",
)


def two_prices(table: Table) -> Measure:
    """measure(arch): trained alone, cost 1; measure(arch, 1): inherited weights, cost PRICE."""

    def value(arch: Arch, fidelity: int | None = None, /) -> Trial:
        if fidelity is None:
            return Trial(arch, stand_alone(table, arch), 1.0)
        if fidelity != CHEAP:
            raise ValueError(
                f"fidelity is {fidelity}, expected {CHEAP} for inherited weights, or none at all "
                "for a training alone"
            )
        return Trial(arch, inherited()[arch], PRICE)

    return value


def stand_alone(table: Table, arch: Arch) -> float:
    """The table's validation accuracy of a cell of `SPACE`."""
    return table.measure(table.space.parse(SPACE.describe(arch))).value


def trained_alone(trial: Trial) -> bool:
    """Whether the answer was paid as a training, and not as an inherited accuracy."""
    return trial.cost > PRICE


def best_alone(history: History) -> float:
    """The best accuracy among the cells that were trained alone; there must be one."""
    alone = [trial.value for trial in history if trained_alone(trial)]
    if not alone:
        raise Wrong("trained no cell alone: oracle(arch)")
    return max(alone)


def needed(table: Table) -> float:
    """What the mean best value of random search, ten trainings a problem, exceeds in 5 %."""
    return threshold(np.array([stand_alone(table, arch) for arch in SPACE]), BUDGET)


CHALLENGE = SearchChallenge(
    Artefact("lab02_weight_sharing", INHERITED, "my_search"),
    budget=BUDGET,
    fidelities={1.0: None, PRICE: CHEAP},
    posed=lambda table: (SPACE, two_prices(table)),
    score=best_alone,
    scored="best trained cells",
    needed=needed,
)
