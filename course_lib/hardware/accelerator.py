"""A small analytic model of an accelerator: cycles, energy, memory traffic and area.

An array of rows x columns processing elements, one buffer for everything, one memory outside.
Weight stationary: output channels lie along the rows, input channels along the columns, and the
pixels pass by. Output stationary: the output's pixels lie on the array, and the weights pass by.
"""

from collections.abc import Sequence
from itertools import product
from typing import Literal, NamedTuple, TypeAlias

import numpy as np
from numpy.typing import NDArray

Numbers = NDArray[np.float64]
Stationary: TypeAlias = Literal["weights", "outputs"]

REGISTER, BUFFER, MEMORY = 1.0, 6.0, 200.0
"""Energy of moving a 16-bit word, in multiples of a 16-bit multiply-accumulate (Chen et al. 2016,
Eyeriss' ISCA paper, table IV)."""
BANDWIDTH = 8.0
"""Bytes per cycle between the memory and the buffer."""
KILOBYTE_AREA = 0.2
"""Area of a kilobyte of buffer in 16-bit processing elements: an assumption of this model."""


class ConvShape(NamedTuple):
    """A convolution with "same" padding on one picture; a linear layer is one with size 1.

    size: side of the output map. groups: inputs and outputs are divided among them.
    """

    inputs: int
    outputs: int
    size: int
    kernel: int
    stride: int = 1
    groups: int = 1


class Accelerator(NamedTuple):
    """buffer in bytes; bits of a word, 8 or 16; stationary: what waits in the array."""

    rows: int
    columns: int
    buffer: int
    bits: int
    stationary: Stationary


class Costs(NamedTuple):
    """Per layer and accelerator, each (layers, accelerators); energy in 16-bit MACs."""

    cycles: Numbers
    energy: Numbers
    memory_words: Numbers


def accelerators(
    arrays: Sequence[int] = (4, 8, 12, 16),
    kilobytes: Sequence[int] = (4, 16, 64, 256),
) -> list[Accelerator]:
    """Square arrays x buffers x 8 or 16 bits x weights or outputs stationary: 64 of them."""
    flows: tuple[Stationary, ...] = ("weights", "outputs")
    return [
        Accelerator(side, side, 1024 * size, bits, flow)
        for side, size, bits, flow in product(arrays, kilobytes, (8, 16), flows)
    ]


def layer_costs(shapes: Sequence[ConvShape], chips: Sequence[Accelerator]) -> Costs:
    """What every layer costs on every accelerator.

    With K outputs and C inputs of a group, O x O pixels, an F x F kernel, an R x Q array:

        cycles = max(compute, bytes to and from memory / bandwidth)
        compute = ceil(K/R) ceil(C/Q) O^2 F^2       (weight stationary)
                  ceil(O/R) ceil(O/Q) K C F^2       (output stationary)
        energy = MACs (mac + 3 register) + buffer words x buffer + memory words x memory

    and, with the largest tile of k outputs whose weights, inputs and outputs fit the buffer,
    memory words = weights + outputs + inputs ceil(K/k). Words cost bits/16 of what 16 bits do, a
    MAC (bits/16)^2. ValueError for shapes or accelerators that cannot be.
    """
    check_shapes(shapes)
    _check_chips(chips)
    layers = np.array(shapes, dtype=float).T[:, :, None]
    rows, columns, buffer, bits = np.array([chip[:4] for chip in chips], dtype=float).T[:, None]
    held = np.array([[chip.stationary == "weights" for chip in chips]])
    all_in, all_out, size, kernel, _, groups = layers
    inputs, outputs, pixels, window = all_in / groups, all_out / groups, size**2, kernel**2
    macs = groups * inputs * outputs * pixels * window
    words = _memory_words(layers, 8 * buffer / bits)
    passes = np.where(
        held,
        np.ceil(outputs / rows) * np.ceil(inputs / columns) * pixels * window,
        np.ceil(size / rows) * np.ceil(size / columns) * outputs * inputs * window,
    )
    on_array = np.minimum(size, rows) * np.minimum(size, columns)
    per_weight = np.where(held, pixels, on_array)
    per_input = np.where(held, np.minimum(outputs, rows), window)
    per_output = np.where(held, np.minimum(inputs, columns), inputs * window)
    buffered = macs * (1 / per_weight + 1 / per_input + 2 / per_output)
    word = bits / 16
    energy = macs * (word**2 + 3 * REGISTER * word) + word * (BUFFER * buffered + MEMORY * words)
    return Costs(np.maximum(groups * passes, words * bits / 8 / BANDWIDTH), energy, words)


def _memory_words(layers: Numbers, fits: Numbers) -> Numbers:
    """One group after the other; fits: words that the buffer holds."""
    inputs, outputs, size, kernel, stride, groups = layers
    inputs, outputs = inputs / groups, outputs / groups
    read, weights = inputs * (size * stride) ** 2, inputs * kernel**2
    tile = np.clip(np.floor((fits - read) / (weights + size**2)), 1, outputs)
    words: Numbers = groups * (outputs * (weights + size**2) + read * np.ceil(outputs / tile))
    return words


def areas(chips: Sequence[Accelerator]) -> Numbers:
    """(accelerators,) in 16-bit processing elements; one of fewer bits is smaller in proportion."""
    return np.array(
        [
            chip.rows * chip.columns * chip.bits / 16 + KILOBYTE_AREA * chip.buffer / 1024
            for chip in chips
        ]
    )


def check_shapes(shapes: Sequence[ConvShape]) -> None:
    """ValueError for a convolution that cannot be."""
    for shape in shapes:
        if min(shape) < 1 or shape.inputs % shape.groups or shape.outputs % shape.groups:
            raise ValueError(f"{shape} cannot be: counts are at least 1, groups divide both")


def _check_chips(chips: Sequence[Accelerator]) -> None:
    for chip in chips:
        if min(chip[:3]) < 1 or chip.bits not in (8, 16):
            raise ValueError(f"{chip} cannot be: sizes are at least 1, bits are 8 or 16")
        if chip.stationary not in ("weights", "outputs"):
            raise ValueError(f"stationary must be 'weights' or 'outputs', got {chip.stationary!r}")
