"""Several searches, several seeds: best value so far, or regret."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from matplotlib.axes import Axes

from course_lib.core import History
from course_lib.show.style import axes, label_ends, plain_log, roles


@dataclass(frozen=True)
class ProgressInfo:
    """How the best architecture found improves with what was spent.

    spent: (points,) cost, in the unit of the oracle's budget.
    middle, low, high: per search (points,): median and quartiles over the seeds.
    quantity: what is shown. seeds: how many runs each search had.
    """

    spent: np.ndarray
    middle: dict[str, np.ndarray]
    low: dict[str, np.ndarray]
    high: dict[str, np.ndarray]
    quantity: str
    seeds: int

    def describe(self) -> str:
        ends = "; ".join(
            f"{name} {self.middle[name][-1]:.4f} ({self.low[name][-1]:.4f} to "
            f"{self.high[name][-1]:.4f})"
            for name in self.middle
        )
        return (
            f"{self.quantity.capitalize()} against the cost spent, median and quartiles over "
            f"{self.seeds} seeds. At a cost of {self.spent[-1]:g}: {ends}."
        )


def progress_info(
    histories: Mapping[str, Sequence[History]],
    *,
    optimum: float | None = None,
    points: int = 200,
) -> ProgressInfo:
    """Best so far on a common grid of costs, from the first answer to the shortest history's end.

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
    quartiles = {name: np.quantile(curve, (0.25, 0.5, 0.75), 0) for name, curve in curves.items()}
    return ProgressInfo(
        spent=spent,
        middle={name: q[1] for name, q in quartiles.items()},
        low={name: q[0] for name, q in quartiles.items()},
        high={name: q[2] for name, q in quartiles.items()},
        quantity="value of the best so far" if optimum is None else "regret in value",
        seeds=min(map(len, histories.values())),
    )


def _best_at(run: History, spent: np.ndarray) -> np.ndarray:
    """The value of the best trial so far when `spent` has been paid, shape (points,)."""
    paid = np.cumsum(run.costs)
    last = np.searchsorted(paid, spent * (1 + 1e-12), side="right") - 1
    return np.asarray(run.best_so_far()[last])


def plot_progress(info: ProgressInfo, *, ax: Axes | None = None) -> Axes:
    """One line and one band (quartiles over seeds) per search, named at its end."""
    ax = axes(ax)
    looks = roles(info.middle)
    for name, middle in info.middle.items():
        look = looks[name]
        ax.plot(info.spent, middle, color=look.colour, linestyle=look.line)
        ax.fill_between(
            info.spent, info.low[name], info.high[name], color=look.colour, alpha=0.15, lw=0
        )
    if info.quantity.startswith("regret") and all(low.min() > 0 for low in info.low.values()):
        ax.set_yscale("log")
        plain_log(ax.yaxis)
    ax.set(xlabel=f"cost spent   (median, quartiles over {info.seeds} seeds)", ylabel=info.quantity)
    ax.set_xlim(info.spent[0], info.spent[-1])
    ends = {
        name: (info.spent[-1], float(middle[-1]), looks[name].colour)
        for name, middle in info.middle.items()
    }
    label_ends(ax, ends)
    return ax
