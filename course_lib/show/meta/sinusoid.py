"""A few points of a sinusoid, and the curves that several initializations make of them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import torch
import torch.nn.functional as F
from matplotlib.axes import Axes
from torch import Tensor
from torch.func import vmap

from course_lib.core import make_rng
from course_lib.core.meta_train import Parameters
from course_lib.meta.maml import Predict, inner_loop
from course_lib.meta.sinusoids import INPUTS, sinusoid_tasks
from course_lib.show.style import BLUE, GREY, INK, VERMILION, Role, axes, label_ends

MOST, HEIGHT, POINTS = 10, 6.0, 20
"""Inner steps, |y| in the picture, and points, at most."""
WORST = 5.0
"""Errors beyond are drawn at the end of the axis."""
LOOKS = {
    "MAML": Role(BLUE, "-", "o"),
    "pretrained": Role(VERMILION, "--", "s"),
    "random": Role(GREY, "-.", "v"),
}
_LOYAL = 1e-3


@dataclass(frozen=True)
class SinusoidInfo:
    """What the initializations make of a few points.

    x, y: (n,) points. grid: (places,). target: (places,) the sinusoid amplitude sin(grid - phase).
    before, after: name -> (places,) the curve without a step, and after `steps`.
    at_points, overall: name -> (MOST + 1,) root mean squared error after 0, 1, ... steps: at the
        points, which the steps look at, and from the target over the whole grid.
    """

    x: np.ndarray
    y: np.ndarray
    grid: np.ndarray
    amplitude: float
    phase: float
    target: np.ndarray
    before: Mapping[str, np.ndarray]
    after: Mapping[str, np.ndarray]
    at_points: Mapping[str, np.ndarray]
    overall: Mapping[str, np.ndarray]
    steps: int

    def describe(self) -> str:
        rows = "; ".join(
            f"{name}: {_told(self.overall[name][self.steps])} from the sinusoid, "
            f"{_told(self.at_points[name][self.steps])} at the points, "
            f"{_told(self.overall[name][0])} before"
            for name in self.after
        )
        x, y = self.x[-1], self.y[-1]
        plural = "s" if self.steps != 1 else ""
        return (
            f"Points: {len(self.x)}, the last one at x {x:.2f}, y {y:.2f}; the sinusoid that suits "
            f"them has amplitude {self.amplitude:.2f} and phase {self.phase:.2f}. Root mean "
            f"squared error after {self.steps} inner step{plural}: {rows}."
        )


def _told(error: float) -> str:
    return f"{error:.2f}" if error < 1000 else "beyond all bounds"


def drawn_task(seed: int) -> tuple[np.ndarray, np.ndarray]:
    """A task of the family: POINTS points (POINTS, 2), and c of c_0 sin x + c_1 cos x, (2,)."""
    task = sinusoid_tasks(make_rng(seed), tasks=1, shots=POINTS, queries=1)
    points = torch.cat([task.support_x[0], task.support_y[0]], 1).double().numpy()
    return points, nearest_sinusoid(points[:, 0], points[:, 1], np.zeros(2), loyal=0.0)


def nearest_sinusoid(
    x: np.ndarray, y: np.ndarray, near: np.ndarray, *, loyal: float = _LOYAL
) -> np.ndarray:
    """argmin over c of |y - c_0 sin x - c_1 cos x|^2 + loyal |c - near|^2, (2,).

    Few points suit many sinusoids: of these, the one that is nearest to `near`.
    """
    waves = np.stack([np.sin(x), np.cos(x)], 1)
    rows = np.vstack([waves, loyal**0.5 * np.eye(2)])
    aims = np.concatenate([y - waves @ near, np.zeros(2)])
    return np.asarray(near + np.linalg.lstsq(rows, aims, rcond=None)[0])


def sinusoid_info(
    starts: Mapping[str, Parameters],
    predict: Predict,
    points: Sequence[Sequence[float]],
    *,
    near: Sequence[float] = (0.0, 0.0),
    steps: int = 1,
    lr: float = 0.01,
) -> SinusoidInfo:
    """Adapt every start to the points by MOST inner steps, and look after `steps` of them.

    starts: name -> parameters, all of one shape. points: n pairs (x, y).
    near: which sinusoid is meant where the points leave it open, see `nearest_sinusoid`.
    """
    if not 0 <= steps <= MOST:
        raise ValueError(f"steps must be from 0 to {MOST}, got {steps}")
    if not len(points):
        raise ValueError("no points: give at least one pair (x, y)")
    x, y = np.asarray(points, dtype=float).T
    grid = np.linspace(*INPUTS, 101)
    sine, cosine = nearest_sinusoid(x, y, np.asarray(near, dtype=float))
    target = sine * np.sin(grid) + cosine * np.cos(grid)
    curves, fits = _adapted(starts, predict, grid, x, y, lr)
    return SinusoidInfo(
        x=x,
        y=y,
        grid=grid,
        amplitude=float(np.hypot(sine, cosine)),
        phase=float(np.arctan2(-cosine, sine)),
        target=target,
        before={name: rows[0] for name, rows in curves.items()},
        after={name: rows[steps] for name, rows in curves.items()},
        at_points={name: _root_mean_square(rows - y) for name, rows in fits.items()},
        overall={name: _root_mean_square(rows - target) for name, rows in curves.items()},
        steps=steps,
    )


def _adapted(
    starts: Mapping[str, Parameters],
    predict: Predict,
    grid: np.ndarray,
    x: np.ndarray,
    y: np.ndarray,
    lr: float,
) -> tuple[dict[str, np.ndarray], dict[str, np.ndarray]]:
    """Name -> answers after 0, 1, ..., MOST steps, on the grid and at the points."""
    places, seen, wanted = (torch.tensor(row).float().unsqueeze(1) for row in (grid, x, y))

    def path(theta: Parameters) -> tuple[Tensor, Tensor]:
        phis = [theta]
        for _ in range(MOST):
            phis.append(
                inner_loop(phis[-1], lambda phi: F.mse_loss(predict(phi, seen), wanted), lr=lr)
            )
        both = torch.stack([predict(phi, torch.cat([places, seen]))[:, 0] for phi in phis])
        return both[:, : len(grid)], both[:, len(grid) :]

    thetas = [*starts.values()]
    with torch.no_grad():
        answers = vmap(path)({name: torch.stack([t[name] for t in thetas]) for name in thetas[0]})
    curves, fits = (rows.double().nan_to_num(1e6, 1e6, -1e6).numpy() for rows in answers)
    return dict(zip(starts, curves, strict=True)), dict(zip(starts, fits, strict=True))


def _root_mean_square(gaps: np.ndarray) -> np.ndarray:
    return np.asarray(np.sqrt((gaps**2).mean(-1)))


def plot_curves(info: SinusoidInfo, *, ax: Axes | None = None) -> Axes:
    """The points, the sinusoid that suits them, and each start's curve; thin: before any step."""
    ax = axes(ax)
    ax.plot(info.grid, info.target, color=INK, linestyle=":", linewidth=3)
    ends = {"sinusoid": (INPUTS[1], float(info.target[-1]), INK)}
    for name, curve in info.after.items():
        look = _look(name)
        ax.plot(info.grid, info.before[name], color=look.colour, linewidth=1, alpha=0.7)
        ax.plot(info.grid, curve, color=look.colour, linestyle=look.line, linewidth=3)
        ends[name] = (INPUTS[1], float(np.clip(curve[-1], -HEIGHT, HEIGHT)), look.colour)
    ax.plot(info.x, info.y, "o", color=INK, markersize=9, zorder=4)
    ax.set(xlim=INPUTS, ylim=(-HEIGHT, HEIGHT), xlabel="x", ylabel="y")
    plural = "s" if info.steps != 1 else ""
    ax.set_title(f"after {info.steps} inner step{plural} (thin: before)", fontsize="medium")
    label_ends(ax, ends)
    return ax


def plot_errors(info: SinusoidInfo, *, ax: Axes | None = None) -> Axes:
    """The error from the sinusoid over the inner steps; large: at the steps of the other plot."""
    ax = axes(ax)
    ends = {}
    for name, errors in info.overall.items():
        look, shown = _look(name), np.minimum(errors, WORST)
        ax.plot(shown, color=look.colour, linestyle=look.line, marker=look.marker)
        ax.plot(info.steps, shown[info.steps], look.marker, color=look.colour, markersize=13)
        ends[name] = (float(MOST), float(shown[-1]), look.colour)
    ax.axvline(info.steps, color=GREY, linewidth=1)
    ax.set(xlabel="inner steps", ylabel="root mean squared error", ylim=(0, None))
    label_ends(ax, ends)
    return ax


def _look(name: str) -> Role:
    return LOOKS.get(name, Role(INK, "-", "D"))
