"""A network to be pruned within a budget, and how actions become channel counts."""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

import torch
from torch import Tensor

from course_lib.core import Trial
from course_lib.hardware.amc_env import Cost, Counts, observe
from course_lib.hardware.budget import bounded_channels, share_channels
from course_lib.hardware.chain import Chain
from course_lib.hardware.macs import chain_macs


class Reward(Protocol):
    """What a network of this accuracy and total cost is worth."""

    def __call__(self, accuracy: float, cost: float, /) -> float: ...


def accuracy_only(accuracy: float, cost: float) -> float:
    """The accuracy: for searches in which a budget bounds the cost. Source: He 2018, sec. 3.4."""
    return accuracy


def accuracy_guaranteed(accuracy: float, cost: float) -> float:
    """-error * log(cost): accuracy first, operations where they are cheap; needs cost > 1.

    It depends on the unit of the cost. Source: He et al. 2018, eq. 5.
    """
    if cost <= 1:
        raise ValueError(f"log(cost) must be positive: expected a cost above 1, got {cost:g}")
    return -(1 - accuracy) * math.log(cost)


def chain_cost(chain: Chain) -> Cost:
    """MACs by the channels of a chain's free layers, and last the classifier.

    A depthwise layer has no choice of its own: its operations belong to the layer before it.
    """

    def cost(counts: Counts) -> list[int]:
        *layers, classifier = chain_macs(chain, chain.tied(counts))
        costs: list[int] = []
        for layer, macs in zip(chain.layers, layers, strict=True):
            if layer.depthwise:
                costs[-1] += macs
            else:
                costs.append(macs)
        return [*costs, classifier]

    return cost


def layer_features(chain: Chain) -> Tensor:
    """What the agent knows of each free layer beforehand, (T, 8), every column in [0, 1].

    index, output and input channels, height and width of the input, stride, kernel, operations;
    least is 0 and most is 1; a column that is the same for all layers is 0.
    Source: He et al. 2018, eq. 1.
    """
    costs = chain_cost(chain)([chain.channels[place] for place in chain.free])
    rows = []
    for index, place in enumerate(chain.free):
        layer = chain.layers[place]
        inputs = chain.channels[place - 1] if place else chain.image[0]
        size = chain.maps[place - 1] if place else chain.image[1:]
        rows.append(
            (index, layer.channels, inputs, *size, layer.stride, layer.kernel, costs[index])
        )
    table = torch.tensor(rows, dtype=torch.float64)
    least, most = table.amin(0), table.amax(0)
    return ((table - least) / (most - least).clamp_min(1e-12)).float()


@dataclass(frozen=True)
class Pruning:
    """A network to be pruned: its layers, their cost, and how good a pruned network is.

    features (T, d): of the layers, as `layer_features` gives them. channels: of the full network.
    accuracy(counts): in [0, 1], as a rule on validation data after recalibration.
    cost(counts): by layer, and last the classifier; operations or, for a limit on time, seconds.
    budget: in the unit of the cost; infinite where nothing bounds it. lowest: the least ratio.
    multiple: channel counts are multiples of it. reward(accuracy, cost): what a search maximises.
    """

    features: Tensor
    channels: tuple[int, ...]
    accuracy: Callable[[tuple[int, ...]], float]
    cost: Cost
    budget: float
    lowest: float = 0.2
    multiple: int = 1
    reward: Reward = accuracy_only

    def __post_init__(self) -> None:
        if not 0 < self.lowest <= 1:
            raise ValueError(f"the lowest ratio must be in (0, 1], got {self.lowest:g}")
        if len(self.features) != len(self.channels):
            raise ValueError(
                f"expected features of {len(self.channels)} layers, got {len(self.features)}"
            )
        clip(self, [self.lowest])

    def total(self, counts: Counts) -> float:
        """The cost of the whole network."""
        return float(sum(self.cost(counts)))

    def state(self, kept: Counts) -> Tensor:
        """What an agent sees at layer len(kept)."""
        return observe(self.features, self.channels, kept, self.cost)

    def measure(self, counts: tuple[int, ...]) -> Trial:
        """The reward of a pruned network; its accuracy and cost are objectives."""
        accuracy, cost = self.accuracy(counts), self.total(counts)
        return Trial(
            counts, self.reward(accuracy, cost), objectives={"accuracy": accuracy, "cost": cost}
        )


class ActionMap(Protocol):
    """Channel counts of the first layers, from the actions that were taken for them."""

    def __call__(self, pruning: Pruning, actions: Sequence[float], /) -> tuple[int, ...]: ...


def clip(pruning: Pruning, actions: Sequence[float]) -> tuple[int, ...]:
    """AMC's own map: each ratio is cut to what leaves the later layers their least.

    Source: He et al. 2018, algorithm 1.
    """
    return _bounded(pruning, actions, pruning.budget)


def share(pruning: Pruning, actions: Sequence[float]) -> tuple[int, ...]:
    """Ratios relative to each other: at the end one factor scales all, to spend the budget.

    Until the last action is known, the layers count as if there were no budget.
    """
    if len(actions) < len(pruning.channels):
        return _bounded(pruning, actions, math.inf)
    return tuple(
        share_channels(
            actions,
            pruning.channels,
            pruning.total,
            budget=pruning.budget,
            lowest=pruning.lowest,
            multiple=pruning.multiple,
        )
    )


def _bounded(pruning: Pruning, actions: Sequence[float], budget: float) -> tuple[int, ...]:
    kept: list[int] = []
    for ratio in actions:
        count = bounded_channels(
            ratio,
            kept,
            pruning.channels,
            pruning.total,
            budget=budget,
            lowest=pruning.lowest,
            multiple=pruning.multiple,
        )
        kept.append(count)
    return tuple(kept)
