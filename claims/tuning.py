"""What a search has found at several budgets, and the best of several settings by it."""

from collections.abc import Sequence

import numpy as np

from course_lib.core import Arch, History, Measure, Search, Space, compare


def incumbents(history: History, budgets: Sequence[float]) -> list[Arch]:
    """At each budget, the architecture of the best answer that was paid by then."""
    paid = np.cumsum(history.costs)
    ends = np.searchsorted(paid, np.array(budgets) * (1 + 1e-9), side="right")
    return [history[:end].best().arch for end in ends]


def values_at(history: History, measure: Measure, budgets: Sequence[float]) -> list[float]:
    """The full value of the incumbent at each budget.

    Where searches buy cheap answers, too, `measure` says what the incumbent is worth.
    """
    return [measure(arch).value for arch in incumbents(history, budgets)]


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
