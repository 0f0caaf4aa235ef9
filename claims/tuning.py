"""What a search has found at several budgets, and the best of several settings by it."""

from collections.abc import Collection, Sequence

import numpy as np

from course_lib.core import Measure, Search, Space
from course_lib.core.compare import compare_at, incumbents, values_at

__all__ = ["incumbents", "tune", "values_at"]


def tune(
    searches: Sequence[Search],
    space: Space,
    measure: Measure,
    *,
    budgets: Sequence[int],
    seeds: Sequence[int],
    planned: Collection[int] = (),
    n_jobs: int = 1,
) -> int:
    """Which of the searches finds the highest value, averaged over budgets and seeds.

    planned: which of them look at their budget, see `compare_at`.
    """
    if len(searches) == 1:
        return 0
    named = {str(index): search for index, search in enumerate(searches)}
    runs = compare_at(
        named,
        space,
        measure,
        budgets=budgets,
        seeds=seeds,
        planned=[str(index) for index in planned],
        n_jobs=n_jobs,
    )
    found = [np.mean([values_at(run, measure, budgets) for run in own]) for own in runs.values()]
    return int(np.argmax(found))
