"""Several searches, several seeds: best value so far, regret, and who wins how often."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from matplotlib.axes import Axes
from torch import Generator

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
    report: str | None = None,
    points: int = 200,
) -> ProgressInfo:
    """Best so far on a common grid of costs, from the first answer to the shortest history's end.

    optimum: the highest possible value; given, the regret (optimum - best so far) is shown.
    report: a key of the trials' `info`; the best is still chosen by value, but this is shown.
    """
    runs = [run for runs in histories.values() for run in runs]
    if not runs or min(map(len, runs)) == 0:
        raise ValueError("histories is empty: expected at least one non-empty History per search")
    start = max(run.costs[0] for run in runs)
    spent = np.linspace(start, min(run.costs.sum() for run in runs), points)
    what = report.replace("_", " ") if report else "value"
    curves = {
        name: np.stack([_best_at(run, spent, report) for run in searches])
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
        quantity=f"{what} of the best so far" if optimum is None else f"regret in {what}",
        seeds=min(map(len, histories.values())),
    )


def _best_at(run: History, spent: np.ndarray, report: str | None) -> np.ndarray:
    """What the best trial so far is worth when `spent` has been paid, shape (points,)."""
    paid = np.cumsum(run.costs)
    last = np.searchsorted(paid, spent * (1 + 1e-12), side="right") - 1
    if report is None:
        return np.asarray(run.best_so_far()[last])
    best = run.best_so_far()
    leaders = [int(np.argmax(run.values == value)) for value in best]
    return np.array([float(run[leaders[i]].info[report]) for i in last])


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


@dataclass(frozen=True)
class DuelInfo:
    """Two searches at equal budget: the final value of every seed, and who is ahead.

    ours, theirs: (seeds,) final values. names: theirs after ours.
    wins: the share of pairs of runs in which ours ends higher, ties counted half; with
        `wins_interval`, 95 % bootstrap over seeds. difference: mean of ours - mean of theirs, same.
    """

    names: tuple[str, str]
    ours: np.ndarray
    theirs: np.ndarray
    wins: float
    wins_interval: tuple[float, float]
    difference: float
    difference_interval: tuple[float, float]

    def describe(self) -> str:
        ours, theirs = self.names
        return (
            f"Final values of {ours} ({len(self.ours)} seeds, mean {self.ours.mean():.4f}) and "
            f"{theirs} ({len(self.theirs)} seeds, mean {self.theirs.mean():.4f}). Difference of "
            f"means {self.difference:+.4f} (95 % interval {self.difference_interval[0]:+.4f} to "
            f"{self.difference_interval[1]:+.4f}). {ours} ends higher in {self.wins:.0%} of pairs "
            f"of runs ({self.wins_interval[0]:.0%} to {self.wins_interval[1]:.0%})."
        )


def duel_info(
    histories: Mapping[str, Sequence[History]],
    ours: str,
    theirs: str,
    rng: Generator,
    *,
    report: str | None = None,
    resamples: int = 2000,
) -> DuelInfo:
    """P(ours wins) and the difference of means, each with a percentile bootstrap over seeds.

    report: as in `progress_info`.
    """
    ends = {name: _finals(histories[name], report) for name in (ours, theirs)}
    a, b = ends[ours], ends[theirs]
    pairs = np.where(a[:, None] == b[None, :], 0.5, a[:, None] > b[None, :])
    i = torch.randint(len(a), (resamples, len(a)), generator=rng).numpy()
    j = torch.randint(len(b), (resamples, len(b)), generator=rng).numpy()
    wins = np.array(
        [pairs[np.ix_(rows, columns)].mean() for rows, columns in zip(i, j, strict=True)]
    )
    return DuelInfo(
        names=(ours, theirs),
        ours=a,
        theirs=b,
        wins=float(pairs.mean()),
        wins_interval=_interval(wins),
        difference=float(a.mean() - b.mean()),
        difference_interval=_interval(a[i].mean(1) - b[j].mean(1)),
    )


def _finals(runs: Sequence[History], report: str | None) -> np.ndarray:
    best = [run.best() for run in runs]
    return np.array([trial.value if report is None else trial.info[report] for trial in best])


def _interval(resampled: np.ndarray) -> tuple[float, float]:
    low, high = np.quantile(resampled, (0.025, 0.975))
    return float(low), float(high)


def plot_duel(info: DuelInfo, *, ax: Axes | None = None) -> Axes:
    """A dot per seed and a bar at the mean, one row per search; who wins how often."""
    ax = axes(ax)
    looks = roles(info.names)
    for row, (name, ends) in enumerate(zip(info.names, (info.ours, info.theirs), strict=True)):
        look = looks[name]
        offsets = row + 0.12 * (np.argsort(np.argsort(ends)) % 5 - 2)
        ax.plot(ends, offsets, look.marker, color=look.colour, alpha=0.6, markersize=7)
        ax.plot([ends.mean()] * 2, [row - 0.35, row + 0.35], color=look.colour, linewidth=4)
    low, high = info.wins_interval
    share = f"{info.wins:.0%} of pairs of runs  [{low:.0%}, {high:.0%}]"
    ax.set_title(f"{info.names[0]} ends higher in\n{share}", loc="left")
    ax.set_yticks([0, 1], info.names)
    ax.set(xlabel="value at the end of the budget", ylim=(1.6, -0.6))
    ax.spines["left"].set_visible(False)
    ax.tick_params(left=False)
    return ax
