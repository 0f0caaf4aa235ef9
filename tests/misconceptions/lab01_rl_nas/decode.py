"""Answers to `decode`."""

import math
from collections.abc import Callable
from typing import Any

import numpy as np
import torch

from course_lib.nas.strings import Layer, decode


def _decoder(
    *,
    shape: Callable[..., tuple[int, ...]] | None = None,
    side: Callable[[int, int, int], int] = lambda n, k, s: (n + k // 2 * 2 - k) // s + 1,
    merge: Callable[[list[int]], int] = max,
    order: tuple[int, ...] = (0, 1, 2, 3, 4),
    value: bool = True,
    inputs: Callable[[list[int], int], list[int]] = lambda anchors, number: [
        i for i, yes in enumerate(anchors) if yes
    ],
) -> Callable[..., Any]:
    """A right decoder unless a part is exchanged."""

    def decode(space, arch, image=(1, 12, 12)):
        result, place = [], 0
        for number in range(space.layers):
            lists = space.options.values()
            chosen = arch[place : place + 5]
            plain = [v[c] if value else c for v, c in zip(lists, chosen, strict=True)]
            fields = [plain[i] for i in order]
            anchors = list(arch[place + 5 : place + 5 + number])
            place += 5 + number
            feeding = inputs(anchors, number)
            sources = [result[i][1] for i in feeding if i < number] or [image]
            rows, columns = (merge([s[axis] for s in sources]) for axis in (1, 2))
            h, w, down, across, count = fields
            out = (count, side(rows, h, max(down, 1)), side(columns, w, max(across, 1)))
            if shape is not None:
                out = shape(out, sources, fields)
            result.append((Layer(*fields, tuple(feeding)), out))
        return result

    return decode


def decode_by_torch(space, arch, image=(1, 12, 12)):
    """Right: runs real convolutions and reads off their shapes; torch.Size and a list."""
    tokens, layers, maps = list(arch), [], []
    for number in range(space.layers):
        lists = space.options.values()
        fields = [values[tokens.pop(0)] for values in lists]
        anchors = [tokens.pop(0) for _ in range(number)]
        inputs = tuple(np.flatnonzero(anchors).tolist())
        sources = [maps[i] for i in inputs] or [torch.zeros(1, *image)]
        height, width = (max(m.shape[axis] for m in sources) for axis in (2, 3))
        stack = torch.zeros(1, sum(m.shape[1] for m in sources), height, width)
        start = 0
        for m in sources:
            stack[:, start : start + m.shape[1], : m.shape[2], : m.shape[3]] = m
            start += m.shape[1]
        h, w, down, across, count = fields
        conv = torch.nn.Conv2d(stack.shape[1], count, (h, w), (down, across), (h // 2, w // 2))
        maps.append(conv(stack).detach())
        layers.append((Layer(*fields, inputs), maps[-1].shape[1:]))
    return tuple(layers)


def decode_with_numpy(space, arch, image=(1, 12, 12)):
    """Right: numpy integers everywhere, rounding up instead of the formula."""
    right = _decoder(side=lambda n, k, s: np.int64(math.ceil(n / s)))
    return [(layer, np.array(shape).tolist()) for layer, shape in right(space, arch, image)]


def decode_forgets_return(space, arch, image=(1, 12, 12)):
    layers = []
    layers.append((Layer(1, 1, 1, 1, 1, ()), image))


def decode_steps_not_over_anchors(space, arch, image=(1, 12, 12)):
    """Layer number n is read from place 5 n on, as if there were no anchors."""
    right, layers = _decoder()(space, arch, image), []
    for number, (layer, shape) in enumerate(right):
        chosen = arch[5 * number : 5 * number + 5]
        fields = [v[c] for v, c in zip(space.options.values(), chosen, strict=True)]
        layers.append((Layer(*fields, layer.inputs), shape))
    return layers


def decode_runs_off_the_string(space, arch, image=(1, 12, 12)):
    """The anchors of every layer are read as if it had as many as there are layers."""
    decisions = iter(arch)
    for _ in range(space.layers):
        fields = [arch[next(decisions)] for _ in range(5)]
        anchors = [next(decisions) for _ in range(space.layers)]
    return fields, anchors


def decode_calls_library(space, arch, image=(1, 12, 12)):
    return decode(space, arch, image)


def decode_asks_space(space, arch, image=(1, 12, 12)):
    right = _decoder()(space, arch, image)
    return [(layer, shape) for layer, (_, shape) in zip(space.layers_of(arch), right, strict=True)]


def decode_builds_network(space, arch, image=(1, 12, 12)):
    space.build(arch, rng=torch.Generator(), image=image)
    return _decoder()(space, arch, image)


def decode_by_ceiling(space, arch, image=(1, 12, 12)):
    """Right: rows / stride rounded up, as numpy integers; inputs from the last to the first."""
    place, layers, sizes = 0, [], []
    for number in range(space.layers):
        pairs = zip(space.options.values(), arch[place : place + 5], strict=True)
        height, width, down, across, count = (options[i] for options, i in pairs)
        fed = [i for i in reversed(range(number)) if arch[place + 5 + i]]
        before = np.array([sizes[i] for i in fed] or [image[1:]]).max(0)
        sizes.append(np.ceil(before / (down, across)).astype(int))
        layers.append((Layer(height, width, down, across, count, tuple(fed)), (count, *sizes[-1])))
        place += 5 + number
    return layers


def decode_knows_the_usual_values(space, arch, image=(1, 12, 12)):
    """The values of one space, written down, instead of the lists that this space has."""
    usual = {
        "filter height": (1, 3, 5, 7),
        "filter width": (1, 3, 5, 7),
        "stride height": (1, 2, 3),
        "stride width": (1, 2, 3),
        "count": (24, 36, 48, 64),
    }

    class Usual:
        layers, options = space.layers, usual

    return _decoder()(Usual, arch, image)


def decode_returns_layers(space, arch, image=(1, 12, 12)):
    return [layer for layer, _ in _decoder()(space, arch, image)]


def decode_rounds_to_nearest(space, arch, image=(1, 12, 12)):
    return _decoder(side=lambda n, k, s: max(round(n / s), 1))(space, arch, image)


WRONG = [
    (_decoder(side=lambda n, k, s: (n - k) // s + 1), "padding is left out"),
    (_decoder(side=lambda n, k, s: n // s), "rounded down"),
    (_decoder(side=lambda n, k, s: n), "strides do not reach the shape"),
    (_decoder(order=(1, 0, 2, 3, 4)), "filter height and width are exchanged"),
    (_decoder(order=(0, 1, 3, 2, 4)), "strides of rows and columns are exchanged"),
    (_decoder(value=False), "index of a choice instead of its value"),
    (_decoder(merge=min), "cropped to the smallest"),
    (_decoder(merge=lambda sizes: sizes[0]), "only one of the maps"),
    (_decoder(merge=lambda sizes: sizes[-1]), "only one of the maps"),
    (_decoder(shape=lambda out, *_: (out[1], out[2], out[0])), "channels come last"),
    (
        _decoder(shape=lambda out, sources, _: (sum(s[0] for s in sources), *out[1:])),
        "channels of the input",
    ),
    (
        _decoder(
            inputs=lambda anchors, n: (
                [i for i, yes in enumerate(anchors) if yes] or [n - 1] * (n > 0)
            )
        ),
        "without anchors reads the previous layer",
    ),
    (
        _decoder(inputs=lambda anchors, n: [i for i, yes in enumerate(reversed(anchors)) if yes]),
        "anchors are read in reverse",
    ),
    (
        _decoder(inputs=lambda anchors, n: [i + 1 for i, yes in enumerate(anchors) if yes]),
        "counted from 1",
    ),
    (decode_forgets_return, "`return` missing"),
    (decode_steps_not_over_anchors, "Did you step over the anchors"),
    (decode_runs_off_the_string, "Did you step over the anchors"),
    (decode_calls_library, "library's function is called"),
    (decode_asks_space, "library's function is called"),
    (decode_builds_network, "library's function is called"),
    (decode_knows_the_usual_values, "was written as"),
    (decode_returns_layers, "is not a pair (Layer, shape)"),
    (decode_rounds_to_nearest, "torch's convolution gives"),
]
RIGHT = [_decoder(), decode_by_torch, decode_with_numpy, decode_by_ceiling]
PARTICULAR = {"cropped to the smallest": {"shapes of merged maps are torch's"}}
_ODD = "filters are odd, so k // 2 = (k - 1) // 2"
EQUIVALENT = {"line 14: 1 -> 0": _ODD, "line 15: 1 -> 0": _ODD}
