"""From the mixture to the corner: accuracy and entropy while the alphas are sharpened."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from matplotlib.axes import Axes
from torch import Tensor

from course_lib.datasets import Images
from course_lib.nas.one_shot import discretization_gap, entropy
from course_lib.nas.supernet import Supernet
from course_lib.show.style import BLUE, INK, VERMILION, axes, plain_log

TEMPERATURES = (1.0, 0.7, 0.5, 0.35, 0.2, 0.1, 0.05, 0.02)


@dataclass(frozen=True)
class SharpeningInfo:
    """Validation accuracy of softmax(alpha / temperature), with inherited weights.

    temperatures, accuracy, entropy: (points,); entropy is the mean over edges, in nats.
    derived: accuracy of the derived architecture.
    """

    temperatures: np.ndarray
    accuracy: np.ndarray
    entropy: np.ndarray
    derived: float

    def describe(self) -> str:
        points = ", ".join(
            f"{t:g}: {a:.3f} at {h:.2f} nats"
            for t, a, h in zip(self.temperatures, self.accuracy, self.entropy, strict=True)
        )
        return (
            f"Validation accuracy of the sharpened mixture by temperature, with the entropy of an "
            f"edge: {points}. The derived architecture has {self.derived:.3f}."
        )


def sharpening_info(
    net: Supernet,
    alpha: Tensor,
    train: Images,
    valid: Images,
    *,
    temperatures: Sequence[float] = TEMPERATURES,
) -> SharpeningInfo:
    """Evaluate the mixture at each temperature, recalibrated on `train` each time."""
    if min(temperatures) <= 0:
        raise ValueError(f"temperatures must be positive, got {list(temperatures)}")
    gaps = [discretization_gap(net, alpha / t, train, valid) for t in temperatures]
    return SharpeningInfo(
        temperatures=np.array(temperatures),
        accuracy=np.array([gap.mixture for gap in gaps]),
        entropy=np.array([float(entropy((alpha / t).softmax(-1)).mean()) for t in temperatures]),
        derived=gaps[0].derived,
    )


def plot_sharpening(info: SharpeningInfo, *, ax: Axes | None = None) -> Axes:
    """Accuracy against temperature, hot on the left; the entropy stands at each point."""
    ax = axes(ax)
    ax.axhline(info.derived, color=VERMILION, linestyle="--")
    ax.text(1, info.derived, " derived", color=VERMILION, va="center",
            transform=ax.get_yaxis_transform())  # fmt: skip
    ax.plot(info.temperatures, info.accuracy, "o-", color=BLUE)
    for t, a, h in zip(info.temperatures, info.accuracy, info.entropy, strict=True):
        ax.annotate(f"{h:.2f}", (t, a), (4, 9), textcoords="offset points", color=INK,
                    fontsize="small")  # fmt: skip
    ax.set_xscale("log")
    plain_log(ax.xaxis)
    ax.invert_xaxis()
    ax.margins(y=0.15)
    ax.set(xlabel="temperature (number: entropy in nats)", ylabel="validation accuracy")
    return ax
