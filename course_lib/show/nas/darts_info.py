"""A differentiable search after some steps: the mixture on every edge, and both losses."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from matplotlib.axes import Axes

from course_lib.nas.one_shot import derive, entropy
from course_lib.show.nas.cells import look
from course_lib.show.nas.names import edge_names
from course_lib.show.nas.policy import HeatInfo, heat_info, plot_heat
from course_lib.show.style import BLUE, VERMILION, axes, label_ends


@dataclass(frozen=True)
class DartsInfo:
    """A search so far.

    heat: weight of each operation on each edge. epoch, train, valid: (entries,), the losses of the
    mixture on its own batches. epochs: of the whole search. said: entropy and derived architecture.
    """

    heat: HeatInfo
    epoch: np.ndarray
    train: np.ndarray
    valid: np.ndarray
    epochs: int
    said: str

    def describe(self) -> str:
        if not len(self.epoch):
            return "A search before its first step: all operations have the same weight."
        return (
            f"A search after {self.epoch[-1]:.1f} of {self.epochs} epochs: training loss "
            f"{self.train[-1]:.2f}, validation loss {self.valid[-1]:.2f}. {self.said}. "
            f"{self.heat.describe()}"
        )


def darts_info(space: Any, entries: Sequence[Mapping[str, Any]], *, epochs: int) -> DartsInfo:
    """From log entries with epoch, train_loss, valid_loss and alpha; before the first, even."""
    shape = (space.edges, len(space.operations))
    alpha = torch.as_tensor(entries[-1]["alpha"]) if entries else torch.zeros(shape)
    weights = alpha.softmax(-1)
    operations = [look(name)[0] for name in space.operations]
    arch = space.describe(derive(space, alpha)) if entries else "nothing yet"
    columns = {
        name: np.array([entry[name] for entry in entries], dtype=float)
        for name in ("epoch", "train_loss", "valid_loss")
    }
    return DartsInfo(
        heat=heat_info(weights, edge_names(space), [operations] * space.edges, quantity="weight"),
        epoch=columns["epoch"],
        train=columns["train_loss"],
        valid=columns["valid_loss"],
        epochs=epochs,
        said=f"entropy {float(entropy(weights).mean()):.2f} nats per edge; derived: {arch}",
    )


def plot_mixture(info: DartsInfo, *, ax: Axes | None = None) -> Axes:
    """The weights: a column per edge, a row per operation."""
    return plot_heat(info.heat, ax=ax)


def plot_losses(info: DartsInfo, *, ax: Axes | None = None) -> Axes:
    """Training and validation loss of the mixture, against epochs."""
    ax = axes(ax)
    ax.plot(info.epoch, info.train, color=BLUE)
    ax.plot(info.epoch, info.valid, color=VERMILION, linestyle="--")
    ax.set(xlabel="epoch", ylabel="loss of the mixture", xlim=(0, info.epochs))
    if len(info.epoch):
        end = float(info.epoch[-1])
        ends = {
            "train": (end, float(info.train[-1]), BLUE),
            "valid": (end, float(info.valid[-1]), VERMILION),
        }
        label_ends(ax, ends)
    return ax
