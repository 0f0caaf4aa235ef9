"""Operations against measured time at several widths: where counting begins to be right."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from matplotlib.axes import Axes
from numpy.typing import NDArray

from course_lib.show.style import BLUE, INK, axes, label_ends, plain_log, roles

Values = NDArray[np.float64]


@dataclass(frozen=True)
class Width:
    """The same kind of networks at one number of channels: macs (n,), seconds per device (n,)."""

    macs: Values
    seconds: Mapping[str, Values]


@dataclass(frozen=True)
class WidthInfo:
    """One device and width to look at, and the rank correlation of all of them.

    widths: channels, increasing. correlation: device -> Spearman's correlation of operations and
    measured seconds at each width.
    """

    device: str
    place: int
    widths: tuple[int, ...]
    macs: Values
    milliseconds: Values
    correlation: Mapping[str, Values]

    @property
    def told(self) -> str:
        """What the left picture shows."""
        found = self.correlation[self.device][self.place]
        return (
            f"{self.widths[self.place]} channels on {self.device}: rank correlation of operations "
            f"and time {found:.2f}, {len(self.macs)} networks"
        )

    def describe(self) -> str:
        rows = "; ".join(
            f"{name} " + ", ".join(f"{value:.2f}" for value in row)
            for name, row in self.correlation.items()
        )
        widths = ", ".join(map(str, self.widths))
        return f"{self.told}. With {widths} channels: {rows}."


def width_info(widths: Mapping[int, Width], channels: int, device: str) -> WidthInfo:
    """widths: channels -> the networks that were measured with as many, all on the same devices."""
    from scipy.stats import spearmanr

    order = sorted(widths)
    names = list(widths[order[0]].seconds)
    correlation = {
        name: np.array(
            [spearmanr(widths[w].macs, widths[w].seconds[name]).statistic for w in order]
        )
        for name in names
    }
    chosen = widths[channels]
    return WidthInfo(
        device=device,
        place=order.index(channels),
        widths=tuple(order),
        macs=np.asarray(chosen.macs, dtype=float),
        milliseconds=1e3 * np.asarray(chosen.seconds[device], dtype=float),
        correlation=correlation,
    )


def plot_cloud(info: WidthInfo, *, ax: Axes | None = None) -> Axes:
    """A dot per network: operations across, time up."""
    ax = axes(ax)
    ax.plot(info.macs / 1e6, info.milliseconds, "o", color=BLUE, alpha=0.6, markersize=6)
    ax.set(xlabel="multiply-accumulates, millions", ylabel=f"ms on {info.device}")
    ax.set_title(f"{info.widths[info.place]} channels")
    return ax


def plot_correlations(info: WidthInfo, *, ax: Axes | None = None) -> Axes:
    """The rank correlation of every device over the widths, a ring around the one to look at."""
    ax, looks = axes(ax), roles(info.correlation)
    for name, row in info.correlation.items():
        look = looks[name]
        ax.plot(info.widths, row, color=look.colour, linestyle=look.line, marker=look.marker)
    here = info.widths[info.place], info.correlation[info.device][info.place]
    ax.plot(*here, "o", markersize=16, mfc="none", mec=INK, mew=2)
    ax.set(xscale="log", xlabel="channels", ylabel="rank correlation", ylim=(0, 1.03))
    plain_log(ax.xaxis)
    ax.set_xticks(info.widths, [str(width) for width in info.widths])
    ends = {
        name: (float(info.widths[-1]), float(row[-1]), looks[name].colour)
        for name, row in info.correlation.items()
    }
    label_ends(ax, ends)
    return ax
