"""What training costs when layers are updated at random: the expected energy of a schedule."""

from collections.abc import Sequence
from typing import Any, TypeVar

from torch import Tensor

Share = TypeVar("Share", float, Tensor)
"""A probability: a number, or a scalar tensor through which the energy is differentiated."""


def expected_energy(
    p: Sequence[Share],
    forward: Sequence[float],
    input_gradient: Sequence[float],
    weight_gradient: Sequence[float],
    update: Sequence[float],
) -> Share:
    """E[energy of a step] when layer l is updated with probability p_l, each on its own.

        sum_l F_l + G_l (1 - prod_{i<l} (1 - p_i)) + p_l (W_l + U_l)

    A layer's input gradient G_l is needed exactly where some layer before it is updated; below the
    lowest updated layer nothing is propagated. All five lists are from input to output, of one
    length and one unit: forward F, input gradient G, weight gradient W, update U.
    ValueError for lists of different lengths, probabilities outside [0, 1] or costs below zero.
    """
    costs = (forward, input_gradient, weight_gradient, update)
    _check(p, costs)
    total: Any = 0.0
    none_before: Any = 1.0
    for share, ahead, back, weights, change in zip(p, *costs, strict=True):
        total += ahead + back * (1 - none_before) + share * (weights + change)
        none_before *= 1 - share
    energy: Share = total
    return energy


def step_energy(
    updated: Sequence[bool],
    forward: Sequence[float],
    input_gradient: Sequence[float],
    weight_gradient: Sequence[float],
    update: Sequence[float],
) -> float:
    """The energy of one step that updates these layers and no others."""
    certain = [float(each) for each in updated]
    return expected_energy(certain, forward, input_gradient, weight_gradient, update)


def _check(p: Sequence[Share], costs: Sequence[Sequence[float]]) -> None:
    lengths = [len(p), *map(len, costs)]
    if len(set(lengths)) != 1 or not lengths[0]:
        raise ValueError(
            f"expected one probability and four costs for every layer, got {lengths[0]} "
            f"probabilities and {lengths[1:]} costs"
        )
    if any(not 0 <= share <= 1 for share in p):
        raise ValueError(f"p are probabilities, from 0 to 1, got {list(p)}")
    if any(not value >= 0 for cost in costs for value in cost):
        raise ValueError("costs are energies of at least 0, got one below it")
