"""Checks: four outcomes, points that nbgrader can read, types before values."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
import torch

from course_lib.checks.result import Outcome
from course_lib.checks.variants import variant_of
from tests.checks.following import CASES, EXERCISE, judged


def test_right_answer_gets_all_points() -> None:
    result = judged(lambda n: n + 1)
    assert result.outcome is Outcome.PASSED
    assert repr(result) == "16.0"
    assert float(repr(result)) == 16


@pytest.mark.parametrize(
    ("answer", "points"), [(lambda n: 0, 4.0), (lambda n: 2 if n == 1 else 0, 8.0)]
)
def test_points_are_the_share_of_the_cases_present(
    answer: Callable[[int], int], points: float
) -> None:
    assert judged(answer).points == points
    assert EXERCISE(answer, CASES[:2], points=16).points == (8.0 if points == 4 else 16.0)


def test_points_stay_within_their_limits_however_they_are_rounded() -> None:
    for count in range(1, 30):
        cases = [("a number", n) for n in range(count)]
        for points in (0.1, 0.126, 1, 16):
            result = EXERCISE(lambda n: n, cases, points=points)
            assert 0 <= float(repr(result)) <= points


def placeholder(n: int) -> int:
    """Stands here until it is written."""
    raise NotImplementedError


def dots(n: int) -> int:
    """Only dots."""
    ...


def returns_dots(n: int) -> Any:
    return ...


@pytest.mark.parametrize("answer", [placeholder, dots, returns_dots])
def test_placeholders_are_not_attempted(answer: Callable[[int], int]) -> None:
    result = judged(answer)
    assert result.outcome is Outcome.NOT_ATTEMPTED
    assert repr(result) == "0.0"


@pytest.mark.parametrize("begun", [1, 9])
@pytest.mark.parametrize("rest", [1, 0])
def test_a_placeholder_in_one_branch_costs_its_cases_alone(begun: int, rest: int) -> None:
    """Whichever case meets it first, and beside wrong answers too."""

    def half(n: int) -> int:
        if n == begun:
            raise NotImplementedError
        return n + rest

    result = judged(half)
    assert result.outcome is Outcome.ERROR
    for (law, n), finding in zip(CASES, result.findings, strict=True):
        if n == begun:
            assert finding.outcome is Outcome.ERROR
            assert "still meets a placeholder" in finding.said
        else:
            right = rest == 1 or law == "a number"
            assert finding.outcome is (Outcome.PASSED if right else Outcome.FAILED)


def test_a_forgotten_return_is_a_wrong_answer_not_a_placeholder() -> None:
    def forgets(n: int) -> None:
        n + 1

    result = judged(forgets)
    assert result.outcome is Outcome.FAILED
    assert "`return` missing" in str(result)


def test_a_reason_makes_not_implemented_an_error() -> None:
    def half(n: int) -> int:
        raise NotImplementedError("addmm is not implemented for Half")

    assert judged(half).outcome is Outcome.ERROR


def test_an_unwritten_helper_is_named() -> None:
    def calls_another(n: int) -> int:
        return placeholder(n) + 1

    result = judged(calls_another)
    assert result.outcome is Outcome.ERROR
    assert "placeholder is not written yet" in str(result)
    assert "in calls_another" in str(result)


def test_an_error_shows_the_students_own_line() -> None:
    def divides(n: int) -> float:
        rest = n - n
        return n / rest

    result = judged(divides)
    assert result.outcome is Outcome.ERROR
    assert "ZeroDivisionError: division by zero" in str(result)
    assert "in divides: return n / rest" in str(result)
    assert "engine.py" not in str(result)


class Wordless(Exception):
    def __str__(self) -> str:
        raise ValueError


def test_an_exception_without_a_text_is_an_error_like_others() -> None:
    def fails(n: int) -> int:
        raise Wordless

    assert "Wordless" in str(judged(fails))


def test_what_is_not_a_function_is_told_so() -> None:
    result = judged(3)
    assert result.outcome is Outcome.ERROR
    assert "expects a function, got int" in str(result)


class Liar:
    def __eq__(self, other: object) -> bool:
        return True

    __hash__ = None  # type: ignore[assignment]

    def __float__(self) -> float:
        return 2.0


class LyingFloat(float):
    def __eq__(self, other: object) -> bool:
        return True

    def __ne__(self, other: object) -> bool:
        return False

    __hash__ = None  # type: ignore[assignment]


class LyingTensor(torch.Tensor):
    pass


@pytest.mark.parametrize("lie", [Liar(), LyingFloat(0.0), torch.zeros(()).as_subclass(LyingTensor)])
def test_types_come_before_values(lie: object) -> None:
    result = judged(lambda n: lie)
    assert result.points == 0
    assert "expected a number" in str(result)


def test_booleans_are_no_numbers() -> None:
    assert judged(lambda n: True).points == 0


def test_results_are_the_same_every_time() -> None:
    def lucky(n: int) -> int:
        return n + int(torch.rand(()) < 0.5)

    assert judged(lucky).findings == judged(lucky).findings


@pytest.mark.parametrize(
    ("cases", "message"),
    [([], "no cases"), ([("a letter", 1)], "not a case.*a number, the next one"), (["x"], "case")],
)
def test_a_wrong_list_of_cases_is_refused(cases: Any, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        EXERCISE(lambda n: n, cases)


WITH_BASIS = replace(EXERCISE, basic="the next one")


def test_without_the_basic_law_the_others_earn_nothing_on_that_variant() -> None:
    def right_but_for_one(n: int) -> int:
        return 0 if n == 1 else n + 1

    cases = [(law, n) for n in (1, 4) for law in EXERCISE.laws]
    result = WITH_BASIS(right_but_for_one, cases, points=16)
    waiting = [finding.waits_for for finding in result.findings]
    assert waiting == ["the next one", None, None, None]
    assert result.findings[0].outcome is Outcome.PASSED
    assert result.points == 8
    assert EXERCISE(right_but_for_one, cases, points=16).points == 12


def test_points_must_be_positive() -> None:
    with pytest.raises(ValueError, match="points must be positive, got 0"):
        judged(lambda n: n, points=0)


def test_variant_depends_on_the_student_alone() -> None:
    names = [f"student{i}" for i in range(200)]
    variants = [variant_of(name) for name in names]
    assert variants == [variant_of(f"  {name.upper()} ") for name in names]
    assert set(variants) <= set(range(1, 1000))
    assert len(set(variants)) > 150
