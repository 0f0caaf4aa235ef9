"""Architecture and accelerator together: the true joint front, and what isolated design leaves.

A pair is (network, accelerator). Accuracy depends on the network alone, cost on both; more
accuracy and less cost are better.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from course_lib.hardware.accelerator import Numbers

Indices = NDArray[np.int64]


class Corner(NamedTuple):
    """From where a hypervolume is measured: no more accuracy, no less cost than this is worth 0."""

    accuracy: float
    cost: float


class Pairs(NamedTuple):
    """Pairs that were chosen: which network on which accelerator, each (n,)."""

    network: Indices
    chip: Indices


def front(accuracy: ArrayLike, cost: ArrayLike) -> Indices:
    """The points that no other beats, of equal ones the first: cost and accuracy ascend."""
    gain, price = np.asarray(accuracy, dtype=float), np.asarray(cost, dtype=float)
    order = np.lexsort((-gain, price))
    best = np.maximum.accumulate(gain[order])
    return np.asarray(order[np.r_[True, best[1:] > best[:-1]]])


def hypervolume(accuracy: ArrayLike, cost: ArrayLike, corner: Corner) -> float:
    """The area in (accuracy, cost) that the points dominate, as far as the corner."""
    gain, price = np.asarray(accuracy, dtype=float), np.asarray(cost, dtype=float)
    inside = (gain > corner.accuracy) & (price < corner.cost)
    if not inside.any():
        return 0.0
    gain, price = gain[inside], price[inside]
    best = front(gain, price)
    widths = np.diff(price[best], append=corner.cost)
    return float(((gain[best] - corner.accuracy) * widths).sum())


def joint_front(accuracy: Numbers, cost: Numbers) -> Pairs:
    """The true front of all pairs. accuracy: (networks,); cost: (networks, accelerators)."""
    best = front(accuracy, cost.min(1))
    return Pairs(best, cost[best].argmin(1))


def architecture_first(accuracy: Numbers, macs: Numbers, cost: Numbers) -> Pairs:
    """The networks of the front in accuracy and MACs, each on its own best accelerator."""
    chosen = front(accuracy, macs)
    return Pairs(chosen, cost[chosen].argmin(1))


def hardware_first(accuracy: Numbers, cost: Numbers, reference: int) -> Pairs:
    """All networks on the one accelerator that is best for the network `reference`."""
    chip = int(cost[reference].argmin())
    best = front(accuracy, cost[:, chip])
    return Pairs(best, np.full(len(best), chip))


def share_of_front(accuracy: Numbers, cost: Numbers, pairs: Pairs) -> float:
    """The pairs' hypervolume as a share of the true joint front's, at most 1.

    Measured in accuracy and the binary logarithm of cost, from the corner that the joint front's
    own ends span. ValueError where that front is a single point: it spans no area.
    """
    whole = joint_front(accuracy, cost)
    if len(whole.network) < 2:
        raise ValueError("the joint front is one point, of which there are no shares")
    corner = Corner(float(accuracy[whole.network[0]]), float(np.log2(cost[whole].max())))
    area = hypervolume(accuracy[whole.network], np.log2(cost[whole]), corner)
    return hypervolume(accuracy[pairs.network], np.log2(cost[pairs]), corner) / area
