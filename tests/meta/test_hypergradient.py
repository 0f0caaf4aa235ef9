"""Hypergradients against finite differences, torch's own unroll and a quadratic by hand."""

import pytest
import torch
from torch import Tensor

from course_lib.core import make_rng
from course_lib.meta.hypergradient import hypergradient, trajectory

RATES = torch.tensor([0.1, 0.05, 0.2, 0.15, 0.02], dtype=torch.float64)


def problem(seed: int = 0):
    """A curved loss with a batch for every step, its validation loss, and weights to start from."""
    rng = make_rng(seed)
    x, y = torch.randn(6, 4, 3, generator=rng).double(), torch.randn(6, 4, generator=rng).double()
    theta = torch.randn(2, 3, generator=rng).double()

    def loss(w: Tensor, batch: int) -> Tensor:
        return ((torch.tanh(x[batch] @ w[0]) + x[batch] @ w[1] - y[batch]) ** 2).mean()

    return theta, loss, lambda w: loss(w, 5)


def after_training(theta, train_loss, valid_loss, rates):
    return valid_loss(trajectory(theta, train_loss, rates)[-1])


@pytest.mark.parametrize("seed", range(3))
def test_it_is_the_slope_that_finite_differences_find(seed):
    theta, train, valid = problem(seed)
    found = hypergradient(theta, train, valid, RATES)
    for step, slope in enumerate(found):
        shift = 1e-6 * torch.eye(len(RATES), dtype=torch.float64)[step]
        up, down = (after_training(theta, train, valid, RATES + s) for s in (shift, -shift))
        torch.testing.assert_close(slope, (up - down) / 2e-6, rtol=1e-6, atol=1e-9)


def test_it_is_what_autograd_says_of_the_whole_unroll():
    theta, train, valid = problem()
    rates, weights = RATES.clone().requires_grad_(), theta.clone().requires_grad_()
    for step, rate in enumerate(rates):
        (slope,) = torch.autograd.grad(train(weights, step), weights, create_graph=True)
        weights = weights - rate * slope
    (expected,) = torch.autograd.grad(valid(weights), rates)
    torch.testing.assert_close(hypergradient(theta, train, valid, RATES), expected)


def test_on_a_quadratic_it_is_the_closed_form():
    """w_T = w_0 prod(1 - r_t h), loss h w_T^2 / 2: d r_t = -h^2 w_T^2 / (1 - r_t h)."""
    h = 1.7
    found = hypergradient(
        torch.tensor(0.8, dtype=torch.float64),
        lambda w, step: h * w**2 / 2,
        lambda w: h * w**2 / 2,
        RATES,
    )
    last = 0.8 * torch.prod(1 - RATES * h)
    torch.testing.assert_close(found, -(h**2) * last**2 / (1 - RATES * h))


def test_one_step_is_minus_the_inner_product_of_the_two_gradients():
    theta, train, valid = problem()
    found = hypergradient(theta, train, valid, RATES[:1])
    w = theta.clone().requires_grad_()
    (before,) = torch.autograd.grad(train(w, 0), w)
    after = (theta - RATES[0] * before).requires_grad_()
    (lambda_1,) = torch.autograd.grad(valid(after), after)
    torch.testing.assert_close(found[0], -(before * lambda_1).sum())


def test_theta_and_rates_stay_as_they_are():
    theta, train, valid = problem()
    before, rates = theta.clone(), RATES.clone()
    hypergradient(theta, train, valid, rates)
    assert theta.equal(before)
    assert rates.equal(RATES)


def test_the_step_that_diverges_is_named():
    theta, _, valid = problem()

    def train(w: Tensor, step: int) -> Tensor:
        return (w * (float("nan") if step == 3 else 1.0)).sum()

    with pytest.raises(ValueError, match="not finite at step 3"):
        hypergradient(theta, train, valid, RATES)


@pytest.mark.parametrize("rates", [torch.tensor(0.1), torch.zeros(0), torch.zeros(2, 2)])
def test_rates_are_one_a_step(rates):
    theta, train, valid = problem()
    with pytest.raises(ValueError, match="one learning rate a step"):
        hypergradient(theta, train, valid, rates)


def test_a_loss_a_sample_is_refused():
    theta, _, valid = problem()
    with pytest.raises(ValueError, match="expected a scalar"):
        hypergradient(theta, lambda w, step: w[0], valid, RATES)
