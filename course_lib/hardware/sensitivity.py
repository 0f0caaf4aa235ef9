"""How much each layer matters: the accuracy when it alone is pruned."""

from collections.abc import Sequence

import torch
from torch import Tensor, nn

from course_lib.datasets import Images
from course_lib.hardware.budget import check_ratio, least_channels
from course_lib.hardware.criteria import Criterion, over_layer_mean, top_channels, weight_scores
from course_lib.hardware.prune import convolutions, is_depthwise
from course_lib.hardware.recalibrate import pruned_accuracy


def sensitivity(
    network: nn.Module,
    ratios: Sequence[float],
    valid: Images,
    *,
    calibration: Images | None,
    criterion: Criterion = over_layer_mean,
) -> Tensor:
    """Accuracy on `valid` with one layer alone pruned: (free layers, ratios) float64.

    ratios: shares of the layer's channels that stay, in (0, 1], rounded up to whole channels.
    calibration: images for the new statistics of batch normalisation, or None for the old ones.

    Depthwise layers are not free: they are pruned with the layer before.
    """
    for ratio in ratios:
        check_ratio("each of ratios", ratio)
    scores = weight_scores(network, criterion)
    groups = _groups([conv for _, conv in convolutions(network)])
    rows = []
    for group in groups:
        row = []
        for ratio in ratios:
            counts = [len(score) for score in scores]
            for layer in group:
                [counts[layer]] = least_channels([counts[layer]], lowest=ratio)
            keep = top_channels(scores, counts)
            row.append(pruned_accuracy(network, keep, calibration, valid))
        rows.append(row)
    return torch.tensor(rows, dtype=torch.float64)


def _groups(convs: Sequence[nn.Conv2d]) -> list[list[int]]:
    """Layers that keep the same channels: a free one, and the depthwise ones behind it."""
    groups: list[list[int]] = []
    for layer, conv in enumerate(convs):
        if groups and is_depthwise(conv):
            groups[-1].append(layer)
        else:
            groups.append([layer])
    return groups
