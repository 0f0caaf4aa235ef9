"""The Gumbel trick step by step: inverse transform, counts against softmax, straight-through."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from matplotlib.axes import Axes
from numpy.typing import ArrayLike
from torch import Tensor

from course_lib.core import make_rng
from course_lib.nas.relax import gumbel_softmax_sample, straight_through
from course_lib.show.style import BLUE, GREEN, GREY, INK, VERMILION, axes, label_ends


@dataclass(frozen=True)
class InverseInfo:
    """Draws by inverse transform: x = F^-1(u) for F(x) = exp(-exp(-x)), the standard Gumbel.

    uniforms, draws: (n,), the same draws before and after. grid, cdf, density: (points,).
    """

    uniforms: np.ndarray
    draws: np.ndarray
    grid: np.ndarray
    cdf: np.ndarray
    density: np.ndarray

    def describe(self) -> str:
        return (
            f"Distribution function of the standard Gumbel distribution, and {len(self.draws):,} "
            f"uniform numbers carried through its inverse: their mean is {self.draws.mean():.3f} "
            f"(Euler's constant is 0.577), their standard deviation {self.draws.std():.3f} "
            f"(pi / root 6 is 1.283), from {self.draws.min():.2f} to {self.draws.max():.2f}."
        )


def inverse_info(uniforms: ArrayLike | Tensor) -> InverseInfo:
    """uniforms: (n,) numbers in (0, 1); -log(-log u) of each."""
    u = np.asarray(uniforms, dtype=float)
    if u.ndim != 1 or not len(u) or not ((u > 0) & (u < 1)).all():
        raise ValueError(f"expected numbers strictly between 0 and 1, (n,), got {u}")
    grid = np.linspace(-3, 8, 400)
    cdf = np.exp(-np.exp(-grid))
    return InverseInfo(u, -np.log(-np.log(u)), grid, cdf, cdf * np.exp(-grid))


def plot_inverse(info: InverseInfo, *, ax: Axes | None = None, arrows: int = 12) -> Axes:
    """From u on the left to the curve and down to x, for the first few draws."""
    ax = axes(ax)
    ax.plot(info.grid, info.cdf, color=BLUE)
    left = info.grid[0]
    for u, x in zip(info.uniforms[:arrows], info.draws[:arrows], strict=True):
        ax.plot([left, x, x], [u, u, 0], color=GREY, linewidth=1.2, zorder=1)
        ax.plot(x, 0, "v", color=VERMILION, markersize=8, clip_on=False)
        ax.plot(left, u, ">", color=GREEN, markersize=7, clip_on=False)
    ax.set(xlim=(left, info.grid[-1]), ylim=(0, 1))
    ax.set(xlabel="x = F⁻¹(u)", ylabel="u, uniform")
    ax.text(4, 0.86, "F(x) = exp(−exp(−x))", color=BLUE)
    return ax


def plot_draws(info: InverseInfo, *, ax: Axes | None = None) -> Axes:
    """Histogram of the draws, with the density."""
    ax = axes(ax)
    bins = np.linspace(info.grid[0], info.grid[-1], 56).tolist()
    ax.hist(info.draws, bins=bins, density=True, color=VERMILION, alpha=0.5)
    ax.plot(info.grid, info.density, color=BLUE)
    ax.set(xlabel=f"x   ({len(info.draws):,} draws)", ylabel="density")
    return ax


@dataclass(frozen=True)
class CountsInfo:
    """How often each choice was drawn, against the probability that it should have.

    shares, probabilities: (choices,). spread: (choices,) standard deviation of the shares.
    """

    names: tuple[str, ...]
    shares: np.ndarray
    probabilities: np.ndarray
    spread: np.ndarray
    samples: int

    def describe(self) -> str:
        rows = ", ".join(
            f"{name} {share:.2%} for {p:.2%}"
            for name, share, p in zip(self.names, self.shares, self.probabilities, strict=True)
        )
        return (
            f"Shares of {self.samples:,} draws against softmax probabilities: {rows}. The largest "
            f"difference is {self.furthest:.1f} standard deviations."
        )

    @property
    def furthest(self) -> float:
        """The largest difference between share and probability, in standard deviations."""
        return float(np.abs((self.shares - self.probabilities) / self.spread).max())


def counts_info(drawn: Tensor, logits: Tensor, names: Sequence[str]) -> CountsInfo:
    """drawn: (n,) choices. logits: (choices,), not necessarily normalised."""
    choices, n = len(logits), len(drawn)
    if len(names) != choices or n == 0:
        raise ValueError(f"expected {choices} names and at least one draw, got {names} and {n}")
    p = logits.double().softmax(-1).numpy()
    counts = torch.bincount(drawn, minlength=choices).double().numpy()
    return CountsInfo(tuple(names), counts / n, p, np.sqrt(p * (1 - p) / n), n)


def plot_counts(info: CountsInfo, *, ax: Axes | None = None) -> Axes:
    """A bar per choice, its softmax probability with two standard deviations beside it."""
    ax = axes(ax)
    places = np.arange(len(info.names))
    ax.bar(places - 0.17, info.shares, 0.34, color=BLUE, alpha=0.8, label="argmax(logits + g)")
    ax.bar(places + 0.17, info.probabilities, 0.34, color=GREY, label="softmax(logits)")
    ax.errorbar(
        places + 0.17, info.probabilities, 2 * info.spread, fmt="none", ecolor=INK, capsize=5
    )
    ax.set_xticks(places, info.names)
    ax.set(ylabel=f"share of {info.samples:,} draws")
    ax.legend(loc="lower left", bbox_to_anchor=(0, 1), ncols=2, borderaxespad=0)
    return ax


@dataclass(frozen=True)
class StraightInfo:
    """The weight of one of two choices while its logit moves and the noise stands still.

    grid: (points,) logit. soft, hard: (points,) weight, relaxed and straight-through.
    slope_soft, slope_hard: (points,) what autograd says their slopes are.
    """

    grid: np.ndarray
    soft: np.ndarray
    hard: np.ndarray
    slope_soft: np.ndarray
    slope_hard: np.ndarray
    tau: float

    def describe(self) -> str:
        jump = self.grid[int(np.argmax(self.hard > 0.5))]
        return (
            f"Weight of one choice against its logit, the noise frozen, temperature {self.tau:g}. "
            f"The relaxed weight rises smoothly from {self.soft[0]:.3f} to {self.soft[-1]:.3f}; "
            f"the straight-through weight jumps from 0 to 1 at {jump:.2f}. Both have the same "
            f"slope by autograd, at most {self.slope_soft.max():.3f}; the largest difference "
            f"between the two slopes is {np.abs(self.slope_soft - self.slope_hard).max():.1e}."
        )


def straight_info(
    *, tau: float = 1.0, seed: int = 0, low: float = -5.0, high: float = 5.0, points: int = 401
) -> StraightInfo:
    """Two choices, the other's logit at 0, one draw of noise for all positions."""
    grid = torch.linspace(low, high, points, dtype=torch.float64)

    def weights(hard: bool) -> tuple[np.ndarray, np.ndarray]:
        own = grid.clone().requires_grad_()
        rows = [
            gumbel_softmax_sample(
                torch.stack([one, torch.zeros_like(one)]), make_rng(seed), tau=tau
            )
            for one in own
        ]
        soft = torch.stack(rows)
        value = (straight_through(soft) if hard else soft)[:, 0]
        (slope,) = torch.autograd.grad(value.sum(), own)
        return value.detach().numpy(), slope.numpy()

    soft, slope_soft = weights(hard=False)
    hard, slope_hard = weights(hard=True)
    return StraightInfo(grid.numpy(), soft, hard, slope_soft, slope_hard, tau)


def plot_forward(info: StraightInfo, *, ax: Axes | None = None) -> Axes:
    """What is passed forward: a smooth weight, or a step."""
    ax = axes(ax)
    ax.plot(info.grid, info.soft, color=BLUE)
    ax.plot(info.grid, info.hard, color=VERMILION, linestyle="--")
    ax.set(xlabel="logit of the choice", ylabel="its weight, forward")
    right = float(info.grid[-1])
    ax.text(right, 0.55, "straight-through", color=VERMILION, ha="right")
    ax.text(right, 0.43, f"relaxed, τ = {info.tau:g}", color=BLUE, ha="right")
    return ax


def plot_backward(info: StraightInfo, *, ax: Axes | None = None) -> Axes:
    """What is passed backward: one slope for both; that of the step itself is zero."""
    ax = axes(ax)
    ax.plot(info.grid, info.slope_soft, color=BLUE)
    ax.plot(info.grid, info.slope_hard, color=VERMILION, linestyle="--")
    ax.plot(info.grid, np.zeros_like(info.grid), color=GREY, linestyle=":")
    end = float(info.grid[-1])
    ax.set(xlabel="logit of the choice", ylabel="slope by autograd, backward")
    peak = float(info.slope_soft.max())
    label_ends(ax, {"argmax alone": (end, 0.0, GREY)})
    ax.text(float(info.grid[-1]), 0.9 * peak, "relaxed and straight-through", color=INK, ha="right")
    return ax
