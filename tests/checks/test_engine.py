"""Checks: four outcomes, points that nbgrader can read, nothing that a student's code upsets."""

import importlib
import signal
import sys
import time
import warnings
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
import torch

from course_lib.checks import lab01_rl_nas as check
from course_lib.checks.ask import Ask
from course_lib.checks.engine import Exercise
from course_lib.checks.result import Outcome, Result
from course_lib.checks.values import number
from course_lib.checks.variants import variant_of
from course_lib.checks.wrong import Misconception, Wrong
from course_lib.nas import controller, policy
from course_lib.nas.controller import reinforce, reinforce_loss

DOUBLED = Misconception("twice as much", "Once is enough.", where="Another section")


def is_next(ask: Ask, variant: int) -> None:
    found = number(ask(variant), "the answer")
    if found != variant + 1:
        mistake = DOUBLED if found == 2 * (variant + 1) else None
        raise Wrong(f"after {variant} comes {variant + 1}, not {found:g}", mistake)


def is_number(ask: Ask, variant: int) -> None:
    number(ask(variant), "the answer")


EXERCISE = Exercise(
    lab="lab99_test",
    name="following",
    section="Counting",
    library=("course_lib.nas.controller:reinforce_loss",),
    laws={"a number": is_number, "the next one": is_next},
    hints=("first hint", "second hint"),
    seconds=0.5,
)
CASES = [("a number", 1), ("the next one", 1), ("the next one", 4), ("the next one", 9)]


def judged(answer: Any, points: float = 16) -> Result:
    return EXERCISE(answer, CASES, points=points)


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


def test_a_recognised_mistake_is_named_with_advice_and_place() -> None:
    text = str(judged(lambda n: 2 * (n + 1)))
    assert "failed (4 of 16 points)" in text
    for words in ("twice as much", "Once is enough.", "Another section", "check.hint('following')"):
        assert words in text
    assert "Counting" not in text
    assert "Counting" in str(judged(lambda n: 0))


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


@pytest.mark.parametrize("handler", [signal.default_int_handler, signal.SIG_IGN])
def test_an_endless_loop_ends_also_where_interrupts_are_ignored(handler: Any) -> None:
    def endless(n: int) -> int:
        while True:
            n += 1

    before = signal.signal(signal.SIGINT, handler)
    try:
        assert {finding.outcome for finding in judged(endless).findings} == {Outcome.ERROR}
        assert signal.getsignal(signal.SIGINT) is handler
    finally:
        signal.signal(signal.SIGINT, before)


def test_a_placeholder_before_an_endless_loop_is_an_error() -> None:
    def half(n: int) -> int:
        if n == 1:
            raise NotImplementedError
        while True:
            n += 1

    assert {finding.outcome for finding in judged(half).findings} == {Outcome.ERROR}


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


@pytest.mark.parametrize("error", [SystemExit, GeneratorExit, RecursionError])
def test_not_even_exit_stops_a_check(error: type[BaseException]) -> None:
    def leaves(n: int) -> int:
        raise error

    assert judged(leaves).outcome is Outcome.ERROR


def test_an_endless_loop_ends() -> None:
    def endless(n: int) -> int:
        while True:
            n += 1

    start = time.process_time()
    result = judged(endless)
    assert result.outcome is Outcome.ERROR
    assert "no answer after computing for 0.5 seconds" in str(result)
    assert time.process_time() - start < 1  # once, not once per case


def test_waiting_is_not_computing() -> None:
    def waits(n: int) -> int:
        time.sleep(0.3)
        return n + 1

    assert replace(EXERCISE, seconds=0.2)(waits, CASES[:2]).passed


def test_what_is_not_a_function_is_told_so() -> None:
    result = judged(3)
    assert result.outcome is Outcome.ERROR
    assert "expects a function, got int" in str(result)


def test_stderr_and_warnings_are_silent(capfd: pytest.CaptureFixture[str]) -> None:
    import logging

    def noisy(n: int) -> int:
        print("debugging", file=sys.stderr)
        warnings.warn("careful", UserWarning, stacklevel=1)
        logging.getLogger("student").error("oh no")
        return n + 1

    assert judged(noisy).passed
    assert capfd.readouterr().err == ""
    with pytest.warns(UserWarning, match="careful"):
        noisy(1)


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


def borrowed(n: int) -> Any:
    return controller.reinforce_loss(torch.zeros(1), torch.zeros(1), 0.0)


def aliased(n: int) -> Any:
    return reinforce_loss(torch.zeros(1), torch.zeros(1), 0.0)


def from_defaults(n: int) -> Any:
    return reinforce.__kwdefaults__["loss"](torch.zeros(1), torch.zeros(1), 0.0)


def swallows(n: int) -> int:
    try:
        return borrowed(n)
    except Exception:
        return borrowed(n)


@pytest.mark.parametrize("answer", [borrowed, aliased, from_defaults, swallows, reinforce_loss])
def test_the_librarys_own_answer_is_refused_and_comes_back(answer: Callable[..., Any]) -> None:
    result = judged(answer)
    assert result.outcome is Outcome.FAILED
    assert result.points == 0
    assert "library's function is called" in str(result)
    assert reinforce_loss(torch.ones(2), torch.ones(2), 0.0) == -1.0


@pytest.mark.parametrize(
    "exercise",
    [check.decode, check.sample_strings, check.reinforce_loss, check.q_backup, check.acceptance],
    ids=lambda exercise: exercise.name,
)
def test_the_librarys_functions_obey_the_same_laws(exercise: Exercise) -> None:
    module, name = exercise.library[0].split(":")
    original = getattr(importlib.import_module(module), name)
    within_reach = replace(exercise, library=())
    result = within_reach(original, [(law, 5) for law in exercise.laws])
    assert result.passed, str(result)


def test_the_global_generator_is_left_alone() -> None:
    torch.manual_seed(5)
    expected = torch.rand(3)
    torch.manual_seed(5)
    check.sample_strings(policy.sample_strings)
    EXERCISE(lambda n: torch.rand(()).item() * 0 + n + 1, CASES)
    assert torch.equal(torch.rand(3), expected)


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


def test_what_a_student_prints_ends_after_ten_lines(capsys: pytest.CaptureFixture[str]) -> None:
    def talks(n: int) -> int:
        print(f"n is {n}\nand that is all")
        return n + 1

    assert EXERCISE(talks, [("a number", n) for n in range(20)]).passed
    printed = capsys.readouterr().out.splitlines()
    assert len(printed) == 11
    assert printed[0] == "n is 0"
    assert printed[-1] == "..."


def test_points_must_be_positive() -> None:
    with pytest.raises(ValueError, match="points must be positive, got 0"):
        judged(lambda n: n, points=0)


def test_variant_depends_on_the_student_alone() -> None:
    names = [f"student{i}" for i in range(200)]
    variants = [variant_of(name) for name in names]
    assert variants == [variant_of(f"  {name.upper()} ") for name in names]
    assert set(variants) <= set(range(1, 1000))
    assert len(set(variants)) > 150
