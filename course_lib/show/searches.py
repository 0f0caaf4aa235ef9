"""Several searches, several seeds: best value so far, or regret."""

from collections.abc import Mapping, Sequence

import numpy as np

from course_lib.core import History
from course_lib.show.lines import LinesInfo, lines_info


def progress_info(
    histories: Mapping[str, Sequence[History]],
    *,
    optimum: float | None = None,
    points: int = 200,
) -> LinesInfo:
    """Best so far on a common grid of costs, from the first answer to the shortest history's end.

    Lines are medians over the seeds, bands quartiles.
    optimum: the highest possible value; given, the regret (optimum - best so far) is shown.
    """
    runs = [run for runs in histories.values() for run in runs]
    if not runs or min(map(len, runs)) == 0:
        raise ValueError("histories is empty: expected at least one non-empty History per search")
    start = max(run.costs[0] for run in runs)
    spent = np.linspace(start, min(run.costs.sum() for run in runs), points)
    curves = {
        name: np.stack([_best_at(run, spent) for run in searches])
        for name, searches in histories.items()
    }
    if optimum is not None:
        curves = {name: optimum - curve for name, curve in curves.items()}
    low, middle, high = (
        {name: np.quantile(curve, share, 0) for name, curve in curves.items()}
        for share in (0.25, 0.5, 0.75)
    )
    positive = all(edge.min() > 0 for edge in low.values())
    return lines_info(
        spent,
        middle,
        x=f"cost spent   (median, quartiles over {min(map(len, histories.values()))} seeds)",
        y="value of the best so far" if optimum is None else "regret in value",
        bands={name: (low[name], high[name]) for name in middle},
        logarithmic="y" if optimum is not None and positive else "",
    )


def _best_at(run: History, spent: np.ndarray) -> np.ndarray:
    """The value of the best trial so far when `spent` has been paid, shape (points,)."""
    paid = np.cumsum(run.costs)
    last = np.searchsorted(paid, spent * (1 + 1e-12), side="right") - 1
    return np.asarray(run.best_so_far()[last])
