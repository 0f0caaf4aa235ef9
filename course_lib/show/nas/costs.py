"""Costs side by side: what a step takes of time or memory, method by method."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from matplotlib.axes import Axes
from numpy.typing import ArrayLike

from course_lib.show.style import BLUE, GREY, INK, axes


@dataclass(frozen=True)
class CostsInfo:
    """One quantity of several methods; the first is what the others are compared with.

    middle, low, high: (methods,) median and quartiles of repeated measurements.
    """

    names: tuple[str, ...]
    middle: np.ndarray
    low: np.ndarray
    high: np.ndarray
    quantity: str

    def describe(self) -> str:
        rows = "; ".join(
            f"{name} {value:.3g} ({value / self.middle[0]:.2f} of {self.names[0]})"
            for name, value in zip(self.names, self.middle, strict=True)
        )
        return f"{self.quantity[:1].upper()}{self.quantity[1:]}, medians: {rows}."

    def ratio(self, name: str) -> float:
        """What `name` costs over what the first method costs."""
        return float(self.middle[self.names.index(name)] / self.middle[0])


def costs_info(measured: Mapping[str, ArrayLike], quantity: str) -> CostsInfo:
    """measured: name -> repeated measurements, at least one each, all positive."""
    rows = [np.atleast_1d(np.asarray(row, dtype=float)) for row in measured.values()]
    if not rows or any(row.size == 0 or (row <= 0).any() for row in rows):
        raise ValueError("expected at least one method, each with one or more positive numbers")
    low, middle, high = np.array([np.quantile(row, (0.25, 0.5, 0.75)) for row in rows]).T
    return CostsInfo(tuple(measured), middle, low, high, quantity)


def plot_costs(info: CostsInfo, *, ax: Axes | None = None) -> Axes:
    """A bar per method with its number and its ratio to the first; lines join the quartiles."""
    ax = axes(ax)
    places = list(range(len(info.names)))
    colours = [GREY, *[BLUE] * (len(places) - 1)]
    ax.barh(places, info.middle, 0.6, color=colours, alpha=0.8)
    ax.hlines(places, info.low, info.high, color=INK, linewidth=2)
    right = float(info.high.max())
    for place, value, high in zip(places, info.middle, info.high, strict=True):
        words = f"{value:.3g}" + (f"  (× {value / info.middle[0]:.2f})" if place else "")
        ax.text(high + 0.02 * right, place, words, va="center", color=INK)
    ax.set_yticks(places, info.names)
    ax.set_ylim(len(places) - 0.5, -0.5)
    ax.set_xlim(0, 1.35 * right)
    ax.set_xlabel(info.quantity)
    ax.grid(axis="x", color=GREY, alpha=0.3)
    return ax
