"""Where the nodes and parallel edges of a search space's graph lie, for all pictures of it."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Any, NamedTuple

from course_lib.core import Arch
from course_lib.nas.canonical import EDGES
from course_lib.nas.cells import CellSpace

WIDTH = 960
_LEGEND = 34
"""Room below the graph for the names of the operations."""

Point = tuple[float, float]
Curve = tuple[Point, Point, Point]
"""Start, control point and end of a quadratic Bezier curve; y grows downwards."""


class Node(NamedTuple):
    x: float
    y: float
    text: str


class Edge(NamedTuple):
    """An edge that carries one curve per operation, side by side.

    name: such as "0→1". group: edges that one decision about the architecture fills together.
    label: where the name of its operation is written, beside the bundle.
    """

    name: str
    curve: Curve
    label: Point
    group: int


@dataclass(frozen=True)
class DagLayout:
    """A graph of all architectures: `edges[e]` belongs to row e of alpha.

    plain: curves that carry no choice. titles: words above the parts. gap: between the curves
    of one edge. pairs: each node takes two of its incoming edges, else every edge is taken.
    """

    operations: tuple[str, ...]
    nodes: tuple[Node, ...]
    edges: tuple[Edge, ...]
    plain: tuple[Curve, ...]
    titles: tuple[Node, ...]
    gap: float
    pairs: bool
    height: float

    def curve(self, edge: int, operation: int) -> Curve:
        """The curve of one operation: parallel to its edge, all of them meeting at the nodes."""
        start, control, end = self.edges[edge].curve
        shift = self.gap * (operation - (len(self.operations) - 1) / 2)
        length = max(((end[0] - start[0]) ** 2 + (end[1] - start[1]) ** 2) ** 0.5, 1e-9)
        x, y = -(end[1] - start[1]) / length * shift, (end[0] - start[0]) / length * shift

        def moved(point: Point, share: float) -> Point:
            return (point[0] + share * x, point[1] + share * y)

        return moved(start, 0.5), moved(control, 1.5), moved(end, 0.5)


def dag_layout(space: Any) -> DagLayout:
    """The graph of a `CellSpace` or of a `DartsSpace`."""
    if isinstance(space, CellSpace):
        return _cell(space.operations)
    return _darts(space.operations, space.nodes)


def groups_of(layout: DagLayout, arch: Arch) -> Iterator[tuple[int, slice]]:
    """Each group of edges and the decisions of `arch` that fill it."""
    count = 1 + max(edge.group for edge in layout.edges)
    size = len(arch) // count
    for group in range(count):
        yield group, slice(group * size, (group + 1) * size)


def _cell(operations: Sequence[str]) -> DagLayout:
    nodes = tuple(Node(90 + 260 * i, 205, str(i)) for i in range(4))
    rise = {(0, 2): 85, (1, 3): -85, (0, 3): 155}
    half = 9 * (len(operations) - 1) / 2
    edges = [
        _edge(f"{i}→{j}", nodes[i], nodes[j], rise.get((i, j), 0), half, group)
        for group, (i, j) in enumerate(EDGES)
    ]
    titles = (Node(24, 205, "in"), Node(906, 205, "out"))
    height = 335 + _LEGEND
    return DagLayout(tuple(operations), nodes, tuple(edges), (), titles, 9, False, height)


def _darts(operations: Sequence[str], count: int) -> DagLayout:
    nodes: list[Node] = []
    edges: list[Edge] = []
    plain: list[Curve] = []
    titles = []
    for part, name in enumerate(("normal cell", "reduction cell")):
        top = 345 * part
        own, bundles, outputs = _darts_part(operations, count, top, part)
        titles.append(Node(24, top + 20, name))
        nodes += own
        edges += bundles
        plain += outputs
    height = 690 + _LEGEND
    return DagLayout(
        tuple(operations), tuple(nodes), tuple(edges), tuple(plain), tuple(titles), 5, True, height
    )


def _darts_part(
    operations: Sequence[str], count: int, top: float, part: int
) -> tuple[list[Node], list[Edge], list[Curve]]:
    step = 500 / max(count - 1, 1)
    middle = top + 172
    nodes = [Node(60, middle - 60, "a"), Node(60, middle + 60, "b")]
    nodes += [Node(290 + step * i, middle, str(i)) for i in range(count)]
    out = Node(910, middle, "out")
    half = 5 * (len(operations) - 1) / 2
    edges = []
    for target in range(2, count + 2):
        for source in range(target):
            distance = target - 2 if source < 2 else target - source - 1
            sign = -1 if source == 1 else 1
            name = f"{nodes[source].text}→{nodes[target].text}"
            rise = sign * (6 + 100 / (count - 1 or 1) * distance)
            group = part * count + target - 2
            edge = _edge(name, nodes[source], nodes[target], rise, half, group)
            inside = target == 2  # between the two inputs there is room
            edges.append(edge._replace(label=(130, middle - 17 * sign)) if inside else edge)
    outputs = [_curve(node, out, -22 * (count - 1 - i)) for i, node in enumerate(nodes[2:])]
    return [*nodes, out], edges, outputs


def _curve(start: Node, end: Node, rise: float) -> Curve:
    middle = ((start.x + end.x) / 2, (start.y + end.y) / 2 - 2 * rise)
    return (start.x, start.y), middle, (end.x, end.y)


def _edge(name: str, start: Node, end: Node, rise: float, half: float, group: int) -> Edge:
    curve = _curve(start, end, rise)
    x, y = (start.x + end.x) / 2, (start.y + end.y) / 2 - rise
    label = (x, y + half + 18) if rise < 0 else (x, y - half - 8)
    return Edge(name, curve, label, group)


def count_paths(layout: DagLayout, avoided: frozenset[tuple[int, int]] = frozenset()) -> int:
    """How many architectures use none of the (edge, operation) pairs in `avoided`.

    A product over the groups: of each edge's free operations, or, where nodes take two of their
    edges, of the sum over pairs of edges; zero is never taken there.
    """
    total = 1
    for group in range(1 + max(edge.group for edge in layout.edges)):
        free = [
            sum((edge, k) not in avoided for k in _offered(layout))
            for edge, one in enumerate(layout.edges)
            if one.group == group
        ]
        total *= sum(a * b for a, b in combinations(free, 2)) if layout.pairs else free[0]
    return total


def _offered(layout: DagLayout) -> list[int]:
    names = enumerate(layout.operations)
    return [k for k, name in names if not (layout.pairs and name == "none")]
