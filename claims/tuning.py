"""What a search has found at several budgets, and the best of several settings by it."""

from collections.abc import Sequence

import numpy as np

from course_lib.core import Measure, Search, Space, compare
from course_lib.core.compare import incumbents, values_at

__all__ = ["incumbents", "tune", "values_at"]


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
