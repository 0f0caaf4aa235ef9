"""A NAS-Bench-201 cell as a graph: four nodes, an operation on each of the six edges."""

from dataclasses import dataclass
from typing import NamedTuple

from matplotlib.axes import Axes

from course_lib.core import Arch
from course_lib.nas.canonical import EDGES
from course_lib.nas.cells import CellSpace
from course_lib.show.style import BLUE, GREEN, GREY, INK, PURPLE, VERMILION, axes


class _Look(NamedTuple):
    label: str
    colour: str
    line: str


_LOOKS = {
    "none": _Look("zero", GREY, ":"),
    "skip_connect": _Look("skip", PURPLE, "--"),
    "nor_conv_1x1": _Look("conv 1×1", BLUE, "-"),
    "nor_conv_3x3": _Look("conv 3×3", VERMILION, "-"),
    "avg_pool_3x3": _Look("pool 3×3", GREEN, "-."),
    "max_pool_3x3": _Look("max 3×3", GREEN, "-"),
    "sep_conv_3x3": _Look("sep 3×3", VERMILION, "-"),
    "dil_conv_3x3": _Look("dil 3×3", BLUE, "-"),
}
_NODES = ((0.0, 0.0), (1.55, 0.95), (1.55, -0.95), (3.6, 0.0))
_NAMES = ("0: in", "1", "2", "3: out")


def short_name(operation: str) -> str:
    """What an operation is called in pictures."""
    return _LOOKS[operation].label


def look(operation: str) -> tuple[str, str, str]:
    """Label, colour and line style of an operation in pictures."""
    return _LOOKS[operation]


@dataclass(frozen=True)
class CellInfo:
    """A cell: `operations[e]` stands on the e-th edge; `text` is the benchmark's string."""

    text: str
    operations: tuple[str, ...]

    def describe(self) -> str:
        edges = ", ".join(
            f"{i} to {j}: {short_name(operation)}"
            for (i, j), operation in zip(EDGES, self.operations, strict=True)
        )
        return f"A cell of four nodes; from node to node: {edges}."


def cell_info(space: CellSpace, arch: Arch) -> CellInfo:
    """The cell that `arch` stands for."""
    text = space.describe(arch)
    return CellInfo(text, space.names(arch))


def plot_cell(info: CellInfo, *, ax: Axes | None = None) -> Axes:
    """Nodes as discs; each edge's colour and line style name its operation, and so does a label."""
    ax = axes(ax)
    for (start, end), operation in zip(EDGES, info.operations, strict=True):
        _edge(ax, start, end, _LOOKS[operation])
    for (x, y), name in zip(_NODES, _NAMES, strict=True):
        style = {"boxstyle": "circle,pad=0.35", "facecolor": "white", "edgecolor": INK}
        ax.text(x, y, name.split(":")[0], ha="center", va="center", bbox=style, zorder=4)
    ax.text(*_NODES[0], "in     ", ha="right", va="center")
    ax.text(*_NODES[3], "     out", ha="left", va="center")
    ax.set(xlim=(-0.5, 4.1), ylim=(-1.6, 1.2))
    ax.set_aspect("equal")
    ax.axis("off")
    return ax


def _edge(ax: Axes, start: int, end: int, look: _Look) -> None:
    (x0, y0), (x1, y1) = _NODES[start], _NODES[end]
    bent = (start, end) == (0, 3)
    ax.annotate(
        "",
        xy=(x1, y1),
        xytext=(x0, y0),
        arrowprops={
            "arrowstyle": "-|>",
            "color": look.colour,
            "linestyle": look.line,
            "linewidth": 3,
            "connectionstyle": f"arc3,rad={0.75 if bent else 0}",
            "shrinkA": 17,
            "shrinkB": 17,
        },
        zorder=2,
    )
    middle = ((x0 + x1) / 2, -1.38 if bent else (y0 + y1) / 2)
    face = {"facecolor": "white", "edgecolor": "none", "pad": 2}
    ax.text(*middle, look.label, ha="center", va="center", bbox=face, zorder=3, color=INK)
