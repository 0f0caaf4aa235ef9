"""Lab 01: every wrong answer fails with the words that help, every right one gets all points."""

from typing import Any

import pytest

from course_lib.checks import lab01_rl_nas as check
from course_lib.checks.result import Outcome
from tests.misconceptions.lab01_rl_nas import RIGHT, WRONG
from tests.misconceptions.reference import Solution

EXERCISES = ("decode", "sample_strings", "reinforce_loss", "q_backup", "acceptance")
SOLUTION = Solution("lab01_rl_nas")


def judged(exercise: str, answer: Any, variants: tuple[int, ...]) -> Any:
    ask = getattr(check, exercise)
    return ask(answer, [(law, variant) for law in ask.laws for variant in variants], points=16)


@pytest.mark.parametrize("exercise", EXERCISES)
def test_solution_gets_full_points_on_every_variant(exercise: str) -> None:
    result = judged(exercise, SOLUTION.function(exercise), tuple(range(12)))
    assert result.points == 16, str(result)


@pytest.mark.parametrize(
    ("exercise", "number"), [(name, i) for name in EXERCISES for i in range(len(RIGHT[name]))]
)
def test_right_answers_written_differently_pass(exercise: str, number: int) -> None:
    result = judged(exercise, RIGHT[exercise][number], (1, 2))
    assert result.outcome is Outcome.PASSED, str(result)


@pytest.mark.parametrize(
    ("exercise", "number"), [(name, i) for name in EXERCISES for i in range(len(WRONG[name]))]
)
def test_wrong_answers_are_named(exercise: str, number: int) -> None:
    answer, words = WRONG[exercise][number]
    for variant in (1, 2, 3):
        result = judged(exercise, answer, (variant,))
        assert result.outcome in (Outcome.FAILED, Outcome.ERROR), str(result)
        assert result.points < 16
        assert words in str(result), str(result)


def test_there_are_enough_of_both() -> None:
    assert all(len(WRONG[name]) >= 5 and len(RIGHT[name]) >= 2 for name in EXERCISES)
