"""Estimates with their intervals as a picture: rows, or curves where there are any."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from matplotlib.axes import Axes
from numpy.typing import NDArray

from course_lib.show.measured import Curves, Measured
from course_lib.show.style import BLUE, INK, axes, plain_log, roles

_FEW = 50
"""More single values than this are not drawn."""
_LIMITS = {
    "mean": "as far as Student's t serves so few values",
    "share": "intervals of a share after Wilson",
}


@dataclass(frozen=True)
class EstimatesInfo:
    """What was estimated, with intervals; axis: the quantity and its unit, in words."""

    axis: str
    measured: Measured

    def describe(self) -> str:
        rows = "; ".join(
            f"{row.label}: {row.mean:.3g} ({row.low:.3g} to {row.high:.3g}, "
            f"n = {' and '.join(map(str, row.n))}, "
            f"single values from {values.min():.3g} to {values.max():.3g})"
            for row, values in zip(self.measured.estimates.rows, self.values, strict=True)
        )
        curves = f" {_said(self.measured.curves)}" if self.measured.curves else ""
        return f"{self.axis}: {rows}.{curves} {self.confidence}"

    @property
    def values(self) -> list[NDArray[np.float64]]:
        """Per row, the first sample: less the mean of the second, if there is one."""
        own = self.measured.estimates
        return [
            np.array(first) - sum(float(np.mean(sample)) for sample in rest)
            for first, *rest in (own.samples[row.label] for row in own.rows)
        ]

    @property
    def intervals(self) -> str:
        """In words: of which level, over how many seeds, or cells."""
        own = self.measured.estimates
        counts = " or ".join(map(str, sorted({row.n[0] for row in own.rows})))
        return f"{100 * own.level:.3g} % intervals over {counts} {self.measured.over}"

    @property
    def confidence(self) -> str:
        """How sure the intervals are, one by one and together."""
        own = self.measured.estimates
        together = 1 - len(own.rows) * (1 - own.level)
        return (
            f"{self.intervals[:1].upper()}{self.intervals[1:]}: all rows hold together with "
            f"{100 * together:.3g} % (Bonferroni), {_LIMITS[own.kind]}."
        )

    def verdict(self, above: str, below: str, undecided: str) -> str:
        """One sentence per direction of the evidence, computed from the intervals."""
        reference = self.measured.reference
        found: dict[str, list[str]] = {above: [], below: [], undecided: []}
        for row in self.measured.estimates.rows:
            words = undecided
            if row.low > reference:
                words = above
            elif row.high < reference:
                words = below
            found[words].append(row.label)
        count = len(self.measured.estimates.rows)
        return " ".join(
            f"{words}: {f'all {count} rows' if len(labels) == count > 3 else ' · '.join(labels)}."
            for words, labels in found.items()
            if labels
        )


def _said(curves: Curves) -> str:
    lines = "; ".join(
        f"{name}: "
        + ", ".join(f"{line.mean[i]:.3g} at {line.x[i]:g}" for i in sorted({0, len(line.x) - 1}))
        for name, line in curves.lines.items()
    )
    return f"Curves of {curves.ylabel} over {curves.xlabel}: {lines}."


def three_digits(value: float) -> str:
    """A number in words, with the minus sign of the axes."""
    return f"{value:.3g}".replace("-", "\N{MINUS SIGN}")


def plot_estimates(info: EstimatesInfo, *, ax: Axes | None = None) -> Axes:
    """The curves with their bands, or, where there are none, every row's estimate and interval."""
    curves = info.measured.curves
    return _plot_rows(info, axes(ax)) if curves is None else _plot_curves(curves, axes(ax))


def _plot_rows(info: EstimatesInfo, ax: Axes) -> Axes:
    own = info.measured.estimates
    places = np.arange(len(own.rows))[::-1]
    ax.axvline(info.measured.reference, color=INK, linewidth=1)
    if own.kind == "mean" and max(map(len, info.values)) <= _FEW:
        _plot_values(info.values, places, ax)
    lows, highs = [row.low for row in own.rows], [row.high for row in own.rows]
    ax.hlines(places, lows, highs, color=BLUE, linewidth=5, alpha=0.4)
    ax.plot([row.mean for row in own.rows], places, "s", color=BLUE, markersize=9)
    for place, row in zip(places, own.rows, strict=True):  # a column: no row hides another's
        ax.annotate(three_digits(row.mean), (1, place), (8, 0), xycoords=ax.get_yaxis_transform(),
                    textcoords="offset points", va="center", color=INK)  # fmt: skip
    ax.set_yticks(places, [row.label for row in own.rows])
    ax.margins(x=0.1)
    ax.set(xlabel=f"{info.axis}   ({info.intervals})", ylabel="", ylim=(-0.8, places[0] + 0.6))
    return ax


def _plot_values(rows: Sequence[NDArray[np.float64]], places: NDArray[np.int64], ax: Axes) -> None:
    for place, values in zip(places, rows, strict=True):
        below = np.full(len(values), place - 0.25)
        ax.plot(values, below, "o", color=INK, markersize=5, alpha=0.4, linewidth=0)


def _plot_curves(curves: Curves, ax: Axes) -> Axes:
    lines = curves.lines
    for (name, line), look in zip(lines.items(), roles(lines).values(), strict=True):
        if len(line.x) == 1:  # a single answer: a dot with its interval
            ax.vlines(line.x, line.low, line.high, color=look.colour, alpha=0.4, linewidth=5)
        else:
            ax.fill_between(line.x, line.low, line.high, color=look.colour, alpha=0.2, linewidth=0)
        ax.plot(line.x, line.mean, look.line, color=look.colour, marker=look.marker, label=name)
    ax.set(xlabel=curves.xlabel, ylabel=curves.ylabel, xscale=curves.xscale, yscale=curves.yscale)
    for axis in (ax.xaxis, ax.yaxis):
        if axis.get_scale() == "log":
            plain_log(axis)
    if len(lines) > 3:  # beside the axes: so many names would hide the curves
        ax.legend(frameon=False, loc="upper left", bbox_to_anchor=(1.0, 1.0))
    else:
        ax.legend(frameon=False)
    return ax
