"""A controller after some updates: what it prefers, and what it has found so far."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from matplotlib.axes import Axes

from course_lib.show.lines import LinesInfo, plot_lines
from course_lib.show.nas.names import Names
from course_lib.show.nas.policy import HeatInfo, heat_info


@dataclass(frozen=True)
class ControllerInfo:
    """A controller after some updates.

    heat: probability of each choice of each decision.
    spent: (updates,) trials so far. best: (updates,) best value so far. mean: (updates,) mean
    value of the batch. entropy: of the policy's strings, in nats.
    """

    heat: HeatInfo
    spent: np.ndarray
    best: np.ndarray
    mean: np.ndarray
    entropy: float

    def describe(self) -> str:
        if not len(self.spent):
            return "A controller before its first update: every choice is as likely as any other."
        return (
            f"A controller after {len(self.spent)} updates and {self.spent[-1]} trials: best value "
            f"{self.best[-1]:.4f}, mean of the last batch {self.mean[-1]:.4f}, entropy "
            f"{self.entropy:.2f} nats. {self.heat.describe()}"
        )


def controller_info(steps: Sequence[Any], names: Names) -> ControllerInfo:
    """From the controller's `PolicyStep`s so far; before the first, uniform probabilities."""
    values = [[trial.value for trial in step.trials] for step in steps]
    best = [max(batch) for batch in values]
    counts = [len(choices) for choices in names[1]]
    uniform = np.array([[1 / n if j < n else 0 for j in range(max(counts))] for n in counts])
    return ControllerInfo(
        heat=heat_info(steps[-1].probabilities if steps else uniform, *names),
        spent=np.cumsum([len(batch) for batch in values], dtype=int),
        best=np.maximum.accumulate(best) if best else np.empty(0),
        mean=np.array([float(np.mean(batch)) for batch in values]),
        entropy=steps[-1].entropy if steps else float(np.log(counts).sum()),
    )


def plot_rewards(info: ControllerInfo, *, ax: Axes | None = None) -> Axes:
    """Best value so far and mean of each batch, against the trials spent."""
    lines = {"best": info.best, "batch": info.mean}
    return plot_lines(LinesInfo(info.spent, lines, x="trials", y="value"), ax=ax)
