"""What the alphas of a search did: weights and entropy of every edge over its epochs."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import log as natural_log
from typing import Any

import numpy as np
import torch
from matplotlib.axes import Axes
from numpy.typing import ArrayLike
from torch import Tensor

from course_lib.core import Log
from course_lib.nas.one_shot import entropy
from course_lib.show.lines import LinesInfo, lines_info
from course_lib.show.nas.cells import look
from course_lib.show.nas.names import edge_names
from course_lib.show.style import axes


@dataclass(frozen=True)
class AlphasInfo:
    """Mixture weights over a search.

    weights: (entries, edges, operations), softmax of the alphas. epochs: (entries,).
    edges, operations: their names.
    """

    weights: np.ndarray
    epochs: np.ndarray
    edges: tuple[str, ...]
    operations: tuple[str, ...]

    def describe(self) -> str:
        ends = "; ".join(
            f"{name}: {self.operations[int(row.argmax())]} {row.max():.2f}"
            for name, row in zip(self.edges, self.weights[-1], strict=True)
        )
        first, last = (float(entropy(torch.as_tensor(w)).mean()) for w in self.weights[[0, -1]])
        return (
            f"Weights of {len(self.operations)} operations on {len(self.edges)} edges from epoch "
            f"{self.epochs[0]:g} to {self.epochs[-1]:g}. The entropy of an edge falls from "
            f"{first:.2f} to {last:.2f} nats. At the end the largest is, on {ends}."
        )


def alphas_info(space: Any, log: Log, *, edges: Sequence[int] | None = None) -> AlphasInfo:
    """The weights that a log of `one_shot_search` holds; `edges` chooses rows of alpha."""
    alpha = torch.as_tensor(log["alpha"])
    rows = list(range(alpha.shape[1]) if edges is None else edges)
    names = edge_names(space)
    if len(names) != alpha.shape[1]:
        raise ValueError(f"the log has {alpha.shape[1]} edges, the space {len(names)}")
    return AlphasInfo(
        weights=alpha.softmax(-1)[:, rows].numpy(),
        epochs=log["epoch"],
        edges=tuple(names[row] for row in rows),
        operations=tuple(look(name)[0] for name in space.operations),
    )


def plot_alphas(info: AlphasInfo, *, ax: Axes | None = None) -> Axes:
    """A block per edge, in which the epochs run from left to right; a row per operation."""
    ax = axes(ax)
    count = len(info.edges)
    gap = np.full((len(info.operations), max(1, len(info.epochs) // 12)), np.nan)
    blocks = [part for edge in range(count) for part in (info.weights[:, edge].T, gap)]
    table = np.concatenate(blocks[:-1], axis=1)
    image = ax.imshow(table, cmap="cividis", vmin=0, vmax=1, aspect="auto", interpolation="none")
    step = len(info.epochs) + gap.shape[1]
    middles = [step * edge + len(info.epochs) / 2 - 0.5 for edge in range(count)]
    ax.set_xticks(middles, info.edges, rotation=0 if count < 8 else 40)
    ax.set_yticks(range(len(info.operations)), info.operations)
    ax.set_xlabel(f"edge; in each block epochs {info.epochs[0]:.2g} to {info.epochs[-1]:g}")
    ax.figure.colorbar(image, ax=ax, label="weight")
    ax.spines[:].set_visible(False)
    ax.tick_params(length=0)
    return ax


def undecided_info(
    epochs: ArrayLike, entropies: Tensor | np.ndarray, edges: Sequence[str], operations: int
) -> LinesInfo:
    """Entropy of each edge's mixture while a search goes on, between an even one and a decided one.

    epochs: (entries,). entropies: (entries, edges) in nats. operations: so many are mixed.
    """
    table = np.array(torch.as_tensor(entropies).detach(), dtype=float)
    if table.shape != (np.size(epochs), len(edges)):
        raise ValueError(
            f"expected entropies ({np.size(epochs)}, {len(edges)}), one row per entry and one "
            f"column per edge, got {table.shape}"
        )
    return lines_info(
        epochs,
        dict(zip(edges, table.T, strict=True)),
        x="epoch",
        y="entropy in nats",
        marks={"even mixture": natural_log(operations), "decided": 0.0},
    )
