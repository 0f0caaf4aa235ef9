"""Memory traffic of a convolution that is worked off in tiles, as a chip with a small buffer does.

The compact model (`course_lib.hardware.accelerator`) tiles output channels only, which is enough
where a layer fits the buffer. Here tiles are over rows, both kinds of channels and the batch.
"""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from course_lib.hardware.accelerator import ConvShape, Numbers, check_shapes

LOOP_ORDERS = ("outputs stay", "weights stay", "inputs stay")


class Traffic(NamedTuple):
    """words to and from memory, with the tile (outputs, inputs, rows, pictures) and loop order."""

    words: float
    tile: tuple[int, int, int, int]
    order: str


def least_traffic(shape: ConvShape, *, buffer_words: float, batch: int = 1) -> Traffic:
    """The tile and loop order with the least memory traffic, by trying all of a grid.

    A group has C inputs, K outputs and N pictures; tiles t_c, t_k, t_n and t_y output rows fit when
    t_n (t_c rows I + t_k t_y O) + t_k t_c F^2 <= buffer, with rows = (t_y - 1) stride + F. With
    weights W, outputs Y and inputs X = N C I rows ceil(O/t_y), which counts the halo, words are

        outputs stay   W ceil(N/t_n) ceil(O/t_y) + X ceil(K/t_k) + Y
        weights stay   W + X ceil(K/t_k) + Y (2 ceil(C/t_c) - 1)
        inputs stay    W ceil(N/t_n) ceil(O/t_y) + X + Y (2 ceil(C/t_c) - 1)

    The grid holds every size that cuts a whole into equal tiles. ValueError where nothing fits.
    """
    check_shapes([shape])
    inputs, outputs = shape.inputs // shape.groups, shape.outputs // shape.groups
    sizes = map(_tile_sizes, (outputs, inputs, shape.size, batch))
    tiles = np.stack(np.meshgrid(*sizes, indexing="ij"), axis=-1).reshape(-1, 4)
    tiles = tiles[_occupied(shape, tiles) <= buffer_words]
    if not len(tiles):
        raise ValueError(
            f"no tile of {shape} fits {buffer_words:g} words: one row of one channel needs "
            f"{_occupied(shape, np.ones((1, 4))).item():g}"
        )
    words = shape.groups * _words(shape, tiles, batch)
    order, best = np.unravel_index(int(words.argmin()), words.shape)
    k, c, y, n = tiles[best].tolist()
    return Traffic(float(words.min()), (k, c, y, n), LOOP_ORDERS[int(order)])


def words_per_mac(shapes: Sequence[ConvShape], *, buffer_words: float, batch: int) -> float:
    """Memory words of all layers by their multiply-accumulates."""
    words = [least_traffic(one, buffer_words=buffer_words, batch=batch).words for one in shapes]
    return sum(words) / sum(batch * macs(shape) for shape in shapes)


def macs(shape: ConvShape) -> int:
    """Multiply-accumulates of one picture."""
    window = shape.size**2 * shape.kernel**2
    return shape.inputs * shape.outputs * window // shape.groups


def _tile_sizes(whole: int) -> list[int]:
    """The sizes that cut the whole into 1, 2, 3, ... equal tiles, but for the last."""
    return sorted({-(-whole // parts) for parts in range(1, whole + 1)})


def _occupied(shape: ConvShape, tiles: NDArray[np.int64] | Numbers) -> Numbers:
    k, c, y, n = tiles.T.astype(float)
    rows = (y - 1) * shape.stride + shape.kernel
    side = (shape.size - 1) * shape.stride + shape.kernel
    return np.asarray(n * (c * rows * side + k * y * shape.size) + k * c * shape.kernel**2)


def _words(shape: ConvShape, tiles: NDArray[np.int64], batch: int) -> Numbers:
    """(orders, tiles), of one group."""
    k, c, y, n = tiles.T.astype(float)
    inputs, outputs = shape.inputs // shape.groups, shape.outputs // shape.groups
    side = (shape.size - 1) * shape.stride + shape.kernel
    strips = np.ceil(shape.size / y)
    read = batch * inputs * side * ((y - 1) * shape.stride + shape.kernel) * strips
    weights = inputs * outputs * shape.kernel**2
    written = batch * outputs * shape.size**2
    weights_again = weights * np.ceil(batch / n) * strips
    read_again = read * np.ceil(outputs / k)
    sums = written * (2 * np.ceil(inputs / c) - 1)
    return np.stack(
        [
            weights_again + read_again + written,
            weights + read_again + sums,
            weights_again + read + sums,
        ]
    )
