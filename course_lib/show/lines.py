"""Named lines over a common axis: most pictures of the course are this one."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from itertools import chain

import numpy as np
from matplotlib.axes import Axes
from matplotlib.ticker import MaxNLocator
from numpy.typing import ArrayLike, NDArray

from course_lib.show.style import INK, Role, axes, label_ends, plain_log, roles

Values = NDArray[np.float64]
Band = tuple[Values, Values]

_FEW, _MARKED = 12, 20
"""At most so many places have ticks of their own, and numbers on a single line; have markers."""


@dataclass(frozen=True)
class LinesInfo:
    """Quantities of one kind at the same places.

    places: (points,) along x. lines: name -> (points,). x, y: what the axes show.
    said: what else there is to say, in the words of the lecture.
    bands: name of a line -> (low, high) around it, each (points,).
    marks: name -> a height to compare with. logarithmic: axes, "", "x", "y" or "xy".
    """

    places: Values
    lines: Mapping[str, Values]
    x: str
    y: str
    said: str = ""
    bands: Mapping[str, Band] = field(default_factory=dict)
    marks: Mapping[str, float] = field(default_factory=dict)
    logarithmic: str = ""

    def describe(self) -> str:
        """First and last value of every line, all of them of a single short one."""
        every = len(self.lines) == 1 and len(self.places) <= _FEW
        shown = range(len(self.places)) if every else sorted({0, len(self.places) - 1})
        rows = [f"{n}: {', '.join(self._at(n, i) for i in shown)}" for n in self.lines]
        rows += [f"{name}: {height:.3g}" for name, height in self.marks.items()]
        first = self.y[:1].upper() if self.y.isascii() else self.y[:1]
        title = f"{first}{self.y[1:]} against {self.x}".replace("\n", " ")
        return f"{title}. {'; '.join(rows)}. {self.said}".strip()

    def _at(self, name: str, index: int) -> str:
        value = f"{self.lines[name][index]:.3g}"
        if name in self.bands:
            low, high = (edge[index] for edge in self.bands[name])
            value += f" ({low:.3g} to {high:.3g})"
        return f"{value} at {self.places[index]:g}"


def lines_info(
    places: ArrayLike,
    lines: Mapping[str, ArrayLike],
    *,
    x: str,
    y: str,
    said: str = "",
    bands: Mapping[str, tuple[ArrayLike, ArrayLike]] | None = None,
    marks: Mapping[str, float] | None = None,
    logarithmic: str = "",
) -> LinesInfo:
    """places: (points,) increasing; every line, and every edge of a band, has a value for each."""
    at = np.asarray(places, dtype=float)
    rows = {name: np.asarray(line, dtype=float) for name, line in lines.items()}
    around = {
        name: (np.asarray(low, dtype=float), np.asarray(high, dtype=float))
        for name, (low, high) in (bands or {}).items()
    }
    if at.ndim != 1 or not len(at) or not rows or (np.diff(at) < 0).any():
        raise ValueError("expected at least one line, and one or more increasing places")
    edges = [(f"a band of {name}", edge) for name, band in around.items() for edge in band]
    for name, row in (*rows.items(), *edges):
        if row.shape != at.shape:
            raise ValueError(
                f"{name} has shape {row.shape}, expected {at.shape}: a value per place"
            )
    return LinesInfo(at, rows, x, y, said, around, dict(marks or {}), logarithmic)


def curves_info(
    curves: Mapping[str, ArrayLike], *, x: str = "epoch", y: str = "validation accuracy"
) -> LinesInfo:
    """Equally long curves, whose values stand at x = 1, 2, ..."""
    count = max((np.size(curve) for curve in curves.values()), default=0)
    return lines_info(np.arange(1, count + 1), curves, x=x, y=y)


def plot_lines(info: LinesInfo, *, ax: Axes | None = None) -> Axes:
    """One line per name, which stands at its end; a single short line has its numbers instead."""
    ax, looks = axes(ax), roles(info.lines)
    for name, line in info.lines.items():
        look, band = looks[name], info.bands.get(name)
        marker = look.marker if len(info.places) <= _MARKED else ""
        ax.plot(info.places, line, color=look.colour, linestyle=look.line, marker=marker)
        if band:
            ax.fill_between(info.places, *band, color=look.colour, alpha=0.15, linewidth=0)
    for height in info.marks.values():
        ax.axhline(height, color=INK, linewidth=1.5, linestyle=(0, (1, 1)))
    ax.set(xlabel=info.x, ylabel=info.y)
    _scale(info, ax)
    for name in info.marks:
        _name_mark(info, name, ax)
    if len(info.lines) > 1:
        label_ends(ax, _ends(info, looks))
    elif len(info.places) <= _FEW:
        _write_numbers(info, ax)
    return ax


def _scale(info: LinesInfo, ax: Axes) -> None:
    """Plain ticks, at the places where these are few; no room below zero that nothing fills."""
    numbered = len(info.lines) == 1 and len(info.places) <= _FEW
    ax.margins(
        x=0.1 if numbered else 0.05 if len(info.places) <= _MARKED else 0,
        y=0.12 if numbered or info.marks else 0.05,
    )
    if "x" in info.logarithmic:
        ax.set_xscale("log")
        plain_log(ax.xaxis)
    if len(info.places) <= _FEW:
        ticks = _apart(info.places, "x" in info.logarithmic)
        ax.set_xticks(list(ticks), list(ticks.values()))
        ax.set_xticks([], minor=True)
    elif "x" not in info.logarithmic and not (info.places % 1).any():
        ax.xaxis.set_major_locator(MaxNLocator("auto", integer=True, steps=[1, 2, 5, 10]))
    drawn = np.concatenate(
        [*info.lines.values(), *chain(*info.bands.values()), list(info.marks.values())]
    )
    drawn = drawn[np.isfinite(drawn)]
    if "y" in info.logarithmic:
        ax.set_yscale("log")
        plain_log(ax.yaxis)
    elif drawn.size and 0 <= drawn.min() < drawn.max() / 4:
        ax.set_ylim(0, ax.get_ylim()[1])
    ax.set_ylim(ax.get_ylim())  # what is written next is placed by these limits


def _apart(places: Values, logarithmic: bool) -> dict[float, str]:
    """Places and their numbers, from the first on, without those that would touch the one before.

    A character takes about a fiftieth of the axis.
    """
    at = np.log(places) if logarithmic else places
    numbers = [f"{place:.3g}" for place in places]
    kept: list[int] = []
    for i, number in enumerate(numbers):
        room = 0.02 * ((len(numbers[kept[-1]]) + len(number)) / 2 + 1) if kept else 0
        if not kept or at[i] - at[kept[-1]] >= room * (at[-1] - at[0]):
            kept.append(i)
    return {float(places[i]): numbers[i] for i in kept}


def _name_mark(info: LinesInfo, name: str, ax: Axes) -> None:
    """Write it above or below its height, left or right: where least of the lines runs."""
    to_axes, grid = ax.transScale + ax.transLimits, np.linspace(0, 1, 101)

    def heights(values: Values) -> Values:
        points = to_axes.transform(np.column_stack([info.places, values]))
        return np.asarray(np.interp(grid, *points.T))

    flat = {other: np.full_like(info.places, height) for other, height in info.marks.items()}
    own = heights(flat.pop(name))
    rows = np.stack([heights(row) - own for row in (*info.lines.values(), *flat.values())])

    def crossed(place: tuple[str, int]) -> int:
        side, rise = place
        half = rows[:, grid < 0.5] if side == "left" else rows[:, grid > 0.5]
        return int(((half * rise > -0.02) & (half * rise < 0.1)).sum())

    side, rise = min((("right", 1), ("left", 1), ("right", -1), ("left", -1)), key=crossed)
    ax.annotate(
        name, (0.99 if side == "right" else 0.01, info.marks[name]), (0, 3 * rise),
        xycoords=ax.get_yaxis_transform(), textcoords="offset points", ha=side,
        va="bottom" if rise > 0 else "top", color=INK, fontsize="small",
    )  # fmt: skip


def _ends(info: LinesInfo, looks: Mapping[str, Role]) -> dict[str, tuple[float, float, str]]:
    """Where each line ends: at its last value that can be drawn."""
    ends = {}
    for name, line in info.lines.items():
        drawn = np.isfinite(line) & ((line > 0) | ("y" not in info.logarithmic))
        for last in np.flatnonzero(drawn)[-1:]:
            ends[name] = (float(info.places[last]), float(line[last]), looks[name].colour)
    return ends


def _write_numbers(info: LinesInfo, ax: Axes) -> None:
    """Each value above its point, on the side from which the line does not come."""
    (line,) = info.lines.values()
    digits = ".2f" if 0.1 <= np.abs(line).max() < 100 else ".3g"
    aside = -14 if line[-1] > line[0] else 14
    for place, value in zip(info.places, line, strict=True):
        ax.annotate(f"{value:{digits}}", (place, value), (aside, 8), textcoords="offset points",
                    ha="center", color=INK, fontsize="small")  # fmt: skip
