"""The network of a cell: NAS-Bench-201's skeleton at the size of cluttered digits, built for speed.

Skeleton: stem (3x3 convolution, BN), one cell, a residual reduction block of stride 2, one cell
with more channels, BN, ReLU, global average pooling, linear classifier. (The benchmark has three
stages of five cells: Dong and Yang 2020, section 2.1.)

A cell is built from its canonical form, so that what the form merged is computed once: nothing is
built for edges that cannot reach the output or that read zero, convolutions of one kernel that
read the same sum are one convolution with more output channels (and one BN, which works channel by
channel), ReLU and every pooled sum are computed once.
"""

from collections.abc import Sequence
from itertools import groupby
from typing import cast

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from course_lib.nas.canonical import INPUT, Conv, Form, Sum


class Pool(nn.Module):
    """3x3 average pooling with stride 1 that does not count the padding, linear in its input.

    A depthwise convolution with ones, divided by the number of valid pixels: the same numbers as
    `avg_pool2d(x, 3, 1, 1, count_include_pad=False)` in a fraction of the time.
    """

    kernel: Tensor
    valid: Tensor

    def __init__(self, channels: int, size: tuple[int, int]) -> None:
        super().__init__()
        kernel = torch.ones(channels, 1, 3, 3)
        valid = F.conv2d(torch.ones(1, channels, *size), kernel, padding=1, groups=channels)
        self.register_buffer("kernel", kernel, persistent=False)
        self.register_buffer("valid", valid, persistent=False)  # in every channel: divides faster

    def forward(self, x: Tensor) -> Tensor:
        return F.conv2d(x, self.kernel, padding=1, groups=len(self.kernel)) / self.valid


class ConvBN(nn.Sequential):
    """Convolution with "same" padding and no bias, then batch normalisation."""

    def __init__(self, inputs: int, outputs: int, kernel: int, *, stride: int = 1) -> None:
        super().__init__(
            nn.Conv2d(inputs, outputs, kernel, stride, padding=kernel // 2, bias=False),
            nn.BatchNorm2d(outputs),
        )


def side_by_side(layers: Sequence[ConvBN], x: Tensor) -> tuple[Tensor, ...]:
    """[layer(x) for layer in layers], run as one layer with all their output channels.

    They are of one size and in one mode; running statistics move as they would one by one.
    """
    convs, norms = zip(*layers, strict=True)
    out = F.conv2d(x, torch.cat([conv.weight for conv in convs]), padding=convs[0].padding)
    return _batch_norm(norms, out).chunk(len(layers), dim=1)


def _batch_norm(norms: Sequence[nn.BatchNorm2d], x: Tensor) -> Tensor:
    """Each norm on its block of channels."""
    weight, bias = torch.cat([n.weight for n in norms]), torch.cat([n.bias for n in norms])
    momentum, eps = norms[0].momentum or 0.0, norms[0].eps
    if norms[0].running_mean is None:
        return F.batch_norm(x, None, None, weight, bias, True, momentum, eps)
    stored = [[cast(Tensor, n.running_mean), cast(Tensor, n.running_var)] for n in norms]
    mean, var = (torch.cat(tensors) for tensors in zip(*stored, strict=True))
    out = F.batch_norm(x, mean, var, weight, bias, norms[0].training, momentum, eps)
    if norms[0].training:
        blocks = mean.chunk(len(norms)), var.chunk(len(norms))
        for norm, own, moved in zip(norms, stored, zip(*blocks, strict=True), strict=True):
            # unseen by autograd, as F.batch_norm does it: an earlier pass may still go backward
            torch._foreach_copy_([tensor.data for tensor in own], moved)
            cast(Tensor, norm.num_batches_tracked).add_(1)
    return out


class Cell(nn.Module):
    """One cell in canonical form, (batch, channels, *size) -> (batch, channels, *size).

    groups: (convolution, how many times) for the fused convolutions `layers`; the convolutions of
        the form, in its order, own successive blocks of `channels` outputs.
    """

    def __init__(self, form: Form, channels: int, size: tuple[int, int]) -> None:
        super().__init__()
        self.form = form
        self.groups: list[tuple[Conv, int]] = [
            (conv, len(list(same))) for conv, same in groupby(form.convs)
        ]
        self.layers = nn.ModuleList(
            ConvBN(channels, count * channels, conv.kernel) for conv, count in self.groups
        )
        self.pool = Pool(channels, size)

    def forward(self, x: Tensor) -> Tensor:
        bases = {INPUT: x}
        pooled: dict[Sum, Tensor] = {}
        active: dict[Sum, Tensor] = {}
        for (conv, count), layer in zip(self.groups, self.layers, strict=True):
            if conv.reads not in active:
                active[conv.reads] = F.relu(self._total(conv.reads, bases, pooled))
            for out in layer(active[conv.reads]).chunk(count, dim=1):
                bases[len(bases) - 1] = out
        if not self.form.output:
            return torch.zeros_like(x)
        return self._total(self.form.output, bases, pooled)

    def _total(self, terms: Sum, bases: dict[int, Tensor], pooled: dict[Sum, Tensor]) -> Tensor:
        """The sum of the terms; u + pool(v) + pool(pool(w)) is u + pool(v + pool(w))."""
        addends = [(bases[base], m) for base, pools, m in terms if pools == 0]
        inner = tuple((base, pools - 1, m) for base, pools, m in terms if pools > 0)
        if inner:
            if inner not in pooled:
                pooled[inner] = self.pool(self._total(inner, bases, pooled))
            addends.append((pooled[inner], 1))
        value, multiplicity = addends[0]
        if multiplicity != 1:
            value = multiplicity * value
        for addend, multiplicity in addends[1:]:
            value = torch.add(value, addend, alpha=multiplicity)
        return value


class Reduction(nn.Module):
    """Halves height and width: twice ReLU - conv - BN, beside 2x2 pooling and a 1x1 convolution."""

    def __init__(self, inputs: int, outputs: int) -> None:
        super().__init__()
        self.first = ConvBN(inputs, outputs, 3, stride=2)
        self.second = ConvBN(outputs, outputs, 3)
        self.shortcut = nn.Sequential(nn.AvgPool2d(2), nn.Conv2d(inputs, outputs, 1, bias=False))

    def forward(self, x: Tensor) -> Tensor:
        residual = self.second(F.relu(self.first(F.relu(x))))
        return cast(Tensor, residual + self.shortcut(x))


class CellNetwork(nn.Module):
    """Images (batch, *image) -> class scores (batch, classes); the same cell at two resolutions.

    channels: of the first and of the second cell. image: (channels, height, width), height and
        width even.
    """

    def __init__(
        self,
        form: Form,
        *,
        channels: tuple[int, int] = (8, 16),
        classes: int = 10,
        image: tuple[int, int, int] = (1, 12, 12),
    ) -> None:
        super().__init__()
        colours, height, width = image
        check_even(height, width)
        fine, coarse = channels
        self.stem = ConvBN(colours, fine, 3)
        self.fine = Cell(form, fine, (height, width))
        self.reduction = Reduction(fine, coarse)
        self.coarse = Cell(form, coarse, (height // 2, width // 2))
        self.norm = nn.BatchNorm2d(coarse)
        self.classify = nn.Linear(coarse, classes)

    def forward(self, x: Tensor) -> Tensor:
        x = self.coarse(self.reduction(self.fine(self.stem(x))))
        return cast(Tensor, self.classify(F.relu(self.norm(x)).mean((2, 3))))


def check_even(height: int, width: int) -> None:
    """ValueError unless the image can be halved."""
    if height % 2 or width % 2:
        raise ValueError(f"height and width of the image must be even, got {height} x {width}")
