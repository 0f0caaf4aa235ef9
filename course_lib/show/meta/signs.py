"""Signed numbers as squares: the larger the square the larger the number."""

from dataclasses import dataclass

import numpy as np
from matplotlib.axes import Axes
from matplotlib.patches import Rectangle

from course_lib.show.style import BLUE, INK, VERMILION, axes


@dataclass(frozen=True)
class SignsInfo:
    """A table of numbers, (rows, columns), nan where there is none.

    title: what the numbers are. largest: the number whose square fills its cell.
    """

    values: np.ndarray
    rows: tuple[str, ...]
    columns: tuple[str, ...]
    title: str
    largest: float = 1.0

    def describe(self) -> str:
        known = np.isfinite(self.values)
        up = int((self.values[known] > 0).sum())
        size = np.abs(self.values[known]).mean() if known.any() else 0.0
        return (
            f"Squares for {self.title}, {len(self.rows)} rows by {len(self.columns)} columns: {up} "
            f"of {int(known.sum())} positive, mean size {size:.2f}."
        )


def plot_signs(info: SignsInfo, *, ax: Axes | None = None) -> Axes:
    """Positive numbers as full blue squares, negative ones as hollow red ones."""
    ax = axes(ax)
    for (i, j), value in np.ndenumerate(info.values):
        if not np.isfinite(value):
            continue
        half = 0.46 * min(abs(value) / info.largest, 1.0) ** 0.5
        look = {"facecolor": BLUE} if value > 0 else {"facecolor": "white", "hatch": "////"}
        edge = BLUE if value > 0 else VERMILION
        ax.add_patch(Rectangle((j - half, i - half), 2 * half, 2 * half, edgecolor=edge, **look))
    ax.set(xlim=(-0.5, len(info.columns) - 0.5), ylim=(len(info.rows) - 0.5, -0.5))
    ax.set_xticks(range(len(info.columns)), info.columns)
    ax.set_yticks(range(len(info.rows)), info.rows)
    ax.set_aspect("equal")
    ax.tick_params(length=0, labelcolor=INK)
    ax.set_title(info.title)
    ax.spines[:].set_visible(True)
    return ax
