"""A search made of its steps is the search, and says so."""

import inspect
import pickle
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from torch import Tensor

from course_lib.core import History, Log, Oracle, Space, Trial, make_rng
from course_lib.core.steps import Steps, run_to_the_end
from course_lib.nas.controller import reinforce, reinforce_steps
from course_lib.nas.one_shot import one_shot_search, one_shot_steps
from course_lib.nas.search import metropolis, metropolis_steps

BLACK_BOX = [(reinforce, reinforce_steps), (metropolis, metropolis_steps)]
SEARCHES = [
    *((*pair, History) for pair in BLACK_BOX),
    (one_shot_search, one_shot_steps, tuple[Tensor, Log]),
]


def test_every_step_is_taken_and_what_they_return_is_found() -> None:
    seen = []

    def halving_steps(number: int, *, least: int = 1) -> Steps[int, str]:
        while number > least:
            number //= 2
            seen.append(number)
            yield number
        return f"at most {least}"

    assert run_to_the_end(halving_steps, "halving")(9, least=2) == "at most 2"
    assert seen == [4, 2]


@pytest.mark.parametrize(("search", "steps"), BLACK_BOX)
def test_its_history_is_that_of_all_steps(
    search: Callable[..., History], steps: Callable[..., Iterator[object]]
) -> None:
    space, measure = Space([3, 2, 4]), lambda arch, _=None: Trial(arch, float(sum(arch)))
    oracle = Oracle(measure, 20)
    assert len(list(steps(space, oracle, make_rng(0)))) > 1
    assert search(space, Oracle(measure, 20), make_rng(0)) == oracle.history


@pytest.mark.parametrize(("search", "steps", "found"), SEARCHES)
def test_its_signature_and_help_are_those_of_the_steps_but_for_the_answer(
    search: Callable[..., Any], steps: Callable[..., Iterator[object]], found: Any
) -> None:
    own = inspect.signature(search)
    assert own.return_annotation == found
    assert own.parameters == inspect.signature(steps).parameters
    assert str(inspect.getdoc(search)).startswith(f"All steps of `{steps.__name__}`")
    assert pickle.loads(pickle.dumps(search)) is search
