"""Answers taken apart, right until one part is exchanged: so the known mistakes are written."""

import math
from collections.abc import Callable, Sequence
from typing import Any

import torch
from torch import Tensor

from course_lib.checks.lab03_darts.cells_kept import Edge, Kept

Loss = Callable[[dict[str, Tensor], Tensor], Tensor]
Params = dict[str, Tensor]
Names = Sequence[str]


def alpha_slope(loss: Loss, params: Params, alpha: Tensor) -> Tensor:
    """The gradient of a loss in alpha, on a leaf of its own."""
    leaf = alpha.detach().clone().requires_grad_()
    fixed = {name: weight.detach() for name, weight in params.items()}
    return torch.autograd.grad(loss(fixed, leaf), leaf)[0]


def weight_slopes(loss: Loss, params: Params, alpha: Tensor) -> Params:
    """The gradient of a loss in the weights, on leaves of its own."""
    leaves = {name: weight.detach().clone().requires_grad_() for name, weight in params.items()}
    found = torch.autograd.grad(loss(leaves, alpha.detach()), list(leaves.values()))
    return dict(zip(leaves, found, strict=True))


def moved(params: Params, direction: Params, length: float) -> Params:
    """w + length * direction."""
    return {name: weight.detach() + length * direction[name] for name, weight in params.items()}


def stepped(loss: Loss, params: Params, alpha: Tensor, xi: float) -> Params:
    """w - xi grad_w loss(w, alpha)."""
    return moved(params, weight_slopes(loss, params, alpha), -xi)


def exchanged_second_order(
    *,
    step: str = "train",
    step_sign: float = 1.0,
    vector: tuple[str, str] = ("valid", "after"),
    direct: tuple[str, str] = ("valid", "after"),
    difference: tuple[str, str] = ("train", "before"),
    scale: Callable[[float], float] = lambda length: 1.0,
    eps: Callable[[float], float] = lambda length: 0.01 / length,
    sides: tuple[float, float] = (1.0, -1.0),
    divisor: Callable[[float, float], float] = lambda eps, length: 2 * eps,
    factor: Callable[[float], float] = lambda xi: xi,
) -> Callable[..., Any]:
    """The unrolled gradient by central differences, with every part in its place unless exchanged.

    step: the loss on which the weights step. vector, direct, difference: which loss, and whether
    at the weights before or after the step. scale: of v; eps, divisor: from its length.
    """

    def answer(
        train_loss: Loss, valid_loss: Loss, params: Params, alpha: Tensor, *, xi: float
    ) -> Tensor:
        loss = {"train": train_loss, "valid": valid_loss}
        at = {"before": params, "after": stepped(loss[step], params, alpha, step_sign * xi)}
        without = alpha_slope(loss[direct[0]], at[direct[1]], alpha)
        v = weight_slopes(loss[vector[0]], at[vector[1]], alpha)
        length = math.sqrt(sum(float(part.square().sum()) for part in v.values()))
        if length == 0:
            return without
        v = {name: scale(length) * part for name, part in v.items()}
        small = eps(length)
        ahead, behind = (
            alpha_slope(loss[difference[0]], moved(at[difference[1]], v, side * small), alpha)
            for side in sides
        )
        return without - factor(xi) * (ahead - behind) / divisor(small, length)

    return answer


def exchanged_derive(
    *,
    table: Callable[[Tensor, Names], Tensor] = lambda alpha, names: alpha.softmax(1),
    none: bool = False,
    rank: Callable[[dict[str, float], str], float] = lambda row, best: row[best],
    end: int = 1,
    chosen: Callable[[list[tuple[float, int]], int], list[tuple[float, int]]] = (
        lambda ranked, keep: ranked[:keep]
    ),
    everywhere: bool = False,
) -> Callable[..., Kept]:
    """A derivation with `keep` of which one part is exchanged.

    rank: weights of an edge by operation, and its best one -> how strong the edge is.
    end: 0 groups by source. everywhere: one ranking for all nodes instead of one per node.
    """

    def answer(
        alpha: Tensor, edges: Sequence[Edge], operations: Names, *, keep: int | None = None
    ) -> Kept:
        rows = [
            dict(zip(operations, row, strict=True)) for row in table(alpha, operations).tolist()
        ]
        allowed = [name for name in operations if none or keep is None or name != "none"]
        best = [max(allowed, key=row.__getitem__) for row in rows]
        names = [(*edge, name) for edge, name in zip(edges, best, strict=True)]
        if keep is None:
            return names
        groups: dict[int, list[tuple[float, int]]] = {}
        for e, edge in enumerate(edges):
            groups.setdefault(0 if everywhere else edge[end], []).append(
                (rank(rows[e], best[e]), e)
            )
        size = keep * len({target for _, target in edges}) if everywhere else keep
        kept = [chosen(sorted(group, reverse=True), size) for group in groups.values()]
        return [names[e] for group in kept for _, e in group]

    return answer


def softmax_without_none(alpha: Tensor, names: Names) -> Tensor:
    """A softmax that leaves `none` out."""
    shut = alpha.clone()
    shut[:, [k for k, name in enumerate(names) if name == "none"]] = -torch.inf
    return shut.softmax(1)


def sharing_an_edge(
    alpha: Tensor, edges: Sequence[Edge], operations: Names, *, keep: int | None = None
) -> Kept:
    """Per node the largest weights, possibly on one edge."""
    found: Kept = []
    for node in {target for _, target in edges}:
        pairs = [
            (float(weight), (*edge, name))
            for edge, row in zip(edges, alpha.softmax(1), strict=True)
            for weight, name in zip(row, operations, strict=True)
            if edge[1] == node and name != "none"
        ]
        found += [triple for _, triple in sorted(pairs, reverse=True)[:keep]]
    return found
