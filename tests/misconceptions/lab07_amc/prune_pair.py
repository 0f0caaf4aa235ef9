"""Answers to `prune_pair`."""

import copy

import torch
from torch import nn

from course_lib.hardware import prune


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


def in_training_mode(conv, norm, following, keep):
    """Right: which mode the new modules are in is left open."""
    return tuple(module.train() for module in by_state(conv, norm, following, keep))


def frozen_mode(conv, norm, following, keep):
    """Right: likewise in evaluation mode."""
    return tuple(module.eval() for module in rebuilt(conv, norm, following, keep))


def _cut(
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


def filters_to_zero(conv, norm, following, keep):
    conv = copy.deepcopy(conv)
    conv.weight.data[gone(keep, conv.out_channels).long()] = 0.0
    if conv.bias is not None:
        conv.bias.data[gone(keep, conv.out_channels).long()] = 0.0
    return conv, copy.deepcopy(norm), copy.deepcopy(following)


def masked(conv, norm, following, keep):
    """Zero behind ReLU as well, but nothing is smaller."""
    conv, norm, following = filters_to_zero(conv, norm, following, keep)
    norm.weight.data[gone(keep, conv.out_channels).long()] = 0.0
    norm.bias.data[gone(keep, conv.out_channels).long()] = 0.0
    return conv, norm, following


def next_one_whole(conv, norm, following, keep):
    conv, norm, _ = by_data(conv, norm, following, keep)
    return conv, norm, copy.deepcopy(following)


def norm_forgotten(conv, norm, following, keep):
    conv, _, following = by_data(conv, norm, following, keep)
    return conv, copy.deepcopy(norm), following


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


def next_bias_zero(conv, norm, following, keep):
    conv, norm, following = by_data(conv, norm, following, keep)
    if following.bias is not None:
        nn.init.zeros_(following.bias)
    return conv, norm, following


def next_outputs(conv, norm, following, keep):
    conv, norm, _ = by_data(conv, norm, following, keep)
    following = copy.deepcopy(following)
    rows = keep % len(following.weight)
    following.weight = nn.Parameter(following.weight.data[rows])
    return conv, norm, following


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


def taken_for_depthwise(conv, norm, following, keep):
    """groups == in_channels holds for one channel, too."""
    pruned = by_data(conv, norm, following, keep)
    if conv.groups == conv.in_channels:
        pruned[0].groups = pruned[0].in_channels = len(keep)
    return pruned


def in_place(conv, norm, following, keep):
    pruned = rebuilt(conv, norm, following, keep)
    conv.weight.data = conv.weight.data[keep]
    return pruned


def given_zeroed(conv, norm, following, keep):
    pruned = rebuilt(conv, norm, following, keep)
    conv.weight.data[gone(keep, conv.out_channels).long()] = 0.0
    return pruned


def leaves_eval(conv, norm, following, keep):
    """As torch-pruning's dependency graph leaves the network."""
    pruned = rebuilt(conv, norm, following, keep)
    conv.eval()
    return pruned


def shared_bias(conv, norm, following, keep):
    pruned = by_state(conv, norm, following, keep)
    pruned[2].bias = following.bias
    return pruned


def shared_view(conv, norm, following, keep):
    """A slice instead of an index where the channels are in a row: a view of the given weight."""
    conv_new, norm_new, following_new = rebuilt(conv, norm, following, keep)
    following_new.bias = following.bias
    low, high = int(keep[0]), int(keep[-1]) + 1
    if high - low == len(keep):
        conv_new.weight = nn.Parameter(conv.weight.data[low:high])
    return conv_new, norm_new, following_new


def frozen(conv, norm, following, keep):
    pruned = by_state(conv, norm, following, keep)
    pruned[0].weight.requires_grad_(False)
    return pruned


def old_sizes(conv, norm, following, keep):
    """The tensors are right, the attributes are those of the whole modules."""
    pruned = by_state(conv, norm, following, keep)
    pruned[0].out_channels = conv.out_channels
    return pruned


def only_norm_says(conv, norm, following, keep):
    pruned = by_state(conv, norm, following, keep)
    pruned[1].num_features = norm.num_features
    return pruned


def old_inputs(conv, norm, following, keep):
    pruned = by_state(conv, norm, following, keep)
    name = "in_features" if isinstance(following, nn.Linear) else "in_channels"
    setattr(pruned[2], name, conv.out_channels)
    return pruned


def weights_only(conv, norm, following, keep):
    return tuple(module.weight for module in by_state(conv, norm, following, keep))


def as_sequential(conv, norm, following, keep):
    first, middle, last = by_state(conv, norm, following, keep)
    return nn.Sequential(first, middle, nn.ReLU(), last)


def calls_library(conv, norm, following, keep):
    return prune.prune_pair(conv, norm, following, keep)


FILTERS = "only the filters are set to zero"
MASKED = "channels are masked, not removed"
UNCUT = "the next layer's inputs are not cut"
OTHERS = "other channels are kept than asked"
LOST = "part of the norm is lost"
OUTPUTS = "the next layer's outputs are cut"
SHARED = "the new modules share memory with the given ones"
CHANGED = "the function changes its arguments"
SETTINGS = "✘ all other settings stay"
WRONG = [
    (filters_to_zero, FILTERS),
    (masked, MASKED),
    (next_one_whole, UNCUT),
    (_cut(read_keep=all_of_them), UNCUT),
    (_cut(*(gone,) * 4), "✘"),
    (_cut(*(first_ones,) * 4), OTHERS),
    (_cut(read_keep=first_ones), OTHERS),
    (_cut(norm_keep=first_ones), "the output is"),
    (_cut(stats_keep=first_ones), "the output is"),
    (_cut(conv_keep=first_ones), "the output is"),
    (_cut(stats_keep=all_of_them), "norm.running_mean is"),
    (norm_forgotten, "norm.weight is"),
    (new_norm, LOST),
    (new_statistics, LOST),
    (statistics_only, LOST),
    (variance_lost, LOST),
    (bias_lost, "conv.bias is missing"),
    (next_bias_zero, "✘ a convolution follows"),
    (next_outputs, OUTPUTS),
    (default_settings, SETTINGS),
    (default_eps, SETTINGS),
    (default_momentum, SETTINGS),
    (zeros_around, SETTINGS),
    (taken_for_depthwise, "one channel, or all"),
    (in_place, CHANGED),
    (given_zeroed, CHANGED),
    (leaves_eval, CHANGED),
    (shared_bias, SHARED),
    (shared_view, SHARED),
    (frozen, "the pruned Conv2d's weight gets no gradient"),
    (old_sizes, "conv.out_channels is"),
    (only_norm_says, "norm.num_features is"),
    (old_inputs, "following.in_channels is"),
    (weights_only, "expected Conv2d"),
    (as_sequential, "expected the tuple (conv, norm, following)"),
    (lambda conv, norm, following, keep: (conv, norm, following), "the module that was given"),
    (lambda conv, norm, following, keep: None, "`return` missing"),
    (calls_library, "library's function is called"),
]
RIGHT = [rebuilt, by_state, by_data, in_training_mode, frozen_mode]
POINTLESS = (filters_to_zero, masked)
PARTICULAR = {
    SHARED: {"the given modules stay, and can be trained apart"},
    SETTINGS: {"all other settings stay"},
}
