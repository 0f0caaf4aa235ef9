"""Workers as lanes: who trains which rung when, and what was found by then."""

import math
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from matplotlib.axes import Axes
from matplotlib.ticker import MaxNLocator

from course_lib.nas.workers import AshaRun, Job
from course_lib.show.style import BLUE, GREEN, GREY, INK, VERMILION, axes, roles

_COLOURS = (GREY, BLUE, GREEN, VERMILION)
_HATCHES = ("", "//", "..", "xx")


@dataclass(frozen=True)
class RungsInfo:
    """A run up to a moment, and the incumbents of several runs up to it.

    shown: the name of the run whose jobs these are. now: the moment; horizon: where time's axis
    ends. jobs: all that have begun; of those that have not ended the end lies after `now`.
    finished: of each rung, how many jobs have ended; promoted: how many went on from it.
    busy: the share of the workers' time until now in which they trained.
    incumbents: name -> (times, values), the best so far from each time on.
    """

    shown: str
    now: float
    horizon: float
    workers: int
    fidelities: tuple[int, ...]
    eta: int
    jobs: list[Job]
    finished: list[int]
    promoted: list[int]
    busy: float
    incumbents: Mapping[str, tuple[np.ndarray, np.ndarray]]

    def describe(self) -> str:
        crew = f"{self.workers} workers" if self.workers > 1 else "1 worker"
        best = ", ".join(
            f"{name} {values[-1]:.3f}" if len(values) else f"{name} nothing yet"
            for name, (_, values) in self.incumbents.items()
        )
        return (
            f"{crew}, {self.shown}, eta {self.eta}, at {self.now:.4g} of {self.horizon:.4g} "
            f"seconds. {'; '.join(self.counts())}. The workers trained {self.busy:.0%} of the time. "
            f"Best so far: {best}."
        )

    def counts(self) -> list[str]:
        """Finished and promoted, rung by rung."""
        return [
            f"{fidelity} epoch{'s' if fidelity > 1 else ''}: {done} finished"
            + (f", {gone} promoted" if rung < len(self.fidelities) - 1 else "")
            for rung, (fidelity, done, gone) in enumerate(
                zip(self.fidelities, self.finished, self.promoted, strict=True)
            )
        ]


def rungs_info(
    runs: Mapping[str, AshaRun], shown: str, *, now: float, horizon: float | None = None
) -> RungsInfo:
    """What one of the runs looks like at the moment `now`, beside the incumbents of all.

    runs: name -> run. shown: the name of the one whose lanes are drawn. horizon: the end of the
    time axis, `now` unless told otherwise.
    """
    if shown not in runs:
        raise ValueError(f"shown must be one of {', '.join(runs)}, got {shown!r}")
    run = runs[shown]
    jobs = [job for job in run.jobs if job.start < now]
    rungs = range(len(run.fidelities))
    ended = [job.rung for job in jobs if job.end <= now]
    begun = [job.rung for job in jobs]
    trained = math.fsum(min(job.end, now) - job.start for job in jobs)
    return RungsInfo(
        shown=shown,
        now=now,
        horizon=now if horizon is None else horizon,
        workers=run.workers,
        fidelities=run.fidelities,
        eta=run.eta,
        jobs=jobs,
        finished=[ended.count(rung) for rung in rungs],
        promoted=[begun.count(rung + 1) for rung in rungs],
        busy=trained / (run.workers * now) if now else 0.0,
        incumbents={name: _incumbent(one, now) for name, one in runs.items()},
    )


def _incumbent(run: AshaRun, now: float) -> tuple[np.ndarray, np.ndarray]:
    points = [point for point in run.incumbent() if point[0] <= now]
    times, values = np.array(points).reshape(-1, 2).T
    return times, values


def plot_lanes(info: RungsInfo, *, ax: Axes | None = None) -> Axes:
    """A lane per worker; a bar's height, colour, hatching and number say its rung."""
    ax, top = axes(ax), max(1, len(info.fidelities) - 1)
    for rung, fidelity in enumerate(info.fidelities):
        bars = [job for job in info.jobs if job.rung == rung]
        name = f"{rung}: {fidelity}" + (" epoch" + "s" * (fidelity > 1) if rung == 0 else "")
        ax.barh(
            [job.worker + 1 for job in bars] or [np.nan],
            [min(job.end, info.now) - job.start for job in bars] or [np.nan],
            left=[job.start for job in bars] or [np.nan],
            height=0.4 + 0.5 * rung / top, label=name, linewidth=0.5, edgecolor="white",
            facecolor=_COLOURS[rung % 4], hatch=_HATCHES[rung % 4],
        )  # fmt: skip
    wide = info.horizon / 40
    for job in info.jobs:
        if info.workers <= 8 and min(job.end, info.now) - job.start > wide:
            middle = (job.start + min(job.end, info.now)) / 2
            ax.text(middle, job.worker + 1, str(job.rung), ha="center", va="center",
                    fontsize="x-small", bbox={"fc": "white", "ec": "none", "pad": 1})  # fmt: skip
    ax.axvline(info.now, color=INK, linewidth=1.5)
    ax.set(xlim=(0, info.horizon), ylim=(info.workers + 0.6, 0.4))
    ax.set(xlabel="seconds", ylabel="worker", title=f"{info.shown}: {info.busy:.0%} busy")
    ax.yaxis.set_major_locator(MaxNLocator(8, integer=True, min_n_ticks=1))
    ax.legend(
        title="rung: trained for", ncols=4, loc="upper center", bbox_to_anchor=(0.5, -0.16),
        fontsize="small", title_fontsize="small", columnspacing=1.0, handletextpad=0.4,
    )  # fmt: skip
    return ax


def plot_incumbents(
    info: RungsInfo, *, limits: tuple[float, float] | None = None, ax: Axes | None = None
) -> Axes:
    """The best value that has finished, over time, of every run; limits: of the values."""
    ax, looks = axes(ax), roles(info.incumbents)
    for name, (times, values) in info.incumbents.items():
        if len(times):
            xs, ys = np.append(times, info.now), np.append(values, values[-1])
            look = looks[name]
            label = f"{name} {ys[-1]:.3f}"
            ax.step(xs, ys, where="post", color=look.colour, linestyle=look.line, label=label)
    ax.axvline(info.now, color=INK, linewidth=1.5)
    ax.set(xlim=(0, info.horizon), xlabel="seconds", ylabel="best validation accuracy so far")
    if limits:
        ax.set_ylim(*limits)
    if ax.get_legend_handles_labels()[0]:
        ax.legend(loc="lower right")
    return ax
