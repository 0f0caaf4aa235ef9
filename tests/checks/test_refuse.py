"""The library's own answer is out of reach while a check runs."""

import importlib
import inspect
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
import torch

from course_lib.checks import lab01_rl_nas as check
from course_lib.checks.ask import LibraryCalled
from course_lib.checks.engine import Exercise
from course_lib.checks.refuse import library_refused
from course_lib.checks.result import Outcome
from course_lib.core import History, Oracle, Space, Trial, make_rng
from course_lib.nas import controller
from course_lib.nas.controller import reinforce, reinforce_loss
from course_lib.nas.search import metropolis
from tests.checks.following import judged


def borrowed(n: int) -> Any:
    return controller.reinforce_loss(torch.zeros(1), torch.zeros(1), 0.0)


def aliased(n: int) -> Any:
    return reinforce_loss(torch.zeros(1), torch.zeros(1), 0.0)


def from_defaults(n: int) -> Any:
    return (
        inspect.signature(reinforce).parameters["loss"].default(torch.zeros(1), torch.zeros(1), 0.0)
    )


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


def test_of_searches_that_are_made_of_steps_only_the_named_one_is_refused() -> None:
    def run(search: Callable[..., History]) -> int:
        oracle = Oracle(lambda arch, _=None: Trial(arch, 0.5), budget=5)
        return len(search(Space([2, 2]), oracle, make_rng(0)))

    with library_refused("course_lib.nas.controller:reinforce"):
        with pytest.raises(LibraryCalled):
            run(reinforce)
        assert run(metropolis) == 5
    assert run(reinforce) == 5


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
