"""Laws of the gradient in alpha: closed form of a quadratic, numerical derivative, purity."""

import math
from functools import partial

import pytest
import torch

from course_lib.core import make_rng
from course_lib.nas.bilevel import exact_second_order, first_order, second_order, single_level

XI = 0.3
ALL = (first_order, second_order, exact_second_order, single_level)
every_gradient = pytest.mark.parametrize("gradient", ALL, ids=lambda f: f.__name__)
unrolled = pytest.mark.parametrize(
    "gradient", [second_order, exact_second_order], ids=lambda f: f.__name__
)


def draw(seed, *shape):
    return torch.randn(shape, generator=make_rng(seed), dtype=torch.float64)


class Quadratic:
    """L_train = w.Hw / 2 + w.M alpha, L_valid = |C w - d|^2 / 2 + k.alpha; w in two pieces."""

    def __init__(self):
        root = draw(0, 5, 5)
        self.hessian, self.mixed = root @ root.T, draw(1, 5, 6)
        self.matrix, self.target, self.direct = draw(2, 4, 5), draw(3, 4), draw(4, 6)
        self.params = {"a": draw(5, 2), "b": draw(6, 1, 3)}
        self.alpha = draw(7, 2, 3)

    @staticmethod
    def joined(params):
        return torch.cat([params["a"], params["b"].flatten()])

    def train(self, params, alpha):
        w = self.joined(params)
        return w @ self.hessian @ w / 2 + w @ self.mixed @ alpha.flatten()

    def valid(self, params, alpha):
        residual = self.matrix @ self.joined(params) - self.target
        return residual @ residual / 2 + self.direct @ alpha.flatten()

    def exact(self, xi):
        """The gradient through one step of size xi, by hand."""
        w = self.joined(self.params)
        moved = w - xi * (self.hessian @ w + self.mixed @ self.alpha.flatten())
        in_w = self.matrix.T @ (self.matrix @ moved - self.target)
        return (self.direct - xi * self.mixed.T @ in_w).view_as(self.alpha)


def mlp_losses():
    """Smooth losses that are no quadratics, on two batches: alpha mixes two activations."""
    x, y = draw(10, 2, 8, 3), draw(11, 2, 8, 1)

    def loss(part, params, alpha):
        hidden = x[part] @ params["first"]
        mix = alpha.softmax(-1)
        hidden = mix[0, 0] * hidden.tanh() + mix[0, 1] * hidden.sigmoid() + mix[0, 2] * hidden
        return ((hidden @ params["second"] - y[part]) ** 2).mean()

    params = {"first": draw(12, 3, 4), "second": draw(13, 4, 1)}
    return partial(loss, 0), partial(loss, 1), params, draw(14, 1, 3)


@unrolled
@pytest.mark.parametrize("xi", [0.0, 0.01, XI])
def test_on_a_quadratic_it_is_the_closed_form(gradient, xi):
    q = Quadratic()
    got = gradient(q.train, q.valid, q.params, q.alpha, xi=xi)
    torch.testing.assert_close(got, q.exact(xi), rtol=1e-9, atol=1e-9)


def test_first_order_is_the_step_of_size_zero():
    q = Quadratic()
    got = first_order(q.train, q.valid, q.params, q.alpha, xi=XI)
    torch.testing.assert_close(got, q.exact(0), rtol=1e-12, atol=1e-12)


def test_single_level_looks_at_training_data_only():
    q = Quadratic()
    got = single_level(q.train, lambda *_: pytest.fail("asked valid"), q.params, q.alpha, xi=XI)
    by_hand = (q.mixed.T @ q.joined(q.params)).view_as(q.alpha)
    torch.testing.assert_close(got, by_hand, rtol=1e-12, atol=1e-12)


def test_exact_is_the_numerical_derivative_of_what_a_step_leads_to():
    train, valid, params, alpha = mlp_losses()

    def after_a_step(alpha):
        leaves = {name: value.clone().requires_grad_() for name, value in params.items()}
        slopes = torch.autograd.grad(train(leaves, alpha), list(leaves.values()))
        moved = {n: w - XI * s for (n, w), s in zip(params.items(), slopes, strict=True)}
        return float(valid(moved, alpha))

    numerical = torch.zeros_like(alpha)
    for k in range(3):
        shift = torch.zeros_like(alpha)
        shift[0, k] = 1e-5
        numerical[0, k] = (after_a_step(alpha + shift) - after_a_step(alpha - shift)) / 2e-5
    got = exact_second_order(train, valid, params, alpha, xi=XI)
    torch.testing.assert_close(got, numerical, rtol=1e-6, atol=1e-8)


def test_finite_differences_come_close_to_exact_and_are_not_first_order():
    """Central differences over +-0.01 err by the third derivative times 1e-4."""
    problem = mlp_losses()
    exact = exact_second_order(*problem, xi=XI)
    error = (second_order(*problem, xi=XI) - exact).norm() / exact.norm()
    other = (first_order(*problem, xi=XI) - exact).norm() / exact.norm()
    assert error < 1e-3
    assert other > 0.05


@unrolled
def test_alpha_is_felt_through_the_weights_alone(gradient):
    """The validation loss does not name alpha: first order sees nothing, an unrolled step does."""
    q = Quadratic()
    q.direct = torch.zeros_like(q.direct)

    def valid(params, alpha):
        residual = q.matrix @ q.joined(params) - q.target
        return residual @ residual / 2

    got = gradient(q.train, valid, q.params, q.alpha, xi=XI)
    torch.testing.assert_close(got, q.exact(XI), rtol=1e-9, atol=1e-9)
    assert first_order(q.train, valid, q.params, q.alpha).abs().max() == 0


@unrolled
def test_at_the_minimum_of_the_validation_loss_only_the_direct_term_is_left(gradient):
    q = Quadratic()
    q.matrix = torch.zeros_like(q.matrix)
    got = gradient(q.train, q.valid, q.params, q.alpha, xi=XI)
    torch.testing.assert_close(got, q.direct.view_as(q.alpha), rtol=1e-12, atol=1e-12)


@every_gradient
def test_weights_and_alpha_are_bit_for_bit_what_they_were(gradient):
    train, valid, params, alpha = mlp_losses()
    params = {name: torch.nn.Parameter(value) for name, value in params.items()}
    alpha.requires_grad_()
    before = [value.detach().clone() for value in (*params.values(), alpha)]
    got = gradient(train, valid, params, alpha, xi=XI)
    assert not got.requires_grad
    assert got.shape == alpha.shape
    for value, old in zip((*params.values(), alpha), before, strict=True):
        assert torch.equal(value, old)
        assert value.grad is None


@every_gradient
def test_a_weight_that_the_loss_does_not_use_does_no_harm(gradient):
    q = Quadratic()
    spare = gradient(q.train, q.valid, q.params | {"spare": draw(0, 3)}, q.alpha, xi=XI)
    torch.testing.assert_close(
        spare, gradient(q.train, q.valid, q.params, q.alpha, xi=XI), rtol=1e-9, atol=1e-9
    )


def test_the_difference_is_taken_over_a_hundredth_of_the_direction():
    """Where the losses asked for weights: w, then w', then w' +- 0.01 v / |v|, around w."""
    q = Quadratic()
    asked = []

    def train(params, alpha):
        asked.append(q.joined(params).detach())
        return q.train(params, alpha)

    second_order(train, q.valid, q.params, q.alpha, xi=XI)
    start, ahead, behind = asked
    torch.testing.assert_close((ahead + behind) / 2, start)
    assert float((ahead - start).norm()) == pytest.approx(0.01, rel=1e-9)
    assert math.isclose(float((behind - start).norm()), 0.01, rel_tol=1e-9)
