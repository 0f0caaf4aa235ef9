"""The learned optimizer starts as Adam, and nothing is differentiated through the gradient."""

import pytest
import torch

from course_lib.core import make_rng
from course_lib.hardware.hierarchical_optimizer import (
    DECAYS,
    hierarchical_optimizer,
    layer_update,
    macs_per_parameter,
    next_whole,
    start_layer,
    start_whole,
)


def test_before_meta_training_it_is_adam_with_one_decay() -> None:
    theta = hierarchical_optimizer(make_rng(0), learning_rate=0.02)
    weights = torch.randn(5, generator=make_rng(1))
    twin = weights.clone().requires_grad_()
    adam = torch.optim.Adam([twin], lr=0.02, betas=(DECAYS[1], DECAYS[1]))
    state, whole = start_layer(theta, 5), start_whole(theta)
    for step in range(6):
        gradient = torch.randn(5, generator=make_rng(step))
        update, state = layer_update(theta, gradient, state, whole)
        whole = next_whole(theta, [state], whole)
        weights = weights + update
        twin.grad = gradient
        adam.step()
    torch.testing.assert_close(weights, twin.detach(), rtol=1e-4, atol=1e-5)


def meta_trained_by_chance() -> dict[str, torch.Tensor]:
    theta = hierarchical_optimizer(make_rng(0))
    for name in ("direction", "rate change"):
        theta[name] = torch.randn(8, generator=make_rng(2))
    return theta


def test_parameters_of_a_layer_take_turns_without_a_difference() -> None:
    """All share one cell: who swaps two parameters swaps their updates."""
    theta, order = meta_trained_by_chance(), torch.tensor([2, 0, 1])
    gradient = torch.tensor([0.1, -2.0, 0.5])
    whole = start_whole(theta)
    straight, _ = layer_update(theta, gradient, start_layer(theta, 3), whole)
    swapped, _ = layer_update(theta, gradient[order], start_layer(theta, 3), whole)
    torch.testing.assert_close(swapped, straight[order])


def test_a_gradient_of_another_unit_gives_the_same_update() -> None:
    theta = meta_trained_by_chance()
    gradient = torch.tensor([0.1, -2.0, 0.5])
    first, _ = layer_update(theta, gradient, start_layer(theta, 3), start_whole(theta))
    other, _ = layer_update(theta, 1000 * gradient, start_layer(theta, 3), start_whole(theta))
    torch.testing.assert_close(first, other, rtol=1e-3, atol=1e-5)


def test_the_meta_gradient_reaches_all_levels_but_not_the_gradient() -> None:
    theta = {name: each.requires_grad_() for name, each in meta_trained_by_chance().items()}
    gradient = torch.tensor([0.1, -2.0], requires_grad=True)
    state, whole, total = start_layer(theta, 2), start_whole(theta), torch.zeros(())
    for _ in range(5):
        update, state = layer_update(theta, gradient, state, whole)
        whole = next_whole(theta, [state], whole)
        total = total + update.sum()
    total.backward()
    assert gradient.grad is None
    assert all(each.grad is not None and each.grad.abs().sum() > 0 for each in theta.values())


def test_its_cost_is_that_of_the_matrices_that_each_parameter_passes() -> None:
    theta = hierarchical_optimizer(make_rng(0), hidden=4)
    inputs = 2 * len(DECAYS) + 1 + 4
    assert macs_per_parameter(theta) == 3 * 4 * inputs + 3 * 4 * 4 + 2 * 4 == pytest.approx(188)
