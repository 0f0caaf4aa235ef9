"""Problems of pruning whose answers one knows."""

from dataclasses import replace

from course_lib.hardware.chain import Chain, mobilenet, vgg
from course_lib.hardware.pruning import Pruning, chain_cost, layer_features

SMALL = vgg((6, 8, 8))


def small_pruning(chain: Chain = SMALL, share: float = 0.5, **settings) -> Pruning:
    """Layer 0 is worth most: the accuracy is a weighted mean of the ratios."""
    free = [chain.channels[place] for place in chain.free]
    weights = [len(free) - place for place in range(len(free))]

    def accuracy(counts):
        ratios = [kept / full for kept, full in zip(counts, free, strict=True)]
        return sum(w * r for w, r in zip(weights, ratios, strict=True)) / sum(weights)

    cost = chain_cost(chain)
    return Pruning(
        layer_features(chain),
        tuple(free),
        accuracy,
        cost,
        budget=share * sum(cost(free)),
        **settings,
    )


def with_depthwise(**settings) -> Pruning:
    return small_pruning(mobilenet((6, 8, 8)), **settings)


def by_latency(pruning: Pruning, per_layer: float = 1e-4) -> Pruning:
    """The same network under a limit on seconds; every layer has a time of its own to start."""

    def seconds(counts):
        return [per_layer + 1e-9 * macs for macs in pruning.cost(counts)]

    return replace(pruning, cost=seconds, budget=0.9 * sum(seconds(pruning.channels)))
