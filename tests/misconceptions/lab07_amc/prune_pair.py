"""Answers to `prune_pair`."""

import copy

from torch import nn

from course_lib.hardware import prune
from tests.misconceptions.lab07_amc.pruned import (
    all_of_them,
    bias_lost,
    bias_won,
    by_data,
    by_state,
    cut_by,
    default_eps,
    default_momentum,
    default_settings,
    first_ones,
    frozen_mode,
    gone,
    in_training_mode,
    new_norm,
    new_statistics,
    rebuilt,
    says_too_much,
    statistics_only,
    variance_lost,
    zeros_around,
)


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


def uses_keep_up(conv, norm, following, keep):
    pruned = rebuilt(conv, norm, following, keep)
    keep.zero_()
    return pruned


def bias_whole(conv, norm, following, keep):
    pruned = by_data(conv, norm, following, keep)
    if conv.bias is not None:
        pruned[0].bias = copy.deepcopy(conv.bias)
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
    (cut_by(read_keep=all_of_them), UNCUT),
    (cut_by(*(gone,) * 4), "✘"),
    (cut_by(*(first_ones,) * 4), OTHERS),
    (cut_by(read_keep=first_ones), OTHERS),
    (cut_by(norm_keep=first_ones), "the output is"),
    (cut_by(stats_keep=first_ones), "the output is"),
    (cut_by(conv_keep=first_ones), "the output is"),
    (cut_by(stats_keep=all_of_them), "norm.running_mean has"),
    (norm_forgotten, "norm.weight has"),
    (new_norm, LOST),
    (new_statistics, LOST),
    (statistics_only, LOST),
    (variance_lost, LOST),
    (bias_lost, "conv.bias is missing"),
    (bias_won, "conv.bias has 3 entries, but there was none"),
    (next_bias_zero, "✘ a convolution follows"),
    (next_outputs, OUTPUTS),
    (cut_by(conv_keep=all_of_them), "conv.weight has shape (6, 3, 3, 3), expected (3, 3, 3, 3)"),
    (bias_whole, "conv.bias has 6 entries, expected 3"),
    (default_settings, SETTINGS),
    (default_eps, SETTINGS),
    (default_momentum, SETTINGS),
    (zeros_around, SETTINGS),
    (in_training_mode, "is in training mode, expected evaluation mode"),
    (frozen_mode, "is in evaluation mode, expected training mode"),
    (taken_for_depthwise, "one channel, or all"),
    (in_place, CHANGED),
    (given_zeroed, CHANGED),
    (leaves_eval, CHANGED),
    (uses_keep_up, CHANGED),
    (shared_bias, SHARED),
    (shared_view, SHARED),
    (frozen, "the pruned Conv2d's weight gets no gradient"),
    (old_sizes, "conv.out_channels is"),
    (only_norm_says, "norm.num_features is"),
    (old_inputs, "following.in_channels is"),
    (weights_only, "expected Conv2d"),
    (as_sequential, "expected the tuple (conv, norm, following)"),
    (lambda conv, norm, following, keep: (conv, norm, following), "the module that was given"),
    (cut_by(end=lambda *_: None), "`return` missing"),
    (calls_library, "library's function is called"),
]
RIGHT = [rebuilt, by_state, by_data, says_too_much]
POINTLESS = (filters_to_zero, masked)
PARTICULAR = {
    SHARED: {"the given modules stay, and can be trained apart"},
    SETTINGS: {"all other settings stay"},
}
EQUIVALENT = {
    f"line {line}: {weight}.detach() -> {weight}": "nn.Parameter leaves the graph behind"
    for line, weight in (
        (2, "conv.weight"),
        (4, "conv.bias"),
        (5, "norm.weight"),
        (6, "norm.bias"),
        (9, "following.weight"),
    )
}
