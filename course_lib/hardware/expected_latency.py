"""Latency with a gradient: the expectation over what a search has not decided yet."""

import math
from collections.abc import Callable
from typing import NamedTuple

import torch
from torch import Tensor

from course_lib.core import Arch
from course_lib.hardware.lookup import LookupTable, lookup_latency
from course_lib.nas.bilevel import AlphaGradient, Loss, Params
from course_lib.nas.derive import HasEdges, derive


def expected_latency(logits: Tensor, table: LookupTable) -> Tensor:
    """base + sum_p sum_c softmax(logits[p])_c cost[p, c]: a scalar with a gradient.

    logits: (positions, choices). The mean latency of architectures whose choices are drawn from
    softmax(logits), each position by itself. Source: Cai et al. 2019 (ProxylessNAS), sec. 3.3.
    """
    if logits.shape != table.cost.shape:
        raise ValueError(
            f"expected logits of the table's shape {tuple(table.cost.shape)}, got "
            f"{tuple(logits.shape)}"
        )
    return table.base + (logits.softmax(-1) * table.cost.to(logits.dtype)).sum()


Price = Callable[[Tensor, Tensor], Tensor]
"""From a loss and an expected latency, both scalars, to what alpha descends."""


def added(weight: float) -> Price:
    """loss + weight * latency; the weight is in 1 / unit. Source: Cai et al. 2019, sec. 3.3."""
    _check_weight(weight)
    return lambda loss, latency: loss + weight * latency


def multiplied(weight: float, exponent: float) -> Price:
    """loss * weight * log(latency) ** exponent, the power outside of the logarithm.

    The latency must be above 1, so the unit matters; ValueError otherwise.
    Source: Wu et al. 2019 (FBNet), eq. 2, with weight 0.2 and exponent 0.6.
    """
    _check_weight(weight)

    def price(loss: Tensor, latency: Tensor) -> Tensor:
        if latency <= 1:
            raise ValueError(
                f"log(latency) needs a latency above 1, got {float(latency):g}: take a smaller "
                "unit, such as microseconds"
            )
        return loss * weight * latency.log() ** exponent

    return price


def priced(alpha_gradient: AlphaGradient, table: LookupTable, price: Price) -> AlphaGradient:
    """`alpha_gradient` of a validation loss that counts the expected latency of alpha.

    Any gradient will do that descends the validation loss, such as `first_order` and
    `second_order`; `one_shot_search` takes the result in its place.
    """

    def gradient(
        train_loss: Loss, valid_loss: Loss, params: Params, alpha: Tensor, /, *, xi: float
    ) -> Tensor:
        def dear(params: Params, alpha: Tensor, /) -> Tensor:
            return price(valid_loss(params, alpha), expected_latency(alpha, table))

        return alpha_gradient(train_loss, dear, params, alpha, xi=xi)

    return gradient


class Derived(NamedTuple):
    """What a differentiable search ends with: a cell, its own latency, and the mixture's."""

    arch: Arch
    latency: float
    expected: float


def derived(space: HasEdges, alpha: Tensor, table: LookupTable) -> Derived:
    """The cell that alpha means, with its own latency by the table beside the expected one.

    Only the first is a latency of anything: while alpha is undecided they may lie far apart.
    """
    arch = derive(space, alpha)
    own = lookup_latency(table, torch.tensor([arch]))
    return Derived(arch, float(own), float(expected_latency(alpha.detach(), table)))


def _check_weight(weight: float) -> None:
    if not (weight >= 0 and math.isfinite(weight)):
        raise ValueError(f"the weight of latency must be at least 0 and finite, got {weight}")
