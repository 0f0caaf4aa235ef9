"""Several quantities over a common axis: as lines, or as columns of dots in the order of one."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from matplotlib.axes import Axes
from numpy.typing import ArrayLike

from course_lib.show.style import axes, label_ends, roles


@dataclass(frozen=True)
class LinesInfo:
    """places: (points,) along x. lines: name -> (points,). `x`, `y` name the axes."""

    places: np.ndarray
    lines: dict[str, np.ndarray]
    x: str
    y: str

    def describe(self) -> str:
        first, last = self.places[0], self.places[-1]
        ends = "; ".join(
            f"{name} {line[0]:.3g} at {first:g} and {line[-1]:.3g} at {last:g}"
            for name, line in self.lines.items()
        )
        return f"{self.y.capitalize()} against {self.x}: {ends}."


def lines_info(places: ArrayLike, lines: Mapping[str, ArrayLike], *, x: str, y: str) -> LinesInfo:
    """places: (points,) increasing; every line has one value per place."""
    at = np.asarray(places, dtype=float)
    arrays = {name: np.asarray(line, dtype=float) for name, line in lines.items()}
    if at.ndim != 1 or not len(at) or not arrays:
        raise ValueError("expected at least one place and one line")
    for name, line in arrays.items():
        if line.shape != at.shape:
            raise ValueError(
                f"{name} has shape {line.shape}, expected {at.shape}: a value per place"
            )
    return LinesInfo(at, arrays, x, y)


def plot_lines(info: LinesInfo, *, ax: Axes | None = None) -> Axes:
    """One line with markers per name, which stands at its end."""
    ax = axes(ax)
    looks = roles(info.lines)
    ends = {}
    for name, line in info.lines.items():
        look = looks[name]
        ax.plot(info.places, line, color=look.colour, linestyle=look.line, marker=look.marker)
        ends[name] = (float(info.places[-1]), float(line[-1]), look.colour)
    if len(info.places) <= 10:
        ax.set_xticks(info.places, [f"{place:.3g}" for place in info.places])
    ax.set(xlabel=info.x, ylabel=info.y)
    label_ends(ax, ends)
    return ax


@dataclass(frozen=True)
class SortedInfo:
    """Accuracies of the same architectures, judged in several ways.

    rows: way -> (architectures,), all in the increasing order of the way `by`.
    """

    rows: dict[str, np.ndarray]
    by: str

    def describe(self) -> str:
        means = ", ".join(f"{name} {row.mean():.3f}" for name, row in self.rows.items())
        count = len(self.rows[self.by])
        return (
            f"Accuracy of {count} architectures, sorted by {self.by}, from "
            f"{self.rows[self.by][0]:.3f} to {self.rows[self.by][-1]:.3f}. Means: {means}."
        )


def sorted_info(rows: Mapping[str, ArrayLike], *, by: str) -> SortedInfo:
    """Sort all rows, equally long, by one of them."""
    arrays = {name: np.asarray(row, dtype=float) for name, row in rows.items()}
    if by not in arrays:
        raise ValueError(f"by must be one of {', '.join(arrays)}, got {by!r}")
    if len({len(row) for row in arrays.values()}) != 1:
        raise ValueError("expected rows of equal length, one value per architecture")
    order = np.argsort(arrays[by])
    return SortedInfo({name: row[order] for name, row in arrays.items()}, by)


def plot_sorted(info: SortedInfo, *, ax: Axes | None = None) -> Axes:
    """A column per architecture: a line for what sorts them, markers for the other ways."""
    ax = axes(ax)
    looks = roles(info.rows)
    columns = np.arange(1, len(info.rows[info.by]) + 1)
    for name, row in info.rows.items():
        look = looks[name]
        if name == info.by:
            ax.plot(columns, row, color=look.colour, linewidth=3, label=name)
        else:
            ax.plot(columns, row, look.marker, color=look.colour, markersize=6, alpha=0.8,
                    label=name)  # fmt: skip
    ax.legend(loc="upper left", bbox_to_anchor=(1, 1))
    ax.set(xlabel=f"architectures, sorted by {info.by} accuracy", ylabel="validation accuracy")
    return ax
