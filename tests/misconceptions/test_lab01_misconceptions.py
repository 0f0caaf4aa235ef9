"""Lab 01: every wrong answer fails with the words that help, every right one gets all points."""

from typing import Any

import pytest
import torch

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


def all_zeros(controller: Any, batch: int, rng: torch.Generator) -> tuple[torch.Tensor, ...]:
    tokens = torch.zeros(batch, len(controller.choices), dtype=torch.int64)
    return tokens, torch.zeros(batch), torch.zeros(batch)


@pytest.mark.parametrize(
    ("exercise", "answer"),
    [
        *(("acceptance", lambda *_, p=p, **__: p) for p in (0.0, 0.5, 1.0)),
        ("q_backup", lambda reward, *_, **__: reward),
        ("q_backup", lambda reward, next_q, *_, **__: next_q.amax(1)),
        ("reinforce_loss", lambda log_prob, *_: -log_prob.mean()),
        ("reinforce_loss", lambda log_prob, *_: 0 * log_prob.sum()),
        ("sample_strings", all_zeros),
    ],
)
def test_what_only_suits_an_easy_law_earns_nothing(exercise: str, answer: Any) -> None:
    result = judged(exercise, answer, (1, 2, 3))
    assert result.points == 0, str(result)


@pytest.mark.parametrize(
    ("exercise", "words", "laws"),
    [
        ("acceptance", "taken to be symmetric", "detailed balance when coming back is harder"),
        ("acceptance", "exp overflows", "hot, cold, equal"),
        ("q_backup", "finished string",
         "at the end only the reward counts; swept back, the exact best rewards"),
        ("reinforce_loss", "reward is not detached", "the reward is only a number"),
        ("sample_strings", "stop itself", "nothing after a stop"),
        ("sample_strings", "entropy has no gradient", "gradients reach the controller"),
        ("decode", "cropped to the smallest", "shapes of merged maps are torch's"),
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
