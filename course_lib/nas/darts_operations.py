"""The operations of the DARTS space that have weights; the ReLU in front of each is the reader's.

Source: Liu et al. 2019, sec. 3.1.
"""

from typing import cast

import torch
from torch import Tensor, nn
from torch.nn import functional as F


class FactorizedReduction(nn.Module):
    """Two 1x1 convolutions of stride 2, one pixel apart, concatenated; BN.

    (n, inputs, h, w) -> (n, outputs, h / 2, w / 2); h, w and outputs even.
    """

    def __init__(self, inputs: int, outputs: int) -> None:
        super().__init__()
        self.even = nn.Conv2d(inputs, outputs // 2, 1, stride=2, bias=False)
        self.odd = nn.Conv2d(inputs, outputs // 2, 1, stride=2, bias=False)
        self.norm = nn.BatchNorm2d(outputs)

    def forward(self, x: Tensor) -> Tensor:
        halves = self.even(x), self.odd(x[:, :, 1:, 1:])
        return cast(Tensor, self.norm(torch.cat(halves, dim=1)))


class Depthwise(nn.Conv2d):
    """3x3 convolution of each channel by itself, size kept or halved, dilation 1 or 2.

    torch takes its time over dilated convolutions. The same sums come from plain ones: with stride
    2 only every second pixel is read at all; with stride 1 the four interleaved maps of half the
    size are convolved each by itself.
    """

    def __init__(self, channels: int, stride: int, dilation: int = 1) -> None:
        super().__init__(
            channels, channels, 3, stride, dilation, dilation, groups=channels, bias=False
        )

    def forward(self, x: Tensor) -> Tensor:
        if self.dilation == (1, 1):
            return super().forward(x)
        if self.stride == (2, 2):
            return F.conv2d(x[:, :, ::2, ::2], self.weight, padding=1, groups=self.groups)
        if x.shape[2] % 2 or x.shape[3] % 2:
            return super().forward(x)
        maps, weight = F.pixel_unshuffle(x, 2), self.weight.repeat_interleave(4, dim=0)
        return F.pixel_shuffle(F.conv2d(maps, weight, padding=1, groups=4 * self.groups), 2)


class Separable(nn.Sequential):
    """Depthwise 3x3 convolution, 1x1 convolution, BN."""

    def __init__(self, channels: int, stride: int, dilation: int = 1) -> None:
        super().__init__(
            Depthwise(channels, stride, dilation),
            nn.Conv2d(channels, channels, 1, bias=False),
            nn.BatchNorm2d(channels),
        )


def learnt_part(name: str, channels: int, stride: int) -> nn.Module | None:
    """What follows the ReLU in an operation that has weights; None for the others."""
    if name == "sep_conv_3x3":
        return nn.Sequential(Separable(channels, stride), nn.ReLU(), Separable(channels, 1))
    if name == "dil_conv_3x3":
        return Separable(channels, stride, dilation=2)
    if name == "skip_connect" and stride == 2:
        return FactorizedReduction(channels, channels)
    return None
