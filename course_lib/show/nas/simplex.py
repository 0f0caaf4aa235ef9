"""Relaxed choices among three, as points of a triangle, and what their gradients are worth."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from matplotlib.axes import Axes
from torch import Tensor

from course_lib.core import make_rng
from course_lib.nas.estimators import Quality, exact_gradient, quality, reparametrised
from course_lib.nas.relax import gumbel_softmax_sample, gumbel_straight_through
from course_lib.show.style import BLUE, GREEN, GREY, INK, VERMILION, axes

CORNERS = np.array([[0.0, 0.0], [1.0, 0.0], [0.5, 0.75**0.5]])
"""Where the three choices lie: left, right, top."""

COLOURS, MARKERS = (BLUE, VERMILION, GREEN), ("o", "s", "^")

TARGET = (0.1, 0.8, 0.1)
"""The loss of a sample z is |z - TARGET|^2: the nearer to this place, the better."""

SHOWN = 400
"""At most so many dots are drawn; counts and means are of all samples."""

_ESTIMATES = 20_000
"""So many gradients tell the bias from the noise, and are drawn within one picture of a drag."""


@dataclass(frozen=True)
class SimplexInfo:
    """Samples among three choices, relaxed at one temperature.

    probabilities: (3,), what the logits say. points: (n, 3) relaxed samples, rows sum to 1.
    shares: (3,) of the samples, by their largest entry. mean: (3,) of what is passed forward.
    tau: temperature. hard: whether the nearest corner is passed forward (straight-through).
    gradient: bias and spread of one sample's gradient of the loss |z - TARGET|^2.
    """

    names: tuple[str, ...]
    probabilities: np.ndarray
    points: np.ndarray
    shares: np.ndarray
    mean: np.ndarray
    tau: float
    hard: bool
    gradient: Quality

    def describe(self) -> str:
        rows = ", ".join(
            f"{name} {share:.1%} of the samples for a probability of {p:.1%}"
            for name, share, p in zip(self.names, self.shares, self.probabilities, strict=True)
        )
        kind = "with straight-through" if self.hard else "without straight-through"
        return (
            f"Triangle of three choices with {len(self.points)} Gumbel-softmax samples at "
            f"temperature {self.tau:g}, {kind}: {rows}. The mean of what is passed forward is "
            f"{self.distance:.3f} away from the probabilities. One sample's gradient has bias "
            f"{self.gradient.bias:.3f} and standard deviation {self.gradient.sd:.3f}; the exact "
            f"gradient has length {self.gradient.exact:.3f}."
        )

    @property
    def distance(self) -> float:
        """From the mean of what is passed forward to the probabilities."""
        return float(np.linalg.norm(self.mean - self.probabilities))


def simplex_info(
    probabilities: Sequence[float],
    *,
    tau: float = 1.0,
    samples: int = 200,
    hard: bool = False,
    seed: int = 0,
    names: Sequence[str] = ("a", "b", "c"),
) -> SimplexInfo:
    """Draw Gumbel-softmax samples with logits log(probabilities) and judge their gradients.

    probabilities: three positive numbers, scaled to sum to 1. samples: at least 1.
    """
    p = np.asarray(probabilities, dtype=float)
    if p.shape != (3,) or not (p > 0).all() or len(names) != 3:
        raise ValueError(f"expected three positive probabilities and three names, got {p}, {names}")
    if samples < 1:
        raise ValueError(f"samples must be at least 1, got {samples}")
    logits = torch.tensor(p / p.sum()).log()
    points = gumbel_softmax_sample(logits.expand(samples, 3), make_rng(seed), tau=tau)
    nearest = points.argmax(1)
    shares = torch.bincount(nearest, minlength=3) / samples
    return SimplexInfo(
        names=tuple(names),
        probabilities=p / p.sum(),
        points=points.numpy(),
        shares=shares.numpy(),
        mean=(shares if hard else points.mean(0)).numpy(),
        tau=tau,
        hard=hard,
        gradient=_gradient(logits, tau, hard),
    )


def _gradient(logits: Tensor, tau: float, hard: bool) -> Quality:
    target = torch.tensor(TARGET, dtype=logits.dtype)

    def loss(z: Tensor) -> Tensor:
        return (z - target).square().sum(-1)

    relax = gumbel_straight_through if hard else gumbel_softmax_sample
    estimates = reparametrised(logits, loss, make_rng(1), samples=_ESTIMATES, relax=relax, tau=tau)
    return quality(estimates, exact_gradient(logits, loss))


def plot_simplex(info: SimplexInfo, *, ax: Axes | None = None) -> Axes:
    """Every sample is a dot; straight-through passes the corners forward, larger the more often."""
    ax = axes(ax)
    ax.fill(*CORNERS.T, facecolor="none", edgecolor=INK, linewidth=1.5)
    shown = info.points[:SHOWN]
    places, nearest = shown @ CORNERS, shown.argmax(1)
    for k, (colour, marker) in enumerate(zip(COLOURS, MARKERS, strict=True)):
        x, y = places[nearest == k].T
        faint = GREY if info.hard else colour
        ax.plot(x, y, marker, color=faint, markersize=4, alpha=0.5, linewidth=0, zorder=2)
        if info.hard and len(x):
            size = 60 * info.shares[k] ** 0.5
            ax.plot(*CORNERS[k], marker, color=colour, markersize=size, alpha=0.6, zorder=3)
    ends = ((0, -0.13, "center"), (0, -0.13, "center"), (0.12, 0, "left"))
    for corner, name, colour, (dx, dy, across) in zip(
        CORNERS, info.names, COLOURS, ends, strict=True
    ):
        ax.text(corner[0] + dx, corner[1] + dy, name, color=colour, ha=across, va="center")
    _mark(ax, info.probabilities, "o", "π", "right")
    _mark(ax, info.mean, "X", "mean", "left")
    _mark(ax, np.array(TARGET), "D", "loss 0", "left")
    ax.set(aspect="equal", xlim=(-0.12, 1.12), ylim=(-0.16, 0.95))
    ax.set_axis_off()
    ax.set_title(f"temperature {info.tau:g}")
    return ax


def _mark(ax: Axes, point: np.ndarray, marker: str, name: str, across: str) -> None:
    x, y = point @ CORNERS
    ax.plot(x, y, marker, color="white", mec=INK, mew=2, markersize=10, zorder=4)
    shift = 0.03 if across == "left" else -0.03
    paper = {"facecolor": "white", "alpha": 0.75, "edgecolor": "none", "pad": 1}
    ax.text(x + shift, y, name, color=INK, ha=across, va="center", bbox=paper, zorder=5)


def plot_shares(info: SimplexInfo, *, ax: Axes | None = None) -> Axes:
    """How often each corner was the nearest, beside its probability; below, bias and spread."""
    ax = axes(ax)
    rows = np.arange(3)
    ax.barh(rows, info.shares, color=COLOURS, alpha=0.65, height=0.6)
    ax.vlines(info.probabilities, rows - 0.4, rows + 0.4, color=INK, linestyle="--", linewidth=3)
    ax.set_yticks(rows, info.names)
    ax.set_ylim(2.6, -0.6)
    ax.set_xlim(0, 1)
    ax.set_xlabel(f"share of {len(info.points)} samples   (dashed: probability)")
    found = info.gradient
    ax.set_title(
        f"gradient of one sample: bias {found.bias:.3f}, sd {found.sd:.3f}\n"
        f"(length of the exact one: {found.exact:.3f})"
    )
    return ax
