"""Networks without branches: what their layers are, and how they become modules."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from typing import NamedTuple

from torch import Generator, nn

from course_lib.core import make_rng, module_rng


class ConvLayer(NamedTuple):
    """A convolution of kernel x kernel with padding kernel // 2, then BN and ReLU.

    A depthwise layer filters each channel by itself, so that it has as many as the layer before.
    """

    channels: int
    kernel: int = 3
    stride: int = 1
    depthwise: bool = False


@dataclass(frozen=True)
class Chain:
    """Convolutions in a row, the mean of each map, one linear map.

    image: (channels, rows, columns). ValueError where a layer cannot be: it says which one.
    """

    layers: tuple[ConvLayer, ...]
    image: tuple[int, int, int] = (1, 12, 12)
    classes: int = 10

    def __post_init__(self) -> None:
        if not self.layers:
            raise ValueError("a chain needs at least one layer")
        for place, layer in enumerate(self.layers):
            _check_layer(place, layer)
        if self.layers[0].depthwise:
            raise ValueError("layer 0 is depthwise: a depthwise layer needs one before it")
        for place, (before, layer) in enumerate(pairwise(self.layers), start=1):
            if layer.depthwise and layer.channels != before.channels:
                raise ValueError(
                    f"layer {place} is depthwise and must have the {before.channels} channels of "
                    f"the layer before it, got {layer.channels}"
                )

    @property
    def channels(self) -> tuple[int, ...]:
        """The outputs of every layer, depthwise ones too."""
        return tuple(layer.channels for layer in self.layers)

    @cached_property
    def free(self) -> tuple[int, ...]:
        """The layers whose channels can be chosen: all but the depthwise ones."""
        return tuple(place for place, layer in enumerate(self.layers) if not layer.depthwise)

    def tied(self, counts: Sequence[int]) -> list[int]:
        """Channels of every layer, from those of the free layers: depthwise ones go along."""
        if len(counts) != len(self.free):
            raise ValueError(f"expected {len(self.free)} counts of channels, got {len(counts)}")
        given = iter(counts)
        channels: list[int] = []
        for layer in self.layers:
            channels.append(channels[-1] if layer.depthwise else next(given))
        return channels

    @cached_property
    def maps(self) -> tuple[tuple[int, int], ...]:
        """(rows, columns) of every layer's output."""
        sizes: list[tuple[int, int]] = []
        rows, columns = self.image[1:]
        for layer in self.layers:
            rows, columns = (_shrunk(side, layer) for side in (rows, columns))
            sizes.append((rows, columns))
        return tuple(sizes)


def _check_layer(place: int, layer: ConvLayer) -> None:
    if min(layer.channels, layer.stride) < 1:
        raise ValueError(f"layer {place} needs at least one channel and stride 1, got {layer}")
    if layer.kernel < 1 or layer.kernel % 2 == 0:
        raise ValueError(f"layer {place} needs an odd kernel, got {layer.kernel}")


def _shrunk(side: int, layer: ConvLayer) -> int:
    return (side + 2 * (layer.kernel // 2) - layer.kernel) // layer.stride + 1


def chain_network(chain: Chain, *, rng: Generator | None = None) -> nn.Sequential:
    """The network: images (n, *chain.image) to logits (n, classes).

    Blocks of Conv2d, BatchNorm2d, ReLU, one per layer; then the mean, Flatten, Linear.
    rng: draws the weights; None stands for `make_rng(0)`.
    """
    before = chain.image[0]
    with module_rng(make_rng(0) if rng is None else rng):
        blocks: list[nn.Module] = []
        for layer in chain.layers:
            blocks.append(_block(before, layer))
            before = layer.channels
        head = nn.Linear(before, chain.classes)
        return nn.Sequential(*blocks, nn.AdaptiveAvgPool2d(1), nn.Flatten(), head)


def _block(before: int, layer: ConvLayer) -> nn.Sequential:
    conv = nn.Conv2d(
        before,
        layer.channels,
        layer.kernel,
        stride=layer.stride,
        padding=layer.kernel // 2,
        groups=before if layer.depthwise else 1,
        bias=False,
    )
    return nn.Sequential(conv, nn.BatchNorm2d(layer.channels), nn.ReLU())


def vgg(
    widths: Sequence[int] = (8, 8, 16, 16, 32, 32),
    *,
    image: tuple[int, int, int] = (1, 12, 12),
    classes: int = 10,
) -> Chain:
    """3 x 3 convolutions; every second one but the first has stride 2, where VGG would pool."""
    layers = [
        ConvLayer(width, stride=2 if place and place % 2 == 0 else 1)
        for place, width in enumerate(widths)
    ]
    return Chain(tuple(layers), image, classes)


def mobilenet(
    widths: Sequence[int] = (16, 32, 32, 64, 64, 128),
    *,
    image: tuple[int, int, int] = (1, 12, 12),
    classes: int = 10,
) -> Chain:
    """A 3 x 3 stem, then pairs of a depthwise 3 x 3 and a 1 x 1 convolution, one pair per width.

    The depthwise layer has stride 2 where the width grows after the first pair.
    """
    layers = [ConvLayer(widths[0])]
    for place, (before, width) in enumerate(pairwise(widths)):
        stride = 2 if place and width > before else 1
        layers += [ConvLayer(before, stride=stride, depthwise=True), ConvLayer(width, kernel=1)]
    return Chain(tuple(layers), image, classes)
