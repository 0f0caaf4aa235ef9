"""The layer shapes of a chain for many choices of its channels."""

from collections.abc import Sequence

import numpy as np

from course_lib.hardware.accelerator import ConvShape
from course_lib.hardware.cell_layers import Counts
from course_lib.hardware.chain import Chain


def chain_layers(chain: Chain, channels: Sequence[Sequence[int]]) -> tuple[list[ConvShape], Counts]:
    """All distinct shapes, the classifier's too, and (networks, shapes) how often each has them.

    channels: of every layer of every network, as in `chain_macs`. Maps must be square.
    """
    networks = [_shapes(chain, each) for each in channels]
    shapes = sorted({shape for network in networks for shape in network})
    place = {shape: i for i, shape in enumerate(shapes)}
    counts = np.zeros((len(networks), len(shapes)), dtype=np.int64)
    for row, network in zip(counts, networks, strict=True):
        np.add.at(row, [place[shape] for shape in network], 1)
    return shapes, counts


def _shapes(chain: Chain, channels: Sequence[int]) -> list[ConvShape]:
    before, found = chain.image[0], []
    for layer, count, (rows, columns) in zip(chain.layers, channels, chain.maps, strict=True):
        if rows != columns:
            raise ValueError(f"maps must be square, got {rows} x {columns}")
        groups = before if layer.depthwise else 1
        after = before if layer.depthwise else count
        found.append(ConvShape(before, after, rows, layer.kernel, layer.stride, groups))
        before = after
    return [*found, ConvShape(before, chain.classes, 1, 1)]
