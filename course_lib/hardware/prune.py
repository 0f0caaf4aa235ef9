"""Physical pruning: channels are cut out of the weights, so that a smaller network remains.

Chains only: where branches meet (residual networks), all layers that add up must share one mask.
"""

import copy
from collections.abc import Iterator, Sequence

import torch
from torch import Tensor, nn

_PER_CHANNEL = (
    nn.Identity,
    nn.ReLU,
    nn.ReLU6,
    nn.Hardswish,
    nn.SiLU,
    nn.Dropout,
    nn.MaxPool2d,
    nn.AvgPool2d,
    nn.AdaptiveAvgPool2d,
    nn.Flatten,
)
"""Layers that treat each channel by itself and hold no weights: pruning leaves them as they are."""


def prune_pair(
    conv: nn.Conv2d, norm: nn.BatchNorm2d, following: nn.Conv2d | nn.Linear, keep: Tensor
) -> tuple[nn.Conv2d, nn.BatchNorm2d, nn.Conv2d | nn.Linear]:
    """Copies of a convolution, its BN and the layer that reads them, with the kept channels only.

    keep: (k,) int64, ascending, at least one. Cut are the filters of `conv`, the vectors of `norm`
        and the inputs of `following`; a depthwise `following` loses its own channels too.

    The output of `following` is the same as if the other channels were 0 behind BN and ReLU.
    """
    _check_keep("keep", keep, conv.out_channels)
    reader: nn.Conv2d | nn.Linear
    if isinstance(following, nn.Linear):
        reader = linear_cut(following, keep, conv.out_channels)
    elif is_depthwise(following):
        reader = outputs_cut(following, keep)
    else:
        reader = inputs_cut(following, keep)
    return outputs_cut(conv, keep), norm_cut(norm, keep), reader


def prune_chain(network: nn.Module, keep: Sequence[Tensor]) -> nn.Module:
    """A copy of a chain of layers in which convolution i has only the channels keep[i].

    network: nn.Sequential, nested as you like, of convolutions, BN, activations, pools and linear
        layers. keep: one for each convolution, as in `prune_pair`; a depthwise convolution keeps
        what the one before it keeps.

    ValueError names the path of a module that is not supported.
    """
    count = len(convolutions(network))
    if len(keep) != count:
        raise ValueError(f"expected what {count} convolutions keep, got {len(keep)}")
    pruned = copy.deepcopy(network)
    waiting = iter(keep)
    kept, width = None, 0
    for path, module in chain_modules(network):
        if isinstance(module, nn.Conv2d):
            before, kept, width = kept, next(waiting), module.out_channels
            _check_keep(path, kept, width)
            pruned.set_submodule(path, _conv_cut(path, module, before, kept))
        elif isinstance(module, nn.BatchNorm2d) and kept is not None:
            pruned.set_submodule(path, norm_cut(module, kept))
        elif isinstance(module, nn.Linear) and kept is not None:
            pruned.set_submodule(path, linear_cut(module, kept, width))
            kept = None
    return pruned


def chain_modules(network: nn.Module) -> Iterator[tuple[str, nn.Module]]:
    """(path, module) of the layers of nested nn.Sequential, in the order in which they work."""
    for path, module in network.named_modules(remove_duplicate=False):
        if isinstance(module, nn.Sequential):
            continue
        known = isinstance(module, (nn.Conv2d, nn.BatchNorm2d, nn.Linear, *_PER_CHANNEL))
        grouped = isinstance(module, nn.Conv2d) and module.groups > 1 and not is_depthwise(module)
        if not known or grouped:
            raise ValueError(
                f"{path or 'the network itself'}, {type(module).__name__}"
                f"({module.extra_repr()}), cannot be pruned here: expected nn.Sequential of "
                "convolutions (plain or depthwise), BatchNorm2d, activations, pools and Linear"
            )
        yield path, module


def convolutions(network: nn.Module) -> list[tuple[str, nn.Conv2d]]:
    """(path, convolution) of a chain, in order."""
    found = chain_modules(network)
    return [(path, module) for path, module in found if isinstance(module, nn.Conv2d)]


def is_depthwise(conv: nn.Conv2d) -> bool:
    """Each channel is filtered by itself; a convolution of one channel is an ordinary one."""
    return conv.groups == conv.in_channels == conv.out_channels > 1


def outputs_cut(conv: nn.Conv2d, keep: Tensor) -> nn.Conv2d:
    """A copy with the kept filters only; a depthwise one reads the same channels."""
    cut = copy.deepcopy(conv)
    cut.weight = _some(conv.weight, keep)
    if conv.bias is not None:
        cut.bias = _some(conv.bias, keep)
    cut.out_channels = len(keep)
    if is_depthwise(conv):
        cut.in_channels = cut.groups = len(keep)
    return cut


def inputs_cut(conv: nn.Conv2d, keep: Tensor) -> nn.Conv2d:
    """A copy of a plain convolution that reads the kept channels only."""
    cut = copy.deepcopy(conv)
    cut.weight = _some(conv.weight, keep, 1)
    cut.in_channels = len(keep)
    return cut


def norm_cut(norm: nn.BatchNorm2d, keep: Tensor) -> nn.BatchNorm2d:
    """A copy with the kept channels' scale, shift, mean and variance."""
    cut = copy.deepcopy(norm)
    if norm.affine:
        cut.weight, cut.bias = _some(norm.weight, keep), _some(norm.bias, keep)
    if norm.running_mean is not None and norm.running_var is not None:
        cut.running_mean, cut.running_var = norm.running_mean[keep], norm.running_var[keep]
    cut.num_features = len(keep)
    return cut


def linear_cut(linear: nn.Linear, keep: Tensor, channels: int) -> nn.Linear:
    """A copy that reads the kept ones of `channels` flattened maps, with all pixels of each."""
    if linear.in_features % channels:
        raise ValueError(
            f"{linear} cannot read {channels} channels: its inputs are no multiple of them"
        )
    pixels = linear.in_features // channels
    cut = copy.deepcopy(linear)
    inputs = (keep[:, None] * pixels + torch.arange(pixels)).flatten()
    cut.weight = _some(linear.weight, inputs, 1)
    cut.in_features = len(inputs)
    return cut


def _conv_cut(path: str, conv: nn.Conv2d, before: Tensor | None, keep: Tensor) -> nn.Conv2d:
    """before: the input channels that are left; None for all."""
    if is_depthwise(conv):
        reads = torch.arange(conv.in_channels) if before is None else before
        if not torch.equal(reads, keep):
            raise ValueError(
                f"{path} is depthwise and must keep the channels of the layer before it, "
                f"{reads.tolist()}, got {keep.tolist()}"
            )
        return outputs_cut(conv, keep)
    cut = outputs_cut(conv, keep)
    return cut if before is None else inputs_cut(cut, before)


def _some(values: Tensor, keep: Tensor, dim: int = 0) -> nn.Parameter:
    kept = values.detach().index_select(dim, keep.to(values.device))
    return nn.Parameter(kept, requires_grad=values.requires_grad)


def _check_keep(where: str, keep: Tensor, channels: int) -> None:
    if keep.ndim != 1 or keep.dtype != torch.int64 or not len(keep):
        raise ValueError(
            f"{where}: expected the int64 indices of at least one channel to keep, got {keep}"
        )
    if keep[0] < 0 or keep[-1] >= channels or not bool((keep.diff() > 0).all()):
        raise ValueError(
            f"{where}: expected ascending indices of {channels} channels, got {keep.tolist()}"
        )
