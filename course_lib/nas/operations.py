"""The candidate operations of a supergraph's edge, and how an edge mixes them."""

from collections.abc import Callable, Sequence
from typing import Protocol

import torch
from torch import Tensor, nn

from course_lib.core.seam import expect_shape, named
from course_lib.nas.cell_network import ConvBN, Pool

Operation = Callable[[Tensor], Tensor]


class MixedOp(Protocol):
    """Combines the operations of one edge: operations, x, weights (operations,) -> Tensor."""

    def __call__(
        self, operations: Sequence[Operation], x: Tensor, weights: Tensor, /
    ) -> Tensor: ...


class Zero(nn.Module):
    """No edge: zeros, (n, channels, h, w) -> (n, channels, ceil(h / stride), ceil(w / stride))."""

    def __init__(self, stride: int = 1) -> None:
        super().__init__()
        self.stride = stride

    def forward(self, x: Tensor) -> Tensor:
        like = x if self.stride == 1 else x[:, :, :: self.stride, :: self.stride]
        return torch.zeros_like(like)


class ReLUConvBN(nn.Sequential):
    """ReLU, convolution that keeps the size, batch normalisation."""

    def __init__(self, channels: int, kernel: int) -> None:
        super().__init__(nn.ReLU(), ConvBN(channels, channels, kernel))


CELL_OPERATIONS: dict[str, Callable[[int, tuple[int, int]], nn.Module]] = {
    "none": lambda channels, size: Zero(),
    "skip_connect": lambda channels, size: nn.Identity(),
    "nor_conv_1x1": lambda channels, size: ReLUConvBN(channels, 1),
    "nor_conv_3x3": lambda channels, size: ReLUConvBN(channels, 3),
    "avg_pool_3x3": lambda channels, size: Pool(channels, size),
}
"""The operations of NAS-Bench-201 for maps of (channels, *size)."""


def edge_output(
    mixed_op: MixedOp,
    operations: Sequence[Operation],
    x: Tensor,
    weights: Tensor,
    stride: int = 1,
) -> Tensor:
    """What the edge adds to its node; a wrong shape is reported with the name of `mixed_op`."""
    count, channels, height, width = x.shape
    shape = (count, channels, -(-height // stride), -(-width // stride))
    out = mixed_op(operations, x, weights)
    return expect_shape(named("mixed_op", mixed_op), out, shape, "add up the operations' outputs")
