"""iMAML against closed forms, torch's own solver, and differentiation through a long inner loop."""

from functools import partial

import pytest
import torch
from torch.nn import functional as F

from course_lib.core import make_rng
from course_lib.meta.implicit import (
    conjugate_gradients,
    imaml_objective,
    implicit_gradient,
    proximal,
)
from course_lib.meta.maml import inner_loop, maml_objective
from course_lib.meta.sinusoids import regressor, sinusoid_tasks
from course_lib.meta.tasks import Tasks


def smooth(theta, x):
    return torch.tanh(x @ theta["layer1.weight"] + theta["layer1.bias"]) @ theta["head.weight"]


def start():
    theta, _ = regressor(make_rng(1), hidden=(3,))
    return {name: value.double() for name, value in theta.items() if name != "head.bias"}


def some_tasks():
    return Tasks(*(part.double() for part in sinusoid_tasks(make_rng(2), tasks=3)))


def positive_definite(size):
    root = torch.randn(size, size, generator=make_rng(0), dtype=torch.float64)
    return root @ root.T + torch.eye(size, dtype=torch.float64)


def test_conjugate_gradients_solve_in_as_many_steps_as_unknowns():
    matrix, b = positive_definite(5), torch.arange(5, dtype=torch.float64)

    def product(v):
        image = matrix @ torch.cat([v["one"], v["two"]])
        return {"one": image[:2], "two": image[2:]}

    x = conjugate_gradients(product, {"one": b[:2], "two": b[2:]}, steps=5)
    torch.testing.assert_close(torch.cat([x["one"], x["two"]]), torch.linalg.solve(matrix, b))


def test_conjugate_gradients_rest_once_the_answer_is_exact():
    x = conjugate_gradients(lambda v: {"w": 2 * v["w"]}, {"w": torch.ones(3)}, steps=9)
    torch.testing.assert_close(x["w"], torch.full((3,), 0.5))
    zero = conjugate_gradients(lambda v: v, {"w": torch.zeros(3)}, steps=3)
    assert torch.equal(zero["w"], torch.zeros(3))


@pytest.mark.parametrize("lam", [0.3, 2.0])
def test_on_a_quadratic_the_implicit_gradient_is_a_linear_system(lam):
    matrix, b = positive_definite(4), torch.ones(4, dtype=torch.float64)
    found = implicit_gradient(
        {"w": b}, {"w": b}, lambda phi: phi["w"] @ matrix @ phi["w"] / 2, lam=lam, cg_steps=4
    )
    expected = torch.linalg.solve(torch.eye(4, dtype=torch.float64) + matrix / lam, b)
    torch.testing.assert_close(found["w"], expected)


def test_it_becomes_the_exact_meta_gradient_as_inner_steps_grow():
    theta, tasks, lam, lr = start(), some_tasks(), 4.0, 0.1
    setting = {"predict": smooth, "loss": F.mse_loss}
    errors = []
    for steps in (2, 10, 200):

        def unrolled(theta, support_loss, steps=steps):
            return inner_loop(theta, proximal(support_loss, theta, lam), lr=lr, steps=steps)

        exact = partial(maml_objective, inner_loop=unrolled, **setting)
        implicit = partial(imaml_objective, lam=lam, lr=lr, steps=steps, cg_steps=12, **setting)
        truth, value = torch.func.grad_and_value(lambda t, f=exact: f(t, tasks)[0])(theta)
        found, same = torch.func.grad_and_value(lambda t, f=implicit: f(t, tasks)[0])(theta)
        torch.testing.assert_close(same, value)
        errors.append(max(float((truth[name] - found[name]).abs().max()) for name in theta))
    assert errors[0] > errors[1] > errors[2]
    assert errors[2] < 1e-6


def test_a_strong_pull_leaves_the_first_order_gradient():
    """lam to infinity: phi = theta, and d phi / d theta = 1."""
    theta, tasks = start(), some_tasks()
    setting = {"predict": smooth, "loss": F.mse_loss}
    stiff = partial(imaml_objective, lam=1e6, lr=1e-6, steps=3, **setting)
    still = partial(maml_objective, inner_loop=lambda theta, _: theta, **setting)
    found, expected = (
        torch.func.grad(lambda t, f=f: f(t, tasks)[0])(theta) for f in (stiff, still)
    )
    torch.testing.assert_close(found, expected, rtol=1e-3, atol=1e-4)


def test_what_runs_away_is_named_and_no_pull_is_refused():
    options = {"predict": smooth, "loss": F.mse_loss, "steps": 300}
    with pytest.raises(ValueError, match="task 0: the query loss is nan, its support loss "):
        imaml_objective(start(), some_tasks(), lam=4.0, lr=50.0, **options)
    with pytest.raises(ValueError, match="lam must be positive, got 0"):
        imaml_objective(start(), some_tasks(), lam=0, lr=0.1, **options)
