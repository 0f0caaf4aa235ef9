"""From alphas back to an architecture: derive it, and say what the rounding costs."""

from dataclasses import dataclass
from typing import Protocol, cast

import torch
from torch import Tensor

from course_lib.core import Arch
from course_lib.datasets import Images
from course_lib.nas.darts_space import CELLS, DartsSpace, Node
from course_lib.nas.supernet import Subnet, Supernet, recalibrate
from course_lib.nas.training import accuracy


class HasEdges(Protocol):
    """What a derivation needs to know of a space."""

    @property
    def operations(self) -> tuple[str, ...]: ...

    @property
    def edges(self) -> int: ...


def derive(space: HasEdges, alpha: Tensor) -> Arch:
    """The architecture that alpha (edges, operations) means.

    Cell space: on each edge the operation of the largest logit; `none` may win (Dong and Yang 2020,
    NAS-Bench-201). DARTS space: an edge is as strong as the largest weight in its row of
    softmax(alpha), `none` left out; each node keeps its two strongest edges, each with that
    operation (Liu et al. 2019, sec. 2.4).
    """
    if alpha.shape != (space.edges, len(space.operations)):
        raise ValueError(
            f"alpha must have shape ({space.edges}, {len(space.operations)}), one row per edge and "
            f"one column per operation, got {tuple(alpha.shape)}"
        )
    if not isinstance(space, DartsSpace):
        return tuple(alpha.argmax(-1).tolist())
    weights = alpha.softmax(-1)[:, [space.operations.index(name) for name in space.choosable]]
    half = len(space.cell_edges)
    cells = dict(zip(CELLS, (weights[:half], weights[half:]), strict=True))
    return space.encode({cell: _strongest(space, own) for cell, own in cells.items()})


def _strongest(space: DartsSpace, weights: Tensor) -> list[Node]:
    """The nodes of one cell; weights: (cell edges, choosable operations)."""
    strength, best = weights.max(-1)
    nodes = []
    for target in range(2, space.nodes + 2):
        rows = [row for row, (_, end) in enumerate(space.cell_edges) if end == target]
        kept = sorted(sorted(rows, key=lambda row: -strength[row])[:2])
        one, other = ((space.cell_edges[row][0], space.choosable[best[row]]) for row in kept)
        nodes.append((one, other))
    return nodes


def entropy(weights: Tensor) -> Tensor:
    """How undecided each row is: -sum_k w_k log w_k, in nats, (..., choices) -> (...).

    Rows sum to 1, as those of softmax(alpha). 0 of a one-hot row, log(choices) of an even one.
    """
    return cast(Tensor, torch.special.entr(weights).sum(-1))


@dataclass(frozen=True)
class DiscretizationGap:
    """Validation accuracy of the mixture and of the derived path, with the same weights."""

    mixture: float
    derived: float

    @property
    def gap(self) -> float:
        """What rounding the mixture to one path costs, before any retraining."""
        return self.mixture - self.derived


def discretization_gap(
    net: Supernet, alpha: Tensor, train: Images, valid: Images
) -> DiscretizationGap:
    """Accuracy of softmax(alpha) and of the derived architecture, both with inherited weights.

    Batch normalisation gets the statistics of each from the training images; nothing else of the
    network changes.
    """
    derived = net.space.one_hot(derive(net.space, alpha))
    return DiscretizationGap(
        *(_accuracy(net, weights, train, valid) for weights in (alpha.softmax(-1), derived))
    )


def _accuracy(net: Supernet, weights: Tensor, train: Images, valid: Images) -> float:
    recalibrate(net, weights.detach(), train)
    return accuracy(Subnet(net, weights.detach()), valid)
