"""Random draws beside what they should follow: a density, or probabilities of a few choices."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from matplotlib.axes import Axes
from torch import Tensor

from course_lib.show.style import BLUE, INK, VERMILION, axes


@dataclass(frozen=True)
class DrawsInfo:
    """A histogram of draws and the density that they should follow.

    edges: (bins + 1,). heights: (bins,), share of all draws per unit of x. x, density: (points,),
    the same number of points in every bin.
    name: what is drawn. count: how many draws. outside: share of them beyond the edges.
    """

    name: str
    count: int
    edges: np.ndarray
    heights: np.ndarray
    x: np.ndarray
    density: np.ndarray
    outside: float

    def describe(self) -> str:
        at = int(self.heights.argmax())
        return (
            f"Histogram of {self.count:,} draws of {self.name} from {self.edges[0]:g} to "
            f"{self.edges[-1]:g} ({self.outside:.1%} lie outside), highest from "
            f"{self.edges[at]:.2f} to {self.edges[at + 1]:.2f} with {self.heights[at]:.3f}; the "
            f"mean density there is {self.expected[at]:.3f}. The largest gap between the two is "
            f"{self.gap:.3f}."
        )

    @property
    def expected(self) -> np.ndarray:
        """The mean density in each bin: (bins,)."""
        return np.asarray(self.density.reshape(len(self.heights), -1).mean(1))

    @property
    def gap(self) -> float:
        """Between a bin's height and the mean density in it, at most."""
        return float(np.abs(self.heights - self.expected).max())


def draws_info(
    draws: Tensor,
    density: Callable[[np.ndarray], np.ndarray],
    *,
    between: tuple[float, float],
    name: str,
    bins: int = 60,
) -> DrawsInfo:
    """Count draws, any shape, in equal bins; the density is a function of numbers (points,)."""
    low, high = between
    if not low < high:
        raise ValueError(f"between must be (low, high) with low < high, got {between}")
    values = draws.detach().double().flatten().numpy()
    if not len(values):
        raise ValueError("no draws: give at least one")
    edges = np.linspace(low, high, bins + 1)
    counts, _ = np.histogram(values, edges)
    width = edges[1] - edges[0]
    x = low + width * (np.arange(8 * bins) + 0.5) / 8
    share = counts / len(values)
    return DrawsInfo(name, len(values), edges, share / width, x, density(x), float(1 - share.sum()))


def plot_draws(info: DrawsInfo, *, ax: Axes | None = None) -> Axes:
    """The histogram as a filled step, the density as a line over it."""
    ax = axes(ax)
    ax.stairs(
        info.heights, info.edges, color=BLUE, alpha=0.5, fill=True, label=f"{info.count:,} draws"
    )
    ax.plot(info.x, info.density, "--", color=VERMILION, linewidth=2.5, label="closed density")
    ax.set_ylim(0, 1.25 * float(np.quantile(info.density, 0.98)))
    ax.set(xlabel=info.name, ylabel="share per unit")
    ax.legend(frameon=False)
    return ax


@dataclass(frozen=True)
class ChoicesInfo:
    """How often each choice was drawn, and its probability.

    shares, probabilities, errors: (choices,); errors are standard errors of right draws.
    """

    names: tuple[str, ...]
    shares: np.ndarray
    probabilities: np.ndarray
    errors: np.ndarray
    count: int

    def describe(self) -> str:
        rows = ", ".join(
            f"{name} {share:.3f} for {p:.3f}"
            for name, share, p in zip(self.names, self.shares, self.probabilities, strict=True)
        )
        return (
            f"Shares of {self.count:,} draws and the probabilities of the choices: {rows}. The "
            f"largest difference is {self.furthest:.1f} standard errors."
        )

    @property
    def furthest(self) -> float:
        """The largest difference between share and probability, in standard errors."""
        return float(np.abs((self.shares - self.probabilities) / self.errors).max())


def choices_info(drawn: Tensor, probabilities: Tensor, *, names: Sequence[str] = ()) -> ChoicesInfo:
    """Count indices, any shape, among the choices that have these probabilities (choices,)."""
    p = torch.as_tensor(probabilities).detach().double().numpy()
    indices = drawn.detach().flatten().long()
    if not len(indices) or int(indices.min()) < 0 or int(indices.max()) >= len(p):
        raise ValueError(f"expected indices from 0 to {len(p) - 1}, at least one")
    shares = torch.bincount(indices, minlength=len(p)).double().numpy() / len(indices)
    errors = np.sqrt(p * (1 - p) / len(indices))
    labels = tuple(names) or tuple(str(k) for k in range(len(p)))
    return ChoicesInfo(labels, shares, p, errors, len(indices))


def plot_choices(info: ChoicesInfo, *, ax: Axes | None = None) -> Axes:
    """Bars for the shares; dashes for the probabilities with a band of four standard errors."""
    ax = axes(ax)
    places = np.arange(len(info.names))
    ax.bar(places, info.shares, color=BLUE, alpha=0.6, width=0.6, label="draws")
    ax.errorbar(
        places,
        info.probabilities,
        4 * info.errors,
        fmt="_",
        color=INK,
        markersize=34,
        markeredgewidth=2.5,
        capsize=5,
        label="softmax(logits), ± 4 standard errors",
    )
    ax.set_xticks(places, info.names)
    ax.set(xlabel="choice", ylabel=f"share of {info.count:,} draws")
    ax.legend(loc="lower left", bbox_to_anchor=(0, 1), ncols=2, borderaxespad=0)
    return ax
