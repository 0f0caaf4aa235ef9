"""Answers to `derive`."""

from collections.abc import Callable
from typing import Any

import numpy as np
import torch

from course_lib.nas import derive as derivation


def derive_with_numpy(alpha, edges, operations, *, keep=None):
    """Right: numpy, tuples, any order."""
    values = alpha.detach().numpy()
    weights = np.exp(values - values.max(1, keepdims=True))
    weights /= weights.sum(1, keepdims=True)
    if keep is None:
        best = weights.argmax(1)
        return [(s, t, operations[k]) for (s, t), k in zip(edges, best, strict=True)][::-1]
    others = [k for k, name in enumerate(operations) if name != "none"]
    found = []
    for node in {t for _, t in edges}:
        rows = np.array([e for e, (_, t) in enumerate(edges) if t == node])
        strength = weights[rows][:, others].max(1)
        for e in rows[np.argsort(-strength)[:keep]]:
            k = others[int(weights[e][others].argmax())]
            found.append((edges[e][0], node, operations[k]))
    return found


def _derive(
    *,
    table: Callable[..., Any] = lambda alpha, operations: alpha.softmax(1),
    none: bool = False,
    none_without_keep: bool = True,
    strength: Callable[..., Any] | None = None,
    end: int = 1,
    choose: Callable[..., Any] = lambda ranked, keep: ranked[:keep],
    sign: float = 1.0,
) -> Callable[..., Any]:
    """A right derivation unless a part is exchanged."""

    def derive(alpha, edges, operations, *, keep=None):
        weights = table(alpha, operations)
        rows = []
        for (source, target), row in zip(edges, weights.tolist(), strict=True):
            free = none if keep else none_without_keep
            allowed = {
                name: sign * w
                for name, w in zip(operations, row, strict=True)
                if free or name != "none"
            }
            best = max(allowed, key=lambda name, allowed=allowed: allowed[name])
            force = strength(allowed, row) if strength else allowed[best]
            rows.append((force, (source, target, best)))
        if keep is None:
            return [triple for _, triple in rows]
        kept = []
        for node in sorted({triple[end] for _, triple in rows}):
            mine = sorted((row for row in rows if row[1][end] == node), reverse=True)
            kept += [triple for _, triple in choose(mine, keep)]
        return kept

    return derive


def derive_tied(alpha, edges, operations, *, keep=None):
    """The strongest edges of the whole cell."""
    everything = _derive(choose=lambda ranked, keep: ranked)(alpha, edges, operations, keep=keep)
    if keep is None:
        return everything
    weights = alpha.softmax(1)
    force = {
        triple: float(weights[edges.index(triple[:2]), operations.index(triple[2])])
        for triple in everything
    }
    nodes = len({target for _, target in edges})
    return sorted(everything, key=lambda triple: -force[triple])[: keep * nodes]


def derive_shares_an_edge(alpha, edges, operations, *, keep=None):
    if keep is None:
        return _derive()(alpha, edges, operations)
    weights, found = alpha.softmax(1), []
    for node in {t for _, t in edges}:
        ranked = sorted(
            (
                (float(weights[e, k]), (s, t, name))
                for e, (s, t) in enumerate(edges)
                for k, name in enumerate(operations)
                if t == node and name != "none"
            ),
            reverse=True,
        )
        found += [triple for _, triple in ranked[:keep]]
    return found


def derive_names_indices(alpha, edges, operations, *, keep=None):
    right = derive_with_numpy(alpha, edges, operations, keep=keep)
    return [(s, t, operations.index(name)) for s, t, name in right]


def _without_none(alpha, operations):
    shut = alpha.clone()
    if "none" in operations:
        shut[:, operations.index("none")] = -torch.inf
    return shut.softmax(1)


def _alphas(alpha, operations):
    return alpha


def derive_mixes_forms(alpha, edges, operations, *, keep=None):
    """The form with `keep` forgets the softmax, the other one is right."""
    return _derive(table=_alphas)(alpha, edges, operations, keep=keep)


def derive_renormalises(alpha, edges, operations, *, keep=None):
    table = _without_none if keep else lambda alpha, operations: alpha.softmax(1)
    return _derive(table=table)(alpha, edges, operations, keep=keep)


def derive_forgets_return(alpha, edges, operations, *, keep=None):
    derive_with_numpy(alpha, edges, operations, keep=keep)


def derive_calls_library(alpha, edges, operations, *, keep=None):
    class Space:
        pass

    space = Space()
    space.edges, space.operations = len(edges), operations
    return derivation.derive(space, alpha)


def derive_in_blocks(alpha, edges, operations, *, keep=None):
    """Edges are taken for sorted: the first two lead into the first node, three into the next."""
    if keep is None:
        return _derive()(alpha, edges, operations)
    found, start, size = [], 0, 2
    while start < len(edges):
        block = slice(start, start + size)
        found += _derive()(alpha[block], edges[block], operations, keep=keep)
        start, size = start + size, size + 1
    return found


def derive_by_threshold(alpha, edges, operations, *, keep=None):
    """Every edge that is as strong as the last one kept: too many where there are ties."""
    if keep is None:
        return _derive()(alpha, edges, operations)
    return _derive(choose=lambda ranked, keep: [r for r in ranked if r[0] >= ranked[:keep][-1][0]])(
        alpha, edges, operations, keep=keep
    )


def derive_writes(alpha, edges, operations, *, keep=None):
    kept = _derive()(alpha, edges, operations, keep=keep)
    alpha -= alpha.amax()
    return kept


WRONG = [
    (_derive(none=True), "`none` is kept"),
    (_derive(none_without_keep=False), "left out where it is allowed"),
    (_derive(strength=lambda allowed, row: max(row)), "ranked with the weight of `none`"),
    (derive_renormalises, "the softmax leaves `none` out"),
    (derive_mixes_forms, "compared by alphas instead of weights"),
    (_derive(table=lambda alpha, operations: alpha.softmax(0)), "softmax over the wrong axis"),
    (_derive(strength=lambda allowed, row: sum(allowed.values())), "sum of their weights"),
    (derive_tied, "nodes compete for edges"),
    (_derive(end=0), "grouped by where they come from"),
    (_derive(choose=lambda ranked, keep: ranked[-keep:]), "the weakest edges are kept"),
    (_derive(sign=-1.0), "kept"),
    (_derive(choose=lambda ranked, keep: ranked), "every edge is kept"),
    (derive_shares_an_edge, "may share an edge"),
    (_derive(choose=lambda ranked, keep: ranked[:1]), "kept"),
    (derive_names_indices, "expected one of the names"),
    (derive_forgets_return, "`return` missing"),
    (derive_calls_library, "library's function is called"),
    (_derive(choose=lambda ranked, keep: ranked[:2]), "whatever `keep` says"),
    (derive_in_blocks, "kept"),
    (derive_by_threshold, "all weights are equal"),
    (derive_writes, "the function changes its arguments"),
]
RIGHT = [derive_with_numpy, _derive()]
POINTLESS = (lambda alpha, edges, operations, *, keep=None: [],)
PARTICULAR = {
    "left out where it is allowed": {"cells of NAS-Bench-201: the strongest operation"},
    "by alphas instead": {"edges are compared by their weights"},
}
EQUIVALENT = {
    "line 3: 1.0 -> 2.0": "any number below all weights keeps `none` out",
    "line 3: 1.0 -> 0.0": "weights of a softmax are positive, so that 0 is below them all",
}
