"""Lab 04: every wrong answer fails with the words that help, every right one gets all points."""

from typing import Any

import pytest
import torch

from course_lib.checks import lab04_gumbel as check
from course_lib.checks.result import Outcome
from tests.misconceptions.lab04_gumbel import RIGHT, WRONG
from tests.misconceptions.reference import Solution

EXERCISES = (
    "sample_gumbel",
    "gumbel_max_sample",
    "gumbel_softmax_sample",
    "straight_through",
    "bias_and_variance",
    "gdas_edge",
)
SOLUTION = Solution("lab04_gumbel")


def judged(exercise: str, answer: Any, variants: tuple[int, ...]) -> Any:
    ask = getattr(check, exercise)
    return ask(answer, [(law, variant) for law in ask.laws for variant in variants], points=13)


@pytest.mark.parametrize("exercise", EXERCISES)
def test_solution_gets_full_points_on_every_variant(exercise: str) -> None:
    result = judged(exercise, SOLUTION.function(exercise), (*range(6), 4242, 4243))
    assert result.points == 13, str(result)


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
    for variant in (1, 2):
        result = judged(exercise, answer, (variant,))
        assert result.outcome in (Outcome.FAILED, Outcome.ERROR), str(result)
        assert result.points < 13
        assert words in str(result), str(result)


@pytest.mark.parametrize(
    ("exercise", "answer"),
    [
        ("sample_gumbel", lambda shape, rng: torch.rand(shape, generator=rng)),
        ("gumbel_max_sample", lambda logits, rng: logits.argmax(-1)),
        ("gumbel_softmax_sample", lambda logits, rng, *, tau: (logits / tau).softmax(-1)),
        ("straight_through", lambda soft: soft),
        ("straight_through", lambda soft: (soft == soft.amax(-1, keepdim=True)).to(soft)),
        ("bias_and_variance", lambda estimates, f, logits: (0 * logits, estimates.var(0).sum())),
        ("gdas_edge", lambda operations, x, logits, rng, *, tau: x),
    ],
)
def test_what_only_suits_an_easy_law_earns_nothing(exercise: str, answer: Any) -> None:
    result = judged(exercise, answer, (1, 2))
    assert result.points == 0, str(result)


@pytest.mark.parametrize(
    ("exercise", "words", "laws"),
    [
        ("sample_gumbel", "exactly 0", "finite, and both tails there, over 10 million draws"),
        ("gumbel_softmax_sample", "is not refused", "tau of 0 or below is refused"),
        ("gumbel_softmax_sample", "noise is subtracted",
         "the largest weight is drawn with softmax(logits)"),
        ("straight_through", "equal largest", "one 1 in every row, ties included"),
        ("bias_and_variance", "samples instead of samples", "variance of one estimate"),
        ("gdas_edge", "learns nothing", "the operation learns as if it were alone"),
        ("gdas_edge", "choice and gradient use different noise",
         "it is the relaxed sample's gradient"),
    ],
)  # fmt: skip
def test_a_mistake_breaks_the_laws_that_it_is_about_and_no_other(
    exercise: str, words: str, laws: str
) -> None:
    answer = next(answer for answer, said in WRONG[exercise] if words in said)
    findings = judged(exercise, answer, (1, 2)).findings
    broken = {finding.law for finding in findings if finding.outcome is not Outcome.PASSED}
    assert broken == set(laws.split("; "))


def test_there_are_enough_of_both() -> None:
    assert all(len(WRONG[name]) >= 5 and len(RIGHT[name]) >= 2 for name in EXERCISES)
