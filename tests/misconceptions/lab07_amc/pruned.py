"""Ways to write `prune_pair`: right ones, one with a part to exchange, and lost settings."""

import copy

import torch
from torch import nn


def rebuilt(conv, norm, following, keep):
    """Right: fresh modules with the given settings, then the numbers."""
    count = len(keep)
    first = nn.Conv2d(
        conv.in_channels,
        count,
        conv.kernel_size,
        stride=conv.stride,
        padding=conv.padding,
        dilation=conv.dilation,
        bias=conv.bias is not None,
        padding_mode=conv.padding_mode,
    )
    middle = nn.BatchNorm2d(count, eps=norm.eps, momentum=norm.momentum)
    if isinstance(following, nn.Linear):
        last = nn.Linear(count, following.out_features, bias=following.bias is not None)
    else:
        last = nn.Conv2d(
            count,
            following.out_channels,
            following.kernel_size,
            stride=following.stride,
            padding=following.padding,
            dilation=following.dilation,
            bias=following.bias is not None,
            padding_mode=following.padding_mode,
        )
    with torch.no_grad():
        first.weight.copy_(conv.weight[keep])
        last.weight.copy_(following.weight[:, keep])
        for new, old, which in ((first, conv, keep), (last, following, slice(None))):
            if old.bias is not None:
                new.bias.copy_(old.bias[which])
        for name in ("weight", "bias", "running_mean", "running_var"):
            getattr(middle, name).copy_(getattr(norm, name)[keep])
    given = (conv, norm, following)
    first, middle, last = (
        new.train(old.training) for new, old in zip((first, middle, last), given, strict=True)
    )
    return first, middle, last


def by_state(conv, norm, following, keep):
    """Right: copies whose state dictionaries are cut; a list comes back."""
    found = []
    for module, dim in ((conv, 0), (norm, 0), (following, 1)):
        new = copy.deepcopy(module)
        for name, value in module.state_dict().items():
            if value.ndim and not (dim == 1 and name == "bias"):
                value = value.index_select(dim, keep)
            value = value.clone()
            kept = nn.Parameter(value) if name in dict(new.named_parameters()) else value
            setattr(new, name, kept)
        found.append(new)
    first, middle, last = found
    first.out_channels = middle.num_features = keep.numel()
    setattr(last, "in_features" if type(last) is nn.Linear else "in_channels", keep.numel())
    return found


def by_data(conv, norm, following, keep):
    """Right: .data of deep copies, a mask of truth values instead of numbers."""
    mask = torch.zeros(conv.out_channels, dtype=torch.bool)
    mask[keep] = True
    conv, norm, following = copy.deepcopy(conv), copy.deepcopy(norm), copy.deepcopy(following)
    conv.weight.data = conv.weight.data[mask]
    if conv.bias is not None:
        conv.bias.data = conv.bias.data[mask]
    for value in (norm.weight, norm.bias, norm.running_mean, norm.running_var):
        value.data = value.data[mask]
    following.weight.data = following.weight.data[:, mask]
    conv.out_channels = norm.num_features = int(mask.sum())
    if hasattr(following, "in_features"):
        following.in_features = int(mask.sum())
    else:
        following.in_channels = int(mask.sum())
    return conv, norm, following


def says_too_much(conv, norm, following, keep):
    """Right: an attribute that a convolution has no use for is none of its settings."""
    conv, norm, following = by_data(conv, norm, following, keep)
    following.in_features = following.in_channels = norm.num_channels = len(keep)
    return conv, norm, following


def in_training_mode(conv, norm, following, keep):
    """Whatever mode the given modules are in."""
    return tuple(module.train() for module in by_state(conv, norm, following, keep))


def frozen_mode(conv, norm, following, keep):
    """As for a network that is only served."""
    return tuple(module.eval() for module in rebuilt(conv, norm, following, keep))


def cut_by(
    conv_keep=lambda keep, n: keep,
    norm_keep=lambda keep, n: keep,
    stats_keep=lambda keep, n: keep,
    read_keep=lambda keep, n: keep,
    end=lambda conv, norm, following: (conv, norm, following),
):
    """Right unless a part is exchanged."""

    def prune_pair(conv, norm, following, keep):
        n = conv.out_channels
        conv, norm, following = copy.deepcopy(conv), copy.deepcopy(norm), copy.deepcopy(following)
        a, b, c, d = (f(keep, n) for f in (conv_keep, norm_keep, stats_keep, read_keep))
        conv.weight = nn.Parameter(conv.weight.data[a])
        conv.bias = None if conv.bias is None else nn.Parameter(conv.bias.data[a])
        norm.weight, norm.bias = nn.Parameter(norm.weight.data[b]), nn.Parameter(norm.bias.data[b])
        norm.running_mean, norm.running_var = norm.running_mean[c], norm.running_var[c]
        following.weight = nn.Parameter(following.weight.data[:, d])
        conv.out_channels, norm.num_features = len(conv.weight), len(norm.weight)
        name = "in_features" if isinstance(following, nn.Linear) else "in_channels"
        setattr(following, name, following.weight.shape[1])
        return end(conv, norm, following)

    return prune_pair


def gone(keep, n):
    return torch.tensor([i for i in range(n) if i not in keep])


def first_ones(keep, n):
    return torch.arange(len(keep))


def all_of_them(keep, n):
    return torch.arange(n)


def default_settings(conv, norm, following, keep):
    """Fresh convolutions of the right size; stride, padding and dilation are forgotten."""
    pruned = rebuilt(conv, norm, following, keep)
    for new, old in ((pruned[0], conv), (pruned[2], following)):
        if isinstance(new, nn.Conv2d):
            new.stride, new.dilation, new.padding = (1, 1), (1, 1), old.padding
    return pruned


def default_eps(conv, norm, following, keep):
    conv, norm, following = by_data(conv, norm, following, keep)
    norm.eps, norm.momentum = 1e-5, 0.1
    return conv, norm, following


def default_momentum(conv, norm, following, keep):
    conv, norm, following = by_data(conv, norm, following, keep)
    norm.momentum = 0.1
    return conv, norm, following


def zeros_around(conv, norm, following, keep):
    """padding_mode is not handed on."""
    conv, norm, following = rebuilt(conv, norm, following, keep)
    for module in (conv, following):
        if isinstance(module, nn.Conv2d):
            module.padding_mode = "zeros"
    return conv, norm, following


def bias_won(conv, norm, following, keep):
    """A bias of zeros where there was none: the same output, more parameters."""
    conv, norm, following = by_data(conv, norm, following, keep)
    if conv.bias is None:
        conv.bias = nn.Parameter(torch.zeros(len(keep)))
    return conv, norm, following


def new_norm(conv, norm, following, keep):
    conv, _, following = by_data(conv, norm, following, keep)
    return conv, nn.BatchNorm2d(len(keep), eps=norm.eps, momentum=norm.momentum), following


def new_statistics(conv, norm, following, keep):
    conv, norm, following = by_data(conv, norm, following, keep)
    norm.reset_running_stats()
    return conv, norm, following


def statistics_only(conv, norm, following, keep):
    """Scale and shift start anew."""
    conv, norm, following = by_data(conv, norm, following, keep)
    nn.init.ones_(norm.weight)
    nn.init.zeros_(norm.bias)
    return conv, norm, following


def variance_lost(conv, norm, following, keep):
    conv, norm, following = by_data(conv, norm, following, keep)
    norm.running_var.fill_(1.0)
    return conv, norm, following


def bias_lost(conv, norm, following, keep):
    conv, norm, following = by_data(conv, norm, following, keep)
    conv.bias = None
    return conv, norm, following
