"""Bias and spread of gradient estimators as the temperature changes."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from matplotlib.axes import Axes

from course_lib.show.style import GREY, axes, roles


@dataclass(frozen=True)
class TradeoffInfo:
    """Length of the bias and standard deviation of one estimate, per estimator and temperature.

    taus: (points,). bias, spread: name -> (points,); an estimator without a temperature has the
    same numbers everywhere. exact: length of the exact gradient.
    """

    taus: np.ndarray
    bias: dict[str, np.ndarray]
    spread: dict[str, np.ndarray]
    exact: float

    def describe(self) -> str:
        rows = "; ".join(
            f"{name}: bias {self.bias[name][0]:.3f} and spread {self.spread[name][0]:.3f} at tau "
            f"{self.taus[0]:g}, {self.bias[name][-1]:.3f} and {self.spread[name][-1]:.3f} at tau "
            f"{self.taus[-1]:g}"
            for name in self.bias
        )
        return f"The exact gradient has the length {self.exact:.3f}. {rows}."


def tradeoff_info(
    taus: Sequence[float], found: Mapping[str, Sequence[tuple[float, float]]], exact: float
) -> TradeoffInfo:
    """Collect (bias length, variance) of each estimator at each temperature; spread is its root."""
    tables = {name: np.asarray(rows, dtype=float) for name, rows in found.items()}
    for name, table in tables.items():
        if table.shape != (len(taus), 2):
            raise ValueError(
                f"{name}: expected one pair (bias, variance) for each of {len(taus)} temperatures, "
                f"got shape {table.shape}"
            )
    return TradeoffInfo(
        np.asarray(taus, dtype=float),
        {name: table[:, 0] for name, table in tables.items()},
        {name: np.sqrt(table[:, 1].clip(min=0)) for name, table in tables.items()},
        exact,
    )


def plot_bias(info: TradeoffInfo, *, ax: Axes | None = None) -> Axes:
    """Length of the bias over the temperature; grey: the length of the exact gradient."""
    return _plot(info, info.bias, "length of the bias", axes(ax))


def plot_spread(info: TradeoffInfo, *, ax: Axes | None = None) -> Axes:
    """Standard deviation of one estimate over the temperature."""
    return _plot(info, info.spread, "standard deviation", axes(ax))


def _plot(info: TradeoffInfo, lines: dict[str, np.ndarray], label: str, ax: Axes) -> Axes:
    looks = roles(lines)
    for name, values in lines.items():
        look = looks[name]
        ax.plot(info.taus, values, look.line, color=look.colour, marker=look.marker, label=name)
    ax.axhline(info.exact, color=GREY, linewidth=1.5, label="length of the exact gradient")
    ax.set_xscale("log")
    ax.set_xticks(info.taus, [f"{tau:g}" for tau in info.taus])
    ax.minorticks_off()
    ax.set_ylim(0, 1.55 * max(info.exact, *(float(v.max()) for v in lines.values())))
    ax.set(xlabel="temperature", ylabel=label)
    ax.legend(frameon=False, fontsize=11, loc="upper center", ncols=2)
    return ax
