"""The demo of dragged sinusoids: what it computes another way, and what its buttons do."""

import json

import numpy as np
import pytest
import torch
import torch.nn.functional as F
import traitlets
from scipy import optimize

from course_lib.core import make_rng
from course_lib.meta.sinusoids import regressor
from course_lib.show.figure import pictures
from course_lib.show.meta.sinusoid import (
    HEIGHT,
    MOST,
    POINTS,
    drawn_task,
    nearest_sinusoid,
    plot_curves,
    plot_errors,
    sinusoid_info,
)
from course_lib.show.meta.sinusoid_demo import SinusoidDemo
from tests.show.demos import press

STARTS = {name: regressor(make_rng(seed))[0] for seed, name in enumerate(("MAML", "random"))}
PREDICT = regressor(make_rng(0))[1]
SOME = drawn_task(1)[0][:6]


def sgd(theta: dict, points: np.ndarray, steps: int, lr: float) -> dict[str, torch.Tensor]:
    """The same steps by torch's optimizer."""
    phi = {name: value.clone().requires_grad_() for name, value in theta.items()}
    x, y = torch.tensor(points).float().split(1, dim=1)
    optimizer = torch.optim.SGD(phi.values(), lr=lr)
    for _ in range(steps):
        optimizer.zero_grad()
        F.mse_loss(PREDICT(phi, x), y).backward()
        optimizer.step()
    return {name: value.detach() for name, value in phi.items()}


@pytest.mark.parametrize("steps", [0, 3])
def test_curves_and_errors_are_those_of_plain_gradient_descent(steps: int) -> None:
    info = sinusoid_info(STARTS, PREDICT, SOME, steps=steps, lr=0.02)
    for name, theta in STARTS.items():
        phi = sgd(theta, SOME, steps, 0.02)
        curve = PREDICT(phi, torch.tensor(info.grid).float().unsqueeze(1))[:, 0].numpy()
        np.testing.assert_allclose(info.after[name], curve, atol=1e-5)
        whole = np.sqrt(np.mean((curve - info.target) ** 2))
        assert info.overall[name][steps] == pytest.approx(whole, abs=1e-5)
        x, y = torch.tensor(SOME).float().split(1, dim=1)
        seen = float(F.mse_loss(PREDICT(phi, x), y).sqrt())
        assert info.at_points[name][steps] == pytest.approx(seen, abs=1e-5)
    np.testing.assert_array_equal(
        info.before["MAML"], sinusoid_info(STARTS, PREDICT, SOME, steps=0, lr=0.02).after["MAML"]
    )


def test_points_of_a_sinusoid_give_it_back() -> None:
    points, _ = drawn_task(5)
    for count in (2, 10):
        info = sinusoid_info(STARTS, PREDICT, points[:count], near=drawn_task(5)[1])
        rebuilt = info.amplitude * np.sin(points[:, 0] - info.phase)
        np.testing.assert_allclose(rebuilt, points[:, 1], atol=1e-4)
        np.testing.assert_allclose(
            info.target, info.amplitude * np.sin(info.grid - info.phase), atol=1e-9
        )
        assert 0.1 - 1e-6 <= info.amplitude <= 5 + 1e-6
        assert -1e-6 <= info.phase <= np.pi + 1e-6


def test_the_suited_sinusoid_is_the_least_of_its_objective() -> None:
    x, y, near = np.array([0.3, 2.0]), np.array([1.0, -3.0]), np.array([0.5, -1.0])

    def objective(c: np.ndarray) -> float:
        rest = y - c[0] * np.sin(x) - c[1] * np.cos(x)
        return float(rest @ rest + 0.1 * (c - near) @ (c - near))

    best = optimize.minimize(objective, near, tol=1e-12).x
    np.testing.assert_allclose(nearest_sinusoid(x, y, near, loyal=0.1), best, atol=1e-5)


def test_one_point_moves_the_drawn_sinusoid_through_it_and_no_further() -> None:
    near = np.array([2.0, -1.0])
    moved = nearest_sinusoid(np.array([1.0]), np.array([3.0]), near)
    wave = np.array([np.sin(1.0), np.cos(1.0)])
    assert moved @ wave == pytest.approx(3.0, abs=0.01)
    assert np.cross(np.append(moved - near, 0), np.append(wave, 0))[2] == pytest.approx(0, abs=1e-9)


def test_words_hold_the_numbers_and_both_plots_draw() -> None:
    info = sinusoid_info(STARTS, PREDICT, SOME, steps=1)
    words = pictures((plot_curves, info), (plot_errors, info)).alt
    assert words == info.describe()
    assert f"MAML: {info.overall['MAML'][1]:.2f} from the sinusoid" in words
    assert "after 1 inner step:" in words


def test_steps_that_run_away_are_told_and_drawn_at_the_edge() -> None:
    demo = SinusoidDemo(STARTS, rate=0.05, inner=10)
    demo.points = [[5.0, HEIGHT], [-5.0, HEIGHT]] * 5
    wild = sinusoid_info(STARTS, PREDICT, demo.points, steps=10, lr=30.0)
    assert "beyond all bounds" in wild.describe()
    json.dumps(demo.chart, allow_nan=False)
    for curve in demo.chart["after"].values():
        assert max(map(abs, curve)) <= HEIGHT


def test_what_makes_no_sense_is_refused() -> None:
    with pytest.raises(ValueError, match=f"steps must be from 0 to {MOST}"):
        sinusoid_info(STARTS, PREDICT, SOME, steps=MOST + 1)
    with pytest.raises(ValueError, match="no points"):
        sinusoid_info(STARTS, PREDICT, [])
    with pytest.raises(traitlets.TraitError, match="pairs"):
        SinusoidDemo(STARTS).points = []


def test_dragged_points_stay_in_the_picture() -> None:
    demo = SinusoidDemo(STARTS)
    demo.set_state({"points": [[9.0, -9.0], [0.123, float("nan")]]})
    assert demo.points == [[5.0, -HEIGHT], [0.12, 0.0]]
    assert demo.label == demo.info().describe()


def test_buttons_add_and_remove_points_and_draw_other_tasks() -> None:
    demo = SinusoidDemo(STARTS)
    target = np.array(demo.chart["target"])
    press(demo, "add")
    assert len(demo.points) == 11
    np.testing.assert_allclose(demo.chart["target"], target, atol=0.03)
    for _ in range(POINTS):
        press(demo, "add")
    assert len(demo.points) == POINTS
    assert "all there is room for" in demo.note
    for _ in range(POINTS):
        press(demo, "remove")
    assert len(demo.points) == 1
    assert "must stay" in demo.note
    press(demo, "draw")
    assert len(demo.points) == 1
    press(demo, "reset")
    assert (demo.note, len(demo.points)) == ("", 10)


def test_step_goes_round_and_the_switch_shows_the_curves_before() -> None:
    demo = SinusoidDemo(STARTS, inner=MOST)
    press(demo, "step")
    assert demo.inner == 0
    assert demo.chart["before"] == {}
    demo.before = True
    assert demo.chart["before"] == demo.chart["after"]
    assert len(json.dumps(demo.chart)) < 12_000


def test_presets_show_one_point_the_left_half_and_a_line() -> None:
    demo = SinusoidDemo(STARTS)
    demo.choose(0)
    assert len(demo.points) == 1
    demo.choose(1)
    assert len(demo.points) > 4
    assert max(x for x, _ in demo.points) < 0
    demo.choose(2)
    x, y = np.array(demo.points).T
    np.testing.assert_allclose(y, 0.6 * x, atol=0.01)
