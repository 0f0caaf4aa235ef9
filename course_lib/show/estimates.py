"""Claims whose result is a list of estimates with intervals, and their curves."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from numpy.typing import NDArray

from course_lib.show.style import BLUE, INK, axes, plain_log, roles

_FEW = 50
"""More single values than this are not drawn."""


@dataclass(frozen=True)
class Curve:
    """A mean and its interval along x, each (points,)."""

    x: NDArray[np.float64]
    mean: NDArray[np.float64]
    low: NDArray[np.float64]
    high: NDArray[np.float64]


@dataclass(frozen=True)
class EstimatesInfo:
    """What was estimated, with intervals, and what it is compared with.

    over: what was drawn anew from value to value, "seeds" or "cells", say.
    kind: "mean", with Student's t intervals, or "share" of runs, with Wilson's.
    labels, mean, low, high: (rows,), in the unit that `quantity` names.
    values: per row, the first sample in that unit: less the mean of the second, if there is one.
    n: per row, the sizes of its samples, one or two (then it is a difference of means).
    reference: what "nothing to see" would be. above, below, undecided: how the verdict speaks of
        rows whose interval lies above it, below it, or holds it.
    curves: name -> curve; where there are any, they are the picture.
    """

    statement: str
    prediction: str
    change_our_mind: str
    reported: str
    conditions: str
    kind: str
    over: str
    quantity: str
    reference: float
    above: str
    below: str
    undecided: str
    level: float
    labels: tuple[str, ...]
    n: tuple[tuple[int, ...], ...]
    mean: NDArray[np.float64]
    low: NDArray[np.float64]
    high: NDArray[np.float64]
    values: tuple[NDArray[np.float64], ...]
    curves: dict[str, Curve]
    xlabel: str
    ylabel: str
    xscale: str
    yscale: str

    def describe(self) -> str:
        rows = "; ".join(
            f"{label}: {mean:.3g} ({low:.3g} to {high:.3g}, n = {' and '.join(map(str, n))}, "
            f"single values from {values.min():.3g} to {values.max():.3g})"
            for label, mean, low, high, n, values in zip(
                self.labels, self.mean, self.low, self.high, self.n, self.values, strict=True
            )
        )
        lines = "; ".join(
            f"{name}: {curve.mean[0]:.3g} at {curve.x[0]:g}, {curve.mean[-1]:.3g} at "
            f"{curve.x[-1]:g}"
            for name, curve in self.curves.items()
        )
        curves = f" Curves of {self.ylabel} over {self.xlabel}: {lines}." if lines else ""
        return f"{self.quantity}: {rows}.{curves} {self.confidence}"

    @property
    def confidence(self) -> str:
        """How sure the intervals are, one by one and together."""
        together = 1 - len(self.labels) * (1 - self.level)
        limits = {
            "mean": "as far as Student's t serves so few values",
            "share": "intervals of a share after Wilson",
        }
        return (
            f"Each interval has confidence {100 * self.level:.3g} %; all rows hold together with "
            f"{100 * together:.3g} % (Bonferroni), {limits[self.kind]}."
        )

    @property
    def verdict(self) -> str:
        """One sentence per direction of the evidence, computed from the intervals."""
        parts = []
        for words, chosen in (
            (self.above, self.low > self.reference),
            (self.below, self.high < self.reference),
            (self.undecided, (self.low <= self.reference) & (self.reference <= self.high)),
        ):
            names = [label for label, here in zip(self.labels, chosen, strict=True) if here]
            if names:
                parts.append(f"{words}: {' · '.join(names)}")
        return f"{'; '.join(parts)}.".replace("; ", ". ")


def estimates_info(data: dict[str, Any]) -> EstimatesInfo:
    """The claim of a file in data/claims/ whose form is "estimates"."""
    rows, picture = data["rows"], data.get("curves") or {"lines": {}}
    samples = [data["samples"][row["label"]] for row in rows]
    texts = ("statement", "prediction", "change_our_mind", "reported", "conditions")
    words = ("quantity", "reference", "above", "below", "undecided", "level")
    curves = {
        name: Curve(*(np.array(line[key], dtype=float) for key in ("x", "mean", "low", "high")))
        for name, line in picture["lines"].items()
    }
    return EstimatesInfo(
        **{key: data[key] for key in (*texts, *words)},
        kind=data.get("kind", "mean"),
        over=data.get("over", "seeds"),
        labels=tuple(row["label"] for row in rows),
        n=tuple(tuple(row["n"]) for row in rows),
        mean=np.array([row["mean"] for row in rows]),
        low=np.array([row["low"] for row in rows]),
        high=np.array([row["high"] for row in rows]),
        values=tuple(
            np.array(first) - sum(float(np.mean(sample)) for sample in rest)
            for first, *rest in samples
        ),
        curves=curves,
        xlabel=picture.get("xlabel", ""),
        ylabel=picture.get("ylabel", ""),
        xscale=picture.get("xscale", "linear"),
        yscale=picture.get("yscale", "linear"),
    )


def plot_estimates(info: EstimatesInfo, *, ax: Axes | None = None) -> Axes:
    """The curves with their bands, or, where there are none, every row's estimate and interval."""
    return _plot_curves(info, axes(ax)) if info.curves else _plot_rows(info, axes(ax))


def _plot_rows(info: EstimatesInfo, ax: Axes) -> Axes:
    places = np.arange(len(info.labels))[::-1]
    ax.axvline(info.reference, color=INK, linewidth=1)
    if info.kind == "mean" and max(map(len, info.values)) <= _FEW:
        for place, values in zip(places, info.values, strict=True):
            below = np.full(len(values), place - 0.25)
            ax.plot(values, below, "o", color=INK, markersize=5, alpha=0.4, linewidth=0)
    ax.hlines(places, info.low, info.high, color=BLUE, linewidth=5, alpha=0.4)
    ax.plot(info.mean, places, "s", color=BLUE, markersize=9)
    for place, mean in zip(places, info.mean, strict=True):
        ax.annotate(f"{mean:.3g}", (mean, place), (0, 8), textcoords="offset points",
                    ha="center", fontsize="small", color=INK)  # fmt: skip
    ax.set_yticks(places, info.labels)
    ax.margins(x=0.1, y=0.2)
    level = f"{100 * info.level:.3g} % intervals over {info.over}"
    ax.set(xlabel=f"{info.quantity}   ({level})", ylabel="")
    return ax


def _plot_curves(info: EstimatesInfo, ax: Axes) -> Axes:
    for (name, curve), look in zip(info.curves.items(), roles(info.curves).values(), strict=True):
        ax.fill_between(curve.x, curve.low, curve.high, color=look.colour, alpha=0.2, linewidth=0)
        ax.plot(curve.x, curve.mean, look.line, color=look.colour, marker=look.marker, label=name)
    ax.set(xlabel=info.xlabel, ylabel=info.ylabel, xscale=info.xscale, yscale=info.yscale)
    for axis in (ax.xaxis, ax.yaxis):
        if axis.get_scale() == "log":
            plain_log(axis)
    if len(info.curves) > 3:  # beside the axes: so many names would hide the curves
        ax.legend(frameon=False, loc="upper left", bbox_to_anchor=(1.0, 1.0))
    else:
        ax.legend(frameon=False)
    return ax
