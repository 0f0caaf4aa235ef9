"""How undecided the edges of a mixture are while a search goes on."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from matplotlib.axes import Axes
from torch import Tensor

from course_lib.show.style import BLUE, GREEN, GREY, INK, PURPLE, VERMILION, axes

_LOOKS = (
    (BLUE, "-"),
    (VERMILION, "--"),
    (GREEN, ":"),
    (PURPLE, "-."),
    (INK, (0, (5, 1, 1, 1, 1, 1))),
    (GREY, "-"),
)


@dataclass(frozen=True)
class UndecidedInfo:
    """epochs: (entries,). entropies: (entries, edges) in nats. edges: names. even: log K."""

    epochs: np.ndarray
    entropies: np.ndarray
    edges: tuple[str, ...]
    even: float

    def describe(self) -> str:
        ends = ", ".join(
            f"{name}: {start:.2f} to {end:.2f}"
            for name, start, end in zip(
                self.edges, self.entropies[0], self.entropies[-1], strict=True
            )
        )
        return (
            f"Entropy of each edge's mixture over {self.epochs[-1]:g} epochs, in nats; an even "
            f"mixture has {self.even:.2f}. From the first entry to the last: {ends}."
        )


def undecided_info(
    epochs: Sequence[float] | np.ndarray,
    entropies: Tensor | np.ndarray,
    edges: Sequence[str],
    operations: int,
) -> UndecidedInfo:
    """Name the columns of `entropies`, (entries, edges); `operations` says how even is even."""
    table = np.array(torch.as_tensor(entropies).detach(), dtype=float)
    when = np.asarray(epochs, dtype=float)
    if table.shape != (len(when), len(edges)) or len(when) == 0:
        raise ValueError(
            f"expected entropies ({len(when)}, {len(edges)}), one row per entry and one column per "
            f"edge, got {table.shape}"
        )
    return UndecidedInfo(when, table, tuple(edges), math.log(operations))


def plot_undecided(info: UndecidedInfo, *, ax: Axes | None = None) -> Axes:
    """One line per edge, named at its end, below the line of an even mixture."""
    ax = axes(ax)
    ax.axhline(info.even, color=GREY, linewidth=1.5, linestyle=":")
    ax.text(info.epochs[0], info.even, "even mixture", va="bottom", color=INK, fontsize="small")
    for number, (name, column) in enumerate(zip(info.edges, info.entropies.T, strict=True)):
        colour, line = _LOOKS[number % len(_LOOKS)]
        ax.plot(info.epochs, column, color=colour, linestyle=line, label=name)
    ax.legend(title="edge", loc="center left", bbox_to_anchor=(1.0, 0.5), frameon=False)
    ax.set(xlabel="epoch", ylabel="entropy in nats")
    ax.set_ylim(0, 1.12 * info.even)
    return ax
