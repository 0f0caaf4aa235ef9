"""Lab 04's challenge: closed forms of its problems, and which estimators reach the threshold."""

import sys
from typing import Any

import pytest
import torch

from course_lib.checks import lab04_gumbel as check
from course_lib.checks.ask import Ask
from course_lib.checks.lab04_gumbel.challenge import (
    CHOICES,
    EVALUATIONS,
    SHARE,
    BlackBox,
    problem,
    relative_error,
)
from course_lib.checks.result import Outcome
from course_lib.core import BudgetExhausted
from tests.misconceptions.lab04_gumbel.challenge import BELOW, REACH, plain_reinforce, too_many
from tests.misconceptions.reference import Solution


def judged(answer: Any, variant: int = 1) -> Any:
    cases = [(law, variant) for law in check.challenge.laws]
    return check.challenge(answer, cases, points=10)


@pytest.mark.parametrize("name", BELOW)
def test_plain_estimators_do_not_reach_it(name: str) -> None:
    result = judged(BELOW[name])
    assert result.outcome is Outcome.FAILED
    assert result.points == 0


@pytest.mark.parametrize("name", REACH)
def test_better_estimators_reach_it(name: str) -> None:
    assert judged(REACH[name]).points == 10


@pytest.mark.slow
@pytest.mark.parametrize("name", ["REINFORCE times 0.4", "straight-through, tau 3", "zero"])
def test_the_best_of_the_plain_ones_seldom_reach_it(name: str) -> None:
    errors = [relative_error(Ask(BELOW[name]), variant) for variant in range(40)]
    # at most 5 % of the variants: 2 of 40
    assert sum(error <= SHARE for error in errors) <= 2


@pytest.mark.slow
def test_a_leave_one_out_baseline_nearly_always_reaches_it() -> None:
    answer = Ask(REACH["leave-one-out baseline"])
    errors = [relative_error(answer, variant) for variant in range(40)]
    assert sum(error <= SHARE for error in errors) >= 38


def test_the_solution_reaches_it() -> None:
    answer = Solution("lab04_gumbel").function("estimate")
    for variant in (1, 2, 4242, 4243):
        assert judged(answer, variant).points == 10


def test_the_unit_is_the_error_of_plain_reinforce() -> None:
    # 450 squared errors, each about as spread as its mean: a mean within 30 % is six deviations
    assert abs(relative_error(Ask(plain_reinforce), 3) - 1) < 0.3


def test_values_and_gradient_are_those_of_the_corners() -> None:
    box = problem(2, 5)
    box.left = CHOICES
    corners = box(torch.eye(CHOICES))
    torch.testing.assert_close(corners, box.values)
    logits = box.logits.double().requires_grad_()
    expected = logits.softmax(0) @ corners.double()
    (exact,) = torch.autograd.grad(expected, logits)
    torch.testing.assert_close(box.exact.double(), exact, atol=1e-6, rtol=1e-5)


def test_between_the_corners_the_cost_is_bent() -> None:
    box = problem(2, 5)
    middle = torch.full((CHOICES,), 1 / CHOICES)
    assert abs(float(box(middle) - middle @ box.values)) > 0.05


def test_every_row_counts_and_one_too_many_is_refused() -> None:
    box = problem(1, 0)
    box(torch.eye(CHOICES)[: EVALUATIONS - 1])
    box(torch.eye(CHOICES)[0])
    with pytest.raises(BudgetExhausted, match="0 of 32 are left"):
        box(torch.eye(CHOICES)[0])
    result = judged(too_many)
    assert "more evaluations than there are" in str(result)


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("plain REINFORCE", "all costs share is noise"),
        ("straight-through, tau 1", "between, or at, the corners is trusted"),
        ("relaxed, tau 1", "between, or at, the corners is trusted"),
        ("zero", "hardly depends on the costs"),
    ],
)
def test_known_ways_are_named(name: str, words: str) -> None:
    for variant in (1, 2, 3):
        assert words in str(judged(BELOW[name], variant))


def test_a_wrong_shape_is_said() -> None:
    result = judged(lambda f, logits, rng, evaluations: torch.zeros(3))
    assert "has shape (3,), expected (48,)" in str(result)
    with pytest.raises(ValueError, match="f takes"):
        BlackBox(1, 0)(torch.zeros(3))


def by_closure(f: Any, logits: Any, rng: Any, evaluations: int) -> Any:
    f(torch.eye(CHOICES)[:1])
    boxes = [c.cell_contents for c in f.__closure__ if isinstance(c.cell_contents, BlackBox)]
    return boxes[0].exact


def by_the_callers_frame(f: Any, logits: Any, rng: Any, evaluations: int) -> Any:
    f(torch.eye(CHOICES)[:1])
    frame = sys._getframe()
    while frame is not None:
        for value in [*frame.f_locals.values()]:
            if isinstance(value, BlackBox):
                return value.exact
        frame = frame.f_back
    return torch.zeros(CHOICES)


@pytest.mark.parametrize("peek", [by_closure, by_the_callers_frame])
def test_the_exact_gradient_read_out_of_the_judge_earns_nothing(peek: Any) -> None:
    result = judged(peek)
    assert result.points == 0
    assert "comes from elsewhere than the costs" in str(result)


def test_draws_that_do_not_come_from_rng_earn_nothing() -> None:
    """Otherwise right: with a baseline of all others."""

    def global_generator(f: Any, logits: Any, rng: Any, evaluations: int) -> Any:
        return REACH["leave-one-out baseline"](f, logits, torch.default_generator, evaluations)

    result = judged(global_generator)
    assert result.points == 0
    assert "comes from elsewhere than the costs" in str(result)


@pytest.mark.parametrize("secret", ["exact", "values", "logits", "reinforce_error"])
def test_the_cost_tells_nothing_but_costs(secret: str) -> None:
    def peek(f: Any, logits: Any, rng: Any, evaluations: int) -> Any:
        return getattr(f, secret)

    result = judged(peek)
    assert result.points == 0
    assert result.outcome is Outcome.ERROR
