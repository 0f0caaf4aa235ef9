"""The Gumbel trick step by step: inverse transform, straight-through."""

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

    uniforms, draws: (n,), the same draws before and after. grid, cdf: (points,).
    """

    uniforms: np.ndarray
    draws: np.ndarray
    grid: np.ndarray
    cdf: np.ndarray

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
    return InverseInfo(u, -np.log(-np.log(u)), grid, np.exp(-np.exp(-grid)))


def gumbel_density(x: np.ndarray) -> np.ndarray:
    """The derivative of F(x) = exp(-exp(-x))."""
    return np.asarray(np.exp(-x - np.exp(-x)))


def plot_inverse(info: InverseInfo, *, ax: Axes | None = None, arrows: int = 12) -> Axes:
    """From u on the left to the curve and down to x, for the first few draws."""
    ax = axes(ax)
    ax.plot(info.grid, info.cdf, "--", color=VERMILION)
    left = info.grid[0]
    for u, x in zip(info.uniforms[:arrows], info.draws[:arrows], strict=True):
        ax.plot([left, x, x], [u, u, 0], color=GREY, linewidth=1.2, zorder=1)
        ax.plot(x, 0, "v", color=BLUE, markersize=8, clip_on=False)
        ax.plot(left, u, ">", color=GREEN, markersize=7, clip_on=False)
    ax.set(xlim=(left, info.grid[-1]), ylim=(0, 1))
    ax.set(xlabel="x = F⁻¹(u)", ylabel="u, uniform")
    ax.text(4, 0.86, "F(x) = exp(−exp(−x))", color=VERMILION)
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
