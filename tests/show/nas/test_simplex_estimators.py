"""The demos of lecture 04 without a browser, and what they compute."""

import json

import numpy as np
import pytest
import torch
import traitlets

from course_lib.nas.estimators import exact_gradient, expected_loss, toy_cell
from course_lib.show.nas.estimators import estimators_info, plot_pathwise, plot_score
from course_lib.show.nas.estimators_demo import EstimatorsDemo
from course_lib.show.nas.simplex import plot_shares, plot_simplex, simplex_info
from course_lib.show.nas.simplex_demo import SimplexDemo

DEMOS = pytest.mark.parametrize("make", [SimplexDemo, EstimatorsDemo])


@DEMOS
def test_step_draws_other_noise_and_reset_brings_the_first_back(make) -> None:
    demo = make()
    first = demo.chart
    demo._handle_custom_msg({"do": "step"}, [])
    assert demo.seed == 1
    assert demo.chart != first
    for index in range(3):
        demo.choose(index)
        assert demo.note == demo.presets[index]["comment"]
    demo._handle_custom_msg({"do": "reset"}, [])
    assert demo.chart == first


@DEMOS
def test_what_travels_to_the_browser_stays_small(make) -> None:
    demo = make()
    demo.tau = 3.0
    if isinstance(demo, SimplexDemo):
        demo.samples = 20_000
        assert sum(map(len, demo.chart["dots"])) <= 800
    assert len(json.dumps(demo.chart)) < 10_000


@pytest.mark.parametrize("hard", [False, True])
def test_code_of_the_triangle_draws_the_same_samples(hard: bool) -> None:
    demo = SimplexDemo(straight_through=hard, samples=50)
    demo.probabilities = [0.7, 0.2, 0.1]
    scope: dict = {}
    exec(demo.code, scope)
    np.testing.assert_allclose(scope["samples"].mean(0), demo.info().mean, atol=1e-6)


@pytest.mark.parametrize("hard", [False, True])
def test_code_of_the_estimators_draws_the_same_estimates(hard: bool) -> None:
    demo = EstimatorsDemo(straight_through=hard, baseline=hard, tau=0.5)
    scope: dict = {}
    exec(demo.code, scope)
    steepest = int(scope["exact"].abs().argmax())
    info = demo.info()
    for rows, shown in ((scope["score"], info.score), (scope["relaxed"], info.pathwise)):
        assert float(rows.flatten(1)[:, steepest].mean()) == pytest.approx(shown.mean)
    assert info.exact == pytest.approx(float(scope["exact"].flatten()[steepest]))


def test_the_point_stays_inside_the_triangle() -> None:
    demo = SimplexDemo()
    demo.probabilities = [1.4, -0.2, float("nan")]
    assert min(demo.probabilities) > 0
    assert sum(demo.probabilities) == pytest.approx(1, abs=1e-3)
    with pytest.raises(traitlets.TraitError, match="three probabilities"):
        demo.probabilities = [0.5, 0.5]


def test_corners_are_reached_in_proportion_to_the_probabilities_at_any_temperature() -> None:
    """Chi-square with two degrees of freedom: above 18.4 once in ten thousand."""
    p = np.array([0.6, 0.1, 0.3])
    for tau in (0.1, 1.0, 10.0):
        info = simplex_info(p, tau=tau, samples=5000, seed=2)
        assert 5000 * ((info.shares - p) ** 2 / p).sum() < 18.4
        np.testing.assert_allclose(info.points.sum(1), 1)


def test_straight_through_passes_corners_forward_and_keeps_the_mean() -> None:
    soft, hard = (simplex_info((0.6, 0.1, 0.3), tau=5, hard=h, samples=5000) for h in (False, True))
    np.testing.assert_allclose(hard.mean, hard.shares)
    np.testing.assert_allclose(soft.mean, soft.points.mean(0))
    assert hard.distance < 0.1 < soft.distance
    assert hard.gradient.exact == soft.gradient.exact
    assert "with straight-through" in hard.describe()


@pytest.mark.parametrize(
    ("wrong", "match"),
    [
        ({"probabilities": (0.5, 0.5, 0.0)}, "three positive"),
        ({"probabilities": (0.5, 0.5)}, "three positive"),
        ({"probabilities": (1, 1, 1), "samples": 0}, "at least 1"),
        ({"probabilities": (1, 1, 1), "tau": 0.0}, "tau must be positive"),
    ],
)
def test_bad_input_is_refused_by_name(wrong: dict, match: str) -> None:
    with pytest.raises(ValueError, match=match):
        simplex_info(**wrong)


def test_the_triangle_is_drawn_with_its_names_and_numbers() -> None:
    for hard in (False, True):
        info = simplex_info((0.6, 0.1, 0.3), hard=hard, samples=30, names=("skip", "one", "two"))
        words = {text.get_text() for text in plot_simplex(info).texts}
        assert {"skip", "one", "two", "π", "mean", "loss 0"} <= words
        assert f"{info.gradient.bias:.3f}" in plot_shares(info).get_title()


def test_histograms_count_every_estimate_and_keep_their_edges() -> None:
    logits, loss = toy_cell(edges=3)
    one, other = (estimators_info(logits, loss, tau=tau, hard=True) for tau in (0.05, 2.0))
    np.testing.assert_array_equal(one.edges, other.edges)
    for estimates in (one.score, one.other_score, one.pathwise, other.other_pathwise):
        assert estimates.shares.sum() == pytest.approx(1)
    gradient = exact_gradient(logits, loss)
    assert abs(one.exact) == pytest.approx(float(gradient.abs().max()))
    assert one.pathwise.sd > other.pathwise.sd
    assert "exact" in plot_score(one).get_title()
    assert "straight-through" in plot_pathwise(one).get_title()


def test_a_baseline_keeps_the_mean_and_takes_variance_away() -> None:
    logits, loss = toy_cell()
    assert float(expected_loss(logits, loss)) > 0
    info = estimators_info(logits, loss, baseline=True, samples=20_000)
    error = info.other_score.sd / 20_000**0.5
    assert abs(info.score.mean - info.exact) < 4.5 * error
    assert info.score.sd < info.other_score.sd


def test_logits_without_a_loss_are_refused() -> None:
    with pytest.raises(ValueError, match="together"):
        EstimatorsDemo(torch.zeros(2, 3))
