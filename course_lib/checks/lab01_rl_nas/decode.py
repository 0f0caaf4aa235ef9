"""`decode`: it reads back what was written, and its shapes are torch's own."""

from collections.abc import Sequence
from functools import partial
from typing import Any

from course_lib.checks.ask import Ask
from course_lib.checks.engine import Exercise
from course_lib.checks.lab01_rl_nas import sections
from course_lib.checks.lab01_rl_nas.in_parts import exchanged_decoder
from course_lib.checks.lab01_rl_nas.written_strings import (
    Question,
    fields,
    torch_shapes,
    written,
)
from course_lib.checks.variants import seeded
from course_lib.checks.wrong import Wrong, mistake


def _chained(fed: list[int], number: int) -> tuple[int, ...]:
    return tuple(fed or range(number)[-1:])


PREVIOUS = (
    "a layer without anchors reads the previous layer",
    "Zoph and Le: a layer that no earlier layer feeds reads the image, so its inputs are ().",
)
STRIDES = (
    "the strides of rows and columns are exchanged",
    "The stride's height belongs to the rows and comes first in the string.",
)
in_fields = partial(mistake, part="fields")
in_inputs = partial(mistake, part="inputs")
in_shapes = partial(mistake, part="shapes")
MISTAKES = (
    in_fields(
        "the index of a choice instead of its value",
        "A decision says which entry of the list of possible values was chosen.",
        exchanged_decoder(values=False),
    ),
    in_fields(
        "the anchors are not stepped over",
        "Did you step over the anchors? Layer number n has n yes-or-no decisions after its five; "
        "the next layer begins after them.",
        exchanged_decoder(start=lambda number: 5 * number),
    ),
    in_fields(
        "filter height and width are exchanged",
        "The height belongs to the rows and comes first in the string.",
        exchanged_decoder(order=(1, 0, 2, 3, 4)),
    ),
    in_fields(*STRIDES, exchanged_decoder(order=(0, 1, 3, 2, 4))),
    in_inputs(*PREVIOUS, exchanged_decoder(inputs=_chained)),
    in_inputs(
        "layers are counted from 1",
        "inputs are indices into the list of layers: the first one is 0. (Only the readable text, "
        "`skip 1`, counts from 1.)",
        exchanged_decoder(inputs=lambda fed, number: tuple(i + 1 for i in fed)),
    ),
    in_inputs(
        "the anchors are read in reverse",
        "The first yes-or-no belongs to layer 0.",
        exchanged_decoder(inputs=lambda fed, number: tuple(number - 1 - i for i in fed)),
    ),
    in_shapes(
        "the padding is left out",
        "Every convolution is padded by (k - 1) // 2 on each side, rows and columns by their own "
        "k.",
        exchanged_decoder(side=lambda n, k, s: (n - k) // s + 1),
    ),
    in_shapes(
        "rows / stride rounded down",
        "Of 5 rows a stride of 2 takes the first, the third and the fifth: three, not two. Use the "
        "whole formula of the convolution.",
        exchanged_decoder(side=lambda n, k, s: n // s),
    ),
    in_shapes(*STRIDES, exchanged_decoder(turned=True)),
    in_shapes(
        "the strides do not reach the shape",
        "A stride of s keeps every s-th row or column.",
        exchanged_decoder(side=lambda n, k, s: n),
    ),
    in_shapes(
        "the channels come last",
        "torch's order is (channels, rows, columns).",
        exchanged_decoder(shape=lambda out, channels: (out[1], out[2], out[0])),
        lambda space, arch, image: [
            (layer, (rows, columns, channels))
            for layer, (channels, rows, columns) in exchanged_decoder()(space, arch, image)
        ],
    ),
    in_shapes(
        "the channels of the input instead of the output",
        "A convolution has as many output channels as filters: count.",
        exchanged_decoder(shape=lambda out, channels: (channels, *out[1:])),
        lambda space, arch, image: [
            (layer, (sum(right[i][0].count for i in layer.inputs) or image[0], *shape[1:]))
            for right in [exchanged_decoder()(space, arch, image)]
            for layer, shape in right
        ],
    ),
    in_shapes(
        "maps are cropped to the smallest instead of padded to the largest",
        "Smaller maps are padded with zeros before they are stacked along the channels.",
        exchanged_decoder(merge=min),
    ),
    in_shapes(
        "only one of the maps that are stacked gives the size",
        "The input is as tall as the tallest and as wide as the widest map that feeds the layer.",
        exchanged_decoder(merge=lambda sizes: sizes[0]),
        exchanged_decoder(merge=lambda sizes: sizes[-1]),
    ),
    in_shapes(*PREVIOUS, exchanged_decoder(reads=_chained)),
)


def probe(ask: Ask, variant: int) -> dict[str, list[Any]]:
    """What is read from 24 strings; a layer read from a wrong place holds valid indices."""
    rng, told = seeded(variant, 4), {"fields": [], "inputs": [], "shapes": []}  # type: ignore[var-annotated]
    for skips in 8 * ("fork", "fork", "random"):
        question = written(rng, layers=5, skips=skips, image=(2, 31, 40), strides=(1, 2, 3))
        for layer, shape in question.asked(ask):
            told["fields"].append(fields(layer))
            told["inputs"].append(tuple(sorted(layer.inputs)))
            told["shapes"].append(shape)
    return told


def _require_shapes(ask: Ask, questions: Sequence[Question]) -> None:
    for question in questions:
        right = torch_shapes(question.plan, question.image)
        for number, (_, found) in enumerate(question.asked(ask)):
            if found != right[number]:
                raise Wrong(
                    f"image {question.image}, layer {number}, {question.plan[number]}: torch's "
                    f"convolution gives {right[number]}, decode says {found}"
                )


def layers_are_read(ask: Ask, variant: int) -> None:
    """Filters, strides and counts come back as they were written."""
    rng = seeded(variant)
    for layers in (1, 3, 5):
        question = written(rng, layers=layers, skips="random", image=(1, 12, 12))
        for number, (layer, _) in enumerate(question.asked(ask)):
            found, right = fields(layer), fields(question.plan[number])
            if found != right:
                raise Wrong(
                    f"layer {number} of {question.arch}: (filter height, filter width, stride "
                    f"height, stride width, count) is {found}, was written as {right}"
                )


def anchors(ask: Ask, variant: int) -> None:
    """inputs are the earlier layers whose anchor is 1; () where there are none."""
    rng = seeded(variant, 1)
    for layers in (2, 4, 6):
        question = written(rng, layers=layers, skips="random", image=(3, 10, 10))
        found = [layer.inputs for layer, _ in question.asked(ask)]
        right = [layer.inputs for layer in question.plan]
        if [tuple(sorted(inputs)) for inputs in found] != right:
            raise Wrong(
                f"the layers of {question.arch} have the inputs {found}, were written with {right}"
            )


def chain_shapes(ask: Ask, variant: int) -> None:
    """In a chain of layers on an image that is not square, shapes are those of torch."""
    rng = seeded(variant, 2)
    questions = [
        written(rng, layers=3, skips="chain", image=image, strides=(1, 2, 3))
        for image in ((1, 12, 12), (3, 13, 21), (1, 20, 9), (2, 1, 4))
    ]
    _require_shapes(ask, questions)


def merged_shapes(ask: Ask, variant: int) -> None:
    """Where maps of different sizes are stacked, the largest rows and columns count."""
    rng = seeded(variant, 3)
    questions = [
        written(rng, layers=5, skips="random", image=image)
        for image in 12 * ((1, 12, 12), (3, 17, 11), (2, 15, 24))
    ]
    _require_shapes(ask, questions)


decode = Exercise(
    lab="lab01_rl_nas",
    name="decode",
    section=sections.STRING,
    library=("course_lib.nas.strings:decode", "course_lib.nas.strings:StringSpace.layers_of"),
    laws={
        "filters, strides and counts are read": layers_are_read,
        "inputs are read": anchors,
        "shapes of a chain are torch's": chain_shapes,
        "shapes of merged maps are torch's": merged_shapes,
    },
    mistakes=MISTAKES,
    probe=probe,
    hints=(
        "Walk through the string with one pointer. Layer number n takes five decisions (filter "
        "height, filter width, stride height, stride width, count) and then n yes-or-no decisions, "
        "one for each earlier layer.",
        "A decision is an index: space.options['filter height'][arch[i]] is the first layer's "
        "filter height for i = 0. The earlier layers whose anchor is 1 are the tuple of "
        "inputs; if there are none, the layer reads the image.",
        "A layer's input has as many rows as the tallest of the maps that feed it and as many "
        "columns as the widest: smaller maps are padded with zeros.",
        "A convolution with filter k, padding p and stride s turns n rows into "
        "(n + 2 p - k) // s + 1, and p = (k - 1) // 2 here. The output shape is "
        "(count, rows, columns).",
    ),
)
