"""What AMC's agent sees and remembers: a network is pruned layer by layer (He et al. 2018)."""

from collections.abc import Callable, Sequence
from typing import NamedTuple, TypeAlias

import torch
from torch import Tensor

Counts: TypeAlias = Sequence[int]
"""Output channels of every layer."""
Cost: TypeAlias = Callable[[Counts], Sequence[float]]
"""What each layer costs, and last the classifier: operations, seconds or energy."""


class Episode(NamedTuple):
    """T transitions: states (T, d + 3), actions (T, 1), rewards (T,), next_states, done (T,)."""

    states: Tensor
    actions: Tensor
    rewards: Tensor
    next_states: Tensor
    done: Tensor


def episode(features: Tensor, channels: Counts, kept: Counts, macs: Cost, reward: float) -> Episode:
    """The T transitions of a pruned network: what the agent saw, did, and was told at the end.

    state_t  = features[t], reduced_t, rest_t, ratio_(t-1)     with ratio_(-1) = 1
    action_t = ratio_t = kept[t] / channels[t], as it was carried out

    features (T, d); channels and kept, T counts each; macs(counts) gives T + 1 numbers. reduced_t
    is what the layers before t save once they are pruned, rest_t what the layers after t cost in
    the full network, both as shares of the full network with its classifier, which is no layer.
    Every transition gets the reward of the end; after the last one comes a state of zeros.
    Source: He et al. 2018, sec. 3.2 and 3.3.
    """
    layers = len(channels)
    if not len(features) == len(kept) == layers:
        raise ValueError(
            f"expected features and kept channels of {layers} layers, "
            f"got {len(features)} and {len(kept)}"
        )
    states = torch.stack(
        [observe(features, channels, kept[:layer], macs) for layer in range(layers)]
    )
    ratios = [own / full for own, full in zip(kept, channels, strict=True)]
    return Episode(
        states,
        torch.tensor(ratios).unsqueeze(1),
        torch.full((layers,), float(reward)),
        torch.cat([states[1:], torch.zeros_like(states[:1])]),
        torch.arange(layers) == layers - 1,
    )


def observe(features: Tensor, channels: Counts, kept: Counts, macs: Cost) -> Tensor:
    """The state (d + 3,) of layer len(kept), when the layers before it keep so many channels."""
    layer = len(kept)
    full = macs(channels)
    now = macs([*kept, *channels[layer:]])
    total = sum(full)
    reduced = (sum(full[:layer]) - sum(now[:layer])) / total
    rest = sum(full[layer + 1 : len(channels)]) / total
    ratio = kept[-1] / channels[layer - 1] if layer else 1.0
    return torch.cat([features[layer], features.new_tensor([reduced, rest, ratio])])
