"""Automatic slips in the solutions: all are caught but the equivalent ones, as published."""

from typing import Any

import pytest

from course_lib.checks.engine import Exercise
from tests.misconceptions import kill_matrix
from tests.misconceptions.reference import Solution
from tests.misconceptions.rooms import answers_to, exercises
from tests.misconceptions.slips import Row, kill_rows


def marked(exercise: Exercise) -> Any:
    name = f"{exercise.lab}: {exercise.name}"
    proven = pytest.mark.proven(f"slips in {name}", *kill_matrix.sources(exercise))
    return pytest.param(exercise, id=name, marks=[proven, pytest.mark.xdist_group(name)])


@pytest.fixture(scope="module", params=[marked(exercise) for exercise in exercises()])
def tried(request: pytest.FixtureRequest) -> tuple[Exercise, list[Row]]:
    exercise = request.param
    return exercise, kill_rows(Solution(exercise.lab), exercise)


@pytest.mark.slow
def test_survivors_are_exactly_the_equivalent_ones(tried: tuple[Exercise, list[Row]]) -> None:
    exercise, rows = tried
    survivors = {row.change for row in rows if not row.broken}
    assert survivors == set(answers_to(exercise).equivalent)


@pytest.mark.slow
def test_the_published_matrix_is_this_one(tried: tuple[Exercise, list[Row]]) -> None:
    exercise, rows = tried
    published = kill_matrix.file_of(exercise.lab).read_text(encoding="utf-8")
    assert kill_matrix.section(exercise, rows) in published, (
        f"run `python -m tests.misconceptions.kill_matrix {exercise.lab}` and read what changed"
    )


@pytest.mark.slow
def test_every_law_catches_something(tried: tuple[Exercise, list[Row]]) -> None:
    exercise, rows = tried
    caught = frozenset[str]().union(*(row.broken for row in rows))
    assert caught == set(exercise.laws)
