"""Lab 03: every wrong answer fails with the words that help, every right one gets all points."""

from typing import Any

import pytest
import torch

from course_lib.checks import lab03_darts as check
from course_lib.checks.result import Outcome
from tests.misconceptions.lab03_darts import RIGHT, WRONG
from tests.misconceptions.reference import Solution

EXERCISES = ("mixed_op", "first_order", "second_order", "derive", "discretization")
SOLUTION = Solution("lab03_darts")


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


def zeros(train_loss: Any, valid_loss: Any, params: Any, alpha: Any, *, xi: float) -> Any:
    return torch.zeros_like(alpha)


@pytest.mark.parametrize(
    ("exercise", "answer"),
    [
        ("mixed_op", lambda operations, x, weights: torch.zeros_like(x)),
        ("mixed_op", lambda operations, x, weights: x),
        ("first_order", zeros),
        ("second_order", zeros),
        ("derive", lambda alpha, edges, operations, *, keep=None: []),
        ("discretization", lambda accuracy, alpha: (torch.zeros(len(alpha)), 0.0)),
    ],
)
def test_what_only_suits_an_easy_law_earns_nothing(exercise: str, answer: Any) -> None:
    result = judged(exercise, answer, (1, 2, 3))
    assert result.points == 0, str(result)


@pytest.mark.parametrize(
    ("exercise", "words", "laws"),
    [
        ("mixed_op", "weight 0 are left out", "the gradient reaches every weight"),
        ("mixed_op", "reach the operations", "the gradient reaches the operations"),
        ("first_order", "the weights are stepped", "weights and alpha stay as they are"),
        ("first_order", "at stepped weights",
         "gradient of the validation loss; the same for every xi; "
         "weights and alpha stay as they are"),
        ("second_order", "one-sided", "central differences, around w"),
        ("second_order", "R does not shrink", "a vector v of any length"),
        ("second_order", "zero vector", "a vector v of any length"),
        ("derive", "left out where it is allowed",
         "cells of NAS-Bench-201: the strongest operation"),
        ("derive", "by alphas instead", "edges are compared by their weights"),
        ("discretization", "0 log 0", "even: log K, decided: 0"),
        ("discretization", "path minus mixture", "the gap is mixture minus path"),
    ],
)  # fmt: skip
def test_a_mistake_breaks_the_laws_that_it_is_about_and_no_other(
    exercise: str, words: str, laws: str
) -> None:
    answer = next(answer for answer, said in WRONG[exercise] if words in said)
    findings = judged(exercise, answer, (1, 2, 3)).findings
    broken = {finding.law for finding in findings if finding.outcome is not Outcome.PASSED}
    assert broken == set(laws.split("; "))


def test_there_are_enough_of_both() -> None:
    assert all(len(WRONG[name]) >= 5 and len(RIGHT[name]) >= 2 for name in EXERCISES)
