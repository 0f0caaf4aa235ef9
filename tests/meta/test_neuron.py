"""One neuron: what it can compute, and that its learning is the loop on paper."""

import math
from itertools import product

import numpy as np
import pytest
import torch
from scipy.optimize import linprog

from course_lib.core import make_rng
from course_lib.meta.neuron import (
    delta_rule,
    errors,
    hebb_rule,
    learn,
    presentations,
    threshold_functions,
)


@pytest.mark.parametrize(("inputs", "count"), [(1, 4), (2, 14), (3, 104), (4, 1882)])
def test_there_are_as_many_threshold_functions_as_are_known(inputs: int, count: int) -> None:
    """Sequence A000609 of the encyclopedia of integer sequences."""
    patterns, functions = threshold_functions(inputs)
    assert functions.shape == (count, 2**inputs)
    assert patterns.shape == (2**inputs, inputs + 1)
    assert len({tuple(row) for row in functions.tolist()}) == count


def test_they_are_those_that_linear_programming_separates() -> None:
    """Of all 256 functions of three inputs: y (w . x) >= 1 has a solution for these alone."""
    patterns, functions = threshold_functions(3)
    ours = {tuple(row) for row in functions.tolist()}
    for answers in product((-1.0, 1.0), repeat=8):
        margins = -np.array(answers)[:, None] * patterns.numpy()
        found = linprog(np.zeros(4), margins, -np.ones(8), bounds=(None, None))
        assert (found.status == 0) == (answers in ours)


def test_one_input_too_many_is_refused() -> None:
    with pytest.raises(ValueError, match=r"1, 2, 3 or 4, got 5"):
        threshold_functions(5)


def test_learning_is_the_loop_over_presentations_and_inputs() -> None:
    x, y = torch.randn(7, 3, generator=make_rng(0)), torch.randn(7, generator=make_rng(1))
    weights = [0.0, 0.0, 0.0]
    for pattern, teacher in zip(x.tolist(), y.tolist(), strict=True):
        post = math.tanh(sum(w * p for w, p in zip(weights, pattern, strict=True)))
        weights = [w + 0.3 * p * (teacher - post) for w, p in zip(weights, pattern, strict=True)]
    assert learn(delta_rule(0.3), x, y)[-1].tolist() == pytest.approx(weights, abs=1e-5)
    assert learn(hebb_rule(0.5), x, y)[-1].tolist() == pytest.approx((0.5 * y @ x).tolist())


def test_tasks_learn_side_by_side_as_each_alone() -> None:
    patterns, functions = threshold_functions(3)
    tasks = presentations(patterns, functions, make_rng(0), tasks=5)
    together = learn(delta_rule(0.2), tasks.support_x, tasks.support_y)
    for k in range(5):
        alone = learn(delta_rule(0.2), tasks.support_x[k], tasks.support_y[k])
        torch.testing.assert_close(together[:, k], alone)


def test_every_sweep_shows_every_pattern_once_with_its_answer() -> None:
    patterns, functions = threshold_functions(2)
    tasks = presentations(patterns, functions, make_rng(0), tasks=6, sweeps=3)
    known = {tuple(row) for row in functions.tolist()}
    rows = patterns.tolist()
    for x, y, asked, right in zip(*tasks, strict=True):
        assert asked.tolist() == rows
        assert tuple(right.tolist()) in known
        for sweep in range(3):
            part = slice(4 * sweep, 4 * sweep + 4)
            places = [rows.index(row) for row in x[part].tolist()]
            assert sorted(places) == [0, 1, 2, 3]
            assert y[part].tolist() == right[places].tolist()


def test_the_delta_rule_learns_what_can_be_learnt_and_nothing_knows_nothing() -> None:
    patterns, functions = threshold_functions(2)
    tasks = presentations(patterns, functions, make_rng(0), tasks=40, sweeps=60)
    wrong = errors(learn(delta_rule(0.3), tasks.support_x, tasks.support_y), tasks)
    assert (wrong[0] == 0.5).all()
    assert (wrong[-1] == 0).all()


def test_answers_that_do_not_fit_are_refused() -> None:
    with pytest.raises(ValueError, match="one answer per presentation"):
        learn(hebb_rule(1.0), torch.zeros(4, 2), torch.zeros(3))
