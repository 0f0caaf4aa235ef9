"""`run_path`: a path of nested operations is the stand-alone network with its weights."""

from collections.abc import Callable, Sequence
from functools import reduce
from typing import Any

import torch
from torch import Tensor

from course_lib.checks import laws
from course_lib.checks.ask import Ask
from course_lib.checks.engine import Exercise
from course_lib.checks.lab02_weight_sharing import sections
from course_lib.checks.lab02_weight_sharing.path_cells import (
    ConvCell,
    Edge,
    LinearCell,
    all_edges,
    exchanged_walk,
)
from course_lib.checks.values import apart, same, tensor
from course_lib.checks.variants import seeded
from course_lib.checks.wrong import Misconception, Wrong, mistake
from course_lib.core import Arch

COMPUTED = Misconception(
    "operations off the path are computed and thrown away",
    "The output is right, but every operation was paid for. Pick first, then call.",
)
TWICE = Misconception(
    "an operation is computed more than once",
    "Keep each node's value once it is complete (a dictionary or list), and reuse it.",
)
CHANGED = Misconception(
    "the input is changed in place",
    "A skip connection returns its very input: `node += ...` then writes into x. "
    "Write `node = node + ...`.",
)
CUT = Misconception(
    "the gradient does not reach the operations",
    "Shared weights learn through this output: no `.detach()`, no `.data`, no `torch.no_grad()`.",
)


def _everything(mean: bool) -> Callable[[Any, int, Tensor], Tensor]:
    def pick(choices: Any, choice: int, x: Tensor) -> Tensor:
        outputs = torch.stack([operation(x) for operation in choices])
        return outputs.mean(0) if mean else outputs.sum(0)

    return pick


MISTAKES = (
    mistake(
        "the edges are taken in another order than the one given",
        "operations[k] and arch[k] belong to edges[k]. Walk through the three together (zip) "
        "instead of numbering the edges by two loops of your own.",
        exchanged_walk(order=sorted),
    ),
    mistake(
        "operations off the path are active",
        "Of each edge only the chosen operation works: operations[k][arch[k]]. The others stay "
        "idle, and that is what makes a step of weight sharing as cheap as one small network.",
        exchanged_walk(pick=_everything(False)),
        exchanged_walk(pick=_everything(True)),
    ),
    mistake(
        "every edge reads what the edge before it gave",
        "An edge (i, j) reads node i, whatever edge was computed last. Keep all nodes.",
        exchanged_walk(read=lambda nodes, source, out: out, finish=lambda nodes, parts, out: out),
        exchanged_walk(read=lambda nodes, source, out: out),
    ),
    mistake(
        "only the last edge into a node counts",
        "A node is the sum of all edges that lead into it: add, do not assign.",
        exchanged_walk(join=lambda parts: parts[-1]),
        exchanged_walk(join=lambda parts: parts[0]),
    ),
    mistake(
        "the mean of the edges into a node instead of their sum",
        "NAS-Bench-201's nodes add up; a mean would be another network.",
        exchanged_walk(join=lambda parts: torch.stack(parts).mean(0)),
        exchanged_walk(join=lambda parts: reduce(lambda a, b: (a + b) / 2, parts)),
    ),
    mistake(
        "all nodes are added up or joined in the end",
        "In this cell the output is the last node alone.",
        exchanged_walk(finish=lambda nodes, last, out: sum(nodes.values())),
        exchanged_walk(finish=lambda nodes, last, out: sum(list(nodes.values())[1:])),
        exchanged_walk(
            finish=lambda nodes, last, out: torch.stack(list(nodes.values())[1:]).mean(0)
        ),
    ),
    mistake(
        "the cell's input is added to the output",
        "A node is the sum of its incoming edges and nothing else; node 0 reaches it through "
        "edges.",
        exchanged_walk(finish=lambda nodes, last, out: nodes[last] + nodes[0]),
    ),
    mistake(
        "another node than the last is returned",
        "The output is the node with the greatest number.",
        exchanged_walk(finish=lambda nodes, last, out: nodes[last - 1]),
        exchanged_walk(finish=lambda nodes, last, out: nodes[1]),
    ),
    COMPUTED,
    TWICE,
    CHANGED,
    CUT,
    laws.CHANGED,
)


def _asked(ask: Ask, cell: LinearCell | ConvCell, edges: Sequence[Edge], arch: Arch) -> Tensor:
    """The answer on a cell, tested to have the input's shape; the lists are the answer's own."""
    out = ask([list(choices) for choices in cell.operations], list(edges), arch, cell.x)
    advice = ": the output is one node" if type(out) is Tensor and out.ndim else ""
    return tensor(out, tuple(cell.x.shape), "the output", advice=advice)


def _linear(variant: int) -> list[LinearCell]:
    rng = seeded(variant)
    sizes = [(4, 3), (3, 2), (5, 2 + variant % 3)]
    return [LinearCell(rng, all_edges(nodes), choices) for nodes, choices in sizes]


def probe(ask: Ask, variant: int) -> list[Tensor]:
    """The outputs of complete graphs, in which every order of the edges has a meaning."""
    return [_asked(ask, cell, cell.edges, cell.arch) for cell in _linear(variant)]


def walks(ask: Ask, variant: int) -> None:
    """With linear operations the output is the sum over all walks through the graph."""
    for cell in _linear(variant):
        out, expected = _asked(ask, cell, cell.edges, cell.arch), cell.output()
        if not same(out, expected, scale=10):
            right, wrong = apart(expected, out)
            raise Wrong(
                f"edges {cell.edges}, choices {cell.arch}, operations x @ M: the sum over all "
                f"walks from node 0 to the last is {right}, your output {wrong}"
            )


def only_the_path(ask: Ask, variant: int) -> None:
    """The chosen operation of every edge is called once, no other is called."""
    for cell in _linear(variant):
        out = _asked(ask, cell, cell.edges, cell.arch)
        path, called = set(enumerate(cell.arch)), list(cell.called)
        if off := set(called) - path:
            edge, choice = min(off)
            raise Wrong(
                f"choices {cell.arch}: {len(off)} operations off the path were called, such as "
                f"operations[{edge}][{choice}]",
                COMPUTED if same(out, cell.output(), scale=10) else None,
            )
        if missing := path - set(called):
            edge, choice = min(missing)
            raise Wrong(f"choices {cell.arch}: operations[{edge}][{choice}] was not called")
        if len(called) > len(path):
            raise Wrong(f"{len(path)} edges, but {len(called)} calls of operations", TWICE)
        operations, edges = [list(choices) for choices in cell.operations], list(cell.edges)
        ask(operations, edges, cell.arch, cell.x)
        if operations != [*map(list, cell.operations)] or edges != list(cell.edges):
            raise Wrong("operations or edges are not the same after the call", laws.CHANGED)


GRAPHS = (
    ((0, 1), (1, 2), (0, 3), (2, 3)),
    ((0, 1), (0, 2), (1, 3), (2, 3), (0, 4), (3, 4)),
    ((0, 1), (0, 2), (1, 2)),
    ((0, 1), (0, 2), (0, 3), (1, 2), (1, 3), (2, 3)),
    ((0, 1), (1, 3), (0, 3), (0, 2)),
    ((0, 1), (1, 2), (0, 2), (2, 3), (1, 3)),
    ((0, 1),),
)
"""Also by the node that an edge leaves, with a dead end, with the last node not the last."""


def other_graphs(ask: Ask, variant: int) -> None:
    """Graphs in which some edges are missing: what is in `edges` counts, nothing else."""
    rng = seeded(variant, 1)
    for edges in GRAPHS:
        cell = LinearCell(rng, edges, 2 + variant % 2)
        out = _asked(ask, cell, edges, cell.arch)
        if not same(out, cell.output(), scale=10):
            right, wrong = apart(cell.output(), out)
            raise Wrong(f"edges {edges}, choices {cell.arch}: expected {right}, got {wrong}")


def stand_alone(ask: Ask, variant: int) -> None:
    """With convolutions, pooling, skips and zeros: the stand-alone network, in float64."""
    from course_lib.nas.canonical import EDGES

    rng = seeded(variant, 2)
    cell = ConvCell(rng)
    with torch.no_grad():
        for arch in cell.paths(rng):
            x = cell.x.clone()
            out, expected = _asked(ask, cell, EDGES, arch), cell.stand_alone(arch)
            if not torch.equal(x, cell.x):
                raise Wrong("x is not the same after the call", CHANGED)
            if not same(out, expected, scale=10):
                right, wrong = apart(expected, out)
                raise Wrong(
                    f"{cell.space.describe(arch)}: the stand-alone cell with the same weights "
                    f"gives {right}, your path {wrong}"
                )


def gradient(ask: Ask, variant: int) -> None:
    """x and the operations on the path have the gradient of the sum over all walks."""
    for edges in (all_edges(4), GRAPHS[variant % 6]):
        cell = LinearCell(seeded(variant, 3), edges, 3)
        leaves = [cell.x.requires_grad_(), cell.matrices.requires_grad_()]
        found = _asked(ask, cell, edges, cell.arch).square().sum()
        right = laws.gradients(cell.output().square().sum(), leaves, "the sum")
        slopes = laws.gradients(found, leaves, "the output", CUT)
        for what, one, other in zip(("x", "the operations"), slopes, right, strict=True):
            if not same(one, other, scale=100):
                raise Wrong(
                    f"edges {edges}: the gradient in {what} is not that of the sum over all walks",
                    None if bool(one.any()) else CUT,
                )


run_path = Exercise(
    lab="lab02_weight_sharing",
    name="run_path",
    section=sections.PATH,
    library=(),
    laws={
        "a sum over all walks": walks,
        "other graphs": other_graphs,
        "only the path is computed": only_the_path,
        "equal to the stand-alone network": stand_alone,
        "the gradient reaches the operations": gradient,
    },
    mistakes=MISTAKES,
    probe=probe,
    hints=(
        "Keep the nodes in a dictionary that starts as {0: x}. Walk through edges, operations and "
        "arch together: each edge reads one node and adds to another.",
        "for (source, target), choices, choice in zip(edges, operations, arch): the only operation "
        "that works on this edge is choices[choice], and it reads nodes[source].",
        "Where the target has no value yet the result is its value; otherwise add it: "
        "nodes[target] = nodes[target] + out. Not +=, which would write into a skip's input.",
        "The output is the node of the greatest number: nodes[max(nodes)].",
    ),
    basic="a sum over all walks",
)
