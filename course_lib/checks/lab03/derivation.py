"""Laws of `derive`: among all cells that may be kept, the one with the largest weights."""

from collections.abc import Iterator

from course_lib.checks.guard import Ask
from course_lib.checks.lab03.cells_kept import (
    Cell,
    darts_cell,
    lopsided,
    table_cell,
    without_none,
)
from course_lib.checks.lab03.derivation_mistakes import KNOWN, KNOWN_TABLE
from course_lib.checks.wrong import Misconception, Wrong


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
