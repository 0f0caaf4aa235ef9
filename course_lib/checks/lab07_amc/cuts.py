"""Pruning with one part exchanged: how the mistakes of `prune_pair` are made."""

import copy
from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor, nn

from course_lib.checks.lab07_amc.pairs import Layers

Cut = Callable[[Tensor, Tensor], Tensor]


def rows(values: Tensor, keep: Tensor) -> Tensor:
    return values[keep]


def columns(values: Tensor, keep: Tensor) -> Tensor:
    return values[:, keep]


def others(keep: Tensor, channels: int) -> Tensor:
    left = [c for c in range(channels) if c not in keep.tolist()]
    return torch.tensor(left[: len(keep)] + keep.tolist()[len(left) :])


def exchanged(
    kept: Callable[[Tensor, int], Tensor] = lambda keep, channels: keep,
    filters: Cut = rows,
    scale: Cut = rows,
    mean: Cut = rows,
    inputs: Cut = columns,
) -> Callable[..., Layers]:
    """Copies, cut by these functions."""

    def prune_pair(conv: Any, norm: Any, following: Any, keep: Tensor) -> Layers:
        keep = kept(keep, conv.out_channels)
        conv, norm, following = (copy.deepcopy(module) for module in (conv, norm, following))
        cuts = (
            *((conv, name, filters) for name in ("weight", "bias")),
            *((norm, name, scale) for name in ("weight", "bias")),
            *((norm, name, mean) for name in ("running_mean", "running_var")),
            (following, "weight", inputs),
        )
        for module, name, cut in cuts:
            values = getattr(module, name)
            if values is not None:
                found = cut(values.detach(), keep)
                is_parameter = isinstance(values, nn.Parameter)
                setattr(module, name, nn.Parameter(found) if is_parameter else found)
        conv.out_channels, norm.num_features = len(conv.weight), len(norm.weight)
        setattr(
            following,
            "in_features" if isinstance(following, nn.Linear) else "in_channels",
            following.weight.shape[1],
        )
        return conv, norm, following

    return prune_pair


def zeroed(values: Tensor, keep: Tensor) -> Tensor:
    return torch.zeros_like(values).index_copy_(0, keep, values[keep])


def whole(values: Tensor, keep: Tensor) -> Tensor:
    return values
