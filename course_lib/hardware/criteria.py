"""Which channels matter: scores of channels, and what is kept by them, per layer or globally."""

from collections.abc import Callable, Mapping, Sequence

import torch
from torch import Tensor, nn

from course_lib.datasets import Images
from course_lib.hardware.budget import Cost, least_channels, unreachable
from course_lib.hardware.prune import chain_modules, convolutions, is_depthwise
from course_lib.hardware.recalibrate import evaluation_mode

Criterion = Callable[[Tensor], Tensor]
"""Filters (channels, weights of each) -> scores (channels,): the higher, the longer it is kept."""


def l1(filters: Tensor) -> Tensor:
    """The sum of absolute weights."""
    return filters.abs().sum(1)


def l2(filters: Tensor) -> Tensor:
    """The Euclidean norm of the weights."""
    return filters.square().sum(1).sqrt()


def over_layer_mean(filters: Tensor) -> Tensor:
    """L1 norms over their mean in the layer, which makes layers comparable."""
    norms = l1(filters)
    return norms / norms.mean()


def over_layer_maximum(filters: Tensor) -> Tensor:
    """L1 norms over the largest one in the layer."""
    norms = l1(filters)
    return norms / norms.max()


CRITERIA: Mapping[str, Criterion] = {
    "L1 over the layer's mean": over_layer_mean,
    "L1 over the layer's maximum": over_layer_maximum,
    "L1": l1,
    "L2": l2,
}


def weight_scores(network: nn.Module, criterion: Criterion = over_layer_mean) -> list[Tensor]:
    """Scores (channels,) of every convolution of a chain, from its own filters.

    A depthwise convolution has the scores of the one before it: they keep the same channels.
    """
    scores: list[Tensor] = []
    for _, conv in convolutions(network):
        tied = scores and is_depthwise(conv)
        scores.append(scores[-1] if tied else criterion(conv.weight.detach().flatten(1)))
    return scores


@torch.no_grad()
def activation_scores(network: nn.Module, images: Images) -> list[Tensor]:
    """Scores (channels,) of every convolution: how much its channels say on these images.

    The mean absolute value of a channel, over images and pixels, as the next layer reads it; in
    evaluation mode. Divide by the layer's mean to compare layers. A depthwise convolution has the
    scores of the one before it.
    """
    scores: list[Tensor] = []
    tied = False
    x = images.x
    with evaluation_mode(network):
        for _, module in chain_modules(network):
            x = module(x)
            if isinstance(module, nn.Conv2d):
                tied = bool(scores) and is_depthwise(module)
                scores.append(scores[-1] if tied else x)
            if x.ndim < 4:
                break
            if scores and not tied:
                scores[-1] = x.abs().mean((0, 2, 3))
    return scores


def top_channels(scores: Sequence[Tensor], counts: Sequence[int]) -> list[Tensor]:
    """For each layer the counts[i] channels of the highest scores, ascending: what `keep` is.

    Of equal scores the lower index stays. ValueError where a layer would lose all its channels.
    """
    if len(scores) != len(counts):
        raise ValueError(f"expected the counts of {len(scores)} layers, got {len(counts)}")
    keep = []
    for layer, (score, count) in enumerate(zip(scores, counts, strict=True)):
        if not 1 <= count <= len(score):
            raise ValueError(
                f"layer {layer} has {len(score)} channels and needs at least 1, got {count}"
            )
        keep.append(torch.sort(score, descending=True, stable=True).indices[:count].sort().values)
    return keep


def global_channels(
    scores: Sequence[Tensor], macs: Cost, *, budget: float, lowest: float, multiple: int = 1
) -> list[int]:
    """How many channels each layer keeps where the lowest scores of all layers go first.

    The lowest threshold that meets the budget, one for all layers. The count of a layer that loses
    channels is rounded down to the multiple, but never below its least, see `least_channels`. Of
    equal scores the earlier layer's stay.

    scores: of the free layers, comparable between layers. macs: cost by the counts of these layers.
    ValueError where no threshold can meet the budget.
    """
    channels = [len(score) for score in scores]
    least = least_channels(channels, lowest=lowest, multiple=multiple)
    if macs(least) > budget:
        raise unreachable(budget, macs, least)
    layers = torch.cat([torch.full((count,), i) for i, count in enumerate(channels)])
    ranked = torch.sort(torch.cat(list(scores)), descending=True, stable=True).indices
    waiting = reversed(layers[ranked].tolist())
    left = list(channels)
    kept = list(channels)
    while macs(kept) > budget:
        layer = next(waiting)
        left[layer] -= 1
        kept[layer] = max(least[layer], left[layer] // multiple * multiple)
    return kept
