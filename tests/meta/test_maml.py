"""MAML against closed forms on quadratics, finite differences, and a task at a time."""

from functools import partial

import pytest
import torch
from torch.nn import functional as F

from course_lib.core import make_rng
from course_lib.meta.maml import anil, first_order, inner_loop, maml_objective
from course_lib.meta.meta_sgd import meta_sgd, split_rates, with_rates
from course_lib.meta.sinusoids import regressor, sinusoid_tasks
from course_lib.meta.tasks import Tasks

LR = 0.05


def linear(theta, x):
    return x @ theta["w"]


def linear_tasks(tasks=3, shots=5, queries=4):
    def drawn(*shape):
        return torch.randn(tasks, *shape, generator=rng, dtype=torch.float64)

    rng = make_rng(0)
    return Tasks(drawn(shots, 2), drawn(shots), drawn(queries, 2), drawn(queries))


def smooth(theta, x):
    return torch.tanh(x @ theta["layer1.weight"] + theta["layer1.bias"]) @ theta["head.weight"]


def smooth_start():
    theta, _ = regressor(make_rng(1), hidden=(4,))
    theta = {name: 2 * value.double() for name, value in theta.items()}
    theta.pop("head.bias")
    return theta


def in_double(tasks):
    return Tasks(*(part.double() for part in tasks))


def objective(theta, tasks, loop, predict=linear):
    return maml_objective(theta, tasks, predict=predict, loss=F.mse_loss, inner_loop=loop)[0]


def meta_gradient(theta, tasks, loop, predict=linear):
    return torch.func.grad(partial(objective, predict=predict))(theta, tasks, loop)


def quadratic(x, y, w):
    """Gradient and Hessian of |x w - y|^2 / n, by hand."""
    return 2 / len(y) * x.T @ (x @ w - y), 2 / len(y) * x.T @ x


@pytest.mark.parametrize("steps", [0, 1, 2, 5])
def test_on_quadratics_the_meta_gradient_is_known(steps):
    """phi is a chain of affine maps, each with the Jacobian I - lr H: (I - lr H)^steps grad Q."""
    tasks, w = linear_tasks(), torch.tensor([0.7, -0.2], dtype=torch.float64)
    exact, cut = [], []
    for support_x, support_y, query_x, query_y in zip(*tasks, strict=True):
        phi, jacobian = w, torch.eye(2, dtype=torch.float64)
        for _ in range(steps):
            gradient, hessian = quadratic(support_x, support_y, phi)
            phi, jacobian = phi - LR * gradient, jacobian - LR * hessian @ jacobian
        cut.append(quadratic(query_x, query_y, phi)[0])
        exact.append(jacobian.T @ cut[-1])
    loop = partial(inner_loop, lr=LR, steps=steps)
    for adapt, expected in ((loop, exact), (first_order(loop), cut)):
        found = meta_gradient({"w": w}, tasks, adapt)["w"]
        torch.testing.assert_close(found, torch.stack(expected).mean(0))


@pytest.mark.parametrize(
    "adapt",
    [
        partial(inner_loop, lr=0.1),
        partial(inner_loop, lr=0.1, steps=3),
        anil(partial(inner_loop, lr=0.1, steps=2), ["head.weight"]),
    ],
)
def test_the_meta_gradient_is_that_of_finite_differences(adapt):
    theta, tasks = smooth_start(), in_double(sinusoid_tasks(make_rng(2), tasks=2))
    names = list(theta)

    def value(*parts):
        return objective(dict(zip(names, parts, strict=True)), tasks, adapt, smooth)

    leaves = [part.requires_grad_() for part in theta.values()]
    assert torch.autograd.gradcheck(value, leaves)


def test_rates_are_learnt_with_the_exact_gradient():
    start = with_rates(smooth_start(), 0.1)
    tasks, names = in_double(sinusoid_tasks(make_rng(2), tasks=2)), list(start)

    def value(*parts):
        theta = dict(zip(names, parts, strict=True))
        return objective(theta, tasks, partial(meta_sgd, steps=2), smooth)

    assert torch.autograd.gradcheck(value, [part.requires_grad_() for part in start.values()])


def test_equal_rates_are_one_step_size_and_phi_has_none():
    theta, tasks = smooth_start(), in_double(sinusoid_tasks(make_rng(3)))
    found = objective(with_rates(theta, 0.1), tasks, partial(meta_sgd, steps=2), smooth)
    expected = objective(theta, tasks, partial(inner_loop, lr=0.1, steps=2), smooth)
    torch.testing.assert_close(found, expected)
    phi = meta_sgd(with_rates(theta, 0.1), lambda phi: sum(v.sum() for v in phi.values()))
    assert phi.keys() == theta.keys()
    parts, rates = split_rates(with_rates(theta, 0.1))
    assert parts.keys() == rates.keys() == theta.keys()


def test_a_batch_of_tasks_is_the_mean_of_each_alone():
    theta, predict = regressor(make_rng(0))
    tasks, loop = sinusoid_tasks(make_rng(1), tasks=7), partial(inner_loop, lr=0.01, steps=2)
    alone = [objective(theta, tasks.part(slice(i, i + 1)), loop, predict) for i in range(7)]
    torch.testing.assert_close(objective(theta, tasks, loop, predict), torch.stack(alone).mean())


def test_anil_moves_only_what_it_names():
    theta, head = smooth_start(), ["head.weight"]

    def support_loss(phi):
        return smooth(phi, torch.ones(1, 1, dtype=torch.float64)).square().sum()

    phi = anil(partial(inner_loop, lr=0.1), head)(theta, support_loss)
    whole = inner_loop(theta, support_loss, lr=0.1)
    assert phi.keys() == theta.keys()
    torch.testing.assert_close(phi["head.weight"], whole["head.weight"])
    assert phi["layer1.weight"] is theta["layer1.weight"]
    all_of_it = anil(partial(inner_loop, lr=0.1), list(theta))(theta, support_loss)
    torch.testing.assert_close(all_of_it, whole)


def test_first_order_composes_and_keeps_the_answer():
    theta, tasks = smooth_start(), in_double(sinusoid_tasks(make_rng(2)))
    loop = anil(partial(inner_loop, lr=0.1, steps=3), ["head.weight"])
    cut = first_order(loop)
    torch.testing.assert_close(
        objective(theta, tasks, cut, smooth), objective(theta, tasks, loop, smooth)
    )
    gradient = meta_gradient(theta, tasks, cut, smooth)
    assert all(gradient[name].norm() > 0 for name in theta)


def exploding(theta, x):
    """Its support loss is 0 / 0 once w has left the unit circle."""
    return torch.where(theta["w"].norm() < 1, x @ theta["w"], torch.inf * 0)


def test_a_loss_that_is_not_finite_is_named_with_task_and_step():
    tasks, start = linear_tasks(), {"w": torch.zeros(2, dtype=torch.float64)}
    tasks.support_y[:], tasks.query_y[:] = 0, 0
    tasks.support_y[1] = 1000 * tasks.support_x[1, :, 0]
    loop = partial(inner_loop, lr=0.1, steps=4)
    with pytest.raises(
        ValueError, match=r"task 1: the query loss is nan, its support loss nan before inner step 1"
    ):
        objective(start, tasks, loop, exploding)
    with pytest.raises(ValueError, match="task 1: the query loss is nan after the last inner step"):
        objective(start, tasks, partial(inner_loop, lr=0.1), exploding)
    tasks.support_x[2, 0, 0] = torch.nan
    tasks.support_y[1] = 0
    with pytest.raises(ValueError, match=r"task 2: .* before inner step 0; look at theta and at"):
        objective(start, tasks, loop, exploding)


@pytest.mark.parametrize(
    ("loop", "message"),
    [
        (partial(inner_loop, lr=0.1, steps=-1), "steps must be at least 0, got -1"),
        (partial(inner_loop, lr={"v": torch.ones(2)}), "lr lacks w; it has v"),
        (anil(partial(inner_loop, lr=0.1), ["head"]), "theta lacks head; it has w"),
        (meta_sgd, "rates of theta lacks w; it has "),
    ],
)
def test_what_cannot_be_meant_is_refused(loop, message):
    with pytest.raises(ValueError, match=message):
        objective({"w": torch.zeros(2, dtype=torch.float64)}, linear_tasks(), loop)
