"""Do shared weights rank architectures as their own training does? Pairs, and Kendall's tau."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from matplotlib.axes import Axes
from numpy.typing import ArrayLike
from torch import Generator

from course_lib.core.statistics import kendall_tau
from course_lib.show.style import BLUE, GREY, INK, VERMILION, axes


@dataclass(frozen=True)
class TauInfo:
    """Pairs of accuracies, and Kendall's tau of the first `size` of them.

    stand_alone, inherited: (n,), one pair per architecture. sizes: how many pairs are looked at;
    tau, low, high: (sizes,), the estimate and its bootstrap interval. how: words about `inherited`.
    """

    stand_alone: np.ndarray
    inherited: np.ndarray
    sizes: np.ndarray
    tau: np.ndarray
    low: np.ndarray
    high: np.ndarray
    level: float
    size: int
    how: str

    @property
    def place(self) -> int:
        """The index of `size` among the sizes."""
        return int(np.searchsorted(self.sizes, self.size))

    def at(self, size: int) -> "TauInfo":
        """The same pairs, so many of them looked at; ValueError if it is none of the sizes."""
        if size not in self.sizes:
            raise ValueError(f"size must be one of {self.sizes.tolist()}, got {size}")
        return replace(self, size=size)

    def describe(self) -> str:
        here = self.place
        mean = self.inherited[: self.size].mean()
        return (
            f"{self.how.capitalize()} against stand-alone accuracy of {self.size} architectures, "
            f"mean {mean:.3f} against {self.stand_alone[: self.size].mean():.3f}. Kendall's tau "
            f"{self.tau[here]:.2f}, {self.level:.0%} interval {self.low[here]:.2f} to "
            f"{self.high[here]:.2f}; with {self.sizes[0]} architectures it reached from "
            f"{self.low[0]:.2f} to {self.high[0]:.2f}, with {self.sizes[-1]} from "
            f"{self.low[-1]:.2f} to {self.high[-1]:.2f}."
        )


SIZES = (8, 12, 20, 30, 50, 80, 120, 200)


def tau_info(
    inherited: ArrayLike,
    stand_alone: ArrayLike,
    rng: Generator,
    *,
    sizes: Sequence[int] = SIZES,
    level: float = 0.95,
    how: str = "inherited accuracy",
    resamples: int = 2000,
) -> TauInfo:
    """Kendall's tau of the first 8, 12, ... pairs and of all, each with its interval.

    inherited, stand_alone: (n,), paired. sizes: those beyond n are left out.
    """
    one, other = (np.asarray(values, dtype=float) for values in (inherited, stand_alone))
    if one.shape != other.shape or one.ndim != 1 or len(one) < 2:
        raise ValueError(f"expected two or more pairs, got shapes {one.shape} and {other.shape}")
    counts = sorted({size for size in sizes if 2 <= size < len(one)} | {len(one)})
    intervals = [
        kendall_tau(one[:count], other[:count], rng, level=level, resamples=resamples)
        for count in counts
    ]
    return TauInfo(
        other,
        one,
        np.array(counts),
        np.array([interval.estimate for interval in intervals]),
        np.array([interval.low for interval in intervals]),
        np.array([interval.high for interval in intervals]),
        level,
        counts[-1],
        how,
    )


def plot_pairs(info: TauInfo, *, ax: Axes | None = None) -> Axes:
    """One dot per architecture; those not looked at yet are small rings."""
    ax = axes(ax)
    seen = slice(info.size)
    rest = slice(info.size, None)
    ax.plot(info.stand_alone[rest], info.inherited[rest], "o", color=GREY, markerfacecolor="none",
            markersize=4, alpha=0.7)  # fmt: skip
    ax.plot(info.stand_alone[seen], info.inherited[seen], "o", color=BLUE, markersize=7, alpha=0.7)
    ax.set(xlabel="stand-alone accuracy (own training)", ylabel=info.how)
    return ax


def plot_tau(info: TauInfo, *, ax: Axes | None = None) -> Axes:
    """Tau and its interval against the number of architectures, log scale; a bar at `size`."""
    ax = axes(ax)
    ax.axhline(0, color=INK, linewidth=1)
    ax.fill_between(info.sizes, info.low, info.high, color=BLUE, alpha=0.2, linewidth=0)
    ax.plot(info.sizes, info.tau, "-o", color=BLUE, markersize=6)
    here = info.place
    ax.vlines(info.size, info.low[here], info.high[here], color=VERMILION, linewidth=4)
    ax.annotate(
        f"{info.tau[here]:.2f}\n[{info.low[here]:.2f}, {info.high[here]:.2f}]",
        (info.size, info.high[here]), (0, 6), textcoords="offset points",
        ha="right" if here > len(info.sizes) / 2 else "left", va="bottom", color=VERMILION,
        fontsize="small",
    )  # fmt: skip
    ax.set_xscale("log")
    ax.set_xticks(info.sizes, [str(size) for size in info.sizes], minor=False)
    ax.set_xticks([], minor=True)
    low = min(float(info.low.min()), -0.1)
    ax.set_ylim(low, max(1.0, float(info.high.max())) + 0.15)
    ax.set(xlabel="architectures compared", ylabel=f"Kendall's tau, {info.level:.0%} interval")
    return ax
