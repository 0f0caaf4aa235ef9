"""Memory traffic in tiles: loops that are run, and what Eyeriss measured."""

from collections import defaultdict
from itertools import product

import pytest

from course_lib.hardware.accelerator import Accelerator, ConvShape, layer_costs
from course_lib.hardware.tiled import least_traffic, macs, words_per_mac

ALEXNET = [
    ConvShape(3, 96, 55, 11, 4),
    ConvShape(96, 256, 27, 5, 1, 2),
    ConvShape(256, 384, 13, 3),
    ConvShape(384, 384, 13, 3, 1, 2),
    ConvShape(384, 256, 13, 3, 1, 2),
]
VGG16 = [
    ConvShape(inputs, outputs, size, 3)
    for inputs, outputs, size, count in (
        (3, 64, 224, 1),
        (64, 64, 224, 1),
        (64, 128, 112, 1),
        (128, 128, 112, 1),
        (128, 256, 56, 1),
        (256, 256, 56, 2),
        (256, 512, 28, 1),
        (512, 512, 28, 2),
        (512, 512, 14, 3),
    )
    for _ in range(count)
]
BUFFER = 108 * 1024
ORDERS = {"outputs stay": "nykc", "weights stay": "kcny", "inputs stay": "nyck"}


def ran(shape: ConvShape, batch: int, tile: dict[str, int], order: str) -> float:
    """The words that move when the loops over tiles are run and only the last tile is kept."""
    whole = {"k": shape.outputs, "c": shape.inputs, "y": shape.size, "n": batch}
    side = (shape.size - 1) * shape.stride + shape.kernel
    rows = (tile["y"] - 1) * shape.stride + shape.kernel
    sizes = {
        "kc": tile["k"] * tile["c"] * shape.kernel**2,
        "ncy": tile["n"] * tile["c"] * rows * side,
        "nky": tile["n"] * tile["k"] * tile["y"] * shape.size,
    }
    held, sums, words = {}, defaultdict(int), 0
    for place in product(*(range(0, whole[name], tile[name]) for name in order)):
        at = dict(zip(order, place, strict=True))
        for kind, size in sizes.items():
            key = tuple(at[name] for name in kind)
            if held.get(kind) != key:
                held[kind] = key
                words += size * (2 if kind == "nky" and sums[key] else 1)
                sums[key] += kind == "nky"
    return words


@pytest.mark.parametrize("buffer", [70, 120, 300, 4000])
@pytest.mark.parametrize("shape", [ConvShape(4, 2, 4, 3), ConvShape(2, 4, 4, 1, 2)])
def test_no_tile_and_order_moves_fewer_words_than_was_found(shape: ConvShape, buffer: int) -> None:
    batch, possible = 2, []
    for k, c, y, n in product((1, 2, 4), repeat=4):
        if k > shape.outputs or c > shape.inputs or y > shape.size or n > batch:
            continue
        rows, side = ((s - 1) * shape.stride + shape.kernel for s in (y, shape.size))
        if n * (c * rows * side + k * y * shape.size) + k * c * shape.kernel**2 <= buffer:
            tile = {"k": k, "c": c, "y": y, "n": n}
            possible += [ran(shape, batch, tile, order) for order in ORDERS.values()]
    found = least_traffic(shape, buffer_words=buffer, batch=batch)
    assert found.words == min(possible)
    tile = dict(zip("kcyn", found.tile, strict=True))
    assert ran(shape, batch, tile, ORDERS[found.order]) == found.words


@pytest.mark.parametrize(
    ("network", "batch", "measured"), [(ALEXNET, 4, 0.0029), (VGG16, 3, 0.0035)]
)
def test_eyeriss_is_reached_within_two_fifths(
    network: list[ConvShape], batch: int, measured: float
) -> None:
    """Chen et al. 2017 (JSSC): 108 kB, 16 bits; the chip compresses its traffic, the model not."""
    found = words_per_mac(network, buffer_words=BUFFER / 2, batch=batch)
    assert measured < found < 1.4 * measured


def test_tiles_of_outputs_alone_miss_eyeriss_by_far() -> None:
    chip = Accelerator(12, 14, BUFFER, 16, "weights")
    compact = layer_costs(VGG16, [chip]).memory_words.sum() / sum(map(macs, VGG16))
    assert compact > 20 * 0.0035


def test_with_room_for_all_every_word_moves_once() -> None:
    shape, batch = ConvShape(8, 16, 6, 3), 3
    once = 8 * 16 * 9 + batch * 16 * 36 + batch * 8 * 64
    assert least_traffic(shape, buffer_words=1e9, batch=batch).words == once


def test_a_buffer_without_room_for_one_row_is_refused() -> None:
    with pytest.raises(ValueError, match="one row of one channel needs 39"):
        least_traffic(ConvShape(8, 8, 6, 3), buffer_words=38)
