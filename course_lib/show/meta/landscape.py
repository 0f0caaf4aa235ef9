"""Where to start when steps will follow: the landscape of a two-parameter theta.

The model is a wave a sin(x - p), and theta = (a, p). A task is such a wave, (A, P), seen over whole
periods, so that its loss, the mean squared error, is (a^2 + A^2 - 2 a A cos(p - P)) / 2.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from matplotlib.axes import Axes
from numpy.typing import ArrayLike, NDArray

from course_lib.show.style import BLUE, GREEN, GREY, INK, PURPLE, VERMILION, Role, axes

Floats = NDArray[np.float64]

TASKS = ((1.0, -1.2), (2.0, 0.0), (3.0, 1.2))
"""(amplitude, phase) of three waves: the loss of a high one is more curved along the phase."""
LOOKS = (Role(GREEN, ":", "^"), Role(VERMILION, "--", "s"), Role(PURPLE, "-.", "D"))
AMPLITUDES, PHASES = (0.0, 4.0), (-1.6, 1.6)
"""What the picture shows of both axes."""
LEVELS = (0.01, 0.02, 0.05, 0.1, 0.2, 0.4, 0.8, 1.2, 1.6, 2.4, 3.2, 4.8)
META_RATE = 0.2
"""Step size of the meta-training whose trail is drawn."""
_GRID = 61


def task_losses(theta: ArrayLike, tasks: ArrayLike) -> Floats:
    """theta: (..., tasks, 2), tasks: (tasks, 2) -> (..., tasks)."""
    (a, p), (height, phase) = np.moveaxis(np.asarray(theta), -1, 0), np.asarray(tasks).T
    return np.asarray((a**2 + height**2 - 2 * a * height * np.cos(p - phase)) / 2)


def task_gradients(theta: ArrayLike, tasks: ArrayLike) -> Floats:
    """The gradients of `task_losses`: (..., tasks, 2)."""
    (a, p), (height, phase) = np.moveaxis(np.asarray(theta), -1, 0), np.asarray(tasks).T
    return np.stack([a - height * np.cos(p - phase), a * height * np.sin(p - phase)], -1)


def inner_paths(theta: ArrayLike, tasks: ArrayLike, *, lr: float, steps: int) -> Floats:
    """theta: (..., 2) -> (steps + 1, ..., tasks, 2): where each task's gradient steps lead."""
    phi = np.repeat(np.asarray(theta, dtype=float)[..., None, :], len(np.asarray(tasks)), axis=-2)
    path = [phi]
    for _ in range(steps):
        path.append(path[-1] - lr * task_gradients(path[-1], tasks))
    return np.stack(path)


def mean_loss(theta: ArrayLike, tasks: ArrayLike, *, lr: float, steps: int) -> Floats:
    """The mean over tasks of their losses after `steps` inner steps from theta: (...)."""
    return np.asarray(
        task_losses(inner_paths(theta, tasks, lr=lr, steps=steps)[-1], tasks).mean(-1)
    )


def meta_gradient(theta: ArrayLike, tasks: ArrayLike, *, lr: float, steps: int) -> Floats:
    """The gradient of `mean_loss`, (2,): mean_i (I - lr H_i) ... (I - lr H_i) grad L_i(phi_i).

    H_i = [[1, A sin d], [A sin d, a A cos d]], d = p - P, at every point on the task's path.
    """
    *path, end = inner_paths(theta, tasks, lr=lr, steps=steps)
    slope = task_gradients(end, tasks)
    height, phase = np.asarray(tasks, dtype=float).T
    for a, p in (phi.T for phi in reversed(path)):
        cross, bend = height * np.sin(p - phase), a * height * np.cos(p - phase)
        curved = np.stack(
            [slope[:, 0] + cross * slope[:, 1], cross * slope[:, 0] + bend * slope[:, 1]], -1
        )
        slope = slope - lr * curved
    return np.asarray(slope.mean(0))


@lru_cache
def lowest(tasks: tuple[tuple[float, float], ...], lr: float, steps: int) -> tuple[float, float]:
    """Where in the picture `mean_loss` is least: a grid, then ever finer ones around its best."""
    (low, high), (left, right) = AMPLITUDES, PHASES
    best, size = np.array([low + high, left + right]) / 2, np.array([high - low, right - left]) / 2
    for _ in range(8):
        axis = np.linspace(-1, 1, 41)
        grid = best + size * np.stack(np.meshgrid(axis, axis, indexing="ij"), -1)
        grid = grid.clip([low, left], [high, right])
        heights = mean_loss(grid, tasks, lr=lr, steps=steps)
        best, size = grid.reshape(-1, 2)[heights.argmin()], size / 8
    return float(best[0]), float(best[1])


@lru_cache
def level_lines(
    tasks: tuple[tuple[float, float], ...], lr: float, steps: int
) -> tuple[tuple[float, Floats], ...]:
    """Lines of equal `mean_loss`: (level, (points, 2))."""
    from matplotlib.figure import Figure

    a, p = np.linspace(*AMPLITUDES, _GRID), np.linspace(*PHASES, _GRID)
    grid = np.stack(np.meshgrid(a, p, indexing="xy"), -1)
    heights = mean_loss(grid, tasks, lr=lr, steps=steps)
    drawn = Figure().subplots().contour(a, p, heights, levels=LEVELS)
    pairs = zip(LEVELS, drawn.allsegs, strict=True)
    return tuple((level, np.asarray(row)) for level, rows in pairs for row in rows if len(row))


@dataclass(frozen=True)
class LandscapeInfo:
    """The landscape with and without inner steps, seen from one theta.

    paths: (steps + 1, tasks, 2) from theta. arrows: (tasks, 2), where one inner step leads.
    joint, maml: where the mean loss is least before a step, and after `steps`.
    losses: mean loss after the steps from theta, joint, maml. trail: (taken + 1, 2) meta-training.
    """

    tasks: tuple[tuple[float, float], ...]
    theta: Floats
    steps: int
    lr: float
    paths: Floats
    arrows: Floats
    joint: tuple[float, float]
    maml: tuple[float, float]
    losses: dict[str, float]
    trail: Floats

    def describe(self) -> str:
        (a, p), (joint_a, joint_p), (maml_a, maml_p) = self.theta, self.joint, self.maml
        plural = "s" if self.steps != 1 else ""
        words = (
            f"Theta at amplitude {a:.2f}, phase {p:.2f}; {len(self.tasks)} tasks. Best without "
            f"steps: amplitude {joint_a:.2f}, phase {joint_p:.2f}. Best before {self.steps} inner "
            f"step{plural} of size {self.lr:g}: amplitude {maml_a:.2f}, phase {maml_p:.2f}. Mean "
            f"loss after the steps: {self.losses['theta']:.3f} from theta, "
            f"{self.losses['joint']:.3f} from the first, {self.losses['maml']:.3f} from the second."
        )
        if len(self.trail) == 1:
            return words
        end_a, end_p = self.trail[-1]
        taken = len(self.trail) - 1
        return (
            f"{words} After {taken} steps of meta-training theta is at amplitude {end_a:.2f}, "
            f"phase {end_p:.2f}."
        )


def landscape_info(
    theta: Sequence[float],
    *,
    tasks: tuple[tuple[float, float], ...] = TASKS,
    steps: int = 1,
    lr: float = 0.2,
    taken: int = 0,
) -> LandscapeInfo:
    """All that is to be seen from theta, and where `taken` meta-steps lead from it.

    theta: amplitude and phase. ValueError for a negative number of steps or step size.
    """
    if min(steps, taken, lr) < 0:
        raise ValueError(f"no negative steps: got steps={steps}, taken={taken}, lr={lr}")
    trail = [np.asarray(theta, dtype=float)]
    for _ in range(taken):
        slope = meta_gradient(trail[-1], tasks, lr=lr, steps=steps)
        trail.append(trail[-1] - META_RATE * slope)
    joint, maml = lowest(tasks, lr, 0), lowest(tasks, lr, steps)
    places: dict[str, ArrayLike] = {"theta": trail[0], "joint": joint, "maml": maml}
    return LandscapeInfo(
        tasks=tasks,
        theta=trail[0],
        steps=steps,
        lr=lr,
        paths=inner_paths(theta, tasks, lr=lr, steps=steps),
        arrows=inner_paths(theta, tasks, lr=lr, steps=1)[1],
        joint=joint,
        maml=maml,
        losses={
            name: float(mean_loss(place, tasks, lr=lr, steps=steps))
            for name, place in places.items()
        },
        trail=np.stack(trail),
    )


def _ground(ax: Axes | None, info: LandscapeInfo, steps: int) -> Axes:
    ax = axes(ax)
    lines = level_lines(info.tasks, info.lr, steps)
    longest = dict(sorted(lines, key=lambda pair: len(pair[1])))
    for level, line in lines:
        ax.plot(*line.T, color=GREY, linewidth=1)
        if line is longest[level]:
            x, y = line[len(line) // 2]
            face = {"facecolor": "white", "edgecolor": "none", "pad": 0.5}
            ax.text(x, y, f"{level:g}", fontsize=10, ha="center", va="center", bbox=face)
    for name, place, shift in (("joint", info.joint, "P"), ("MAML", info.maml, "*")):
        if name == "joint" or steps:
            ax.plot(*place, shift, color=BLUE, markersize=15, zorder=5)
            ax.annotate(name, place, (8, 8), textcoords="offset points", color=BLUE, zorder=6)
    ax.plot(*info.theta, "o", color=INK, markersize=11, zorder=6)
    ax.set(xlim=AMPLITUDES, ylim=PHASES, xlabel="amplitude of θ", ylabel="phase of θ")
    return ax


def plot_before(info: LandscapeInfo, *, ax: Axes | None = None) -> Axes:
    """The mean loss without a step, each task's best theta, and its steps from this theta."""
    ax = _ground(ax, info, 0)
    for index, (look, best) in enumerate(zip(LOOKS, info.tasks, strict=True)):
        path = info.paths[:, index]
        ax.plot(*best, look.marker, color=look.colour, markersize=12, mec=INK)
        ax.plot(*path.T, color=look.colour, linestyle=look.line, linewidth=2, marker=".")
        ax.annotate(
            "",
            tuple(info.arrows[index]),
            tuple(info.theta),
            arrowprops={"color": look.colour, "arrowstyle": "-|>", "linewidth": 3},
        )
    ax.set_title("mean loss before the steps; each task's way", fontsize="medium")
    return ax


def plot_after(info: LandscapeInfo, *, ax: Axes | None = None) -> Axes:
    """The mean loss after the inner steps from each theta, and the trail of meta-training."""
    ax = _ground(ax, info, info.steps)
    ax.plot(*info.trail.T, color=BLUE, linewidth=2.5)
    plural = "s" if info.steps != 1 else ""
    ax.set_title(f"mean loss after {info.steps} inner step{plural}", fontsize="medium")
    return ax
