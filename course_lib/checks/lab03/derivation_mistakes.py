"""How `derive` goes wrong, and what the known mistakes keep."""

from collections.abc import Callable, Sequence
from itertools import product

import torch
from torch import Tensor

from course_lib.checks.lab03.cells_kept import Cell, Kept
from course_lib.checks.wrong import Misconception

NONE_KEPT = Misconception(
    "`none` is kept",
    "`none` is no operation that a node could be built from: choose among the others.",
)
NONE_REFUSED = Misconception(
    "`none` is left out where it is allowed",
    "Without `keep` the strongest operation of each edge is taken, whatever it is: `none` removes "
    "the edge.",
)
NONE_RANKS = Misconception(
    "edges are ranked with the weight of `none`",
    "An edge on which `none` is strong is a weak edge: rank it by its best other operation.",
)
RENORMALISED = Misconception(
    "the softmax leaves `none` out",
    "The weights are those of the mixture, `none` included: an edge on which `none` is strong has "
    "little left for the others.",
)
LOGITS = Misconception(
    "edges are compared by alphas instead of weights",
    "A row of alphas plus a constant is the same mixture: compare after the softmax.",
)
AXIS = Misconception(
    "softmax over the wrong axis",
    "Each row of alpha is one edge, and its weights sum to 1 over the operations: softmax over "
    "dimension 1.",
)
TOTAL = Misconception(
    "edges are ranked by the sum of their weights",
    "Only one operation is kept, so only the best one speaks for its edge.",
)
TIED = Misconception(
    "nodes compete for edges",
    "Each node keeps its own strongest incoming edges, however strong those of other nodes are.",
)
SOURCES = Misconception(
    "edges are grouped by where they come from",
    "A node keeps edges that lead into it: group by the target.",
)
WEAKEST = Misconception(
    "the weakest edges are kept",
    "Sort from the largest weight down.",
)
TOO_MANY = Misconception(
    "every edge is kept",
    "With `keep` every node keeps only so many incoming edges.",
)
ONE_EACH = Misconception(
    "the strongest operations of a node may share an edge",
    "Two different incoming edges are kept, one operation on each.",
)

Derive = Callable[[Cell], Kept]


def _by(
    cell: Cell,
    *,
    weights: Callable[[Tensor], Tensor] = lambda alpha: alpha.softmax(1),
    none: bool = False,
    rank: Callable[[Tensor, Tensor], Tensor] = lambda allowed, everything: allowed.max(1).values,
    end: int = 1,
    descending: bool = True,
) -> Kept:
    """A derivation of which one part may be exchanged."""
    table = weights(cell.alpha)
    allowed = table.clone()
    if not none and "none" in cell.operations:
        allowed[:, cell.operations.index("none")] = -torch.inf
    score = rank(allowed, table)
    kept: list[int] = []
    for node in sorted({edge[end] for edge in cell.edges}):
        into = [e for e, edge in enumerate(cell.edges) if edge[end] == node]
        into.sort(key=lambda e: float(score[e]), reverse=descending)
        kept += into[: cell.keep]
    names = [cell.operations[int(k)] for k in allowed.argmax(1)]
    return sorted((*cell.edges[e], names[e]) for e in kept)


def _finite_sum(allowed: Tensor, everything: Tensor) -> Tensor:
    return torch.where(allowed.isfinite(), everything, torch.zeros_like(everything)).sum(1)


def _without_none(cell: Cell) -> Callable[[Tensor], Tensor]:
    def weights(alpha: Tensor) -> Tensor:
        shut = alpha.clone()
        if "none" in cell.operations:
            shut[:, cell.operations.index("none")] = -torch.inf
        return shut.softmax(1)

    return weights


def _tied(cell: Cell) -> Kept:
    """The strongest edges of the whole cell, as many as the nodes would keep."""
    everything = Cell(cell.alpha, cell.edges, cell.operations, len(cell.edges))
    scores = cell.alpha.softmax(1)
    ranked = sorted(
        everything.best(),
        key=lambda kept: -float(scores[cell.edges.index(kept[:2]), cell.operations.index(kept[2])]),
    )
    return sorted(ranked[: len(cell.best())])


def _shared_edge(cell: Cell) -> Kept:
    """Per node the two largest weights, possibly on one edge."""
    weights, found = cell.alpha.softmax(1), []
    for node in sorted({target for _, target in cell.edges}):
        into = [e for e, (_, target) in enumerate(cell.edges) if target == node]
        pairs = [
            (float(weights[e, k]), e, k)
            for e, (k, name) in product(into, enumerate(cell.operations))
            if name != "none"
        ]
        found += [(*cell.edges[e], cell.operations[k]) for _, e, k in sorted(pairs)[-2:]]
    return sorted(found)


KNOWN: Sequence[tuple[Misconception, Derive]] = (
    (NONE_KEPT, lambda cell: _by(cell, none=True)),
    (NONE_RANKS, lambda cell: _by(cell, rank=lambda _, everything: everything.max(1).values)),
    (RENORMALISED, lambda cell: _by(cell, weights=_without_none(cell))),
    (LOGITS, lambda cell: _by(cell, weights=lambda alpha: alpha)),
    (AXIS, lambda cell: _by(cell, weights=lambda alpha: alpha.softmax(0))),
    (TOTAL, lambda cell: _by(cell, rank=_finite_sum)),
    (TIED, _tied),
    (SOURCES, lambda cell: _by(cell, end=0)),
    (WEAKEST, lambda cell: _by(cell, descending=False)),
    (TOO_MANY, lambda cell: Cell(cell.alpha, cell.edges, cell.operations, 99).best()),
    (ONE_EACH, _shared_edge),
)
KNOWN_TABLE: Sequence[tuple[Misconception, Derive]] = (
    (NONE_REFUSED, lambda cell: Cell(cell.alpha, cell.edges, cell.operations, 99).best()),
    (AXIS, lambda cell: _argmax(cell, cell.alpha.softmax(0))),
    (WEAKEST, lambda cell: _argmax(cell, -cell.alpha)),
)


def _argmax(cell: Cell, scores: Tensor) -> Kept:
    rows = zip(cell.edges, scores.argmax(1).tolist(), strict=True)
    return sorted((*edge, cell.operations[k]) for edge, k in rows)
