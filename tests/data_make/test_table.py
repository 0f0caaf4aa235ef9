"""data/digits201.npz as it stands."""

import json
from pathlib import Path

import pytest

from course_lib.core import make_rng
from course_lib.datasets import cluttered_digits
from course_lib.nas.cells import CellSpace
from course_lib.nas.plan import Plan, machine
from course_lib.nas.table import Table, digits201
from course_lib.nas.table_file import read_records
from course_lib.nas.training import TrainingMeasure
from data import FOLDER
from tests.data_make.tiny import CHECKPOINT

TEN = (pytest.mark.slow, pytest.mark.proven("ten rows of digits201", Path(__file__)))


def test_is_small_and_answers_all_its_strings_by_their_form() -> None:
    assert (FOLDER / "digits201.npz").stat().st_size <= 4_000_000
    table = digits201()
    forms = [table.space.canonical(arch) for arch in table.space]
    pairs = set(zip(forms, table.rows.tolist(), strict=True))
    assert len(pairs) == len(set(forms)) == len(table.curves)


def test_the_checkpoint_is_by_this_recipe() -> None:
    first, *lines = (FOLDER / CHECKPOINT).read_text(encoding="utf-8").splitlines()
    assert json.loads(first) == Plan().recipe
    assert len(lines) >= len(digits201().curves)


@pytest.mark.parametrize(
    "count", [pytest.param(2, id="two"), pytest.param(10, id="ten", marks=TEN)]
)
def test_training_again_reproduces_rows(count: int) -> None:
    """Exactly where torch and processor are the builder's, within the seed noise elsewhere."""
    records = read_records(FOLDER / "digits201.npz")
    table = Table.from_records(records)
    space = CellSpace()
    measure = TrainingMeasure(
        space, cluttered_digits(), identity=space.canonical, channels_last=False
    )
    rng = make_rng(count)
    for _ in range(count):
        arch = table.space.sample(rng)
        row = table.rows[list(table.space).index(arch)]
        again = measure(space.parse(table.space.describe(arch)))
        value = records.valid_right[row, 0, -1] / records.valid_images
        tested = records.test_right[row, 0] / records.test_images
        exact = records.machine == machine()
        # the seeds' standard deviation is about 0.02: five of them
        assert abs(again.value - value) <= (0 if exact else 0.1)
        assert abs(again.info["test_accuracy"] - tested) <= (0 if exact else 0.1)
        assert again.info["parameters"] == records.parameters[row]
        assert again.info["flops"] == records.flops[row]
