"""Digits with learned rates: the parts are apart, the slopes are right, a schedule is found."""

import pytest
import torch

from course_lib.core import make_rng
from course_lib.meta.digits_training import (
    SPLITS,
    DigitsTraining,
    constant,
    learn_schedule,
    tune,
    validation_loss,
)


def training(steps: int = 10) -> DigitsTraining:
    return DigitsTraining(make_rng(0), steps=steps)


def test_the_digits_are_divided_and_none_is_used_twice():
    from sklearn.datasets import load_digits

    parts = training().data
    assert {name: len(y) for name, (_, y) in parts.items()} == SPLITS
    rows = torch.cat([x for x, _ in parts.values()])
    source = torch.from_numpy(load_digits().data).float() / 8 - 1
    assert rows.sort(0).values.equal(source.sort(0).values)


def test_slopes_of_rates_and_decays_are_those_of_finite_differences():
    task = training(5)
    run, theta = task.draw(make_rng(1)), constant(task, 0.5, 0.1)
    run = type(run)(run.start.double(), run.batches)
    task.data = {name: (x.double(), y) for name, (x, y) in task.data.items()}
    theta = {name: value.double().requires_grad_() for name, value in theta.items()}
    loss, _ = validation_loss(theta, run, training=task)
    found = torch.autograd.grad(loss, list(theta.values()))
    for (name, value), slopes in zip(theta.items(), found, strict=True):
        shift = torch.zeros_like(value)
        shift[1] = 1e-5
        with torch.no_grad():
            up, down = (
                validation_loss(theta | {name: value + s}, run, training=task)[0]
                for s in (shift, -shift)
            )
        torch.testing.assert_close(slopes[1], (up - down) / 2e-5, rtol=1e-4, atol=1e-7)


def test_from_a_rate_that_is_far_too_small_learning_makes_it_larger_and_better():
    task = training()
    small = constant(task, 0.05, 1e-3)
    learned, log = learn_schedule(task, make_rng(0), theta=small, outer=8, adam_rate=0.4)
    assert len(log) == 8
    assert (learned["log rates"] > small["log rates"]).all()
    fresh = task.draw(make_rng(1))
    with torch.no_grad():
        before, after = (validation_loss(t, fresh, training=task)[0] for t in (small, learned))
    assert after < before - 0.2


def test_the_best_of_a_grid_is_found_and_divergence_does_not_stop_it():
    task = training()
    runs, shape = [task.draw(make_rng(0))], torch.linspace(1, 0.1, 10)
    best = tune(task, runs, shape, rates=(0.01, 0.5, 1e6), decays=(1e-3,))
    torch.testing.assert_close(best["log rates"].exp(), 0.5 * shape)
    assert best["log decays"].exp().tolist() == pytest.approx([1e-3, 1e-3])


def test_the_same_seed_gives_the_same_run():
    one, two = (training().draw(make_rng(3)) for _ in range(2))
    assert one.start.equal(two.start)
    assert one.batches.equal(two.batches)
    assert one.batches.max() < SPLITS["train"]
