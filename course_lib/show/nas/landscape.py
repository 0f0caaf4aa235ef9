"""Pictures of a table's landscape: early epochs, neighbours."""

from dataclasses import dataclass

from matplotlib.axes import Axes
from torch import Generator

from course_lib.nas.landscape import Locality, early_correlation, locality
from course_lib.nas.table import Table
from course_lib.show.lines import LinesInfo, lines_info
from course_lib.show.style import BLUE, INK, axes


def early_info(table: Table) -> LinesInfo:
    """How early the final order of the networks shows: the line "correlation", over the epochs."""
    correlation = early_correlation(table)
    return lines_info(
        range(1, len(correlation) + 1),
        {"correlation": correlation},
        x="epoch",
        y="rank correlation\nwith the last epoch",
        said=f"Spearman's, of the accuracies of {len(table.curves):,} networks.",
    )


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
