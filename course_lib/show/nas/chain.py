"""A Metropolis chain on a table: its steps, its trace, where it stays, where it should stay."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from matplotlib.axes import Axes
from numpy.typing import ArrayLike

from course_lib.nas.search import ChainStep
from course_lib.show.style import BLUE, GREEN, GREY, VERMILION, axes


@dataclass(frozen=True)
class ChainInfo:
    """A chain beside the distribution that it must visit.

    trace: (steps,) value of the current architecture. proposed, accepted: (steps,).
    edges: (bins + 1,) of the values; the lowest bin holds everything below it, too.
    visited: (bins,) share of steps spent in each bin.
    stationary: (bins,) probability of each bin under pi(a) ~ exp(value(a) / temperature).
    """

    temperature: float
    trace: np.ndarray
    proposed: np.ndarray
    accepted: np.ndarray
    edges: np.ndarray
    visited: np.ndarray
    stationary: np.ndarray

    def describe(self) -> str:
        if not len(self.trace):
            return f"A Metropolis chain at temperature {self.temperature:g}, before its first step."
        return (
            f"A Metropolis chain at temperature {self.temperature:g}: {len(self.trace)} steps, "
            f"{self.accepted.mean():.0%} of the proposals accepted, value now "
            f"{self.trace[-1]:.3f}, mean {self.trace.mean():.3f}, best {self.trace.max():.3f}. "
            f"Visited and stationary shares differ by {self.distance:.2f} (total variation over "
            f"{len(self.visited)} bins)."
        )

    @property
    def distance(self) -> float:
        """Total variation distance between visited and stationary shares, in [0, 1]."""
        return float(0.5 * np.abs(self.visited - self.stationary).sum())

    def shown(self, values: ArrayLike) -> np.ndarray:
        """Where values are drawn: those below the axis at its lower end."""
        return np.asarray(values, dtype=float).clip(min=self.edges[0])


def chain_info(
    steps: Sequence[ChainStep],
    values: np.ndarray,
    *,
    temperature: float,
    bins: int = 24,
) -> ChainInfo:
    """Compare the steps of a chain with its stationary distribution.

    values: the value of every architecture of the space, (architectures,). The bins begin where the
        lowest twentieth of them ends, lest a few hopeless ones squeeze the others.
    """
    if temperature <= 0:
        raise ValueError(f"temperature must be positive, got {temperature}")
    low = np.quantile(values, 0.05)
    edges = np.linspace(low, values.max(), bins + 1)
    weights = np.exp((values - values.max()) / temperature)
    stationary, _ = np.histogram(np.maximum(values, low), edges, weights=weights / weights.sum())
    trace = np.array([step.state.value for step in steps])
    visited = np.histogram(np.maximum(trace, low), edges)[0] / max(1, len(trace))
    return ChainInfo(
        temperature=temperature,
        trace=trace,
        proposed=np.array([step.proposed.value for step in steps]),
        accepted=np.array([step.accepted for step in steps], dtype=bool),
        edges=edges,
        visited=visited,
        stationary=stationary,
    )


def plot_trace(info: ChainInfo, *, ax: Axes | None = None) -> Axes:
    """The current value at each step; proposals that were refused are grey crosses."""
    ax = axes(ax)
    steps = np.arange(1, len(info.trace) + 1)
    refused = ~info.accepted
    ax.plot(steps[refused], info.shown(info.proposed[refused]), "x", color=GREY, markersize=5)
    ax.plot(steps, info.shown(info.trace), color=BLUE, drawstyle="steps-post")
    share = f", {info.accepted.mean():.0%} accepted" if len(steps) else ""
    ax.set_title(f"temperature {info.temperature:g}{share}", loc="left")
    ax.set(xlabel="step   (crosses: refused proposals)", ylabel="value", ylim=_padded(info.edges))
    return ax


def plot_visits(info: ChainInfo, *, ax: Axes | None = None) -> Axes:
    """Bars: share of steps in each bin of the value; outline: the stationary distribution."""
    ax = axes(ax)
    ax.barh(
        info.edges[:-1], info.visited, np.diff(info.edges), align="edge", color=GREEN, alpha=0.6,
        label="visited",
    )  # fmt: skip
    ax.stairs(
        info.stationary, info.edges, orientation="horizontal", color=VERMILION, linestyle="--",
        linewidth=2.5, label="stationary",
    )  # fmt: skip
    ax.set(xlabel="share of steps", ylabel="value", ylim=_padded(info.edges))
    ax.legend(loc="lower right")
    return ax


def _padded(edges: np.ndarray) -> tuple[float, float]:
    margin = 0.03 * (edges[-1] - edges[0])
    return float(edges[0] - margin), float(edges[-1] + margin)
