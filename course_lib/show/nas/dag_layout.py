"""Where the nodes and parallel edges of a search space's graph lie, for all pictures of it."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import NamedTuple

from course_lib.nas.canonical import EDGES
from course_lib.nas.cells import CellSpace
from course_lib.nas.darts_space import CELLS, DartsSpace
from course_lib.show.nas.names import edge_names

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

    name: such as "0→1", or "normal cell 0→2" where there are two cells. group: edges that one
    decision about the architecture fills together. label: where the name of its operation stands,
    beside the bundle.
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


def dag_layout(space: CellSpace | DartsSpace) -> DagLayout:
    """The graph of a `CellSpace` or of a `DartsSpace`."""
    return _cell(space) if isinstance(space, CellSpace) else _darts(space)


def _cell(space: CellSpace) -> DagLayout:
    nodes = tuple(Node(90 + 260 * i, 205, str(i)) for i in range(4))
    rise = {(0, 2): 85, (1, 3): -85, (0, 3): 155}
    half, names = 9 * (len(space.operations) - 1) / 2, edge_names(space)
    edges = [
        _edge(names[group], nodes[i], nodes[j], rise.get((i, j), 0), half, group)
        for group, (i, j) in enumerate(EDGES)
    ]
    titles = (Node(24, 205, "in"), Node(906, 205, "out"))
    height = 335 + _LEGEND
    return DagLayout(space.operations, nodes, tuple(edges), (), titles, 9, False, height)


def _darts(space: DartsSpace) -> DagLayout:
    nodes: list[Node] = []
    edges: list[Edge] = []
    plain: list[Curve] = []
    titles, names = [], iter(edge_names(space))
    for part, name in enumerate(CELLS):
        top = 345 * part
        own = _darts_nodes(space.nodes, top + 172)
        titles.append(Node(24, top + 20, f"{name} cell"))
        edges += [_darts_edge(space, own, edge, part, next(names)) for edge in space.cell_edges]
        plain += [_curve(node, own[-1], -22 * (len(own) - 2 - i)) for i, node in enumerate(own)
                  if 2 <= i < len(own) - 1]  # fmt: skip
        nodes += own
    height = 690 + _LEGEND
    return DagLayout(
        space.operations, tuple(nodes), tuple(edges), tuple(plain), tuple(titles), 5, True, height
    )


def _darts_nodes(count: int, middle: float) -> list[Node]:
    """Two inputs, the nodes from left to right, the output."""
    step = 500 / max(count - 1, 1)
    inputs = [Node(60, middle - 60, "0"), Node(60, middle + 60, "1")]
    inner = [Node(290 + step * i, middle, str(i + 2)) for i in range(count)]
    return [*inputs, *inner, Node(910, middle, "out")]


def _darts_edge(
    space: DartsSpace, nodes: Sequence[Node], ends: tuple[int, int], part: int, name: str
) -> Edge:
    source, target = ends
    distance = target - 2 if source < 2 else target - source - 1
    sign = -1 if source == 1 else 1
    rise = sign * (6 + 100 / max(space.nodes - 1, 1) * distance)
    half = 5 * (len(space.operations) - 1) / 2
    group = part * space.nodes + target - 2
    edge = _edge(name, nodes[source], nodes[target], rise, half, group)
    beside_inputs = (130.0, nodes[target].y - 17 * sign)
    return edge._replace(label=beside_inputs) if target == 2 else edge


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
