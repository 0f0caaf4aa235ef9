"""Cells of which something is to be kept, and what: by enumeration."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import combinations
from typing import Any

import torch
from torch import Tensor

from course_lib.checks.ask import Ask
from course_lib.checks.laws import CHANGED
from course_lib.checks.values import integer, kind
from course_lib.checks.variants import seeded
from course_lib.checks.wrong import Wrong

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
        alpha = self.alpha.clone()
        answer = ask(alpha, list(self.edges), self.operations, keep=self.keep)
        if not torch.equal(alpha, self.alpha):
            raise Wrong("alpha is not the same after the call", CHANGED)
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
    """A DARTS cell: two inputs, then nodes that every earlier one feeds; `none` anywhere, edges in
    any order.

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
    mixed = torch.randperm(len(edges), generator=rng).tolist()
    return Cell(alpha[mixed], tuple(edges[e] for e in mixed), operations, 2)


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
    alpha[[target == 2 for _, target in cell.edges]] *= 50.0
    return Cell(alpha.log_softmax(1), cell.edges, cell.operations, 2)


def keeping(cell: Cell, keep: int) -> Cell:
    """The same cell, of which each node keeps so many edges."""
    return replace(cell, keep=keep)


def without_none(cell: Cell) -> Cell:
    """The same cell in a space that has no `none`."""
    others = [k for k, name in enumerate(cell.operations) if name != "none"]
    names = tuple(cell.operations[k] for k in others)
    return Cell(cell.alpha[:, others].log_softmax(1), cell.edges, names, cell.keep)
