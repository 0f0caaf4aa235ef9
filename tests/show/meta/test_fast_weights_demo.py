"""Fast weights in pictures: squares, one episode moment by moment."""

import numpy as np
import pytest
import torch
from matplotlib.colors import to_rgb

from course_lib.core import make_rng
from course_lib.meta.fast_weights import (
    VALUES,
    episodes,
    recalled,
    run,
    slow_network,
)
from course_lib.show.meta.fast_weights import memory_info
from course_lib.show.meta.fast_weights_demo import FastWeightsDemo, recorded_network
from course_lib.show.meta.signs import SignsInfo, plot_signs
from course_lib.show.style import BLUE, VERMILION
from tests.show.demos import press


def test_squares_have_areas_as_the_numbers_and_say_the_sign_twice() -> None:
    values = np.array([[0.25, -1.0], [np.nan, 3.0]])
    info = SignsInfo(values, ("a", "b"), ("x", "y"), "numbers")
    small, negative, cut = plot_signs(info).patches
    assert negative.get_width() == pytest.approx(2 * small.get_width())
    assert cut.get_width() == pytest.approx(negative.get_width())
    assert to_rgb(small.get_facecolor()) == to_rgb(BLUE)
    assert to_rgb(negative.get_edgecolor()) == to_rgb(VERMILION)
    assert (small.get_hatch(), negative.get_hatch()) == (None, "////")
    assert "2 of 3 positive, mean size 1.42" in info.describe()


def test_at_the_end_the_margins_are_the_answers_to_the_questions() -> None:
    """The same as asking in the episode, but that a question there writes a little, too."""
    theta = slow_network(make_rng(0))
    task = episodes(make_rng(3), count=1, pairs=3, distractors=2)
    info = memory_info(theta, moment=5, seed=3, pairs=3, distractors=2)
    answers, history = run(theta, task.x)
    np.testing.assert_allclose(info.fast.values, history[0, 4], rtol=1e-6)
    key = "".join("1" if bit > 0 else "0" for bit in task.x[0, 5, :6].tolist())
    row = info.margins.rows.index(key)
    expected = task.y[0, 0] * (answers[0, 5] / 2).tanh()
    np.testing.assert_allclose(info.margins.values[row], expected, rtol=1e-4)


def test_pairs_appear_when_they_are_stored() -> None:
    task = episodes(make_rng(0), count=1)
    known = []
    for moment in range(9):
        info = memory_info(slow_network(make_rng(0)), moment=moment)
        known.append(info.right[1] // VALUES)
        assert f"After {moment} of 8 steps" in info.describe()
    assert known == [0, *task.x[0, :8, -2].cumsum(0).int().tolist()]
    with pytest.raises(ValueError, match="from 0 to 8, got 9"):
        memory_info(slow_network(make_rng(0)), moment=9)


def test_the_recorded_network_recalls_what_it_was_trained_for() -> None:
    """1,500 pairs, 6,000 bits: the share's standard error is below a hundredth."""
    task = episodes(make_rng(77), count=500)
    assert recalled(recorded_network(), task).mean() > 0.93


def test_steps_walk_through_the_episode_and_fewer_events_cut_it() -> None:
    demo = FastWeightsDemo()
    for _ in range(3):
        press(demo, "step")
    assert demo.moment == 3
    press(demo, "finish")
    assert demo.moment == 8
    assert "of 12 stored bits" in demo.label
    demo.distractors = 0
    assert "After 3 of 3 steps" in demo.label
    press(demo, "reset")
    assert "nothing seen yet" in demo.label


def test_a_network_of_ones_own_can_be_shown() -> None:
    theta = slow_network(make_rng(5), units=4)
    demo = FastWeightsDemo(theta)
    press(demo, "finish")
    assert torch.tensor(demo.chart["panels"][0]["values"]).shape == (VALUES, 4)
    assert "theta = recorded" not in demo.code
