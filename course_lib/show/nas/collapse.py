"""Collapse: what would be derived at each epoch of a search, and what the derivation costs."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from matplotlib.axes import Axes
from torch import Tensor

from course_lib.core import Log
from course_lib.nas.one_shot import derive
from course_lib.show.nas.cells import look
from course_lib.show.nas.dag_layout import dag_layout
from course_lib.show.style import BLUE, GREEN, GREY, INK, VERMILION, axes


@dataclass(frozen=True)
class CountsInfo:
    """Which operations the derived architecture would have, over the epochs of some searches.

    counts: (runs, entries, operations). epochs: (entries,). operations: library names.
    stop: an epoch to mark, if any.
    """

    counts: np.ndarray
    epochs: np.ndarray
    operations: tuple[str, ...]
    stop: float | None

    @property
    def mean(self) -> np.ndarray:
        """(entries, operations)."""
        return np.asarray(self.counts.mean(0))

    def of(self, operation: str) -> np.ndarray:
        """Counts of one operation, (runs, entries)."""
        return np.asarray(self.counts[..., self.operations.index(operation)])

    @property
    def weightless(self) -> np.ndarray:
        """How many derived edges have nothing to train (skip, pooling, zero): (runs, entries)."""
        columns = [k for k, name in enumerate(self.operations) if _weightless(name)]
        return np.asarray(self.counts[..., columns].sum(-1))

    def describe(self) -> str:
        places = sorted({0, len(self.epochs) // 2, len(self.epochs) - 1})
        parts = [
            f"epoch {self.epochs[i]:g}: "
            + ", ".join(
                f"{look(name)[0]} {value:.3g}"
                for name, value in zip(self.operations, self.mean[i], strict=True)
                if value > 0
            )
            for i in places
        ]
        runs = len(self.counts)
        many = f", mean of {runs} searches" if runs > 1 else ""
        return f"Operations in the derived cell over the search{many}. At {'; at '.join(parts)}."


def counts_info(space: Any, logs: Sequence[Log], *, stop: float | None = None) -> CountsInfo:
    """Derive at every entry of every log and count operations; a DARTS cell never takes zero.

    logs: of one space and equally many entries; the epochs are those of the first.
    """
    if not logs or len({len(log) for log in logs}) != 1:
        raise ValueError("expected at least one log, and all of them with equally many entries")
    layout = dag_layout(space)
    counts = np.stack(
        [np.stack([_count(space, torch.as_tensor(a)) for a in log["alpha"]]) for log in logs]
    )
    if layout.pairs and "none" in space.operations:
        counts[..., space.operations.index("none")] = 0
    return CountsInfo(counts, logs[0]["epoch"], tuple(space.operations), stop)


def _count(space: Any, alpha: Tensor) -> np.ndarray:
    return np.asarray(space.one_hot(derive(space, alpha)).sum(0).numpy())


def plot_counts(info: CountsInfo, *, ax: Axes | None = None) -> Axes:
    """Stacked counts with a band per operation, named where the band is longest."""
    ax = axes(ax)
    order = sorted(range(len(info.operations)), key=lambda k: _weightless(info.operations[k]))
    bottom = np.zeros(len(info.epochs))
    step = float(np.ptp(info.epochs[-2:])) or 1.0  # the last entry is as wide as the one before
    x = np.append(info.epochs, info.epochs[-1] + step)
    for k in order:
        band, (label, colour, _) = info.mean[:, k], look(info.operations[k])
        top = bottom + band
        hatch = "//" if _weightless(info.operations[k]) else None
        low, high = (np.append(edge, edge[-1]) for edge in (bottom, top))
        ax.fill_between(x, low, high, step="post", facecolor=colour, hatch=hatch, edgecolor="white")
        if band.any():
            _name_band(ax, label, info, bottom + band / 2, band)
        bottom = top
    if info.stop is not None:
        ax.axvline(info.stop, color=INK, linestyle="--")
        ax.text(info.stop, bottom[0], " stop here", ha="left", va="bottom", color=INK)
    ax.set(xlim=(x[0], x[-1]), ylim=(0, bottom.max()), xlabel="epoch", ylabel="edges")
    return ax


def _name_band(
    ax: Axes, label: str, info: CountsInfo, middle: np.ndarray, band: np.ndarray
) -> None:
    """Write the name in the longest stretch that there is a band, where it is widest."""
    stretch = _longest(np.flatnonzero(band > 0))
    widest = _longest(stretch[band[stretch] == band[stretch].max()])
    place = widest[len(widest) // 2]
    face = {"facecolor": "white", "edgecolor": "none", "alpha": 0.85, "pad": 2}
    first, last = info.epochs[0], info.epochs[-1]
    inside = np.clip(info.epochs[place], first + 0.06 * (last - first), last)
    ax.text(inside, middle[place], label, ha="center", va="center", bbox=face, color=INK)


def _longest(places: np.ndarray) -> np.ndarray:
    """The longest run of successive numbers among increasing ones."""
    return max(np.split(places, np.flatnonzero(np.diff(places) > 1) + 1), key=len)


def _weightless(operation: str) -> int:
    """1 for an operation that has nothing to train."""
    return int("conv" not in operation)


@dataclass(frozen=True)
class GapInfo:
    """Validation accuracy on the way from a mixture to a network of its own.

    names: (searches,). mixture, derived: with the weights of the search. retrained: of the derived
    architecture trained from scratch, nan where it was not.
    """

    names: tuple[str, ...]
    mixture: np.ndarray
    derived: np.ndarray
    retrained: np.ndarray

    def describe(self) -> str:
        rows = "; ".join(
            f"{name}: mixture {mixture:.3f}, derived with inherited weights {derived:.3f}"
            + (f", retrained {retrained:.3f}" if np.isfinite(retrained) else "")
            for name, mixture, derived, retrained in zip(
                self.names, self.mixture, self.derived, self.retrained, strict=True
            )
        )
        return f"Validation accuracy before and after the derivation. {rows}."


def gap_info(rows: Mapping[str, tuple[float, float] | tuple[float, float, float]]) -> GapInfo:
    """name -> (mixture, derived) or (mixture, derived, retrained) accuracies."""
    if not rows:
        raise ValueError("rows is empty: expected at least one search")
    table = np.array([(*row, np.nan)[:3] for row in rows.values()], dtype=float)
    return GapInfo(tuple(rows), *table.T)


def plot_gap(info: GapInfo, *, ax: Axes | None = None) -> Axes:
    """A line per search: from the mixture to the derived path, and where retraining leads."""
    ax = axes(ax)
    y = np.arange(len(info.names))[::-1]
    ax.hlines(y, info.derived, info.mixture, color=GREY, linewidth=4)
    for values, colour, marker, label, side in (
        (info.mixture, BLUE, "o", "mixture", 1),
        (info.derived, VERMILION, "s", "derived, inherited weights", -1),
        (info.retrained, GREEN, "^", "derived, retrained", 1),
    ):
        ax.plot(values, y, marker, color=colour, markersize=12, label=label)
        for value, height in zip(values, y, strict=True):
            if np.isfinite(value):
                ax.annotate(f"{value:.3f}", (value, height), (0, 13 * side - 5 * (side < 0)),
                            textcoords="offset points", ha="center", va="center", color=INK,
                            fontsize="small")  # fmt: skip
    ax.set_yticks(y, info.names)
    ax.set(xlabel="validation accuracy", ylim=(-0.7, len(y) - 0.3))
    ax.margins(x=0.1)
    ax.legend(loc="lower center", bbox_to_anchor=(0.5, 1), ncols=3, fontsize="small")
    return ax
