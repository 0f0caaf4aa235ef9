"""The challenge of lab 01: a search that must beat random search with the same sixty answers.

The mean of the thirty best values must reach what random search exceeds in 5 % of its attempts.
"""

import numpy as np

from course_lib.checks.artefact import Artefact
from course_lib.checks.lab01_rl_nas.sections import CLAIM
from course_lib.checks.search_challenge import SearchChallenge, threshold
from course_lib.checks.wrong import Wrong
from course_lib.core import Arch, History, Measure, Trial
from course_lib.nas.table import Table

BUDGET = 60
HINTS = (
    "Random search forgets. Keep the answers in a dictionary and never ask twice.",
    "Spend about 20 answers on random samples, then `mutate` one of the best few.",
    "`with oracle:` ends quietly when the budget is spent; choose with `randint(rng, n)`.",
)


def measure(table: Table) -> Measure:
    """The table's value, and nothing else, at cost 1."""

    def value(arch: Arch, fidelity: int | None = None, /) -> Trial:
        return Trial(arch, table.measure(arch).value)

    return value


def best(history: History) -> float:
    """The best value; all answers must be asked for."""
    if len(history) != BUDGET:
        raise Wrong(
            f"asked {len(history)} questions, expected all {BUDGET}: `while True:` inside "
            "`with oracle:` ends when they are spent"
        )
    return history.best().value


def needed(table: Table) -> float:
    """What the mean best value of random search exceeds in 5 % of its attempts."""
    return threshold(np.array([table.measure(arch).value for arch in table.space]), BUDGET)


CHALLENGE = SearchChallenge(
    Artefact("lab01_rl_nas", CLAIM, "my_search"),
    budget=BUDGET,
    fidelities={1.0: None},
    posed=lambda table: (table.space, measure(table)),
    score=best,
    scored="best values",
    needed=needed,
)
write_challenge = CHALLENGE.write
challenge = CHALLENGE.judge
problem = CHALLENGE.problem
