"""Joint training, layers used again, and the curves of fine-tuning."""

from functools import partial

import pytest
import torch
from torch.nn import functional as F

from course_lib.core import make_rng
from course_lib.meta.maml import anil, inner_loop, maml_objective
from course_lib.meta.sinusoids import regressor, sinusoid_tasks
from course_lib.meta.tasks import Tasks
from course_lib.meta.transfer import adaptation_losses, joint_objective, reuse


def setting(seed=0):
    theta, predict = regressor(make_rng(seed), hidden=(6,))
    return theta, sinusoid_tasks(make_rng(1), tasks=4), {"predict": predict, "loss": F.mse_loss}


def test_joint_training_sees_all_examples_alike():
    theta, tasks, options = setting()
    x, y = tasks.joined()
    expected = F.mse_loss(options["predict"](theta, x.flatten(0, 1)), y.flatten(0, 1))
    torch.testing.assert_close(joint_objective(theta, tasks, **options)[0], expected)


def test_joint_training_is_maml_without_an_inner_step():
    theta, tasks, options = setting()
    x, y = tasks.joined()
    pooled = Tasks(tasks.support_x, tasks.support_y, x, y)
    unmoved = partial(inner_loop, lr=0.1, steps=0)
    maml = maml_objective(theta, pooled, inner_loop=unmoved, **options)
    torch.testing.assert_close(joint_objective(theta, tasks, **options), maml)


@pytest.mark.parametrize("moving", [None, ["head.weight", "head.bias"]])
def test_the_curve_holds_the_loss_after_every_number_of_steps(moving):
    theta, tasks, options = setting()
    curves = adaptation_losses(theta, tasks, lr=0.02, steps=3, moving=moving, **options)
    assert curves.shape == (4, 4)
    for steps in range(4):
        loop = anil(partial(inner_loop, lr=0.02, steps=steps), moving or list(theta))
        mean, _ = maml_objective(theta, tasks, inner_loop=loop, **options)
        torch.testing.assert_close(curves[:, steps].mean(), mean)
    one = adaptation_losses(
        theta, tasks.part(slice(2, 3)), lr=0.02, steps=3, moving=moving, **options
    )
    torch.testing.assert_close(one[0], curves[2])


def test_a_loss_that_runs_away_is_shown_and_nothing_keeps_a_graph():
    theta, tasks, options = setting()
    for value in theta.values():
        value.requires_grad_()
    curves = adaptation_losses(theta, tasks, lr=1e6, steps=20, **options)
    assert not curves.requires_grad
    assert torch.isfinite(curves[:, 0]).all()
    assert not torch.isfinite(curves[:, -1]).all()
    with pytest.raises(ValueError, match="steps must be at least 0, got -1"):
        adaptation_losses(theta, tasks, lr=0.1, steps=-1, **options)


def test_layers_are_used_again_by_name():
    donor, fresh = setting(0)[0], setting(1)[0]
    lower = ["layer1.weight", "layer1.bias"]
    mixed = reuse(donor, fresh, lower)
    assert mixed.keys() == fresh.keys()
    assert all(mixed[name] is (donor if name in lower else fresh)[name] for name in fresh)


def test_layers_that_do_not_fit_are_refused():
    donor, fresh = setting()[0], regressor(make_rng(0), hidden=(7,))[0]
    with pytest.raises(ValueError, match=r"layer1.weight has two shapes, \(1, 6\) and \(1, 7\)"):
        reuse(donor, fresh, ["layer1.weight"])
    with pytest.raises(ValueError, match="the donor lacks layer2"):
        reuse(donor, fresh, ["layer2.weight"])
