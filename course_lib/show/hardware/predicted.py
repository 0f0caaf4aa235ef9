"""Predicted against measured latency, and where a predictor is wrong."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import torch
from matplotlib.axes import Axes
from numpy.typing import NDArray

from course_lib.core import make_rng
from course_lib.hardware.latency_predictors import Skill, fit_ridge, skill
from course_lib.show.style import BLUE, GREY, INK, axes

Values = NDArray[np.float64]
Predict = Callable[[Values, NDArray[np.int64]], Values]
"""From the latencies of all networks, of which only those at the given places may be read, to
predictions of all."""


@dataclass(frozen=True)
class PredictedInfo:
    """Networks that were not measured for the predictor.

    predicted, measured: milliseconds, (n,). groups: (n,) how many convolutions each has; residual:
    group -> mean of predicted / measured - 1, its quartiles.
    """

    device: str
    predictor: str
    count: int
    predicted: Values
    measured: Values
    groups: NDArray[np.int64]
    skill: Skill

    @property
    def residuals(self) -> dict[int, tuple[float, float, float]]:
        """By number of convolutions: lower quartile, median and upper quartile of the error."""
        error = self.predicted / self.measured - 1
        found = {}
        for group in np.unique(self.groups):
            low, middle, high = np.quantile(error[self.groups == group], (0.25, 0.5, 0.75))
            found[int(group)] = (float(low), float(middle), float(high))
        return found

    @property
    def told(self) -> str:
        """How good the prediction is."""
        return (
            f"{self.predictor} on {self.device} after {self.count} measurements: rank correlation "
            f"{self.skill.correlation:.3f}, mean error {self.skill.error:.1%}; "
            f"{len(self.measured):,} other networks"
        )

    def describe(self) -> str:
        rows = "; ".join(
            f"{group} convolutions {middle:+.0%} ({low:+.0%} to {high:+.0%})"
            for group, (low, middle, high) in self.residuals.items()
        )
        return f"{self.told}. Median error and quartiles with {rows}."


def predicted_info(
    device: str,
    seconds: Values,
    name: str,
    predict: Predict,
    groups: NDArray[np.int64],
    *,
    count: int,
    seed: int = 0,
) -> PredictedInfo:
    """Measure `count` random networks, predict the others.

    seconds: (n,) on this device. groups: (n,) whole numbers by which residuals are gathered.
    """
    if not 2 <= count < len(seconds) - 1:
        raise ValueError(f"expected 2 to {len(seconds) - 2} measurements, got {count}")
    order = torch.randperm(len(seconds), generator=make_rng(seed)).numpy()
    chosen, rest = order[:count], order[count:]
    said = np.asarray(predict(seconds, chosen), dtype=float)[rest]
    found = skill(torch.from_numpy(said), torch.from_numpy(np.asarray(seconds)[rest]))
    return PredictedInfo(
        device=device,
        predictor=name,
        count=count,
        predicted=1e3 * said,
        measured=1e3 * np.asarray(seconds, dtype=float)[rest],
        groups=groups[rest],
        skill=found,
    )


def ridge_on(features: torch.Tensor) -> Predict:
    """A ridge on these features (n, d)."""

    def predict(seconds: Values, chosen: NDArray[np.int64]) -> Values:
        known = torch.from_numpy(np.asarray(seconds, dtype=float)[chosen])
        return np.asarray(fit_ridge(features[torch.from_numpy(chosen)], known)(features))

    return predict


def plot_predicted(info: PredictedInfo, *, ax: Axes | None = None) -> Axes:
    """A dot per network; on the line the prediction is right."""
    ax = axes(ax)
    ax.plot(info.measured, info.predicted, "o", color=BLUE, alpha=0.35, markersize=4)
    ends = [info.measured.min(), info.measured.max()]
    ax.plot(ends, ends, color=INK, linewidth=2)
    ax.set(xlabel=f"measured on {info.device}, ms", ylabel="predicted, ms")
    ax.set_title(f"{info.predictor}, {info.count} measurements")
    return ax


def plot_residuals(info: PredictedInfo, *, ax: Axes | None = None) -> Axes:
    """Median and quartiles of the relative error by number of convolutions."""
    ax = axes(ax)
    groups = list(info.residuals)
    low, middle, high = np.array(list(info.residuals.values())).T
    ax.vlines(groups, 100 * low, 100 * high, color=GREY, linewidth=6)
    ax.plot(groups, 100 * middle, "D", color=BLUE, markersize=9)
    ax.axhline(0, color=INK, linewidth=1.5, linestyle=":")
    ax.set(xlabel="convolutions in the cell", ylabel="predicted too high, %")
    ax.set_xticks(groups)
    return ax
