"""The bilevel toy of the DARTS paper: one weight, one alpha, and three gradients of alpha.

Training loss (w - alpha)^2, validation loss alpha w - 2 alpha + 1 (Liu et al. 2019, figure 2). The
weight's best answer is w*(alpha) = alpha, so the outer objective is F(alpha) = (alpha - 1)^2.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
from matplotlib.axes import Axes

from course_lib.show.style import BLUE, GREEN, GREY, INK, VERMILION, Role, axes

ALPHAS, WEIGHTS = (-1.0, 3.0), (-2.5, 3.5)
"""What the picture shows of both axes."""
LEVELS = (-10, -8, -6, -4, -2, -1, 0, 1, 2, 3, 4)
RATE_ALPHA, RATE_W = 0.1, 0.2
"""Step sizes of the trails: alpha moves by the first times its gradient, w by the second."""
ARROW = 0.4
"""An arrow shows the step -ARROW times the gradient."""
LOOKS = {
    "exact": Role(BLUE, "-", "o"),
    "one step": Role(GREEN, ":", "^"),
    "first order": Role(VERMILION, "--", "s"),
}


def validation_loss(w: np.ndarray | float, alpha: np.ndarray | float) -> np.ndarray:
    """alpha w - 2 alpha + 1."""
    return np.asarray(alpha * w - 2 * alpha + 1)


def unrolled(w: float, alpha: float, xi: float) -> float:
    """w' = w - xi dL_train/dw: the weight after one inner step."""
    return w - xi * 2 * (w - alpha)


def hypergradients(w: float, alpha: float, xi: float) -> dict[str, float]:
    """The gradient of alpha three ways, at any point.

    first order: dL_val/dalpha at w, as if w did not depend on alpha.
    one step: d/dalpha L_val(w', alpha) with w' = unrolled(w, alpha, xi).
    exact: dF/dalpha with F(alpha) = L_val(w*(alpha), alpha).
    """
    return {
        "exact": 2 * (alpha - 1),
        "one step": unrolled(w, alpha, xi) - 2 + 2 * xi * alpha,
        "first order": w - 2,
    }


def trail(name: str, w: float, alpha: float, xi: float, steps: int) -> np.ndarray:
    """Alternate: a step of w down the training loss, a step of alpha down gradient `name`.

    Returns (steps + 1, 2): alpha and w.
    """
    points = [(alpha, w)]
    for _ in range(steps):
        w = unrolled(w, alpha, RATE_W)
        alpha = alpha - RATE_ALPHA * hypergradients(w, alpha, xi)[name]
        points.append((alpha, w))
    return np.array(points)


@dataclass(frozen=True)
class BilevelInfo:
    """The toy at one point.

    best: w*(alpha). unrolled: the weight after one inner step of size xi.
    gradients: name -> gradient of alpha. trails: name -> (steps + 1, 2) points (alpha, w).
    """

    alpha: float
    w: float
    xi: float
    best: float
    unrolled: float
    gradients: dict[str, float]
    trails: dict[str, np.ndarray]

    @property
    def wrong(self) -> tuple[str, ...]:
        """The gradients that point against the exact one."""
        exact = self.gradients["exact"]
        return tuple(name for name, g in self.gradients.items() if g * exact < 0)

    def describe(self) -> str:
        numbers = ", ".join(f"{name} {value:+.2f}" for name, value in self.gradients.items())
        wrong = " and ".join(self.wrong)
        verdict = f"{wrong} with the wrong sign" if wrong else "none points the wrong way"
        words = (
            f"Bilevel toy at alpha {self.alpha:.2f}, w {self.w:.2f}, inner step {self.xi:.2f}: the "
            f"weight would answer {self.best:.2f} and is at {self.unrolled:.2f} after one step. "
            f"Gradient of alpha: {numbers}; {verdict}."
        )
        steps = len(self.trails["exact"]) - 1
        if not steps:
            return words
        ends = ", ".join(f"{name} {points[-1, 0]:.2f}" for name, points in self.trails.items())
        return f"{words} After {steps} steps alpha is at: {ends}. The best alpha is 1."


def bilevel_info(alpha: float, w: float, *, xi: float = 0.1, steps: int = 0) -> BilevelInfo:
    """All of the toy at one point, and where `steps` alternating steps lead.

    xi: size of the inner step, not negative. ValueError otherwise.
    """
    if xi < 0 or steps < 0:
        raise ValueError(f"xi and steps must not be negative, got xi={xi} and steps={steps}")
    return BilevelInfo(
        alpha=alpha,
        w=w,
        xi=xi,
        best=alpha,
        unrolled=unrolled(w, alpha, xi),
        gradients=hypergradients(w, alpha, xi),
        trails={name: trail(name, w, alpha, xi, steps) for name in LOOKS},
    )


def contours() -> list[tuple[float, np.ndarray]]:
    """Lines of equal validation loss, w = 2 + (level - 1) / alpha: (level, (points, 2))."""
    grid = np.linspace(*ALPHAS, 201)
    lines = []
    for level in LEVELS:
        for alphas in (grid[grid < -1e-9], grid[grid > 1e-9]):
            weights = 2 + (level - 1) / alphas
            inside = (weights >= WEIGHTS[0]) & (weights <= WEIGHTS[1])
            if inside.sum() > 1:
                lines.append((level, np.stack([alphas[inside], weights[inside]], axis=1)))
    return [*lines, (1, np.array([(0, WEIGHTS[0]), (0, WEIGHTS[1])]))]


def plot_bilevel(info: BilevelInfo, *, ax: Axes | None = None) -> Axes:
    """Validation loss over (alpha, w), the weight's answer, and a step of each gradient.

    Each arrow starts where its gradient looks: at w, at the weight after one step, at the answer.
    """
    ax = axes(ax)
    face = {"facecolor": "white", "edgecolor": "none", "pad": 1}
    style: Any = {"fontsize": 11, "ha": "center", "va": "center", "bbox": face, "zorder": 1}
    for level, line in contours():
        ax.plot(*line.T, color=GREY, linewidth=1, zorder=0)
        x, y = line[5 * len(line) // 6]
        ax.text(x, y, str(level), **style)
    ax.plot(ALPHAS, ALPHAS, color=INK, linewidth=2.5)
    ax.text(1.6, 2.55, "w*(α)", color=INK, bbox=face)
    for name, points in info.trails.items():
        ax.plot(*points.T, color=LOOKS[name].colour, linestyle=LOOKS[name].line, linewidth=2)
    ax.plot([info.alpha] * 2, [info.w, info.unrolled], color=GREY, linewidth=2)
    starts = {"exact": info.best, "one step": info.unrolled, "first order": info.w}
    for row, (name, height) in enumerate(starts.items()):
        _arrow(ax, info, name, height + 0.13 * (1 - row))
    ax.plot(info.alpha, info.w, "o", color=INK, markersize=10)
    ax.set(xlim=ALPHAS, ylim=WEIGHTS, xlabel="α", ylabel="w")
    ax.set_title("validation loss, and a step of α each way", fontsize="medium")
    return ax


def _arrow(ax: Axes, info: BilevelInfo, name: str, height: float) -> None:
    look = LOOKS[name]
    end = np.clip(info.alpha - ARROW * info.gradients[name], *ALPHAS)
    heights = [height, height]
    ax.plot([info.alpha, end], heights, color=look.colour, linestyle=look.line, linewidth=3.5)
    head = ">" if end > info.alpha else "<"
    ax.plot(end, height, head, color=look.colour, markersize=11, zorder=4)


def plot_outer(info: BilevelInfo, *, ax: Axes | None = None) -> Axes:
    """The outer objective F(alpha), and below it the three steps with their gradients."""
    ax = axes(ax)
    alphas = np.linspace(*ALPHAS, 81)
    ax.plot(alphas, (alphas - 1) ** 2, color=INK)
    ax.plot(info.alpha, (info.alpha - 1) ** 2, "o", color=INK, markersize=10)
    ax.axvline(1, color=GREY, linestyle=":", linewidth=1.5)
    for row, (name, gradient) in enumerate(info.gradients.items()):
        height = -0.7 * (row + 1)
        _arrow(ax, info, name, height)
        text = f"{name} {gradient:+.2f}"
        colour = LOOKS[name].colour
        ax.text(1.02, height, text, color=colour, va="center", transform=ax.get_yaxis_transform())
    ax.set(xlim=ALPHAS, ylim=(-2.5, 4.1), xlabel="α", yticks=range(5))
    ax.set_title("F(α): the loss once w has answered", fontsize="medium")
    return ax
