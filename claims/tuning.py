"""What a search has found at several budgets, and the best of several settings by it."""

from collections.abc import Sequence

import numpy as np

from course_lib.core import History, Measure, Search, Space, compare


def values_at(history: History, measure: Measure, budgets: Sequence[float]) -> list[float]:
    """The full value of the incumbent at each budget.

    The incumbent is the architecture of the best answer that was paid by then; where searches buy
    cheap answers, too, `measure` says what it is worth.
    """
    paid = np.cumsum(history.costs)
    ends = np.searchsorted(paid, np.array(budgets) * (1 + 1e-9), side="right")
    return [measure(history[:end].best().arch).value for end in ends]


def tune(
    searches: Sequence[Search],
    space: Space,
    measure: Measure,
    *,
    budgets: Sequence[int],
    seeds: Sequence[int],
    n_jobs: int = 1,
) -> int:
    """Which of the searches finds the highest value, averaged over budgets and seeds."""
    if len(searches) == 1:
        return 0
    named = {str(index): search for index, search in enumerate(searches)}
    runs = compare(named, space, measure, budget=max(budgets), seeds=seeds, n_jobs=n_jobs)
    found = [
        np.mean([values_at(run, measure, budgets) for run in histories])
        for histories in runs.values()
    ]
    return int(np.argmax(found))
