"""Laws of `run_path`: a path of nested operations is the stand-alone network with its weights."""

from collections.abc import Callable, Sequence

import torch
from torch import Tensor

from course_lib.checks.ask import Ask
from course_lib.checks.lab02.path_cells import ConvCell, Edge, LinearCell, all_edges
from course_lib.checks.values import same, shown, tensor
from course_lib.checks.variants import seeded
from course_lib.checks.wrong import Misconception, Wrong
from course_lib.core import Arch, randint

ORDER = Misconception(
    "the edges are taken in another order than the one given",
    "operations[k] and arch[k] belong to edges[k]. Walk through the three together (zip) instead "
    "of numbering the edges by two loops of your own.",
)
ACTIVE = Misconception(
    "operations off the path are active",
    "Of each edge only the chosen operation works: operations[k][arch[k]]. The others stay idle, "
    "and that is what makes a step of weight sharing as cheap as one small network.",
)
COMPUTED = Misconception(
    "operations off the path are computed and thrown away",
    "The output is right, but every operation was paid for. Pick first, then call.",
)
TWICE = Misconception(
    "an operation is computed more than once",
    "Keep each node's value once it is complete (a dictionary or list), and reuse it.",
)
CHAIN = Misconception(
    "every edge reads what the edge before it gave",
    "An edge (i, j) reads node i, whatever edge was computed last. Keep all nodes.",
)
OVERWRITTEN = Misconception(
    "only the last edge into a node counts",
    "A node is the sum of all edges that lead into it: add, do not assign.",
)
MEAN = Misconception(
    "the mean of the edges into a node instead of their sum",
    "NAS-Bench-201's nodes add up; a mean would be another network.",
)
ALL_NODES = Misconception(
    "all nodes are added up or joined in the end",
    "In this cell the output is the last node alone.",
)
RESIDUAL = Misconception(
    "the cell's input is added to the output",
    "A node is the sum of its incoming edges and nothing else; node 0 reaches it through edges.",
)
NOT_LAST = Misconception(
    "another node than the last is returned",
    "The output is the node with the greatest number.",
)
CHANGED = Misconception(
    "the input is changed in place",
    "A skip connection returns its very input: `node += ...` then writes into x. "
    "Write `node = node + ...`.",
)

Nodes = dict[int, Tensor]
Formula = Callable[[LinearCell], Tensor]


def _nodes(cell: LinearCell, join: Callable[[list[Tensor]], Tensor]) -> Nodes:
    """The nodes of a path, its incoming edges joined in some way."""
    nodes: Nodes = {0: cell.x}
    for target in sorted({j for _, j in cell.edges}):
        incoming = [
            nodes[i] @ cell.matrices[k, cell.arch[k]]
            for k, (i, j) in enumerate(cell.edges)
            if j == target
        ]
        nodes[target] = join(incoming)
    return nodes


def _sum(parts: list[Tensor]) -> Tensor:
    return torch.stack(parts).sum(0)


def _last(nodes: Nodes) -> Tensor:
    return nodes[max(nodes)]


def _chain(cell: LinearCell) -> Tensor:
    out = cell.x
    for edge, choice in enumerate(cell.arch):
        out = out @ cell.matrices[edge, choice]
    return out


def _everything(cell: LinearCell, mean: bool) -> Tensor:
    """All operations of an edge together, as a mixture."""
    nodes: Nodes = {0: cell.x}
    for (i, j), matrices in zip(cell.edges, cell.matrices, strict=True):
        out = nodes[i] @ (matrices.mean(0) if mean else matrices.sum(0))
        nodes[j] = nodes[j] + out if j in nodes else out
    return _last(nodes)


def _ending(last: int) -> Formula:
    return lambda cell: cell.output(last=last)


KNOWN: dict[Misconception, tuple[Formula, ...]] = {
    ORDER: (lambda cell: cell.output(sorted(cell.edges)),
            lambda cell: cell.output(cell.edges[::-1]),),
    ACTIVE: (lambda cell: _everything(cell, True), lambda cell: _everything(cell, False)),
    CHAIN: (_chain,),
    OVERWRITTEN: (lambda cell: _last(_nodes(cell, lambda parts: parts[-1])),
                  lambda cell: _last(_nodes(cell, lambda parts: parts[0]))),
    MEAN: (lambda cell: _last(_nodes(cell, lambda parts: torch.stack(parts).mean(0))),),
    ALL_NODES: (lambda cell: _sum(list(_nodes(cell, _sum).values())),
                lambda cell: _sum(list(_nodes(cell, _sum).values())[1:]),
                lambda cell: torch.stack(list(_nodes(cell, _sum).values())[1:]).mean(0)),
    RESIDUAL: (lambda cell: cell.output() + cell.x,),
    NOT_LAST: tuple(map(_ending, (1, 2, 3))),
}  # fmt: skip


def _asked(ask: Ask, cell: LinearCell | ConvCell, edges: Sequence[Edge], arch: Arch) -> Tensor:
    """The answer on a cell, tested to have the input's shape; the input must stay as it is."""
    x = cell.x.clone()
    operations = [list(choices) for choices in cell.operations]
    out = ask(operations, edges, arch, x)
    if not torch.equal(x, cell.x):
        raise Wrong("x is not the same after the call", CHANGED)
    advice = ": the output is one node" if type(out) is Tensor and out.ndim else ""
    return tensor(out, tuple(x.shape), "the output", advice=advice)


def _linear(variant: int) -> list[LinearCell]:
    rng = seeded(variant)
    sizes = [(4, 3), (3, 2), (5, 2 + variant % 3)]
    return [LinearCell(rng, all_edges(nodes), choices) for nodes, choices in sizes]


def _recognise(cell: LinearCell, out: Tensor) -> Misconception | None:
    return next(
        (m for m, known in KNOWN.items() if any(same(out, wrong(cell)) for wrong in known)), None
    )


def walks(ask: Ask, variant: int) -> None:
    """With linear operations the output is the sum over all walks through the graph."""
    for cell in _linear(variant):
        out = _asked(ask, cell, cell.edges, cell.arch)
        expected = cell.output()
        if not same(out, expected, scale=10):
            raise Wrong(
                f"edges {cell.edges}, choices {cell.arch}, operations x @ M: the sum over all "
                f"walks from node 0 to the last is {shown(expected)}, your output {shown(out)}",
                _recognise(cell, out),
            )


def only_the_path(ask: Ask, variant: int) -> None:
    """The chosen operation of every edge is called once, no other is called."""
    for cell in _linear(variant):
        cell.called.clear()
        _asked(ask, cell, cell.edges, cell.arch)
        path = set(enumerate(cell.arch))
        off = set(cell.called) - path
        if off:
            edge, choice = min(off)
            right = same(_asked(ask, cell, cell.edges, cell.arch), cell.output(), scale=10)
            raise Wrong(
                f"choices {cell.arch}: {len(off)} operations off the path were called, such as "
                f"operations[{edge}][{choice}]",
                COMPUTED if right else _recognise(cell, _asked(ask, cell, cell.edges, cell.arch)),
            )
        if missing := path - set(cell.called):
            edge, choice = min(missing)
            said = f"choices {cell.arch}: operations[{edge}][{choice}] was not called"
            raise Wrong(said, _recognise(cell, _asked(ask, cell, cell.edges, cell.arch)))
        if len(cell.called) > len(path):
            said = f"{len(path)} edges, but operations were called {len(cell.called)} times"
            raise Wrong(said, TWICE)


def other_graphs(ask: Ask, variant: int) -> None:
    """Graphs in which some edges are missing: what is in `edges` counts, nothing else."""
    rng = seeded(variant, 1)
    graphs = (
        ((0, 1), (1, 2), (0, 3), (2, 3)),
        ((0, 1), (0, 2), (1, 3), (2, 3), (0, 4), (3, 4)),
        ((0, 1), (0, 2), (1, 2)),
    )
    for edges in graphs:
        cell = LinearCell(rng, edges, 2 + variant % 2)
        out = _asked(ask, cell, edges, cell.arch)
        if not same(out, cell.output(), scale=10):
            raise Wrong(
                f"edges {edges}, choices {cell.arch}: expected {shown(cell.output())}, got "
                f"{shown(out)}",
                _recognise(cell, out),
            )


def stand_alone(ask: Ask, variant: int) -> None:
    """With convolutions, pooling, skips and zeros: the stand-alone network, in float64."""
    from course_lib.nas.canonical import EDGES

    rng = seeded(variant, 2)
    cell = ConvCell(rng)
    skips = tuple(1 if randint(rng, 2) else 3 for _ in EDGES[1:])
    with torch.no_grad():
        for arch in ((1, *skips), *(cell.arch(rng) for _ in range(5))):
            out = _asked(ask, cell, EDGES, arch)
            expected = cell.stand_alone(arch)
            if not same(out, expected, scale=10):
                raise Wrong(
                    f"{cell.space.describe(arch)}: the stand-alone cell with the same weights "
                    f"gives {shown(expected)}, your path {shown(out)}"
                )


LAWS = {
    "a sum over all walks": walks,
    "other graphs": other_graphs,
    "only the path is computed": only_the_path,
    "equal to the stand-alone network": stand_alone,
}
