"""What a table of trained architectures holds: spread, seed noise, learning curves."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from matplotlib.axes import Axes

from course_lib.show.style import BLUE, GREY, INK, VERMILION, axes, label_ends, roles


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
class CurvesInfo:
    """Quantities per epoch (or step): name -> (epochs,) curve. `x`, `y` name the axes."""

    curves: dict[str, np.ndarray]
    x: str
    y: str

    def describe(self) -> str:
        ends = "; ".join(
            f"{name} from {c[0]:.3f} to {c[-1]:.3f} in {len(c)}" for name, c in self.curves.items()
        )
        return f"{self.y.capitalize()} against {self.x}: {ends}."


def curves_info(
    curves: Mapping[str, Sequence[float] | np.ndarray],
    *,
    x: str = "epoch",
    y: str = "validation accuracy",
) -> CurvesInfo:
    """Name each curve; a curve's entries are at x = 1, 2, ..."""
    arrays = {name: np.asarray(curve, dtype=float) for name, curve in curves.items()}
    if not arrays or any(curve.size == 0 for curve in arrays.values()):
        raise ValueError("curves is empty: expected at least one curve with at least one entry")
    return CurvesInfo(arrays, x, y)


def plot_curves(info: CurvesInfo, *, ax: Axes | None = None) -> Axes:
    """One line with markers per curve, named at its end."""
    ax = axes(ax)
    looks = roles(info.curves)
    ends = {}
    for name, curve in info.curves.items():
        look = looks[name]
        steps = np.arange(1, len(curve) + 1)
        marker = look.marker if len(curve) <= 30 else None
        ax.plot(steps, curve, color=look.colour, linestyle=look.line, marker=marker, markersize=6)
        ends[name] = (float(steps[-1]), float(curve[-1]), look.colour)
    ax.set(xlabel=info.x, ylabel=info.y)
    label_ends(ax, ends)
    return ax
