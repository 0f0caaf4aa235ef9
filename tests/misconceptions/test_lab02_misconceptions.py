"""Lab 02: every wrong answer fails with the words that help, every right one gets all points."""

from typing import Any

import pytest
import torch

from course_lib.checks import lab02_weight_sharing as check
from course_lib.checks.result import Outcome
from tests.misconceptions.lab02_weight_sharing import RIGHT, WRONG
from tests.misconceptions.reference import Solution

EXERCISES = ("run_path", "sharing_epoch", "recalibrate", "kendall_tau", "enas_step")
SOLUTION = Solution("lab02_weight_sharing")


def judged(exercise: str, answer: Any, variants: tuple[int, ...]) -> Any:
    ask = getattr(check, exercise)
    return ask(answer, [(law, variant) for law in ask.laws for variant in variants], points=16)


@pytest.mark.parametrize("exercise", EXERCISES)
def test_solution_gets_full_points_on_every_variant(exercise: str) -> None:
    result = judged(exercise, SOLUTION.function(exercise), tuple(range(6)))
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
    for variant in (1, 2):
        result = judged(exercise, answer, (variant,))
        assert result.outcome in (Outcome.FAILED, Outcome.ERROR), str(result)
        assert result.points < 16
        assert words in str(result), str(result)


def nothing_learned(net: Any, space: Any, batches: Any, optimizer: Any, rng: Any) -> Any:
    net.train()
    told = []
    for x, y in batches:
        arch = space.sample(rng)
        told.append((arch, torch.nn.functional.cross_entropy(net(x, arch), y).item()))
    return told


def only_scored(net: Any, arch: Any, train: Any, valid: Any, *, batch: int = 250) -> float:
    net.eval()
    return float((net(valid.x, arch).argmax(1) == valid.y).double().mean())


@pytest.mark.parametrize(
    ("exercise", "answer"),
    [
        ("run_path", lambda operations, edges, arch, x: x),
        ("run_path", lambda operations, edges, arch, x: operations[0][arch[0]](x)),
        ("sharing_epoch", nothing_learned),
        ("sharing_epoch", lambda *_: []),
        ("recalibrate", only_scored),
        ("recalibrate", lambda *_, **__: 0.5),
        ("kendall_tau", lambda *_, **__: (0.0, -1.0, 1.0)),
        ("enas_step", lambda *_: 0.5),
    ],
)
def test_what_only_suits_an_easy_law_earns_nothing(exercise: str, answer: Any) -> None:
    result = judged(exercise, answer, (1, 2, 3))
    assert result.points == 0, str(result)


@pytest.mark.parametrize(
    ("exercise", "words", "laws"),
    [
        ("run_path", "changed in place", "equal to the stand-alone network"),
        ("run_path", "computed and thrown away", "only the path is computed"),
        ("sharing_epoch", "set to zero instead of None", "weights off the path rest"),
        ("sharing_epoch", "once per epoch",
         "a fresh uniform path for every batch"),
        ("sharing_epoch", "evaluation mode", "trained, and told"),
        ("recalibrate", "momentum is not put back", "weights and settings stay"),
        ("recalibrate", "before the recalibration", "validation images are only scored"),
        ("kendall_tau", "resampled independently", "the interval resamples pairs"),
        ("enas_step", "just trained is the one that is scored", "both paths come from the policy"),
        ("enas_step", "sign is flipped", "the policy climbs the validation accuracy"),
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
