"""The compact model: loops counted one by one, and ZigZag's numbers."""

import csv
from itertools import product
from math import ceil
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import spearmanr

from course_lib.hardware.accelerator import (
    Accelerator,
    ConvShape,
    accelerators,
    areas,
    layer_costs,
)

ZIGZAG = Path(__file__).parents[2] / "data" / "zigzag.csv"
SHAPES = st.builds(
    ConvShape, *[st.integers(1, 9)] * 3, st.sampled_from((1, 3)), st.integers(1, 2), st.just(1)
)
CHIPS = st.builds(
    Accelerator,
    *[st.integers(1, 5)] * 2,
    st.integers(64, 4096),
    st.sampled_from((8, 16)),
    st.sampled_from(("weights", "outputs")),
)


def tiles(count: int, size: int) -> int:
    return len(range(0, count, size))


def compute_cycles(shape: ConvShape, chip: Accelerator) -> int:
    """One cycle for every step of the loops that the array does not do at once."""
    window, pixels = range(shape.kernel**2), range(shape.size**2)
    if chip.stationary == "weights":
        outside = range(tiles(shape.outputs, chip.rows)), range(tiles(shape.inputs, chip.columns))
        return sum(1 for _ in product(*outside, pixels, window))
    outside = range(tiles(shape.size, chip.rows)), range(tiles(shape.size, chip.columns))
    return sum(1 for _ in product(*outside, range(shape.outputs), range(shape.inputs), window))


def memory_words(shape: ConvShape, chip: Accelerator) -> int:
    """The best of all tiles that fit; tiles of one output where none does."""
    fits = 8 * chip.buffer // chip.bits
    read = shape.inputs * (shape.size * shape.stride) ** 2
    each = shape.inputs * shape.kernel**2 + shape.size**2
    good = [k for k in range(1, shape.outputs + 1) if k * each + read <= fits] or [1]
    return each * shape.outputs + min(read * ceil(shape.outputs / k) for k in good)


@given(SHAPES, CHIPS)
def test_cycles_and_words_are_those_of_the_loops(shape: ConvShape, chip: Accelerator) -> None:
    found = layer_costs([shape], [chip])
    words = memory_words(shape, chip)
    assert found.memory_words.item() == words
    assert found.cycles.item() == max(compute_cycles(shape, chip), words * chip.bits / 64)


def test_zigzag_ranks_the_same_way() -> None:
    """30 points, one dataflow, one buffer of 2 MB: a TPU-like chip with smaller arrays."""
    with ZIGZAG.open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == 30
    ours = []
    for row in rows:
        shape = ConvShape(*(int(row[name]) for name in ConvShape._fields))
        side = int(row["array"])
        chip = Accelerator(side, side, 2**21, 8, "weights")
        ours.append([each.item() for each in layer_costs([shape], [chip])[:2]])
    for own, name in zip(np.transpose(ours), ("cycles", "energy"), strict=True):
        assert spearmanr(own, [float(row[name]) for row in rows]).statistic >= 0.97


def test_every_chip_of_a_table_is_costed_as_if_alone() -> None:
    shapes = [ConvShape(3, 8, 12, 3), ConvShape(8, 16, 6, 3, 2), ConvShape(16, 16, 6, 3, 1, 16)]
    chips = accelerators()
    together = layer_costs(shapes, chips)
    assert len(chips) == len(set(chips)) == 64
    for i, chip in enumerate(chips):
        for all_, own in zip(together, layer_costs(shapes, [chip]), strict=True):
            np.testing.assert_array_equal(all_[:, [i]], own)


def test_groups_are_worked_off_one_after_the_other() -> None:
    """A depthwise layer fills one element of an array that waits for channels."""
    chips = [chip for chip in accelerators() if chip.stationary == "weights"]
    alone = layer_costs([ConvShape(1, 1, 12, 3)], chips)
    depthwise = layer_costs([ConvShape(24, 24, 12, 3, groups=24)], chips)
    for own, single in zip(depthwise, alone, strict=True):
        np.testing.assert_allclose(own, 24 * single)


@given(SHAPES, CHIPS)
def test_more_buffer_or_fewer_bits_never_cost_energy(shape: ConvShape, chip: Accelerator) -> None:
    thrifty = chip._replace(bits=8)
    larger = thrifty._replace(buffer=2 * chip.buffer)
    energy = layer_costs([shape], [chip, thrifty, larger]).energy[0]
    assert energy[0] >= energy[1] >= energy[2]


def test_area_counts_elements_and_kilobytes() -> None:
    small = Accelerator(4, 8, 5 * 1024, 16, "weights")
    assert areas([small, small._replace(bits=8), small._replace(buffer=0)]).tolist() == [33, 17, 32]


@pytest.mark.parametrize(
    ("shape", "chip", "said"),
    [
        ({"outputs": 0}, {}, "at least 1"),
        ({"groups": 3}, {}, "groups divide both"),
        ({}, {"rows": 0}, "at least 1"),
        ({}, {"bits": 4}, "8 or 16"),
        ({}, {"stationary": "inputs"}, "'weights' or 'outputs'"),
    ],
)
def test_what_cannot_be_is_refused(shape: dict, chip: dict, said: str) -> None:
    with pytest.raises(ValueError, match=said):
        layer_costs(
            [ConvShape(8, 8, 6, 3)._replace(**shape)],
            [Accelerator(8, 8, 1024, 8, "weights")._replace(**chip)],
        )
