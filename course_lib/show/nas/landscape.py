"""Pictures of a table's landscape: early epochs, neighbours."""

from dataclasses import dataclass

import numpy as np
from matplotlib.axes import Axes
from torch import Generator

from course_lib.nas.landscape import Locality, early_correlation, locality
from course_lib.nas.table import Table
from course_lib.show.style import BLUE, INK, axes


@dataclass(frozen=True)
class EarlyInfo:
    """correlation: (epochs,) rank correlation with the last epoch. networks: over how many."""

    correlation: np.ndarray
    networks: int

    def describe(self) -> str:
        steps = ", ".join(f"epoch {e}: {c:.2f}" for e, c in enumerate(self.correlation, start=1))
        return (
            f"Rank correlation (Spearman) of the accuracy after each epoch with the final one, "
            f"over {self.networks:,} networks: {steps}."
        )


def early_info(table: Table) -> EarlyInfo:
    """How early the final order of the networks shows."""
    return EarlyInfo(early_correlation(table), len(table.curves))


def plot_early(info: EarlyInfo, *, ax: Axes | None = None) -> Axes:
    """One point per epoch, with its number."""
    ax = axes(ax)
    epochs = np.arange(1, len(info.correlation) + 1)
    ax.plot(epochs, info.correlation, "o-", color=BLUE)
    for epoch, value in zip(epochs, info.correlation, strict=True):
        ax.annotate(f"{value:.2f}", (epoch, value), (-16, 8), textcoords="offset points",
                    ha="center", color=INK, fontsize="small")  # fmt: skip
    ax.set(xlabel="epoch", ylabel="rank correlation\nwith the last epoch")
    ax.set_xlim(0.3, len(epochs) + 0.3)
    ax.set_ylim(min(0, info.correlation.min() - 0.1), 1.15)
    return ax


@dataclass(frozen=True)
class LocalityInfo:
    """`Locality`, for a picture."""

    found: Locality

    def describe(self) -> str:
        steps = ", ".join(
            f"{d} changed: {c:.2f}"
            for d, c in zip(self.found.distances, self.found.correlation, strict=True)
        )
        return (
            f"Correlation of the accuracies of two cells, by how many of their edges differ, "
            f"over {self.found.pairs:,} random pairs each: {steps}."
        )


def locality_info(table: Table, rng: Generator, *, pairs: int = 20_000) -> LocalityInfo:
    """How alike neighbours are."""
    return LocalityInfo(locality(table, rng, pairs=pairs))


def plot_locality(info: LocalityInfo, *, ax: Axes | None = None) -> Axes:
    """One bar per number of changed edges."""
    ax = axes(ax)
    bars = ax.bar(info.found.distances, info.found.correlation, color=BLUE, width=0.6)
    ax.bar_label(bars, fmt="%.2f", padding=3, fontsize="small", color=INK)
    ax.axhline(0, color=INK, linewidth=1)
    ax.margins(y=0.15)
    ax.set(xlabel="edges that differ", ylabel="correlation of\nthe two accuracies")
    return ax
