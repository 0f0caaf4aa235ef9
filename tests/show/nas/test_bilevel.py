"""The bilevel toy: its formulas against autograd, where its trails end, and its demo."""

import numpy as np
import pytest
import torch

from course_lib.nas.bilevel import exact_second_order, first_order, second_order
from course_lib.show.figure import pictures
from course_lib.show.nas.bilevel import (
    ALPHAS,
    WEIGHTS,
    bilevel_info,
    contours,
    plot_bilevel,
    plot_outer,
    validation_loss,
)
from course_lib.show.nas.bilevel_demo import BilevelDemo
from tests.show.demos import press

POINTS = [(1.5, 1.0, 0.1), (-0.7, 2.2, 0.5), (2.5, -2.0, 1.0), (0.3, 0.3, 0.0)]


def train_loss(params, alpha):
    return (params["w"] - alpha) ** 2


def valid_loss(params, alpha):
    return alpha * params["w"] - 2 * alpha + 1


@pytest.mark.parametrize(("alpha", "w", "xi"), POINTS)
def test_gradients_are_those_of_the_library(alpha: float, w: float, xi: float) -> None:
    """The losses are quadratic, so that even the finite differences are exact up to rounding."""
    found = bilevel_info(alpha, w, xi=xi).gradients
    params = {"w": torch.tensor(w, dtype=torch.float64)}
    at = (train_loss, valid_loss, params, torch.tensor(alpha, dtype=torch.float64))
    assert found["first order"] == pytest.approx(first_order(*at, xi=xi).item(), abs=1e-9)
    assert found["one step"] == pytest.approx(exact_second_order(*at, xi=xi).item(), abs=1e-9)
    assert found["one step"] == pytest.approx(second_order(*at, xi=xi).item(), abs=1e-9)


@pytest.mark.parametrize(("alpha", "w", "xi"), POINTS)
def test_exact_gradient_is_the_slope_of_the_outer_objective(alpha, w, xi) -> None:
    """The weight is trained by many steps; then central differences in alpha."""

    def outer(alpha: float) -> float:
        weight = 0.0
        for _ in range(200):
            weight -= 0.3 * 2 * (weight - alpha)
        return float(validation_loss(weight, alpha))

    slope = (outer(alpha + 1e-4) - outer(alpha - 1e-4)) / 2e-4
    assert bilevel_info(alpha, w, xi=xi).gradients["exact"] == pytest.approx(slope, abs=1e-6)


@pytest.mark.parametrize("xi", [0.0, 0.1, 0.5, 1.0])
def test_one_step_ends_between_first_order_and_exact(xi: float) -> None:
    """At rest w = alpha and the gradient is 0: alpha = 2 / (1 + 2 xi), 2 for xi = 0."""
    trails = bilevel_info(2.0, -2.0, xi=xi, steps=2000).trails
    assert trails["one step"][-1] == pytest.approx([2 / (1 + 2 * xi)] * 2)
    assert trails["first order"][-1] == pytest.approx([2, 2])
    assert trails["exact"][-1] == pytest.approx([1, 1])


def test_half_a_step_reaches_the_answer_from_everywhere() -> None:
    for alpha, w, _ in POINTS:
        info = bilevel_info(alpha, w, xi=0.5)
        assert info.unrolled == pytest.approx(info.best)
        assert info.gradients["one step"] == pytest.approx(info.gradients["exact"])


def test_contours_lie_on_their_level_and_inside_the_picture() -> None:
    lines = contours()
    assert len({level for level, _ in lines}) > 6
    for level, line in lines:
        np.testing.assert_allclose(validation_loss(line[:, 1], line[:, 0]), level, atol=1e-9)
        for column, (low, high) in zip(line.T, (ALPHAS, WEIGHTS), strict=True):
            assert low <= column.min() <= column.max() <= high


def test_words_hold_the_numbers_and_the_wrong_way() -> None:
    words = bilevel_info(1.5, 1.5, xi=0.1, steps=40).describe()
    for number in ("alpha 1.50", "w 1.50", "exact +1.00", "first order -0.50", "After 40 steps"):
        assert number in words
    assert "one step and first order with the wrong sign" in words
    assert "none points the wrong way" in bilevel_info(0.0, 0.0, xi=0.1).describe()


def test_negative_sizes_are_refused() -> None:
    with pytest.raises(ValueError, match=r"xi and steps must not be negative"):
        bilevel_info(0, 0, xi=-0.1)
    with pytest.raises(ValueError, match=r"xi and steps must not be negative"):
        bilevel_info(0, 0, steps=-1)


def test_both_plots_draw_into_one_picture() -> None:
    info = bilevel_info(1.5, 1.0, steps=40)
    assert info.describe() in pictures((plot_bilevel, info), (plot_outer, info)).alt


def test_moving_the_point_moves_every_gradient_at_once() -> None:
    demo = BilevelDemo()
    demo.set_state({"alpha": -0.5, "w": 3.0})
    assert demo.chart["gradients"] == bilevel_info(-0.5, 3.0, xi=demo.xi).gradients
    assert demo.label == demo.info().describe()


def test_steps_follow_until_reset() -> None:
    demo = BilevelDemo(alpha=2.0, w=-2.0)
    press(demo, "step")
    press(demo, "follow")
    assert len(demo.chart["trails"]["exact"]) == 42
    press(demo, "preset", index=1)
    assert len(demo.chart["trails"]["exact"]) == 1
    press(demo, "step")
    press(demo, "reset")
    assert demo.chart == BilevelDemo(alpha=2.0, w=-2.0).chart


def test_the_wrong_way_is_a_preset_and_a_full_step_agrees() -> None:
    demo = BilevelDemo()
    demo.choose(0)
    assert demo.info().wrong == ("one step", "first order")
    demo.choose(1)
    gradients = demo.chart["gradients"]
    assert gradients["one step"] == pytest.approx(gradients["exact"])


def test_code_to_copy_prints_the_same_gradients(capsys: pytest.CaptureFixture[str]) -> None:
    demo = BilevelDemo(alpha=0.5, w=-1.25, xi=0.25)
    exec(demo.code, {})
    said = capsys.readouterr().out
    gradients = demo.chart["gradients"]
    for name in ("one step", "first order"):
        assert f"tensor({gradients[name]:.4f})" in said
