"""Automatic slips in lab 02's solution: all are caught but the equivalent ones, as published."""

import pytest

from tests.misconceptions import kill_matrix
from tests.misconceptions.equivalent import EQUIVALENT
from tests.misconceptions.kill_matrix import Row

LAB = "lab02_weight_sharing"


@pytest.fixture(scope="module")
def matrix() -> dict[str, list[Row]]:
    return kill_matrix.matrix_of(LAB)


@pytest.mark.slow
def test_survivors_are_exactly_the_equivalent_ones(matrix: dict[str, list[Row]]) -> None:
    for name, rows in matrix.items():
        survivors = {row.change for row in rows if not row.broken}
        assert survivors == set(EQUIVALENT[LAB].get(name, {})), name


@pytest.mark.slow
def test_the_published_matrix_is_this_one(matrix: dict[str, list[Row]]) -> None:
    published = kill_matrix.file_of(LAB).read_text(encoding="utf-8")
    assert published == kill_matrix.as_markdown(LAB, matrix), (
        f"run `python -m tests.misconceptions.kill_matrix {LAB}` and read what changed"
    )


@pytest.mark.slow
def test_every_law_catches_something(matrix: dict[str, list[Row]]) -> None:
    for exercise in kill_matrix.exercises_of(LAB):
        caught = frozenset[str]().union(*(row.broken for row in matrix[exercise.name]))
        assert caught == set(exercise.laws)
