"""Lab 13's challenge: five limits at once, looked up, and luck seldom passes."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from course_lib.checks.lab13_hardware.challenge import CHALLENGE, needed
from course_lib.checks.lab13_hardware.limits import MAPS, limited, maps_alive
from course_lib.checks.result import Outcome
from course_lib.core import Oracle, Space
from course_lib.nas.cells import CellSpace
from course_lib.nas.table import digits201
from tests.checks.search_cases import Case
from tests.misconceptions.reference import Solution

MODEL = Solution("lab13_hardware").function("my_search")


@pytest.fixture(scope="module")
def case() -> Case:
    return Case(CHALLENGE, digits201(), MODEL)


def luck(space: Space, oracle: Oracle, rng: Any) -> None:
    with oracle:
        while True:
            oracle(space.sample(rng))


def test_a_model_of_the_cells_passes_and_is_looked_up(case: Case, tmp_path: Path) -> None:
    path = tmp_path / "challenge.json"
    CHALLENGE.write(case.good, 1, path, table=case.table)
    result = case.judged(path)
    assert result.outcome is Outcome.PASSED, str(result)


def test_luck_does_not_pass_where_everybody_begins(case: Case) -> None:
    assert case.scores(luck, 2)[1] < case.needed


@pytest.mark.slow
def test_luck_passes_in_about_five_of_a_hundred_attempts(case: Case) -> None:
    # binomial(40, 0.05): more than 9 has probability below 1e-4
    assert sum(score >= case.needed for score in case.scores(luck, 40)) <= 9


def test_the_value_is_the_accuracy_exactly_where_all_parts_are_within_their_limits() -> None:
    table = digits201()
    measure = limited(table)
    kept, asked = 0, list(table.space)[::7]
    for arch in asked:
        trial = measure(arch)
        parts = [part for name, part in trial.objectives.items() if name != "accuracy"]
        assert len(parts) == 5
        if max(parts) <= 1:
            kept += 1
            assert trial.value == table.measure(arch).value
        else:
            assert trial.value == pytest.approx(1 - max(parts))
    assert 1 / 9 < kept / len(asked) < 1 / 7  # the lab says: about one in eight


def test_what_is_needed_is_an_accuracy_within_the_limits(case: Case) -> None:
    values = np.array([limited(case.table)(arch).value for arch in case.table.space])
    assert 0 < needed(case.table) < values.max()
    assert 0.02 < (values > 0).mean() < 0.3


@pytest.mark.parametrize(
    ("arch", "maps"),
    [
        ((0, 0, 0, 0, 0, 0), 1),  # nothing arrives
        ((0, 0, 0, 1, 0, 0), 2),  # input and output
        ((1, 0, 1, 0, 0, 1), 2),  # a chain
        ((1, 0, 0, 1, 1, 0), 3),  # the input waits for node 1
        ((1, 1, 1, 1, 1, 1), 4),  # all wait for the output
        ((1, 1, 0, 1, 0, 0), 2),  # what nobody reads is not computed
    ],
)
def test_maps_alive(arch: tuple[int, ...], maps: int) -> None:
    assert maps_alive(CellSpace(), arch) == maps
    assert MAPS == 3
