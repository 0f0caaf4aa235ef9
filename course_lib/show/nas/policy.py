"""What a policy prefers, what its values are, and why a baseline calms its gradient."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from matplotlib.axes import Axes
from torch import Tensor

from course_lib.show.style import BLUE, GREY, INK, VERMILION, axes


@dataclass(frozen=True)
class HeatInfo:
    """Numbers of every choice of every decision.

    values: (decisions, choices), nan where a decision lacks the choice.
    decisions, choices: their names. quantity: what the numbers are. high: the end of the scale.
    """

    values: np.ndarray
    decisions: tuple[str, ...]
    choices: tuple[tuple[str, ...], ...]
    quantity: str
    high: float

    def describe(self) -> str:
        favourites = "; ".join(
            f"{name}: {names[int(np.nanargmax(row))]} {np.nanmax(row):.2f}"
            for name, names, row in zip(self.decisions, self.choices, self.values, strict=True)
        )
        return f"Heat map of the {self.quantity}; the largest of each decision: {favourites}."


def heat_info(
    values: Tensor | np.ndarray,
    decisions: Sequence[str],
    choices: Sequence[Sequence[str]],
    *,
    quantity: str = "probability",
    high: float = 1.0,
) -> HeatInfo:
    """Name the rows and cells of `values`, (decisions, max choices); the scale starts at 0.

    decisions: one name per row. choices: per row, the names of the choices that it has.
    high: the end of the scale.
    """
    table = np.array(torch.as_tensor(values), dtype=float)
    if len(decisions) != len(table) or len(choices) != len(table):
        raise ValueError(
            f"values has {len(table)} decisions, but there are names for {len(decisions)} "
            f"decisions and for the choices of {len(choices)}"
        )
    for row, names in zip(table, choices, strict=True):
        row[len(names) :] = np.nan
    return HeatInfo(table, tuple(decisions), tuple(map(tuple, choices)), quantity, high)


def plot_heat(info: HeatInfo, *, ax: Axes | None = None) -> Axes:
    """Decisions from left to right, their choices from top to bottom, each cell with its number.

    Where all decisions have the same choices these name the rows, otherwise each cell is named;
    with more than twelve decisions there is room for the names alone.
    """
    ax = axes(ax)
    image = ax.imshow(
        np.ma.masked_invalid(info.values.T), cmap="cividis", vmin=0, vmax=info.high, aspect="auto"
    )
    common = len(set(info.choices)) == 1
    crowded = len(info.decisions) > 12
    size = 10 if crowded else min(14.0, 110 / len(info.decisions))
    for i, names in enumerate(info.choices):
        for j, name in enumerate(names):
            value = info.values[i, j]
            number = f"{value:.2f}"
            text = name if crowded else number if common else f"{name}\n{number}"
            colour = "black" if value > 0.55 * info.high else "white"
            ax.text(i, j, text, ha="center", va="center", color=colour, fontsize=size)
    ax.set_xticks(range(len(info.decisions)), info.decisions)
    if max(map(len, info.decisions)) > 60 / len(info.decisions):
        ax.tick_params(axis="x", rotation=90 if crowded else 40, labelsize=size)
    ax.set_yticks(range(len(info.choices[0])) if common else [], info.choices[0] if common else [])
    ax.figure.colorbar(image, ax=ax, label=info.quantity)
    ax.spines[:].set_visible(False)
    ax.tick_params(length=0)
    return ax


@dataclass(frozen=True)
class BaselineInfo:
    """Variance of a one-sample policy gradient as a function of a constant baseline.

    baselines, variances: (points,); the variance is the trace of the covariance, exact.
    best: the baseline of least variance, b* = E[|score|^2 R] / E[|score|^2].
    mean_reward: E[R], the usual choice.
    """

    baselines: np.ndarray
    variances: np.ndarray
    best: float
    mean_reward: float
    least: float

    def describe(self) -> str:
        return (
            f"Variance of the policy gradient against a constant baseline: "
            f"{self.variances[0]:.4g} at baseline {self.baselines[0]:.2f}, least "
            f"({self.least:.4g}) at {self.best:.3f}, {self.variances[-1]:.4g} at "
            f"{self.baselines[-1]:.2f}. The mean reward is {self.mean_reward:.3f}."
        )


def baseline_info(
    probabilities: Tensor | np.ndarray,
    scores: Tensor | np.ndarray,
    rewards: Tensor | np.ndarray,
    *,
    baselines: Sequence[float] | np.ndarray | None = None,
) -> BaselineInfo:
    """Var(b) = E[|score|^2 (R - b)^2] - |E[score R]|^2, by enumeration of all strings.

    probabilities: (strings,), sum to 1. scores: (strings, parameters), gradient of log p.
    rewards: (strings,). baselines: where to evaluate, from 0 to 2 E[R] if not given.
    Source: Greensmith, Bartlett and Baxter 2004 (optimal constant baseline).
    """
    p, score, reward = (
        np.asarray(torch.as_tensor(x).detach(), dtype=float)
        for x in (probabilities, scores, rewards)
    )
    if score.ndim != 2 or p.shape != reward.shape or len(score) != len(p):
        raise ValueError(
            "expected probabilities (strings,), scores (strings, parameters), rewards (strings,); "
            f"got {p.shape}, {score.shape}, {reward.shape}"
        )
    mean = float(p @ reward)
    grid = np.linspace(0, 2 * mean, 101) if baselines is None else np.asarray(baselines, float)
    weight = p * (score**2).sum(1)
    gradient = (p * reward) @ score

    def variance(baseline: np.ndarray) -> np.ndarray:
        moment = ((reward[None, :] - baseline[:, None]) ** 2) @ weight
        return np.asarray(moment - gradient @ gradient)

    best = float(weight @ reward / weight.sum())
    least = float(variance(np.array([best]))[0])
    return BaselineInfo(grid, variance(grid), best, mean, least)


def plot_baseline(info: BaselineInfo, *, ax: Axes | None = None) -> Axes:
    """The parabola, its least point and the mean reward."""
    ax = axes(ax)
    ax.plot(info.baselines, info.variances, color=BLUE)
    ax.axvline(info.mean_reward, color=GREY, linestyle="--")
    ax.plot([info.best], [info.least], "v", color=VERMILION, markersize=12)
    top = ax.get_ylim()[1]
    ax.set_ylim(0, top * 1.1)
    ax.text(info.mean_reward, top * 1.03, " mean reward", color=INK, va="center")
    ax.annotate(
        f"least variance at\nb* = {info.best:.3f}",
        (info.best, info.least),
        (18, 60),
        textcoords="offset points",
        color=VERMILION,
    )
    ax.set(xlabel="constant baseline", ylabel="variance of the gradient")
    return ax


@dataclass(frozen=True)
class ScheduleInfo:
    """Values found while the share of random choices, epsilon, falls.

    epsilons: (levels,), in the order of time. counts: (levels,) trials at each.
    middle, low, high: (levels,) mean value and quartiles.
    """

    epsilons: np.ndarray
    counts: np.ndarray
    middle: np.ndarray
    low: np.ndarray
    high: np.ndarray

    def describe(self) -> str:
        levels = "; ".join(
            f"epsilon {e:.1f}: {m:.3f} over {n}"
            for e, m, n in zip(self.epsilons, self.middle, self.counts, strict=True)
        )
        return f"Mean value of the trials at each epsilon, with quartiles. {levels} trials."


def schedule_info(
    epsilons: Sequence[float] | np.ndarray, values: Sequence[float] | np.ndarray
) -> ScheduleInfo:
    """Group the trials' values by their epsilon, both (trials,)."""
    epsilon, value = np.asarray(epsilons, dtype=float), np.asarray(values, dtype=float)
    if epsilon.shape != value.shape or epsilon.size == 0:
        raise ValueError(
            f"expected one epsilon per value, got {epsilon.shape} epsilons, {value.shape} values"
        )
    levels, first = np.unique(epsilon, return_index=True)
    levels = levels[np.argsort(first)]
    groups = [value[epsilon == level] for level in levels]
    low, high = np.array([np.quantile(group, (0.25, 0.75)) for group in groups]).T
    means = np.array([group.mean() for group in groups])
    return ScheduleInfo(levels, np.array([len(group) for group in groups]), means, low, high)


def plot_schedule(info: ScheduleInfo, *, ax: Axes | None = None) -> Axes:
    """Mean and quartiles of each level of epsilon, in the order of time."""
    ax = axes(ax)
    places = np.arange(len(info.epsilons))
    ax.vlines(places, info.low, info.high, color=GREY, linewidth=5)
    ax.plot(places, info.middle, "-o", color=BLUE, markersize=9)
    ticks = [f"{e:g}\n({n})" for e, n in zip(info.epsilons, info.counts, strict=True)]
    ax.set_xticks(places, ticks)
    ax.set(xlabel="epsilon (trials), in the order of time", ylabel="value: mean and quartiles")
    return ax
