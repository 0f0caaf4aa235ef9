"""Lines as tasks: the prior that many of them tell, and what it makes of one example."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import torch
from matplotlib.axes import Axes
from torch import Tensor

from course_lib.core import make_rng
from course_lib.meta.bayes_linear import (
    Prior,
    descend,
    learn_prior,
    maml_start,
    posterior,
    seen_lines,
    with_one,
)
from course_lib.show.style import BLUE, GREEN, GREY, INK, VERMILION, Role, axes, label_ends

FAN = Prior(
    torch.tensor([0.5, 0.5], dtype=torch.float64),
    torch.tensor([[1.0, 0.95], [0.95, 1.0]], dtype=torch.float64),
    0.15,
)
"""Lines that nearly meet at x = -1: their slope tells their intercept."""

LOOKS = {
    "posterior": Role(BLUE, "-", "o"),
    "MAML": Role(VERMILION, "--", "s"),
    "least squares": Role(GREEN, "-.", "^"),
}
_JUDGED = 500


@dataclass(frozen=True)
class BayesInfo:
    """A new task after few examples.

    grid: (points,) inputs. tasks: (shown, points) lines of meta-training.
    prior, posterior: (mean, standard deviation) of the line's height, each (points,).
    x, y: (n,) the examples. truth: (points,). lines: name -> (points,) the answers.
    errors: name -> mean squared error over many new tasks, without the noise.
    """

    grid: np.ndarray
    tasks: np.ndarray
    prior: tuple[np.ndarray, np.ndarray]
    posterior: tuple[np.ndarray, np.ndarray]
    x: np.ndarray
    y: np.ndarray
    truth: np.ndarray
    lines: Mapping[str, np.ndarray]
    errors: Mapping[str, float]
    steps: int

    def describe(self) -> str:
        errors = ", ".join(f"{name} {error:.3f}" for name, error in self.errors.items())
        mean, sd = self.prior
        return (
            f"{len(self.tasks)} lines of meta-training with the prior learned from them: mean "
            f"{mean[0]:.2f} with standard deviation {sd[0]:.2f} at x = {self.grid[0]:g}, "
            f"{mean[-1]:.2f} with {sd[-1]:.2f} at x = {self.grid[-1]:g}. Examples of a new line: "
            f"{len(self.x)}. Mean squared error over {_JUDGED} new lines: {errors}. Inner steps of "
            f"MAML: {self.steps}."
        )


def bayes_info(
    *,
    truth: Prior = FAN,
    shots: int = 1,
    tasks: int = 200,
    shown: int = 25,
    lr: float = 0.3,
    steps: int = 1,
    seed: int = 0,
) -> BayesInfo:
    """Learn both thetas from the same tasks, the prior and MAML's start, then meet new tasks.

    truth: where tasks come from. shots: examples of each, in meta-training and of the new ones.
    """
    if shots < 1:
        raise ValueError(f"shots must be at least 1, got {shots}")
    rng = make_rng(seed)
    old, own = truth.sample(rng, tasks), truth.sample(rng, _JUDGED)
    seen, new = (seen_lines(w, rng, noise=truth.noise, shots=shots) for w in (old, own))
    prior = learn_prior(
        torch.cat([seen.support_x, seen.query_x], 1),
        torch.cat([seen.support_y, seen.query_y], 1),
        noise=truth.noise,
    )
    x, y = new.support_x, new.support_y
    mean, spread = posterior(prior, x, y)
    found = {
        "posterior": mean,
        "MAML": descend(maml_start(seen, lr=lr, steps=steps), x, y, lr=lr, steps=steps),
        "least squares": torch.linalg.pinv(x) @ y.unsqueeze(-1),
    }
    grid = with_one(torch.linspace(-1, 1, 41, dtype=torch.float64))
    return BayesInfo(
        grid=grid[:, 0].numpy(),
        tasks=(old[:shown] @ grid.T).numpy(),
        prior=_band(grid, prior.mean, prior.covariance),
        posterior=_band(grid, mean[0], spread[0]),
        x=x[0, :, 0].numpy(),
        y=y[0].numpy(),
        truth=(grid @ own[0]).numpy(),
        lines={name: (grid @ w[0].flatten()).numpy() for name, w in found.items()},
        errors={name: _error(w.reshape(own.shape) - own) for name, w in found.items()},
        steps=steps,
    )


def _band(grid: Tensor, mean: Tensor, covariance: Tensor) -> tuple[np.ndarray, np.ndarray]:
    """Mean and standard deviation of the line's height."""
    sd = ((grid @ covariance) * grid).sum(1).clamp(min=0).sqrt()
    return (grid @ mean).numpy(), sd.numpy()


def _error(gap: Tensor) -> float:
    """The mean of (slope x + intercept)^2 over x from U[-1, 1], then over the rows."""
    slope, intercept = gap.T
    return float((slope**2 / 3 + intercept**2).mean())


def _fill(ax: Axes, info: BayesInfo, band: tuple[np.ndarray, np.ndarray], colour: str) -> None:
    mean, sd = band
    ax.fill_between(info.grid, mean - 2 * sd, mean + 2 * sd, color=colour, alpha=0.18, linewidth=0)


def _frame(ax: Axes, info: BayesInfo, title: str) -> Axes:
    mean, sd = info.prior
    rows = np.vstack([mean - 2.5 * sd, mean + 2.5 * sd, info.tasks, info.truth])
    ax.set(xlim=(-1, 1), ylim=(rows.min(), rows.max()), xlabel="x", ylabel="y")
    ax.set_xticks([-1, -0.5, 0, 0.5, 1])
    ax.set_title(title, fontsize="medium")
    return ax


def plot_prior(info: BayesInfo, *, ax: Axes | None = None) -> Axes:
    """The lines of meta-training and the prior: its mean, two standard deviations on both sides."""
    ax = axes(ax)
    ax.plot(info.grid, info.tasks.T, color=GREY, linewidth=1, alpha=0.7)
    _fill(ax, info, info.prior, BLUE)
    ax.plot(info.grid, info.prior[0], color=BLUE, linewidth=3.5)
    return _frame(ax, info, f"θ*: the prior, and {len(info.tasks)} of its lines")


def plot_answers(info: BayesInfo, *, ax: Axes | None = None) -> Axes:
    """A new line, its examples, and the answers: the posterior's mean with its band, MAML's."""
    ax = axes(ax)
    _fill(ax, info, info.posterior, BLUE)
    ax.plot(info.grid, info.truth, color=INK, linestyle=":", linewidth=2.5)
    ends = {"truth": (1.0, float(info.truth[-1]), INK)}
    for name, line in info.lines.items():
        look = LOOKS[name]
        ax.plot(info.grid, line, color=look.colour, linestyle=look.line, linewidth=2.5)
        ends[name] = (1.0, float(line[-1]), look.colour)
    ax.plot(info.x, info.y, "o", color=INK, markersize=10, zorder=4)
    _frame(ax, info, f"φ*: answers to {len(info.x)} of a new line")
    label_ends(ax, ends)
    return ax
