"""Chains to count, and what torch's own counter finds in their layers."""

from collections.abc import Collection, Sequence

import torch
from torch import Generator, nn
from torch.utils.flop_counter import FlopCounterMode

from course_lib.hardware.chain import Chain, ConvLayer


def drawn_chain(
    rng: Generator,
    layers: int,
    *,
    depthwise: Collection[int] = (),
    strided: bool = True,
    image: tuple[int, int, int] = (2, 11, 6),
) -> Chain:
    """Kernels 1, 3 and 5, strides 1 to 3, no two layers of the same size.

    depthwise: the places of such layers.
    """
    drawn = torch.randperm(9, generator=rng).tolist()
    kernels = (3, 1, 5)
    found: list[ConvLayer] = []
    for place in range(layers):
        kernel = kernels[(place + int(drawn[0])) % 3]
        stride = (2, 1, 3)[(place + int(drawn[1])) % 3] if strided else 1
        count = found[-1].channels if place in depthwise else 6 + int(drawn[place % 9])
        found.append(ConvLayer(count, kernel, stride, place in depthwise))
    return Chain(tuple(found), image, 2 + int(drawn[2]))


def kept_of(rng: Generator, chain: Chain) -> list[int]:
    """Fewer channels of every layer; a depthwise one has those of the layer before it."""
    kept: list[int] = []
    for layer in chain.layers:
        some = int(torch.randint(2, layer.channels, (), generator=rng))
        kept.append(kept[-1] if layer.depthwise else some)
    return kept


def counted(chain: Chain, channels: Sequence[int]) -> list[int]:
    """MACs of every layer and of the classifier, by torch, without computing anything."""
    inputs = chain.image[0]
    x = torch.empty(1, *chain.image, device="meta")
    found = []
    for layer, outputs in zip(chain.layers, channels, strict=True):
        conv = nn.Conv2d(
            inputs,
            outputs,
            layer.kernel,
            stride=layer.stride,
            padding=layer.kernel // 2,
            groups=inputs if layer.depthwise else 1,
            bias=False,
            device="meta",
        )
        with FlopCounterMode(display=False) as counter:
            x = conv(x)
        found.append(counter.get_total_flops() // 2)
        inputs = outputs
    return [*found, inputs * chain.classes]


def mobilenet_v1() -> Chain:
    """Table 1 of Howard et al. 2017: a stem, thirteen pairs of depthwise and 1 x 1."""
    widths = [64, *[128] * 2, *[256] * 2, *[512] * 6, *[1024] * 2]
    layers, before = [ConvLayer(32, 3, 2)], 32
    for place, width in enumerate(widths):
        stride = 2 if place in (1, 3, 5, 11) else 1
        layers += [ConvLayer(before, 3, stride, depthwise=True), ConvLayer(width, 1)]
        before = width
    return Chain(tuple(layers), (3, 224, 224), 1000)
