"""Strings whose layers are known, since they were written from them, and the shapes torch gives."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

import torch
from torch import Generator
from torch.nn import functional

from course_lib.checks.ask import Ask, StudentError
from course_lib.checks.values import integer, kind
from course_lib.checks.wrong import Wrong
from course_lib.core import Arch, randint
from course_lib.nas.strings import Layer, StringSpace

Shape = tuple[int, int, int]
FIELDS = ("filter_height", "filter_width", "stride_height", "stride_width", "count")


@dataclass(frozen=True)
class Question:
    """A space, a plan of layers that was written as a string of it, and an image."""

    space: StringSpace
    plan: tuple[Layer, ...]
    arch: Arch
    image: Shape

    def asked(self, ask: Ask) -> list[tuple[Layer, Shape]]:
        """The answer, tested to be a list of (Layer, (channels, rows, columns))."""
        try:
            answer = ask(self.space, self.arch, self.image)
        except StudentError as error:
            if isinstance(error.error, IndexError | StopIteration) and len(self.plan) > 1:
                error.args = (f"{error}. Did you step over the anchors of every layer?",)
            raise
        if type(answer) not in (list, tuple) or len(answer) != len(self.plan):
            found = (
                f"has {len(answer)} entries"
                if type(answer) in (list, tuple)
                else f"is {kind(answer)}"
            )
            raise Wrong(
                f"the answer {found}; expected a list with one pair (Layer, shape) for each of the "
                f"{len(self.plan)} layers"
            )
        return [_pair(entry, number) for number, entry in enumerate(answer)]


def _pair(entry: Any, number: int) -> tuple[Layer, Shape]:
    if type(entry) not in (tuple, list) or len(entry) != 2:
        raise Wrong(f"entry {number} is not a pair (Layer, shape)")
    layer, shape = entry
    if type(layer) is not Layer:
        raise Wrong(f"the first part of entry {number} is {kind(layer)}, expected a Layer")
    if type(shape) not in (tuple, list, torch.Size) or len(shape) != 3:
        raise Wrong(f"layer {number}: the shape is not of the form (channels, rows, columns)")
    names = ("channels", "rows", "columns")
    sizes = [integer(s, f"layer {number}: {n}") for s, n in zip(shape, names, strict=True)]
    return _plain(layer, number), (sizes[0], sizes[1], sizes[2])


def _plain(layer: Layer, number: int) -> Layer:
    """The same layer with Python integers."""
    if type(layer.inputs) not in (tuple, list):
        raise Wrong(f"layer {number}: inputs is {kind(layer.inputs)}, expected a tuple of indices")
    plain = {name: integer(getattr(layer, name), f"layer {number}: {name}") for name in FIELDS}
    inputs = tuple(integer(i, f"layer {number}: an input") for i in layer.inputs)
    return replace(layer, **plain, inputs=inputs)


def written(
    rng: Generator, *, layers: int, skips: str, image: Shape, strides: tuple[int, ...] = (1, 2)
) -> Question:
    """Draw layers and write them as a string: index by index, the inverse of decoding.

    skips: "chain" (each layer reads the one before), "fork" (layers 2, 4, ... read the two before,
    the others the image) or "random". The values to choose from differ
    from question to question, and those of the strides begin with the largest in every other one.
    """
    first = 1 + 2 * randint(rng, 2)
    heights, widths = (first, first + 2, first + 4), (first + 2, first, first + 6)
    counts = (4 * first, 8, 20)
    strides = strides if first == 1 else strides[::-1]
    options = (heights, widths, strides, strides, counts)
    space = StringSpace(layers, heights=heights, widths=widths, strides=strides, counts=counts)
    feeds: dict[str, Callable[[int, int], int]] = {
        "chain": lambda earlier, number: int(earlier == number - 1),
        "fork": lambda earlier, number: int(number % 2 == 0 and earlier >= number - 2),
        "random": lambda earlier, number: randint(rng, 2),
    }
    plan: list[Layer] = []
    arch: list[int] = []
    for number in range(layers):
        chosen = [randint(rng, len(values)) for values in options]
        anchors = [feeds[skips](earlier, number) for earlier in range(number)]
        inputs = tuple(earlier for earlier, yes in enumerate(anchors) if yes)
        height, width, down, across, count = (
            values[choice] for values, choice in zip(options, chosen, strict=True)
        )
        plan.append(Layer(height, width, down, across, count, inputs))
        arch += chosen + anchors
    return Question(space, tuple(plan), tuple(arch), image)


def torch_shapes(plan: Sequence[Layer], image: Shape) -> list[Shape]:
    """The shapes that torch's own convolutions give, on tensors without data."""
    outputs: list[torch.Tensor] = []
    for layer in plan:
        maps = [outputs[i] for i in layer.inputs] or [torch.empty(1, *image, device="meta")]
        rows, columns = max(m.shape[2] for m in maps), max(m.shape[3] for m in maps)
        x = torch.cat(
            [functional.pad(m, (0, columns - m.shape[3], 0, rows - m.shape[2])) for m in maps], 1
        )
        filters = (layer.filter_height, layer.filter_width)
        weight = torch.empty(layer.count, x.shape[1], *filters, device="meta")
        strides = (layer.stride_height, layer.stride_width)
        outputs.append(
            functional.conv2d(x, weight, stride=strides, padding=[k // 2 for k in filters])
        )
    return [(o.shape[1], o.shape[2], o.shape[3]) for o in outputs]


def fields(layer: Layer) -> tuple[int, ...]:
    """Everything that the string says about a layer but its inputs."""
    return tuple(getattr(layer, name) for name in FIELDS)
