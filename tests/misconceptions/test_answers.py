"""Every wrong answer fails with the words that help, every right one gets all points."""

from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import pytest

from course_lib.checks.engine import Exercise
from course_lib.checks.result import Outcome
from tests.misconceptions import kill_matrix
from tests.misconceptions.reference import Solution
from tests.misconceptions.rooms import POINTS, VARIANTS, answers_to, exercises, judged


def each(given: Callable[[Exercise], Iterable[Any]]) -> list[Any]:
    """One parameter per exercise and thing that it gives, grouped so that workers share a lab."""
    return [
        pytest.param(
            exercise,
            thing,
            id=f"{exercise.lab}-{exercise.name}-{number}",
            marks=[
                pytest.mark.xdist_group(f"{exercise.lab}-{exercise.name}"),
                pytest.mark.proven(
                    f"answers in {exercise.lab}: {exercise.name}",
                    *kill_matrix.sources(exercise),
                    Path(__file__),
                ),
            ],
        )
        for exercise in exercises()
        for number, thing in enumerate(given(exercise))
    ]


@pytest.mark.parametrize(("exercise", "variant"), each(lambda e: (*range(6), 4242, 4243)))
def test_the_solution_gets_all_points_on_every_variant(exercise: Exercise, variant: int) -> None:
    answer = Solution(exercise.lab).function(exercise.name)
    result = judged(exercise, answer, [variant])
    assert result.points == POINTS, str(result)
    if variant in VARIANTS:  # those whose mistakes the other tests need, too
        told = exercise.told(answer, variant)
        assert told is None or exercise.mistaken(told, variant) is None, "taken for a mistake"


@pytest.mark.parametrize(("exercise", "right"), each(lambda e: answers_to(e).right))
def test_a_right_answer_written_differently_passes(exercise: Exercise, right: Any) -> None:
    result = judged(exercise, right, VARIANTS)
    assert result.outcome is Outcome.PASSED, str(result)


@pytest.mark.parametrize(("exercise", "wrong"), each(lambda e: answers_to(e).wrong))
def test_a_wrong_answer_is_named(exercise: Exercise, wrong: tuple[Any, str]) -> None:
    answer, words = wrong
    for variant in VARIANTS:
        result = judged(exercise, answer, [variant])
        assert result.outcome in (Outcome.FAILED, Outcome.ERROR), str(result)
        assert result.points < POINTS
        assert words in str(result), str(result)


@pytest.mark.parametrize(("exercise", "mistake"), each(lambda e: e.mistakes))
def test_a_mistake_answers_to_its_name(exercise: Exercise, mistake: Any) -> None:
    """Its own answers are called by it; one without is tried by a wrong answer of the tests."""
    for answer in mistake.answers:
        for variant in VARIANTS:
            result = judged(exercise, answer, [variant])
            assert result.points < POINTS
            named = {f.misconception.name for f in result.findings if f.misconception}
            assert mistake.name in named, str(result)
    if not mistake.answers:
        assert any(words in mistake.name for _, words in answers_to(exercise).wrong), mistake.name


@pytest.mark.parametrize(("exercise", "pointless"), each(lambda e: answers_to(e).pointless))
def test_what_only_suits_an_easy_law_earns_nothing(exercise: Exercise, pointless: Any) -> None:
    result = judged(exercise, pointless, VARIANTS)
    assert result.points == 0, str(result)


@pytest.mark.parametrize(("exercise", "entry"), each(lambda e: answers_to(e).particular.items()))
def test_a_mistake_breaks_the_laws_that_it_is_about_and_no_other(
    exercise: Exercise, entry: tuple[str, set[str]]
) -> None:
    words, laws = entry
    answer = next(answer for answer, said in answers_to(exercise).wrong if words in said)
    findings = judged(exercise, answer, VARIANTS).findings
    broken = {finding.law for finding in findings if finding.outcome is not Outcome.PASSED}
    assert broken == laws


@pytest.mark.parametrize("exercise", exercises(), ids=lambda e: e.name)
def test_there_are_enough_of_both(exercise: Exercise) -> None:
    assert len(answers_to(exercise).wrong) >= 5
    assert len(answers_to(exercise).right) >= 2
