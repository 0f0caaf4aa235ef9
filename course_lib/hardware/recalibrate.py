"""Statistics of batch normalisation after pruning, and the accuracy that they give back."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import torch
from torch import Tensor, nn

from course_lib.datasets import Images
from course_lib.hardware.prune import prune_chain
from course_lib.nas.training import accuracy


@contextmanager
def evaluation_mode(network: nn.Module) -> Iterator[None]:
    """Within, the whole network is in evaluation mode; afterwards every module is as it was."""
    modes = [(module, module.training) for module in network.modules()]
    network.eval()
    try:
        yield
    finally:
        for module, mode in modes:
            module.training = mode


@torch.no_grad()
def recalibrate(network: nn.Module, images: Images) -> None:
    """Give every batch normalisation the mean and variance of what it reads on these images.

    In place, all images as one batch; the variance is the unbiased one, as torch keeps it. Nothing
    else changes: no weight, no scale or shift, no mode.

    Pruned layers feed the next ones with other values than those that the old statistics describe.
    Source: Li et al. 2020 (EagleEye), section 3.
    """
    norms = [module for module in network.modules() if isinstance(module, nn.BatchNorm2d)]
    if not norms or len(images) == 0:
        raise ValueError(
            f"expected batch normalisation and images, got {len(norms)} layers of it and "
            f"{len(images)} images"
        )
    momenta = [norm.momentum for norm in norms]
    with evaluation_mode(network):
        try:
            for norm in norms:
                norm.train()
                norm.momentum = 1.0
            network(images.x.to(next(network.parameters()).device))
        finally:
            for norm, momentum in zip(norms, momenta, strict=True):
                norm.momentum = momentum


def pruned_accuracy(
    network: nn.Module, keep: Sequence[Tensor], calibration: Images | None, valid: Images
) -> float:
    """The accuracy on `valid` of the pruned network, recalibrated on `calibration`.

    keep: as in `prune_chain`. calibration: None for the statistics that the network has.
    """
    pruned = prune_chain(network, keep)
    if calibration is not None:
        recalibrate(pruned, calibration)
    return accuracy(pruned, valid)
