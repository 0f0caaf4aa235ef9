"""A random wiring as a network: nodes in layers by depth, and how many neighbours they have."""

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from matplotlib.axes import Axes
from matplotlib.patches import PathPatch
from matplotlib.path import Path
from matplotlib.ticker import MaxNLocator

from course_lib.nas.random_wiring import INPUT, predecessors
from course_lib.nas.wired_network import wired_size
from course_lib.show.style import BLUE, GREY, INK, VERMILION, axes

if TYPE_CHECKING:
    import networkx as nx

WIDTH, HEIGHT = 600, 330
"""Of the picture of the graph, in its own units."""

_MARGIN = 8
_ROOM = 20
"""For a node above and below the wires."""

Point = tuple[float, float]
Curve = tuple[Point, Point, Point]
"""Start, control point and end of a quadratic Bezier curve; y grows downwards."""


class Wire(NamedTuple):
    """An edge, from left to right; long: whether it lies on the longest path that is marked."""

    curve: Curve
    long: bool


@dataclass(frozen=True)
class WiringInfo:
    """A graph as a network.

    places: of the nodes 0, ..., n - 1, of the output and of the input. depth: (n,) nodes on the
    longest path from the input up to and with each. longest, shortest: nodes on the longest and
    shortest path from input to output. degrees: (largest + 1,) how many nodes have 0, 1, ...
    neighbours. parameters, flops: of the network with these channels.
    """

    name: str
    places: tuple[Point, ...]
    wires: tuple[Wire, ...]
    depth: tuple[int, ...]
    edges: int
    longest: int
    shortest: int
    degrees: np.ndarray
    channels: tuple[int, int]
    parameters: int
    flops: int

    @property
    def text(self) -> str:
        """How large and how deep the graph is, and what its network costs."""
        fine, coarse = self.channels
        return (
            f"{len(self.depth)} nodes, {self.edges} edges, longest path {self.longest} nodes, "
            f"shortest {self.shortest}; with {fine} and {coarse} channels {self.parameters:,} "
            f"parameters, {self.flops / 1e6:.2f} million operations for an image"
        )

    def describe(self) -> str:
        layers = Counter(self.depth)
        rows = ", ".join(str(layers[depth]) for depth in range(1, max(layers) + 1))
        counts = ", ".join(
            f"{count} with {degree}" for degree, count in enumerate(self.degrees) if count
        )
        return (
            f"Random wiring as a directed graph from an input to an output, {self.name}: "
            f"{self.text}. Nodes per layer: {rows}. Neighbours of a node: {counts}."
        )


def wiring_info(
    graph: "nx.Graph", *, name: str = "a graph", channels: tuple[int, int] = (8, 16)
) -> WiringInfo:
    """Read the graph as a network, lay it out and count what it costs at two resolutions."""
    inputs = predecessors(graph)
    longest, shortest = {INPUT: 0}, {INPUT: 0}
    for node, own in enumerate(inputs):
        longest[node] = 1 + max(longest[source] for source in own)
        shortest[node] = 1 + min(shortest[source] for source in own)
    depth = tuple(longest[node] for node in range(len(graph)))
    places = _places(inputs, [*depth, longest[len(graph)], 0])  # [-1] is the input
    step = (WIDTH - 48) / longest[len(graph)]
    marked = _longest_path(inputs, longest)
    size = wired_size(graph, channels)
    return WiringInfo(
        name=name,
        places=places,
        wires=tuple(
            Wire(_curve(places[source], places[node], step), (source, node) in marked)
            for node, own in enumerate(inputs)
            for source in own
        ),
        depth=depth,
        edges=graph.number_of_edges(),
        longest=longest[len(graph)] - 1,
        shortest=shortest[len(graph)] - 1,
        degrees=np.bincount([degree for _, degree in graph.degree]),
        channels=channels,
        parameters=size.parameters,
        flops=size.flops,
    )


def _longest_path(inputs: list[list[int]], longest: dict[int, int]) -> set[tuple[int, int]]:
    """The edges of one longest path, found backwards from the output."""
    node, path = len(inputs) - 1, set()
    while node != INPUT:
        source = max(inputs[node], key=lambda own: longest[own])
        path.add((source, node))
        node = source
    return path


def _places(inputs: list[list[int]], depth: list[int]) -> tuple[Point, ...]:
    """Nodes, output, input: x by depth; in a layer near what they read, and staggered."""
    y = {INPUT: HEIGHT / 2}
    step = (WIDTH - 48) / max(depth)
    for layer in range(1, max(depth) + 1):
        own = [node for node in range(len(inputs)) if depth[node] == layer]
        own.sort(key=lambda node: float(np.mean([y[source] for source in inputs[node]])))
        gap = min(64.0, (HEIGHT - 100) / max(len(own) - 1, 1))
        shift = 0.0 if layer == max(depth) else (-1) ** layer * min(gap / 4, 16)
        for place, node in enumerate(own):
            y[node] = HEIGHT / 2 + shift + gap * (place - (len(own) - 1) / 2)
    return tuple((24 + step * depth[node], y[node]) for node in (*range(len(inputs)), INPUT))


def _curve(start: Point, end: Point, step: float) -> Curve:
    """Straight to the next layer; bent outwards, and the more the longer it is, past others.

    A curve between heights y and z with its control at c keeps at most at the edge e of the picture
    where |c - e| = sqrt(|y - e| |z - e|).
    """
    (x, y), (to_x, to_y) = start, end
    middle, layers = (y + to_y) / 2, round((to_x - x) / step)
    edge, side = (HEIGHT - _MARGIN, 1) if middle > HEIGHT / 2 else (_MARGIN, -1)
    bend = 0.0 if layers == 1 else 30.0 + 22 * layers
    room = abs(edge - middle) + ((y - edge) * (to_y - edge)) ** 0.5
    return start, ((x + to_x) / 2, middle + side * min(bend, room)), end


def plot_wiring(info: WiringInfo, *, ax: Axes | None = None) -> Axes:
    """Discs in layers from left to right, the longest path in bold."""
    ax = axes(ax)
    quadratic = [Path.MOVETO, Path.CURVE3, Path.CURVE3]
    paths = [Path(list(curve), quadratic) for curve, _ in info.wires]
    for path, (_, long) in zip(paths, info.wires, strict=True):
        colour, width, order = (VERMILION, 3.0, 2) if long else (GREY, 1.2, 1)
        ax.add_patch(PathPatch(path, fill=False, edgecolor=colour, linewidth=width, zorder=order))
    *nodes, output, start = info.places
    size = 12 if len(nodes) <= 16 else 8
    for node, (x, y) in enumerate(nodes):
        box = {"boxstyle": "circle,pad=0.2", "facecolor": "white", "edgecolor": INK}
        ax.text(x, y, f"{node:2}", ha="center", va="center", bbox=box, zorder=3, fontsize=size)
    for (x, y), word in ((start, "in"), (output, "out")):
        box = {"boxstyle": "square,pad=0.3", "facecolor": INK, "edgecolor": INK}
        ax.text(x, y, word, ha="center", va="center", color="white", bbox=box, zorder=3,
                fontsize=13)  # fmt: skip
    lows, highs = zip(*(path.get_extents().intervaly for path in paths), strict=True)
    ax.set(xlim=(0, WIDTH), ylim=(max(highs) + _ROOM, min(lows) - _ROOM))
    told = info.text.replace("; ", "\n").replace("parameters, ", "parameters,\n")
    ax.set_title(f"{info.name}\n{told}", loc="left", fontsize=13)
    ax.set_aspect("equal")
    ax.axis("off")
    return ax


def plot_degrees(info: WiringInfo, *, ax: Axes | None = None) -> Axes:
    """How many nodes have how many neighbours."""
    ax = axes(ax)
    ax.bar(range(len(info.degrees)), info.degrees, color=BLUE)
    most = max(10, len(info.degrees) - 1)
    ax.set(xlabel="neighbours of a node", ylabel="nodes", xlim=(-0.5, most + 0.5))
    ax.yaxis.set_major_locator(MaxNLocator(integer=True))
    return ax
