"""From alphas back to an architecture: derive it, and say what the rounding costs."""

from dataclasses import dataclass
from typing import Protocol

import torch
from torch import Tensor

from course_lib.core import Arch
from course_lib.datasets import Images
from course_lib.nas.supernet import Subnet, Supernet, recalibrate
from course_lib.nas.training import accuracy


class HasEdges(Protocol):
    """What a derivation needs to know of a space."""

    @property
    def operations(self) -> tuple[str, ...]: ...

    @property
    def edges(self) -> int: ...


def derive(space: HasEdges, alpha: Tensor) -> Arch:
    """The architecture that alpha (edges, operations) means: on each edge the largest logit.

    Any operation may win, `none` too. Source: Dong and Yang 2020 (NAS-Bench-201), sec. 3.3.
    """
    if alpha.shape != (space.edges, len(space.operations)):
        raise ValueError(
            f"alpha must have shape ({space.edges}, {len(space.operations)}), one row per edge and "
            f"one column per operation, got {tuple(alpha.shape)}"
        )
    return tuple(alpha.argmax(-1).tolist())


def entropy(weights: Tensor) -> Tensor:
    """How undecided each row is: -sum_k w_k log w_k, in nats, (..., choices) -> (...).

    Rows sum to 1, as those of softmax(alpha). 0 of a one-hot row, log(choices) of an even one.
    """
    return torch.special.entr(weights).sum(-1)


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
