"""HALO's parts: which layers move, what the meta-loss is, and what a step costs."""

from functools import partial

import numpy as np
import pytest
import torch
from torch.optim import SGD

from course_lib.core import make_rng
from course_lib.hardware.digits_halves import SmallConvolutions, halves
from course_lib.hardware.energy import step_energy
from course_lib.hardware.halo import (
    ALL,
    RISING,
    Adaptation,
    begin,
    detached,
    draw_updates,
    some_gradients,
    take_step,
    unrolled_loss,
)
from course_lib.hardware.halo_training import (
    Worlds,
    adapt,
    halo_objective,
    hand_made_change,
    layer_costs_of,
    learn_optimizer,
    learned_change,
    priced,
)
from course_lib.hardware.hierarchical_optimizer import hierarchical_optimizer


def small_world() -> Worlds:
    """As `worlds` makes it, but nothing is trained."""
    odd, even = halves(make_rng(0))
    network = SmallConvolutions(make_rng(0))
    return Worlds(network, [network.draw(make_rng(turn)) for turn in range(8)], odd, even)


def test_the_halves_share_no_picture_and_no_class() -> None:
    odd, even = halves(make_rng(3))
    assert len(odd.train.y) == len(even.train.y) == 200
    assert sum(len(part.y) for half in (odd, even) for part in (half.train, half.test)) == 1797
    assert {tuple(part.y.unique().tolist()) for part in (odd.train, even.test)} == {(0, 1, 2, 3, 4)}
    turned = odd.turned(5).turned(5)
    assert torch.equal(turned.train.x, odd.train.x)


def test_layers_are_drawn_with_their_probabilities() -> None:
    rng = make_rng(0)
    drawn = np.array([draw_updates(RISING, rng) for _ in range(4000)])
    np.testing.assert_allclose(drawn.mean(0), RISING, atol=4 * 0.5 / 4000**0.5)
    assert np.abs(np.corrcoef(drawn.T) - np.eye(3)).max() < 0.08


@pytest.mark.parametrize("updated", [(True, True, True), (False, True, False), (False,) * 3])
def test_gradients_of_some_layers_are_those_of_the_whole_network(updated) -> None:
    world = small_world()
    x, y = world.odd.batch(make_rng(0))
    leaves = [each.clone().requires_grad_() for each in world.trained[0]]
    world.network.loss(leaves, x, y).backward()
    found = some_gradients(world.network, world.trained[0], updated, x, y)
    for own, leaf, on in zip(found, leaves, updated, strict=True):
        assert (own is not None) == on
        if own is not None:
            torch.testing.assert_close(own, leaf.grad)


def test_a_layer_without_a_gradient_stays_and_so_does_its_state() -> None:
    world = small_world()
    theta, task = hierarchical_optimizer(make_rng(0)), world.final
    running = begin(theta, task)
    gradients = some_gradients(
        task.network, task.start, (False, True, False), *task.half.batch(make_rng(0))
    )
    take_step(theta, running, gradients)
    moved = [not torch.equal(a, b) for a, b in zip(running.weights, task.start, strict=True)]
    assert moved == [False, True, False]
    assert [state.steps for state in running.layers] == [0, 1, 0]
    assert running.updates == [moved]


def test_the_meta_loss_is_the_mean_of_losses_and_squared_gradient_norms() -> None:
    world = small_world()
    theta, task = hierarchical_optimizer(make_rng(0)), world.final
    found = unrolled_loss(theta, begin(theta, task), make_rng(7), steps=2, flatness=0.3)
    rng, running, parts = make_rng(7), begin(theta, task), []
    for _ in range(3):
        leaves = [each.detach().requires_grad_() for each in running.weights]
        loss = task.network.loss(leaves, *task.half.batch(rng))
        loss.backward()
        parts.append(loss.item() + 0.3 * sum(float(e.grad.square().sum()) for e in leaves))
        draw_updates(ALL, rng)
        take_step(theta, running, [each.grad for each in leaves])
    assert found.item() == pytest.approx(sum(parts) / 3, rel=1e-4)


def test_an_unroll_goes_on_where_the_last_one_stopped() -> None:
    world = small_world()
    theta = hierarchical_optimizer(make_rng(0))
    running = begin(theta, world.final)
    rng = make_rng(0)
    for steps in (3, 6):
        unrolled_loss(theta, running, rng, steps=3, shares=RISING)
        running = detached(running)
        assert running.steps == steps
        assert not any(each.requires_grad for each in running.weights)


@pytest.mark.parametrize("parts", [{"shares": RISING, "flatness": 1e-3}, {"price": 5.0}])
def test_meta_training_changes_theta_and_a_price_lowers_the_probabilities(parts) -> None:
    world = small_world()
    start = hierarchical_optimizer(make_rng(0))
    if "price" in parts:
        start = priced(start)
    objective = halo_objective(**parts)
    theta = learn_optimizer(world, objective, make_rng(1), steps=3, learned=start)
    assert not torch.equal(theta["log rate"], start["log rate"])
    if "price" in parts:
        assert (theta["shares"] < 0).all()


def test_meta_tasks_never_show_an_even_digit() -> None:
    world = small_world()
    for _ in range(5):
        task = world.sample(make_rng(_))
        assert torch.equal(task.half.train.y, world.odd.train.y)
    assert isinstance(world.final, Adaptation)
    assert world.final.half is world.even


@pytest.mark.parametrize("shares", [ALL, RISING])
def test_an_adaptation_ends_with_its_energy(shares) -> None:
    world = small_world()
    theta = hierarchical_optimizer(make_rng(0))
    dense = step_energy((True,) * 3, *layer_costs_of(world.network, 2))
    hand_made = hand_made_change(world.final, partial(SGD, lr=0.01))
    for change in (learned_change(theta, world.final), hand_made):
        found = adapt(
            world.final, change, make_rng(0), per_parameter=2, energy=20 * dense, shares=shares
        )
        assert found.energy == sorted(found.energy)
        assert found.energy[-1] < 21 * dense
        assert len(found.accuracy) >= 4
