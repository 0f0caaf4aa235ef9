"""Which convolutions a cell's network has, counted for all cells at once."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from course_lib.core import Arch
from course_lib.hardware.accelerator import ConvShape
from course_lib.nas.canonical import EDGES, KERNELS
from course_lib.nas.cells import OPERATIONS
from course_lib.nas.table import Table

Counts = NDArray[np.int64]


def live_convolutions(archs: Sequence[Arch], operations: Sequence[str] = OPERATIONS) -> Counts:
    """How many 1x1 and 3x3 convolutions reach from each cell's input to its output: (cells, 2)."""
    choices = np.array(archs).T
    open_ = np.array([name != "none" for name in operations])[choices]
    fed, needed = np.zeros((2, 4, choices.shape[1]), dtype=bool)
    fed[0] = needed[3] = True
    for edge, (source, target) in enumerate(EDGES):
        fed[target] |= open_[edge] & fed[source]
    for edge in reversed(range(len(EDGES))):
        source, target = EDGES[edge]
        needed[source] |= open_[edge] & needed[target]
    live = np.array([fed[source] & needed[target] for source, target in EDGES])
    sizes = np.array([KERNELS.get(name, 0) for name in operations])[choices]
    return np.stack([(live & (sizes == kernel)).sum(0) for kernel in (1, 3)], axis=1)


def cell_layers(
    table: Table,
    *,
    channels: tuple[int, int] = (8, 16),
    classes: int = 10,
    image: tuple[int, int, int] = (1, 12, 12),
) -> tuple[list[ConvShape], Counts]:
    """The layer shapes of all networks of a table of cells, and (networks, shapes) counts of them.

    Of the table's distinct networks in the order of its rows. Pools, additions and batch
    normalisation are not counted: they run beside the array. Arguments as in `CellSpace.build`.
    """
    (fine, coarse), (colours, side, _), half = channels, image, image[1] // 2
    cells = [(fine, side), (coarse, half)]
    shapes = [ConvShape(count, count, size, k) for count, size in cells for k in (1, 3)]
    frame = [
        ConvShape(colours, fine, side, 3),
        ConvShape(fine, coarse, half, 3, stride=2),
        ConvShape(coarse, coarse, half, 3),
        ConvShape(fine, coarse, half, 1),
        ConvShape(coarse, classes, 1, 1),
    ]
    _, first = np.unique(table.rows, return_index=True)
    strings = list(table.space)
    counts = live_convolutions([strings[i] for i in first], table.space.operations)
    return shapes + frame, np.hstack([counts, counts, np.ones((len(counts), len(frame)), int)])
