"""One network that holds every architecture of a space: paths share its weights.

What an edge computes is decided by `weights`, (space.edges, operations): a one-hot row takes one
operation (a path), any other row mixes them.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Protocol, cast

import torch
from torch import Generator, Tensor, nn

from course_lib.core import Arch, Trial, make_rng, module_rng
from course_lib.datasets import Images
from course_lib.nas.operations import MixedOp, mixed_op, sampled_op
from course_lib.nas.training import accuracy

__all__ = [
    "InheritedAccuracy",
    "SharesWeights",
    "Subnet",
    "Supernet",
    "batch_statistics",
    "mixed_op",
    "recalibrate",
    "sampled_op",
]


class SharesWeights(Protocol):
    """A space that has a supergraph."""

    @property
    def operations(self) -> tuple[str, ...]: ...

    @property
    def edges(self) -> int: ...

    def one_hot(self, arch: Arch, /) -> Tensor: ...

    def shared_network(
        self, *, channels: tuple[int, int], classes: int, image: tuple[int, int, int]
    ) -> nn.Module: ...


class Supernet(nn.Module):
    """Images (n, *image) and weights (space.edges, operations) -> class scores (n, classes).

    mixed_op: how an edge combines its operations; may be replaced at any time.
    params: its parameters by name, listed once: every step asks for them.
    rng: draws the initial weights; None stands for `make_rng(0)`.

    `net(x, space.one_hot(arch))` computes the network that `space.build(arch)` would be if it had
    these weights. ValueError where the weights do not fit the space.
    """

    def __init__(
        self,
        space: SharesWeights,
        *,
        rng: Generator | None = None,
        mixed_op: MixedOp = mixed_op,
        channels: tuple[int, int] = (8, 16),
        classes: int = 10,
        image: tuple[int, int, int] = (1, 12, 12),
    ) -> None:
        super().__init__()
        self.space = space
        self.mixed_op = mixed_op
        with module_rng(make_rng(0) if rng is None else rng):
            self.body = space.shared_network(channels=channels, classes=classes, image=image)
        self.to(memory_format=torch.channels_last)  # the faster layout for few channels
        self.params = dict(self.named_parameters())
        self.norms = [module for module in self.modules() if isinstance(module, nn.BatchNorm2d)]

    def forward(self, x: Tensor, weights: Tensor) -> Tensor:
        self._check(weights)
        return cast(Tensor, self.body(x, weights, self.mixed_op))

    def _check(self, weights: Tensor) -> None:
        rows, columns = self.space.edges, len(self.space.operations)
        if not isinstance(weights, Tensor) or weights.shape != (rows, columns):
            got = getattr(weights, "shape", type(weights).__name__)
            got = tuple(got) if isinstance(got, torch.Size) else got
            raise ValueError(
                f"weights: expected a tensor ({rows}, {columns}), one row per edge and one column "
                f"per operation, got {got}; for an architecture use space.one_hot(arch)"
            )


class Subnet(nn.Module):
    """The supernet at fixed weights: a network like any other, images -> class scores."""

    def __init__(self, net: Supernet, weights: Tensor) -> None:
        super().__init__()
        self.net = net
        self.weights = weights

    def forward(self, x: Tensor) -> Tensor:
        return cast(Tensor, self.net(x, self.weights))


@torch.no_grad()
def recalibrate(net: Supernet, weights: Tensor, images: Images, *, batch: int = 250) -> None:
    """Give batch normalisation the statistics of this mixture or path, from training images.

    What training accumulated is forgotten; each mean and variance becomes the average over the
    batches, weighted by their sizes. A normalisation that is not computed keeps mean 0, variance
    1. The network is left in evaluation mode. Source: Bender et al. 2018, section 3 (there the
    statistics of the batch at hand).
    """
    if len(images) == 0 or batch < 1:
        raise ValueError(
            f"expected one or more images and batch >= 1, got {len(images)} and {batch}"
        )
    momenta = [norm.momentum for norm in net.norms]
    net.train()
    try:
        for norm in net.norms:
            norm.reset_running_stats()
        for start in range(0, len(images), batch):
            x = images.x[start : start + batch]
            for norm in net.norms:
                norm.momentum = len(x) / (start + len(x))
            net(x.to(_device(net)), weights)
    finally:
        for norm, momentum in zip(net.norms, momenta, strict=True):
            norm.momentum = momentum
        net.eval()


@contextmanager
def batch_statistics(net: Supernet) -> Iterator[None]:
    """Within, batch normalisation uses the statistics of the batch at hand and stores nothing."""
    stored = [dict(norm._buffers) for norm in net.norms]
    try:
        for norm in net.norms:
            norm._buffers.update(dict.fromkeys(norm._buffers))
        yield
    finally:
        for norm, buffers in zip(net.norms, stored, strict=True):
            norm._buffers.update(buffers)


def _device(net: nn.Module) -> torch.device:
    return next(net.parameters()).device


Calibrate = Callable[[Supernet, Tensor, Images], None]


class InheritedAccuracy:
    """A measure: the validation accuracy of an architecture with the supernet's weights, cost 1.

    calibrate: `calibrate(net, weights, train)` sets the statistics of batch normalisation for each
        path before it is judged; None takes those that training accumulated over all paths.

    Every black-box search runs on it unchanged. There is no lower fidelity: the argument is
    accepted and costs the same.
    """

    def __init__(
        self,
        net: Supernet,
        train: Images,
        valid: Images,
        *,
        calibrate: Calibrate | None = recalibrate,
    ) -> None:
        for name, images in (("train", train), ("valid", valid)):
            if len(images) == 0:
                raise ValueError(f"{name} holds no images: expected at least one")
        self.net = net
        self.train = train
        self.valid = valid
        self.calibrate = calibrate

    def __call__(self, arch: Arch, fidelity: int | None = None, /) -> Trial:
        weights = self.net.space.one_hot(arch)
        if self.calibrate is not None:
            self.calibrate(self.net, weights, self.train)
        return Trial(arch, accuracy(Subnet(self.net, weights), self.valid))
