"""One graph that holds all architectures: weights on its parallel edges, one path in bold."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from matplotlib.axes import Axes
from matplotlib.patches import PathPatch
from matplotlib.path import Path
from torch import Tensor

from course_lib.core import Arch
from course_lib.show.nas.cells import look
from course_lib.show.nas.dag_layout import WIDTH, Curve, DagLayout, dag_layout
from course_lib.show.style import GREY, INK, axes


@dataclass(frozen=True)
class DagInfo:
    """A space's graph with a weight on every operation of every edge.

    weights: (edges, operations), each in [0, 1]. chosen: per edge the operation of the path that
    is drawn in bold, None where the path leaves the edge out. text: one line below the graph.
    numbers: whether the weights are written beside the chosen operations.
    """

    layout: DagLayout
    weights: np.ndarray
    chosen: tuple[int | None, ...]
    text: str
    numbers: bool

    def describe(self) -> str:
        parts = []
        count = len(self.layout.titles) if self.layout.pairs else 1
        size = len(self.chosen) // count
        for part in range(count):
            labels = [
                f"{self.layout.edges[edge].name} {self.label(edge)}"
                for edge in range(part * size, (part + 1) * size)
                if self.chosen[edge] is not None
            ]
            name = self.layout.titles[part].text if self.layout.pairs else "cell"
            parts.append(f"{name}: {', '.join(labels) or 'nothing chosen'}")
        kinds = ", ".join(look(name)[0] for name in self.layout.operations)
        words = (
            f"Graph with the parallel edges {kinds} between its nodes. In bold, {'; '.join(parts)}."
        )
        return f"{words} {self.text}".strip()

    def label(self, edge: int) -> str:
        """What is written beside an edge: its chosen operation and perhaps the weight."""
        operation = self.chosen[edge]
        if operation is None:
            return ""
        name = look(self.layout.operations[operation])[0]
        return f"{name} {self.weights[edge, operation]:.2f}" if self.numbers else name


def dag_info(
    space: Any,
    weights: Tensor | np.ndarray | None = None,
    *,
    arch: Arch | None = None,
    text: str = "",
) -> DagInfo:
    """The graph of `space`, a `CellSpace` or `DartsSpace`.

    weights: (space.edges, operations), for instance softmax(alpha); without them those of the path
    `arch`, one and zero. arch: the path in bold; none if not given. text: a line below the graph.
    """
    layout = dag_layout(space)
    shape = (len(layout.edges), len(layout.operations))
    path = np.zeros(shape) if arch is None else _taken(layout, space.one_hot(arch))
    table = path if weights is None else torch.as_tensor(weights).detach().numpy().astype(float)
    if table.shape != shape:
        raise ValueError(
            f"weights has shape {table.shape}, expected {shape}: one row per edge of the space, "
            "one column per operation"
        )
    return DagInfo(layout, table, _chosen(path), text, numbers=weights is not None)


def _taken(layout: DagLayout, one_hot: Tensor) -> np.ndarray:
    """The path as ones and zeros; where nodes take two edges, those left out are all zero."""
    path = one_hot.numpy().astype(float)
    if layout.pairs and "none" in layout.operations:
        path[:, layout.operations.index("none")] = 0
    return path


def _chosen(path: np.ndarray) -> tuple[int | None, ...]:
    return tuple(int(row.argmax()) if row.any() else None for row in path)


def plot_dag(info: DagInfo, *, ax: Axes | None = None) -> Axes:
    """Nodes as discs, one curve per operation, as wide and opaque as its weight is large.

    An operation is known by colour, line style and its place in the bundle; the path in bold has a
    dark edge and is named.
    """
    ax = axes(ax)
    layout = info.layout
    for curve in layout.plain:
        _draw(ax, curve, color=GREY, linewidth=1)
    for edge in range(len(layout.edges)):
        for operation in range(len(layout.operations)):
            _draw_operation(ax, info, edge, operation)
    for node in layout.nodes:
        style = {"boxstyle": "circle,pad=0.3", "facecolor": "white", "edgecolor": INK}
        ax.text(node.x, node.y, node.text, ha="center", va="center", bbox=style, zorder=6,
                fontsize="small")  # fmt: skip
    for title in layout.titles:
        ax.text(title.x, title.y, title.text, va="center", fontsize="small", fontweight="bold")
    _legend(ax, layout)
    ax.set(xlim=(0, WIDTH), ylim=(layout.height + 34 * bool(info.text), 0))
    if info.text:
        ax.text(24, layout.height + 18, info.text, va="center", fontsize="small", color=INK)
    ax.set_aspect("equal")
    ax.axis("off")
    return ax


def _draw_operation(ax: Axes, info: DagInfo, edge: int, operation: int) -> None:
    layout = info.layout
    _, colour, line = look(layout.operations[operation])
    weight = float(info.weights[edge, operation])
    bold = info.chosen[edge] == operation
    curve = layout.curve(edge, operation)
    full = 0.15 if layout.operations[operation] == "none" else 0.55
    width = 1 + full * layout.gap * weight
    if bold:
        _draw(ax, curve, color=INK, linewidth=width + 3, zorder=3)
        _draw(ax, curve, color="white", linewidth=width + 1, zorder=3)
        face = {"facecolor": "white", "edgecolor": "none", "pad": 0.5, "alpha": 0.8}
        ax.text(*layout.edges[edge].label, info.label(edge), ha="center", va="center", color=INK,
                fontsize="small", bbox=face, zorder=5)  # fmt: skip
    _draw(ax, curve, color=colour, linestyle=line, linewidth=width + bold,
          alpha=min(1.0, 0.35 + 0.65 * weight + bold), zorder=4 if bold else 2)  # fmt: skip


def _draw(ax: Axes, curve: Curve, **style: Any) -> None:
    path = Path(list(curve), [Path.MOVETO, Path.CURVE3, Path.CURVE3])
    ax.add_patch(PathPatch(path, fill=False, capstyle="butt", **style))


def _legend(ax: Axes, layout: DagLayout) -> None:
    for x, name in zip(legend_places(layout), layout.operations, strict=True):
        label, colour, line = look(name)
        y = layout.height - 12
        ax.plot([x, x + 40], [y, y], color=colour, linestyle=line, linewidth=3)
        ax.text(x + 48, y, label, va="center", fontsize="small", color=INK)


def legend_places(layout: DagLayout) -> Sequence[float]:
    """Where along the lower edge each operation is explained."""
    step = (WIDTH - 24) / len(layout.operations)
    return [24 + step * k for k in range(len(layout.operations))]
