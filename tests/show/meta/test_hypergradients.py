"""Pictures of hypergradients: what is drawn is what is so, by another way."""

import math

import numpy as np
import pytest
import torch

from course_lib.core import Log
from course_lib.show.lines import plot_lines
from course_lib.show.meta.hypergradients import (
    convergence_info,
    rates_info,
)
from course_lib.show.meta.reversible_demo import ReversibleDemo
from course_lib.show.meta.way_back import NOTHING, plot_paths, plot_way_back_errors, way_back_info

LEARNED = {"log rates": torch.tensor([0.0, 1.0, 2.0])}
TUNED = {"log rates": torch.zeros(3)}


def test_the_way_back_is_the_way_there_and_floats_leave_it():
    info = way_back_info(0.8, 150)
    assert info.there.shape == info.exact.shape == info.plain.shape == (151, 2)
    assert np.array_equal(info.exact, info.there)
    assert not info.errors(info.exact).any()
    off = np.abs(info.plain - info.there).max(1)
    assert info.errors(info.plain)[-1] == off[0] > 1
    assert info.lost is not None
    assert off[150 - info.lost] > 0.1 >= off[150 - info.lost + 1]
    assert "ends exactly where it began" in info.describe()
    assert f"{info.bits:.1f} bits" in info.describe()


def test_few_steps_lose_little():
    info = way_back_info(0.99, 10)
    assert info.lost is None
    assert "still near" in info.describe()


def test_a_rounding_error_grows_by_one_over_the_momentum():
    """Where the float error is on its way, between noise and size 1, its slope is log(1 / m)."""
    info = way_back_info(0.8, 200)
    error = info.errors(info.plain)
    on_its_way = np.flatnonzero((error > 1e-5) & (error < 1))
    slope = np.polyfit(on_its_way, np.log(error[on_its_way]), 1)[0]
    assert slope == pytest.approx(math.log(1 / 0.8), rel=0.3)


def test_pictures_of_the_way_back():
    info = way_back_info(0.8, 100)
    paths, errors = plot_paths(info), plot_way_back_errors(info)
    assert len(paths.lines) == 4
    heights = [line.get_ydata() for line in errors.lines]
    assert min(heights[0]) >= NOTHING
    assert set(heights[1]) == {NOTHING}


def test_learned_rates_are_drawn_beside_the_tuned():
    rates = rates_info(LEARNED, TUNED)
    assert rates.lines["learned"] == pytest.approx(np.exp([0, 1, 2]))
    assert rates.lines["tuned"].tolist() == [1, 1, 1]
    assert list(rates_info(LEARNED).lines) == ["learned"]
    plot_lines(rates)


def test_convergence_is_the_log():
    log = Log()
    for loss in (3.0, 2.0, 1.0):
        log.append(loss=loss)
    info = convergence_info(log, tuned=1.5)
    assert info.lines["validation loss"].tolist() == [3, 2, 1]
    assert info.marks == {"tuned constant rate": 1.5}


def test_the_demo_draws_what_it_says():
    demo = ReversibleDemo(momentum=0.8, length=100)
    info = way_back_info(0.8, 100)
    assert demo.label == info.describe()
    error = np.array(demo.chart["error"])
    known = np.clip(info.errors(info.plain), NOTHING, 1e4)
    np.testing.assert_allclose(error, np.log10(known), rtol=1e-3)
    assert demo.chart["said"] == info.short
