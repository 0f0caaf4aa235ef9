"""A search made of its steps is the search, and says so."""

import inspect
from collections.abc import Callable, Iterator

import pytest

from course_lib.core import History, Oracle, Space, Trial, make_rng
from course_lib.nas.controller import reinforce, reinforce_steps
from course_lib.nas.search import metropolis, metropolis_steps

PAIRS = [(reinforce, reinforce_steps), (metropolis, metropolis_steps)]


@pytest.mark.parametrize(("search", "steps"), PAIRS)
def test_its_history_is_that_of_all_steps(
    search: Callable[..., History], steps: Callable[..., Iterator[object]]
) -> None:
    space, measure = Space([3, 2, 4]), lambda arch, _=None: Trial(arch, float(sum(arch)))
    oracle = Oracle(measure, 20)
    assert len(list(steps(space, oracle, make_rng(0)))) > 1
    assert search(space, Oracle(measure, 20), make_rng(0)) == oracle.history


@pytest.mark.parametrize(("search", "steps"), PAIRS)
def test_its_signature_and_help_are_those_of_the_steps_but_for_the_answer(
    search: Callable[..., History], steps: Callable[..., Iterator[object]]
) -> None:
    own = inspect.signature(search)
    assert own.return_annotation is History
    assert own.parameters == inspect.signature(steps).parameters
    assert search.__name__ + "_steps" == steps.__name__
    assert str(inspect.getdoc(search)).startswith(f"All steps of `{steps.__name__}`")
