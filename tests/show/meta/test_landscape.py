"""The landscape of two parameters: its closed forms against the library, its optimum, its demo."""

from functools import partial

import numpy as np
import pytest
import torch
import torch.nn.functional as F
import traitlets
from scipy import optimize

from course_lib.meta.maml import inner_loop, maml_objective
from course_lib.meta.tasks import Tasks
from course_lib.show.figure import pictures
from course_lib.show.meta.landscape import (
    AMPLITUDES,
    PHASES,
    TASKS,
    landscape_info,
    level_lines,
    lowest,
    mean_loss,
    meta_gradient,
    plot_after,
    plot_before,
)
from course_lib.show.meta.landscape_demo import LandscapeDemo
from tests.show.demos import press

POINTS = [([0.8, 0.9], 0.2, 1), ([2.5, -0.4], 0.3, 3), ([1.0, 0.0], 0.1, 0)]


def predict(phi: dict, x: torch.Tensor) -> torch.Tensor:
    return phi["amplitude"] * torch.sin(x - phi["phase"])


def by_library(theta: list[float], lr: float, steps: int) -> tuple[float, np.ndarray]:
    """MAML's objective and its gradient; on 16 points of a period the mean of waves is exact."""
    x = torch.arange(16, dtype=torch.float64).expand(len(TASKS), 16) * torch.pi / 8
    height, phase = torch.tensor(TASKS, dtype=torch.float64).T.unsqueeze(-1)
    y = height * torch.sin(x - phase)
    at = torch.tensor(theta, dtype=torch.float64, requires_grad=True)
    loss, _ = maml_objective(
        {"amplitude": at[0], "phase": at[1]},
        Tasks(x, y, x, y),
        predict=predict,
        loss=F.mse_loss,
        inner_loop=partial(inner_loop, lr=lr, steps=steps),
    )
    return loss.item(), torch.autograd.grad(loss, at)[0].numpy()


@pytest.mark.parametrize(("theta", "lr", "steps"), POINTS)
def test_the_landscape_and_its_slope_are_mamls_objective(theta, lr, steps) -> None:
    loss, slope = by_library(theta, lr, steps)
    assert float(mean_loss(theta, TASKS, lr=lr, steps=steps)) == pytest.approx(loss)
    np.testing.assert_allclose(meta_gradient(theta, TASKS, lr=lr, steps=steps), slope)


@pytest.mark.parametrize(("lr", "steps"), [(0.2, 0), (0.2, 1), (0.1, 2)])
def test_the_lowest_place_is_where_an_optimizer_ends_that_starts_in_many(lr, steps) -> None:
    rng = np.random.default_rng(0)
    starts = rng.uniform(*zip(AMPLITUDES, PHASES, strict=True), size=(4, 2))
    ends = [
        optimize.minimize(
            by_library, start, (lr, steps), jac=True, bounds=[AMPLITUDES, PHASES], tol=1e-10
        )
        for start in starts
    ]
    best = min(ends, key=lambda end: end.fun)
    np.testing.assert_allclose(lowest(TASKS, lr, steps), best.x, atol=1e-3)


def test_without_steps_the_best_theta_is_the_mean_of_the_waves() -> None:
    mean = sum(height * np.exp(1j * phase) for height, phase in TASKS) / len(TASKS)
    np.testing.assert_allclose(lowest(TASKS, 0.2, 0), (abs(mean), np.angle(mean)), atol=1e-4)


def test_a_step_moves_the_best_theta_to_a_higher_wave_and_to_the_flattest_task() -> None:
    info = landscape_info([0.8, 0.9])
    assert info.maml[0] > info.joint[0] + 0.5
    assert abs(info.maml[1] - TASKS[0][1]) < abs(info.joint[1] - TASKS[0][1])
    assert info.losses["maml"] < info.losses["joint"] < info.losses["theta"]


def test_meta_training_goes_downhill_to_the_best() -> None:
    info = landscape_info([0.8, 0.9], taken=200)
    heights = mean_loss(info.trail, TASKS, lr=info.lr, steps=info.steps)
    assert (np.diff(heights) < 1e-12).all()
    np.testing.assert_allclose(info.trail[-1], info.maml, atol=0.02)


def test_contours_lie_on_their_level_as_far_as_the_grid_is_fine() -> None:
    lines = level_lines(TASKS, 0.2, 1)
    assert len({level for level, _ in lines}) > 4
    for level, line in lines:
        np.testing.assert_allclose(mean_loss(line, TASKS, lr=0.2, steps=1), level, atol=0.02)


def test_words_hold_the_numbers_and_both_plots_draw() -> None:
    info = landscape_info([0.8, 0.9], steps=2, taken=3)
    words = pictures((plot_before, info), (plot_after, info)).alt
    assert words == info.describe()
    assert f"{info.losses['maml']:.3f} from the second" in words
    assert "After 3 steps of meta-training" in words


def test_negative_steps_and_other_numbers_of_tasks_are_refused() -> None:
    with pytest.raises(ValueError, match="no negative steps"):
        landscape_info([1, 0], steps=-1)
    with pytest.raises(ValueError, match="expected 3 pairs"):
        LandscapeDemo(((1.0, 0.0),))


def test_dragging_theta_ends_the_trail_and_stays_inside() -> None:
    demo = LandscapeDemo()
    press(demo, "follow")
    assert len(demo.chart["trail"]) == 41
    demo.set_state({"theta": [9.0, float("nan")]})
    assert demo.theta == [AMPLITUDES[1], 0.0]
    assert len(demo.chart["trail"]) == 1
    with pytest.raises(traitlets.TraitError, match="amplitude and phase"):
        demo.theta = [1.0]


def test_only_the_landscape_after_the_steps_changes_with_them() -> None:
    demo = LandscapeDemo()
    first = demo.scenery
    demo.inner = 5
    assert demo.scenery["before"] == first["before"]
    assert demo.scenery["after"] != first["after"]
    demo.inner = 0
    assert demo.scenery["after"] == first["before"]
