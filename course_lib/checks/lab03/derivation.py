"""Laws of `derive`: among all cells that may be kept, the one with the largest weights."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations, product
from typing import Any

import torch
from torch import Tensor

from course_lib.checks.guard import Ask, seeded
from course_lib.checks.values import integer, kind
from course_lib.checks.wrong import Misconception, Wrong

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

OPERATIONS = ("skip_connect", "max_pool", "none", "sep_conv", "dil_conv")
Edge = tuple[int, int]
Kept = list[tuple[int, int, str]]


@dataclass(frozen=True)
class Cell:
    """alpha (edges, operations), the edges, and how many incoming edges a node keeps."""

    alpha: Tensor
    edges: tuple[Edge, ...]
    operations: tuple[str, ...]
    keep: int | None

    def asked(self, ask: Ask) -> Kept:
        """The answer, tested to be a list of (source, target, operation), sorted."""
        answer = ask(self.alpha.clone(), list(self.edges), self.operations, keep=self.keep)
        if type(answer) not in (list, tuple):
            raise Wrong(f"the answer is {kind(answer)}, expected a list of triples")
        return sorted(_triple(entry) for entry in answer)

    def best(self) -> Kept:
        """By enumeration: of all ways to keep edges and operations, the one of largest weight."""
        weights = self.alpha.softmax(1).tolist()
        found: Kept = []
        for group in self._groups():
            choices = [[(e, k) for e in group] for k in self._allowed()]
            pairs = [pair for row in choices for pair in row]
            size = len(group) if self.keep is None else min(self.keep, len(group))
            ways = (way for way in combinations(pairs, size) if len({e for e, _ in way}) == size)
            way = max(ways, key=lambda way: sum(weights[e][k] for e, k in way))
            found += [(*self.edges[e], self.operations[k]) for e, k in way]
        return sorted(found)

    def _groups(self) -> Iterator[list[int]]:
        """The edges that compete: those into one node; without `keep` each one alone."""
        if self.keep is None:
            yield from ([e] for e in range(len(self.edges)))
            return
        for node in sorted({target for _, target in self.edges}):
            yield [e for e, (_, target) in enumerate(self.edges) if target == node]

    def _allowed(self) -> list[int]:
        names = enumerate(self.operations)
        return [k for k, name in names if self.keep is None or name != "none"]


def _triple(entry: Any) -> tuple[int, int, str]:
    if type(entry) not in (tuple, list) or len(entry) != 3:
        raise Wrong("an entry is not a triple (source, target, operation)")
    source, target, operation = entry
    if type(operation) is not str:
        raise Wrong(f"an operation is {kind(operation)}, expected one of the names in `operations`")
    return integer(source, "a source"), integer(target, "a target"), operation


def darts_cell(variant: int, *, offset: float = 0.0, none: float = 0.0) -> Cell:
    """A DARTS cell: two inputs, then nodes that every earlier one feeds; `none` anywhere.

    The alphas are logarithms of weights, plus a constant per row.

    offset: how large the constants are. none: added to the alphas of `none`.
    """
    rng = seeded(variant, 41)
    nodes = 3 + variant % 2
    edges = tuple((i, j) for j in range(2, 2 + nodes) for i in range(j))
    order = torch.randperm(5, generator=rng).tolist()
    operations = tuple(OPERATIONS[i] for i in order)
    alpha = torch.randn(len(edges), 5, generator=rng, dtype=torch.float64)
    alpha[:, operations.index("none")] += none
    alpha = alpha.log_softmax(1)
    alpha += offset * torch.randn(len(edges), 1, generator=rng, dtype=torch.float64)
    return Cell(alpha, edges, operations, 2)


def table_cell(variant: int, salt: int = 51) -> Cell:
    """A cell of NAS-Bench-201: six edges, the strongest operation on each."""
    rng = seeded(variant, salt)
    edges = ((0, 1), (0, 2), (1, 2), (0, 3), (1, 3), (2, 3))
    operations = tuple(OPERATIONS[i] for i in torch.randperm(5, generator=rng).tolist())
    alpha = torch.randn(6, 5, generator=rng, dtype=torch.float64)
    alpha[variant % 6, operations.index("none")] = 5.0
    alpha[(variant + 2) % 6, operations.index("none")] = -5.0
    return Cell(alpha, edges, operations, None)


def lopsided(variant: int) -> Cell:
    """Edges into the first node are decided, all others are nearly even."""
    cell = darts_cell(variant)
    alpha = 0.1 * cell.alpha
    alpha[:2] *= 50.0
    return Cell(alpha.log_softmax(1), cell.edges, cell.operations, 2)


def without_none(cell: Cell) -> Cell:
    """The same cell in a space that has no `none`."""
    others = [k for k, name in enumerate(cell.operations) if name != "none"]
    names = tuple(cell.operations[k] for k in others)
    return Cell(cell.alpha[:, others].log_softmax(1), cell.edges, names, cell.keep)


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


def _probes(variant: int) -> Iterator[Cell]:
    for shift in range(20):
        yield darts_cell(variant + shift, offset=2.0, none=1.0)
        yield lopsided(variant + shift)


def recognise(ask: Ask, variant: int) -> Misconception | None:
    """The known mistake that keeps the same edges on forty cells."""
    probes = list(_probes(variant))
    found = [cell.asked(ask) for cell in probes]
    for mistake, derive in KNOWN:
        if all(f == derive(cell) for f, cell in zip(found, probes, strict=True)):
            return mistake
    return None


def _compare(ask: Ask, cell: Cell, variant: int) -> None:
    found, expected = cell.asked(ask), cell.best()
    if found != expected:
        extra = [entry for entry in found if entry not in expected]
        lacking = [entry for entry in expected if entry not in found]
        raise Wrong(f"kept {extra} instead of {lacking}", recognise(ask, variant))


def strongest_operation(ask: Ask, variant: int) -> None:
    """Without `keep`: on each edge the operation of largest weight, `none` like any other."""
    probes = [table_cell(variant, 51 + salt) for salt in range(20)]
    found = [cell.asked(ask) for cell in probes]
    for cell, kept in zip(probes, found, strict=True):
        if kept != cell.best():
            mistakes = (
                mistake
                for mistake, derive in KNOWN_TABLE
                if all(f == derive(c) for f, c in zip(found, probes, strict=True))
            )
            said = f"alpha {[[round(a, 2) for a in row] for row in cell.alpha.tolist()]}: got "
            raise Wrong(f"{said}{kept}, expected {cell.best()}", next(mistakes, None))


def two_edges(ask: Ask, variant: int) -> None:
    """With keep = 2: of all pairs of incoming edges and operations, the pair of largest weight."""
    for shift in range(10):
        _compare(ask, darts_cell(variant + shift), variant)
        _compare(ask, without_none(darts_cell(variant + shift)), variant)


def none_never(ask: Ask, variant: int) -> None:
    """Where `none` is strongest on every edge, each node still keeps two others."""
    for shift in range(10):
        _compare(ask, darts_cell(variant + shift, none=2.0), variant)


def by_weights(ask: Ask, variant: int) -> None:
    """A constant added to a row of alpha changes nothing."""
    for shift in range(10):
        _compare(ask, darts_cell(variant + shift, offset=3.0), variant)


def each_node(ask: Ask, variant: int) -> None:
    """Every node keeps two edges, also where one node's edges are decided and others even."""
    for shift in range(10):
        _compare(ask, lopsided(variant + shift), variant)


LAWS = {
    "cells of NAS-Bench-201: the strongest operation": strongest_operation,
    "cells of DARTS: two edges into every node": two_edges,
    "none is never kept": none_never,
    "edges are compared by their weights": by_weights,
    "every node decides for itself": each_node,
}
