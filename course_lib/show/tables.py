"""What a table of trained architectures holds: spread, seed noise, accuracies side by side."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from matplotlib.axes import Axes
from numpy.typing import ArrayLike

from course_lib.show.style import BLUE, GREY, INK, VERMILION, axes, roles


@dataclass(frozen=True)
class SpreadInfo:
    """How a quantity is distributed over architectures.

    values: (architectures,), sorted. quantity: what they are.
    quantiles: share -> value, for the shares that are marked.
    """

    values: np.ndarray
    quantity: str
    quantiles: dict[float, float]

    def describe(self) -> str:
        marks = ", ".join(f"{share:.0%} lie below {v:.3f}" for share, v in self.quantiles.items())
        return (
            f"Histogram of the {self.quantity} of {len(self.values):,} architectures, from "
            f"{self.values[0]:.3f} to {self.values[-1]:.3f}: {marks}."
        )


def spread_info(
    values: Sequence[float] | np.ndarray,
    *,
    quantity: str = "validation accuracy",
    shares: Sequence[float] = (0.5, 0.9, 0.99),
) -> SpreadInfo:
    """Sort the values and find the quantiles."""
    ordered = np.sort(np.asarray(values, dtype=float))
    if ordered.size == 0:
        raise ValueError("values is empty: expected one number per architecture")
    marks = {share: float(np.quantile(ordered, share)) for share in shares}
    return SpreadInfo(ordered, quantity, marks)


def plot_spread(info: SpreadInfo, *, ax: Axes | None = None) -> Axes:
    """Histogram; the marked quantiles are dashed lines with their names."""
    ax = axes(ax)
    ax.hist(info.values, bins=40, color=BLUE, edgecolor="white", linewidth=0.5)
    top = ax.get_ylim()[1]
    ax.set_ylim(0, top * (1.05 + 0.1 * len(info.quantiles)))
    for step, (share, value) in enumerate(info.quantiles.items()):
        height = top * (1.05 + 0.1 * step)
        ax.plot([value, value], [0, height], color=VERMILION, linestyle="--")
        ax.text(
            value, height, f"{share:.0%} below {value:.3f} ", ha="right", va="center", color=INK
        )
    ax.set(xlabel=info.quantity, ylabel="architectures")
    return ax


@dataclass(frozen=True)
class NoiseInfo:
    """Training the same architectures again with other seeds.

    values: (architectures, seeds), architectures in the order of their mean.
    within: standard deviation over seeds, pooled over architectures.
    between: standard deviation of the architectures' means.
    """

    values: np.ndarray
    within: float
    between: float

    def describe(self) -> str:
        count, seeds = self.values.shape
        return (
            f"Values of {count} architectures, each trained with {seeds} seeds. Standard deviation "
            f"between seeds of one architecture {self.within:.4f}, between architectures "
            f"{self.between:.4f}."
        )


def noise_info(values: np.ndarray | Sequence[Sequence[float]]) -> NoiseInfo:
    """values: (architectures, seeds), at least two of each."""
    table = np.asarray(values, dtype=float)
    if table.ndim != 2 or min(table.shape) < 2:
        raise ValueError(f"expected (architectures, seeds), both at least 2, got {table.shape}")
    table = table[np.argsort(table.mean(1))]
    within = float(np.sqrt(table.var(1, ddof=1).mean()))
    return NoiseInfo(table, within, float(table.mean(1).std(ddof=1)))


def plot_noise(info: NoiseInfo, *, ax: Axes | None = None) -> Axes:
    """One column per architecture: a dot per seed and a bar at the mean."""
    ax = axes(ax)
    columns = np.arange(len(info.values))
    ax.vlines(columns, info.values.min(1), info.values.max(1), color=GREY, linewidth=2)
    for seed in info.values.T:
        ax.plot(columns, seed, "o", color=BLUE, alpha=0.7, markersize=6)
    ax.plot(columns, info.values.mean(1), "_", color=VERMILION, markersize=14, markeredgewidth=3)
    ax.set(xlabel="architectures, in order of their mean (orange bar)", ylabel="value")
    ax.set_title(
        f"one architecture, other seeds: sd {info.within:.3f};  means: sd {info.between:.3f}"
    )
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
