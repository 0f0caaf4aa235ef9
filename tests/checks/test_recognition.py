"""A mistake is called by its name: by the law that sees it, or by the probe."""

from dataclasses import replace
from typing import Any

import pytest
import torch

from course_lib.checks.ask import Ask
from course_lib.checks.laws import gradients
from course_lib.checks.result import Outcome
from course_lib.checks.values import same, tensor
from course_lib.checks.wrong import Wrong, mistake
from tests.checks.following import CASES, DOUBLED, EXERCISE, judged

HALVED = mistake("half as much", "Twice that.", lambda n: n // 2, lambda n: n / 2, part="far")


NEGATIVE = mistake("the sign", "Turn it round.", lambda n: -n - 1)


PROBED = replace(
    EXERCISE,
    mistakes=(HALVED, NEGATIVE, DOUBLED),
    probe=lambda ask, variant: {"near": float(ask(2)), "far": [float(ask(41)), torch.ones(1)]},
)


@pytest.mark.parametrize(
    ("answer", "name"),
    [
        (lambda n: n // 2 if n > 2 else 77, "half as much"),
        (lambda n: -n - 1, "the sign"),
        (lambda n: 2 * n + 2, "twice as much"),
        (lambda n: 3 * n, ""),
        (lambda n: -n - 1 if n > 2 else 0, ""),
        (lambda n: 1 / 0 if n > 9 else 0, ""),
    ],
)
def test_an_answer_that_does_what_a_mistake_does_is_called_by_its_name(
    answer: Any, name: str
) -> None:
    """In the part where it shows; what the law itself has seen comes first; nothing is guessed."""
    result = PROBED(answer, CASES, points=16)
    assert result.outcome is Outcome.FAILED
    assert {f.misconception.name for f in result.findings if f.misconception} == {name} - {""}


def test_a_recognised_mistake_is_named_with_advice_and_place() -> None:
    text = str(judged(lambda n: 2 * (n + 1)))
    assert "failed (4 of 16 points)" in text
    for words in ("twice as much", "Once is enough.", "Another section", "check.hint('following')"):
        assert words in text
    assert "Counting" not in text
    assert "Counting" in str(judged(lambda n: 0))


def slope_is_two(ask: Ask, variant: int) -> None:
    x = torch.ones(3, requires_grad=True)
    value = tensor(ask(x), (3,), "the answer")
    (slope,) = gradients(value.sum(), [x], "the answer", DOUBLED)
    if not same(slope, torch.full((3,), 2.0)):
        raise Wrong("the slope is not 2")


SLOPE = replace(EXERCISE, laws={"slope 2": slope_is_two})


def in_place(x: torch.Tensor) -> torch.Tensor:
    y = x.exp()
    y *= 2
    return y


def sparse(x: torch.Tensor) -> torch.Tensor:
    return (2 * x).to_sparse()


@pytest.mark.parametrize("answer", [in_place, sparse, lambda x: torch.empty(3, device="meta")])
def test_what_fails_in_what_was_given_back_is_told_in_a_panel(answer: Any) -> None:
    result = SLOPE(answer)
    assert result.points == 0
    assert "RuntimeError" in str(result) or "expected a plain one" in str(result)


def test_a_lost_gradient_is_named() -> None:
    assert SLOPE(lambda x: 2 * x).passed
    assert "twice as much" in str(SLOPE(lambda x: 2 * x.detach()))
    assert "the gradient of the answer" in str(SLOPE(in_place))
