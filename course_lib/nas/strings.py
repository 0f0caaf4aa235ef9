"""Configuration strings: a network as the list of choices that a controller writes."""

import re
from collections.abc import Sequence
from typing import Protocol

from torch import Generator

from course_lib.core import Arch, Space, make_rng, module_rng
from course_lib.core.seam import named
from course_lib.nas.string_network import Layer, Shape, StringNetwork, check_shapes
from course_lib.nas.words import choice_of, numbers_after, read_words

__all__ = ["Decode", "Layer", "Shape", "StringSpace", "decode"]

_IMAGE = (1, 12, 12)
_EXAMPLE = '"filter 3x5, stride 1x1, count 16, skip 1 2"'


class Decode(Protocol):
    """Turns an architecture into its layers, each with the shape of its output."""

    def __call__(
        self, space: "StringSpace", arch: Arch, image: Shape, /
    ) -> list[tuple[Layer, Shape]]: ...


def decode(space: "StringSpace", arch: Arch, image: Shape = _IMAGE) -> list[tuple[Layer, Shape]]:
    """The layers of a string, each with the (channels, rows, columns) of its output.

    rows_out = floor((rows_in + 2 padding - height) / stride) + 1,  padding = (height - 1) / 2
    and so for columns; rows_in is the largest among the inputs, since smaller maps are padded.
    """
    layers: list[tuple[Layer, Shape]] = []
    for layer in space.layers_of(arch):
        shapes = [layers[i][1] for i in layer.inputs] or [image]
        rows, columns = max(s[1] for s in shapes), max(s[2] for s in shapes)
        shape = (
            layer.count,
            _convolved(rows, layer.filter_height, layer.stride_height),
            _convolved(columns, layer.filter_width, layer.stride_width),
        )
        layers.append((layer, shape))
    return layers


def _convolved(length: int, size: int, stride: int) -> int:
    return (length + 2 * ((size - 1) // 2) - size) // stride + 1


class StringSpace(Space):
    """Convolutional networks written layer by layer.

    Decisions of layer l = 0, 1, ...: filter height, filter width, stride height, stride width,
    count of filters, then (with skips) for each earlier layer whether it is an input. Without
    skips the layers form a chain.

    heights, widths: odd, so that padding keeps the size. Source: Zoph and Le 2017, sec. 3.1, 3.3.
    """

    def __init__(
        self,
        layers: int = 4,
        heights: Sequence[int] = (1, 3, 5),
        widths: Sequence[int] = (1, 3, 5),
        strides: Sequence[int] = (1, 2),
        counts: Sequence[int] = (8, 16, 24),
        skips: bool = True,
    ) -> None:
        if layers < 1:
            raise ValueError(f"layers must be at least 1, got {layers}")
        self.layers = layers
        self.skips = skips
        self.options = {
            "filter height": tuple(heights),
            "filter width": tuple(widths),
            "stride height": tuple(strides),
            "stride width": tuple(strides),
            "count": tuple(counts),
        }
        for name, numbers in self.options.items():
            _check_numbers(name, numbers)
        plain = [len(numbers) for numbers in self.options.values()]
        super().__init__([n for i in range(layers) for n in (*plain, *((2,) * i if skips else ()))])

    def layers_of(self, arch: Arch) -> list[Layer]:
        """The layers, not yet applied to an image."""
        choices = iter(self.validate(arch))
        layers = []
        for index in range(self.layers):
            height, width, rows, columns, count = (
                options[next(choices)] for options in self.options.values()
            )
            if self.skips:
                inputs = tuple(i for i in range(index) if next(choices))
            else:
                inputs = (index - 1,) if index else ()
            layers.append(Layer(height, width, rows, columns, count, inputs))
        return layers

    def describe(self, arch: Arch) -> str:
        """One line, such as `filter 3x5, stride 1x1, count 16 | filter 1x1, ..., skip 1`.

        Filter and stride are height x width; `skip` names the inputs, layers counted from 1.
        """
        return " | ".join(self._words(layer) for layer in self.layers_of(arch))

    def _words(self, layer: Layer) -> str:
        text = (
            f"filter {layer.filter_height}x{layer.filter_width}, "
            f"stride {layer.stride_height}x{layer.stride_width}, count {layer.count}"
        )
        if self.skips and layer.inputs:
            text += ", skip " + " ".join(str(i + 1) for i in layer.inputs)
        return text

    def parse(self, text: str) -> Arch:
        """The architecture that `describe` wrote; ValueError says which word is wrong and why."""
        layers = text.split("|")
        if len(layers) != self.layers:
            raise ValueError(
                f"expected {self.layers} layers separated by |, got {len(layers)} in {text!r}"
            )
        return tuple(
            choice for index, layer in enumerate(layers) for choice in self._parse(layer, index)
        )

    def _parse(self, text: str, index: int) -> list[int]:
        where = f"layer {index + 1}"
        words = read_words(text, where, ("filter", "stride", "count", "skip")[: 3 + self.skips])
        missing = [name for name in ("filter", "stride", "count") if name not in words]
        if missing:
            raise ValueError(f"{where}: {missing[0]} is missing; expected, say, {_EXAMPLE}")
        numbers = (
            *numbers_after("filter", words, where, count=2),
            *numbers_after("stride", words, where, count=2),
            *numbers_after("count", words, where, count=1),
        )
        choices = [
            choice_of(number, options, f"{where}: {name}")
            for number, (name, options) in zip(numbers, self.options.items(), strict=True)
        ]
        return choices + self._anchors(words, index, where)

    def _anchors(self, words: dict[str, str], index: int, where: str) -> list[int]:
        if not self.skips:
            return []
        if "skip" not in words:
            return [0] * index
        if not re.fullmatch(r"\d+(\s+\d+)*", words["skip"]):
            raise ValueError(f"{where}: expected layer numbers after skip, got {words['skip']!r}")
        skips = [int(number) for number in words["skip"].split()]
        for number in skips:
            if not 1 <= number <= index:
                earlier = f"one of 1 to {index}" if index else "none, it reads the image"
                raise ValueError(
                    f"{where}: skip {number}: only an earlier layer can be an input ({earlier})"
                )
        return [int(number in skips) for number in range(1, index + 1)]

    def build(
        self,
        arch: Arch,
        *,
        rng: Generator | None = None,
        image: Shape = _IMAGE,
        classes: int = 10,
        decode: Decode = decode,
    ) -> StringNetwork:
        """The network: images (n, *image) to logits (n, classes).

        rng: draws the weights; None stands for `make_rng(0)`.
        decode: the maps must have the shapes that it gives, or ValueError.
        """
        decoded = decode(self, arch, image)
        if len(decoded) != self.layers:
            raise ValueError(
                f"{named('decode', decode)} returned {len(decoded)} layers, expected {self.layers}"
            )
        layers = [layer for layer, _ in decoded]
        with module_rng(make_rng(0) if rng is None else rng):
            network = StringNetwork(layers, channels=image[0], classes=classes)
        check_shapes(network, [shape for _, shape in decoded], image, named("decode", decode))
        return network


def _check_numbers(name: str, numbers: Sequence[int]) -> None:
    if not numbers or min(numbers) < 1 or len(set(numbers)) != len(numbers):
        raise ValueError(f"{name}: expected one or more different numbers >= 1, got {numbers}")
    if name.startswith("filter") and any(number % 2 == 0 for number in numbers):
        raise ValueError(f"{name}: expected odd numbers, which keep the map's size, got {numbers}")
