"""Reptile against its formula, plain SGD by torch, and what one inner step makes of it."""

import copy

import pytest
import torch
from torch import nn
from torch.nn import functional as F
from torch.optim import SGD

from course_lib.core import make_rng
from course_lib.core.meta_train import meta_train
from course_lib.meta.reptile import reptile_objective, reptile_step, trained
from course_lib.meta.sinusoids import regressor, sinusoid_tasks
from course_lib.meta.transfer import joint_objective

SGD_ON_TASKS = {"loss": F.mse_loss, "lr": 0.02}


def test_the_step_goes_part_of_the_way_to_the_mean():
    theta = {"w": torch.tensor([1.0, 3.0]), "b": torch.tensor(0.0)}
    phis = {"w": torch.tensor([[2.0, 3.0], [4.0, 5.0]]), "b": torch.tensor([1.0, 3.0])}
    moved = reptile_step(theta, phis, eps=0.5)
    assert moved["w"].tolist() == [2.0, 3.5]
    assert moved["b"].item() == 1.0
    torch.testing.assert_close(reptile_step(theta, phis, eps=1.0)["w"], phis["w"].mean(0))
    assert theta["w"].tolist() == [1.0, 3.0]
    with pytest.raises(ValueError, match="phis lacks b; it has w"):
        reptile_step(theta, {"w": phis["w"]}, eps=0.5)


def test_sgd_on_the_objective_is_the_step():
    theta, predict = regressor(make_rng(0), hidden=(5,))
    tasks = sinusoid_tasks(make_rng(1), tasks=4)
    options = {"predict": predict, "steps": 3, "batch": 8} | SGD_ON_TASKS
    phis = trained(theta, tasks, make_rng(7), **options)

    def objective(theta, tasks, rng, carry):
        return reptile_objective(theta, tasks, make_rng(7), carry, **options)

    found, log = meta_train(
        theta,
        objective,
        lambda _: tasks,
        make_rng(0),
        steps=1,
        optimizer=lambda values: SGD(values, lr=0.3),
    )
    torch.testing.assert_close(found, reptile_step(theta, phis, eps=0.3))
    squares = sum(float((theta[n] - phis[n].mean(0)).square().sum()) for n in theta)
    assert log["loss"][0] == pytest.approx(squares / 2)


def test_a_task_is_trained_as_torchs_own_sgd_does():
    theta, predict = regressor(make_rng(0), hidden=(5,))
    tasks = sinusoid_tasks(make_rng(1), tasks=3, shots=4, queries=2)
    phis = trained(theta, tasks, make_rng(7), predict=predict, steps=5, batch=6, **SGD_ON_TASKS)
    network = nn.Sequential(nn.Linear(1, 5), nn.ReLU(), nn.Linear(5, 1))
    for name, value in zip(network.state_dict(), theta.values(), strict=True):
        network.get_parameter(name).data = value.t().clone()
    for task in range(3):
        student = copy.deepcopy(network)
        optimizer = SGD(student.parameters(), lr=SGD_ON_TASKS["lr"])
        x, y = (part[task] for part in tasks.joined())
        for _ in range(5):
            optimizer.zero_grad()
            F.mse_loss(student(x), y).backward()
            optimizer.step()
        for parameter, values in zip(student.parameters(), phis.values(), strict=True):
            torch.testing.assert_close(values[task].t(), parameter.detach())


def test_with_one_inner_step_it_is_joint_training():
    theta, predict = regressor(make_rng(0), hidden=(5,))
    tasks = sinusoid_tasks(make_rng(1), tasks=6)
    phis = trained(theta, tasks, make_rng(0), predict=predict, steps=1, batch=20, **SGD_ON_TASKS)
    slope = torch.func.grad(
        lambda theta: joint_objective(theta, tasks, predict=predict, loss=F.mse_loss)[0]
    )(theta)
    for name, value in theta.items():
        expected = -SGD_ON_TASKS["lr"] * slope[name]
        torch.testing.assert_close(phis[name].mean(0) - value, expected, rtol=1e-4, atol=1e-7)


def test_a_batch_holds_different_examples_of_one_task():
    """The prediction is w, and one step of size 1/2 on squared errors makes it the batch's mean."""
    tasks = sinusoid_tasks(make_rng(0), tasks=5, shots=2, queries=2)
    theta = {"w": torch.zeros(1)}
    phis = trained(
        theta,
        tasks,
        make_rng(1),
        predict=lambda theta, x: theta["w"].expand_as(x),
        loss=F.mse_loss,
        lr=0.5,
        steps=1,
        batch=3,
    )
    y = tasks.joined()[1][..., 0]
    left_out = y.sum(1) - 3 * phis["w"][:, 0]
    assert torch.isclose(left_out[:, None], y, atol=1e-5).any(1).all()


@pytest.mark.parametrize("batch", [0, 21])
def test_a_batch_that_a_task_cannot_fill_is_refused(batch):
    theta, predict = regressor(make_rng(0))
    with pytest.raises(ValueError, match=f"must have 1 to 20 examples of a task, got {batch}"):
        reptile_objective(
            theta,
            sinusoid_tasks(make_rng(1)),
            make_rng(0),
            predict=predict,
            steps=2,
            batch=batch,
            **SGD_ON_TASKS,
        )
