"""Two estimators of one gradient, side by side: score function and reparametrisation."""

from dataclasses import dataclass

import numpy as np
from matplotlib.axes import Axes
from torch import Tensor

from course_lib.core import make_rng
from course_lib.nas.estimators import (
    Loss,
    exact_gradient,
    expected_loss,
    reparametrised,
    score_function,
)
from course_lib.nas.relax import gumbel_softmax_sample, gumbel_straight_through
from course_lib.show.style import BLUE, GREEN, GREY, INK, VERMILION, axes

SCORE, PATHWISE = "score function", "reparametrised"


@dataclass(frozen=True)
class Estimates:
    """One-sample estimates of one number, (samples,), in a histogram of fixed edges.

    name: of the estimator. shares: (bins,), what lies outside counts in the outermost bins.
    """

    name: str
    mean: float
    sd: float
    shares: np.ndarray
    outside: float


@dataclass(frozen=True)
class EstimatorsInfo:
    """The slope of the expected loss in one logit, exact and estimated.

    edges: (bins + 1,). score, pathwise: the chosen estimators; other_score, other_pathwise: the
    same without baseline, and with soft samples, to compare.
    """

    exact: float
    edges: np.ndarray
    score: Estimates
    other_score: Estimates
    pathwise: Estimates
    other_pathwise: Estimates
    tau: float
    samples: int

    def describe(self) -> str:
        rows = "; ".join(
            f"{one.name}: mean {one.mean:+.4f}, standard deviation {one.sd:.4f}"
            for one in (self.score, self.pathwise)
        )
        return (
            f"Two histograms of {self.samples} one-sample estimates of a slope whose exact value "
            f"is {self.exact:+.4f}, at temperature {self.tau:g}. {rows}."
        )


def estimators_info(
    logits: Tensor,
    loss: Loss,
    *,
    tau: float = 1.0,
    baseline: bool = True,
    hard: bool = False,
    samples: int = 2000,
    seed: int = 0,
    bins: int = 60,
) -> EstimatorsInfo:
    """Estimate the slope in the logit whose exact slope is steepest.

    baseline: the expected loss is taken off the score function's loss. hard: straight-through.
    The histogram's edges depend on the problem alone, so that it stands still while knobs turn.
    """
    gradient = exact_gradient(logits, loss)
    steepest = int(gradient.abs().argmax())
    exact = float(gradient.flatten()[steepest])
    mean_loss = float(expected_loss(logits, loss))

    def score(taken_off: float) -> np.ndarray:
        rows = score_function(logits, loss, make_rng(seed), samples=samples, baseline=taken_off)
        return np.asarray(rows.flatten(1)[:, steepest])

    def pathwise(straight: bool) -> np.ndarray:
        relax = gumbel_straight_through if straight else gumbel_softmax_sample
        rows = reparametrised(logits, loss, make_rng(seed), samples=samples, relax=relax, tau=tau)
        return np.asarray(rows.flatten(1)[:, steepest])

    plain, based = score(0.0), score(mean_loss)
    soft, through = pathwise(False), pathwise(True)
    half = 2.2 * mean_loss
    edges = np.linspace(-half, half, bins + 1)
    kinds = {
        (SCORE, False): (f"{SCORE}, no baseline", plain),
        (SCORE, True): (f"{SCORE}, baseline", based),
        (PATHWISE, False): ("Gumbel-softmax", soft),
        (PATHWISE, True): ("straight-through", through),
    }
    found = {key: _estimates(*kind, edges) for key, kind in kinds.items()}
    return EstimatorsInfo(
        exact=exact,
        edges=edges,
        score=found[SCORE, baseline],
        other_score=found[SCORE, not baseline],
        pathwise=found[PATHWISE, hard],
        other_pathwise=found[PATHWISE, not hard],
        tau=tau,
        samples=samples,
    )


def plot_score(info: EstimatorsInfo, *, ax: Axes | None = None) -> Axes:
    """Histogram of the score function's estimates, beside the exact value."""
    return _plot(info, info.score, info.other_score, BLUE, ax)


def plot_pathwise(info: EstimatorsInfo, *, ax: Axes | None = None) -> Axes:
    """Histogram of the reparametrised estimates, beside the exact value."""
    return _plot(info, info.pathwise, info.other_pathwise, GREEN, ax)


def _plot(
    info: EstimatorsInfo, shown: Estimates, other: Estimates, colour: str, ax: Axes | None
) -> Axes:
    ax = axes(ax)
    ax.stairs(shown.shares, info.edges, fill=True, color=colour, alpha=0.65)
    ax.stairs(other.shares, info.edges, color=GREY, linestyle=":", linewidth=2)
    ax.axvline(info.exact, color=INK, linewidth=2)
    ax.axvline(shown.mean, color=VERMILION, linestyle="--", linewidth=3)
    ax.set_xlim(info.edges[0], info.edges[-1])
    ax.set_ylim(0, 1)
    ax.set_yscale("symlog", linthresh=0.05)
    ax.set_yticks([0, 0.05, 0.5], ["0", "5 %", "50 %"])
    ax.set_yticks([], minor=True)
    ax.set(xlabel=f"one-sample estimate   (dotted: {other.name})", ylabel="share")
    ax.set_title(
        f"{shown.name}\nmean {shown.mean:+.4f} (exact {info.exact:+.4f}), sd {shown.sd:.4f}"
    )
    return ax


def _estimates(name: str, values: np.ndarray, edges: np.ndarray) -> Estimates:
    counts, _ = np.histogram(values.clip(edges[0], edges[-1]), edges)
    outside = float(((values < edges[0]) | (values > edges[-1])).mean())
    return Estimates(
        name, float(values.mean()), float(values.std(ddof=1)), counts / len(values), outside
    )
