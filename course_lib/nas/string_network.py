"""The network that a configuration string stands for: convolutions with skip connections."""

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn import functional as F

Shape = tuple[int, int, int]
"""Channels, rows, columns."""


@dataclass(frozen=True)
class Layer:
    """One convolution. inputs: indices of the earlier layers that feed it; () means the image."""

    filter_height: int
    filter_width: int
    stride_height: int
    stride_width: int
    count: int
    inputs: tuple[int, ...]


class StringNetwork(nn.Module):
    """Layers of convolution, batch normalisation, ReLU; then each map's mean, then a linear map.

    Three rules make every string a network: a layer without inputs reads the image; maps of
    several inputs are concatenated, smaller ones padded with zeros at the bottom and the right;
    the outputs that feed no layer are concatenated before the classifier.
    Source: Zoph and Le 2017, sec. 3.3 (the rules), sec. 4.1 (ReLU, batch normalisation).
    """

    def __init__(self, layers: Sequence[Layer], *, channels: int, classes: int) -> None:
        super().__init__()
        self.inputs = [layer.inputs for layer in layers]
        self.outputs = unused(layers)
        counts = [layer.count for layer in layers]
        self.layers = nn.ModuleList(
            _convolution(layer, sum(counts[i] for i in layer.inputs) or channels)
            for layer in layers
        )
        self.classifier = nn.Linear(sum(counts[i] for i in self.outputs), classes)

    def maps(self, x: Tensor) -> list[Tensor]:
        """The output of every layer, (n, count, rows, columns)."""
        maps: list[Tensor] = []
        for layer, inputs in zip(self.layers, self.inputs, strict=True):
            maps.append(layer(_concatenate([maps[i] for i in inputs] or [x])))
        return maps

    def forward(self, x: Tensor) -> Tensor:
        """Images (n, channels, rows, columns) to logits (n, classes)."""
        maps = self.maps(x)
        last = _concatenate([maps[i] for i in self.outputs])
        return self.classifier(last.mean((2, 3)))  # type: ignore[no-any-return]


def unused(layers: Sequence[Layer]) -> list[int]:
    """The layers whose output feeds no other layer; the last one is always among them."""
    feeding = {i for layer in layers for i in layer.inputs}
    return [i for i in range(len(layers)) if i not in feeding]


def check_shapes(network: StringNetwork, shapes: Sequence[Shape], image: Shape, said: str) -> None:
    """ValueError where a layer's map does not have the shape that `said` gave for it."""
    network.eval()
    with torch.no_grad():
        maps = network.maps(torch.zeros(1, *image))
    network.train()
    for number, (found, shape) in enumerate(zip(maps, shapes, strict=True), start=1):
        if tuple(found.shape[1:]) != tuple(shape):
            raise ValueError(
                f"{said} gave layer {number} the shape {tuple(shape)}, but its convolution "
                f"makes {tuple(found.shape[1:])} (channels, rows, columns)"
            )


def _convolution(layer: Layer, channels: int) -> nn.Sequential:
    size = (layer.filter_height, layer.filter_width)
    return nn.Sequential(
        nn.Conv2d(
            channels,
            layer.count,
            size,
            stride=(layer.stride_height, layer.stride_width),
            padding=((size[0] - 1) // 2, (size[1] - 1) // 2),
            bias=False,
        ),
        nn.BatchNorm2d(layer.count),
        nn.ReLU(),
    )


def _concatenate(maps: Sequence[Tensor]) -> Tensor:
    """Maps (n, channels, rows, columns) side by side in channels, zeros where one is too small."""
    rows = max(x.shape[2] for x in maps)
    columns = max(x.shape[3] for x in maps)
    return torch.cat([F.pad(x, (0, columns - x.shape[3], 0, rows - x.shape[2])) for x in maps], 1)
