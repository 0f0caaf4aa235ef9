"""`derive`: among all cells that may be kept, the one with the largest weights."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from functools import partial

import torch

from course_lib.checks.ask import Ask
from course_lib.checks.engine import Exercise
from course_lib.checks.lab03_darts import sections
from course_lib.checks.lab03_darts.cells_kept import (
    Cell,
    Kept,
    darts_cell,
    keeping,
    lopsided,
    table_cell,
    without_none,
)
from course_lib.checks.lab03_darts.in_parts import (
    exchanged_derive,
    sharing_an_edge,
    softmax_without_none,
)
from course_lib.checks.laws import CHANGED
from course_lib.checks.wrong import Wrong
from course_lib.checks.wrong import mistake as named

mistake = partial(named, part="with keep")
MISTAKES = (
    mistake(
        "`none` is kept",
        "`none` is no operation that a node could be built from: choose among the others.",
        exchanged_derive(none=True),
    ),
    mistake(
        "edges are ranked with the weight of `none`",
        "An edge on which `none` is strong is a weak edge: rank it by its best other operation.",
        exchanged_derive(rank=lambda row, best: max(row.values())),
    ),
    mistake(
        "the softmax leaves `none` out",
        "The weights are those of the mixture, `none` included: an edge on which `none` is strong "
        "has little left for the others.",
        exchanged_derive(table=softmax_without_none),
    ),
    mistake(
        "edges are compared by alphas instead of weights",
        "A row of alphas plus a constant is the same mixture: compare after a softmax over each "
        "row.",
        exchanged_derive(table=lambda alpha, names: alpha),
    ),
    mistake(
        "softmax over the wrong axis",
        "Each row of alpha is one edge, and its weights sum to 1 over the operations: softmax over "
        "dimension 1.",
        exchanged_derive(table=lambda alpha, names: alpha.softmax(0)),
    ),
    mistake(
        "edges are ranked by the sum of their weights",
        "Only one operation is kept, so only the best one speaks for its edge.",
        exchanged_derive(rank=lambda row, best: sum(row[name] for name in row if name != "none")),
    ),
    mistake(
        "nodes compete for edges",
        "Each node keeps its own strongest incoming edges, however strong those of other nodes "
        "are.",
        exchanged_derive(everywhere=True),
    ),
    mistake(
        "edges are grouped by where they come from",
        "A node keeps edges that lead into it: group by the target.",
        exchanged_derive(end=0),
    ),
    mistake(
        "the weakest edges are kept",
        "Sort from the largest weight down.",
        exchanged_derive(chosen=lambda ranked, keep: ranked[-keep:]),
    ),
    mistake(
        "every edge is kept",
        "With `keep` every node keeps only so many incoming edges.",
        exchanged_derive(chosen=lambda ranked, keep: ranked),
    ),
    mistake(
        "the strongest operations of a node may share an edge",
        "Two different incoming edges are kept, one operation on each.",
        sharing_an_edge,
    ),
    mistake(
        "two edges are kept, whatever `keep` says",
        "`keep` says how many incoming edges a node keeps; where fewer lead into it, all of them.",
        exchanged_derive(chosen=lambda ranked, keep: ranked[:2]),
    ),
    named(
        "`none` is left out where it is allowed",
        "Without `keep` the strongest operation of each edge is taken, whatever it is: `none` "
        "removes the edge.",
        lambda alpha, edges, operations, *, keep=None: exchanged_derive()(
            alpha, edges, operations, keep=keep or len(edges)
        ),
        part="without keep",
    ),
    named(
        "softmax over the wrong axis",
        "Each row of alpha is one edge, and its weights sum to 1 over the operations: softmax over "
        "dimension 1.",
        exchanged_derive(table=lambda alpha, names: alpha.softmax(0)),
        part="without keep",
    ),
    named(
        "the weakest edges are kept",
        "Sort from the largest weight down.",
        exchanged_derive(table=lambda alpha, names: -alpha),
        part="without keep",
    ),
    CHANGED,
)


def _cells(variant: int) -> Iterator[Cell]:
    for shift in range(20):
        yield keeping(darts_cell(variant + shift, offset=2.0, none=1.0), 1 + shift % 3)
        yield lopsided(variant + shift)


def probe(ask: Ask, variant: int) -> dict[str, list[Kept]]:
    """What is kept of forty cells with `keep`, and of twenty without."""
    free = [table_cell(variant, 51 + salt) for salt in range(20)]
    return {
        "with keep": [cell.asked(ask) for cell in _cells(variant)],
        "without keep": [cell.asked(ask) for cell in free],
    }


def _compare(ask: Ask, cell: Cell) -> None:
    found, expected = cell.asked(ask), cell.best()
    if found != expected:
        extra, lacking = (Counter(found) - Counter(expected)), (Counter(expected) - Counter(found))
        raise Wrong(
            f"edges {list(cell.edges)}, keep = {cell.keep}: too many are {[*extra.elements()]}, "
            f"missing are {[*lacking.elements()]}"
        )


def strongest_operation(ask: Ask, variant: int) -> None:
    """Without `keep`: on each edge the operation of largest weight, `none` like any other."""
    for salt in range(20):
        cell = table_cell(variant, 51 + salt)
        found = cell.asked(ask)
        if found != cell.best():
            said = f"alpha {[[round(a, 2) for a in row] for row in cell.alpha.tolist()]}: got "
            raise Wrong(f"{said}{found}, expected {cell.best()}")


def two_edges(ask: Ask, variant: int) -> None:
    """With keep = 2, and 1, 3 and more than lead into a node: of all ways to keep so many incoming
    edges, an operation on each, the one of largest weight."""
    for shift in range(10):
        cell = darts_cell(variant + shift)
        for keep in (2, 1 + shift % 4):
            _compare(ask, keeping(cell, keep))
            _compare(ask, keeping(without_none(cell), keep))


def none_never(ask: Ask, variant: int) -> None:
    """Where `none` is strongest on every edge, each node still keeps two others."""
    for shift in range(10):
        _compare(ask, darts_cell(variant + shift, none=2.0))


def by_weights(ask: Ask, variant: int) -> None:
    """A constant added to a row of alpha changes nothing."""
    for shift in range(10):
        _compare(ask, darts_cell(variant + shift, offset=3.0))


def each_node(ask: Ask, variant: int) -> None:
    """Every node keeps two edges, also where one node's edges are decided and others even."""
    for shift in range(10):
        _compare(ask, lopsided(variant + shift))
    even = darts_cell(variant)
    even = replace(even, alpha=torch.zeros_like(even.alpha), keep=1 + variant % 3)
    kept = Counter(target for _, target, _ in set(even.asked(ask)))
    wanted = Counter(target for _, target, _ in even.best())
    if kept != wanted:
        raise Wrong(
            f"all weights are equal, keep = {even.keep}: nodes keep {dict(kept)} edges, expected "
            f"{dict(wanted)}, whichever"
        )


derive = Exercise(
    lab="lab03_darts",
    name="derive",
    section=sections.DERIVE,
    library=("course_lib.nas.derive:derive",),
    laws={
        "cells of NAS-Bench-201: the strongest operation": strongest_operation,
        "cells of DARTS: two edges into every node": two_edges,
        "none is never kept": none_never,
        "edges are compared by their weights": by_weights,
        "every node decides for itself": each_node,
    },
    mistakes=MISTAKES,
    probe=probe,
    hints=(
        "Begin with the weights, alpha.softmax(1). Without `keep` each row gives one triple: its "
        "source, its target, the name at the row's argmax.",
        "With `keep`, give `none` no chance: set its column to -1 after the softmax. Then each "
        "row has a best weight and the operation that it belongs to.",
        "For each target: the rows of the edges into it, sorted by their best weight, the largest "
        "first; the first `keep` of them.",
    ),
)
