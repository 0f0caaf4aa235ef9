"""Hypergradients of training that runs backwards: finite differences, autograd, the plain rule."""

from functools import partial

import pytest
import torch
from torch import Tensor
from torch.func import functional_call
from torch.nn import functional as F

from course_lib.core import make_rng
from course_lib.core.rng import module_rng
from course_lib.meta.hypergradient import hypergradient
from course_lib.meta.reversible_training import decay, ravel, train_reversibly

STEPS = 12
NAMES = ("start", "theta", "rates", "momenta")


def network(activation: torch.nn.Module | None = None):
    """A small network, its loss with a batch a step and a decay a tensor, and its validation."""
    rng = make_rng(0)
    with module_rng(rng):
        middle = activation or torch.nn.Tanh()
        net = torch.nn.Sequential(torch.nn.Linear(3, 5), middle, torch.nn.Linear(5, 4)).double()
    x = torch.randn(STEPS + 1, 6, 3, generator=rng).double()
    y = torch.randint(4, (STEPS + 1, 6), generator=rng)
    start, named = ravel({k: v.detach() for k, v in net.named_parameters()})

    def loss(weights: Tensor, theta: Tensor, step: int) -> Tensor:
        parameters = named(weights)
        fit = F.cross_entropy(functional_call(net, parameters, (x[step],)), y[step])
        return fit + (decay(parameters, theta) if len(theta) else 0)

    return start, loss, lambda w: loss(w, torch.zeros(0), STEPS)


def hyperparameters(start: Tensor, count: int = 4) -> dict[str, Tensor]:
    """Momenta are of 16 bits, so that no side rounds them."""
    rng = make_rng(1)
    draw = partial(torch.rand, generator=rng, dtype=torch.float64)
    momenta = (65536 * (0.4 + 0.55 * draw(STEPS))).round() / 65536
    return {
        "start": start,
        "theta": 0.3 * draw(count),
        "rates": 0.2 + draw(STEPS),
        "momenta": momenta,
    }


def unrolled(loss, start, theta, rates, momenta) -> Tensor:
    """The rule in floats, with a graph through every step."""
    weights, velocity = start, torch.zeros_like(start)
    if not weights.requires_grad:
        weights = weights.clone().requires_grad_()
    for step, (rate, m) in enumerate(zip(rates, momenta, strict=True)):
        (g,) = torch.autograd.grad(loss(weights, theta, step), weights, create_graph=True)
        velocity = m * velocity - (1 - m) * g
        weights = weights + rate * velocity
    return weights


def gradients(train, valid, values: dict[str, Tensor]) -> dict[str, Tensor]:
    leaves = {name: value.clone().requires_grad_() for name, value in values.items()}
    found = torch.autograd.grad(valid(train(**leaves)), list(leaves.values()))
    return dict(zip(values, found, strict=True))


@pytest.mark.parametrize("activation", [torch.nn.Tanh(), torch.nn.GELU(), torch.nn.LayerNorm(5)])
def test_all_hypergradients_are_those_of_the_whole_graph(activation):
    start, loss, valid = network(activation.double())
    values = hyperparameters(start, count=4 + 2 * isinstance(activation, torch.nn.LayerNorm))
    found = gradients(partial(train_reversibly, train_loss=loss), valid, values)
    expected = gradients(partial(unrolled, loss), valid, values)
    for name in NAMES:
        assert expected[name].abs().max() > 1e-3
        torch.testing.assert_close(found[name], expected[name], rtol=1e-6, atol=1e-8)


@pytest.mark.parametrize("name", NAMES)
def test_they_are_the_slopes_that_finite_differences_find(name):
    """Momenta move by a few units of their 16 bits, all else by 1e-5."""
    start, loss, valid = network()
    values = hyperparameters(start)
    found = gradients(partial(train_reversibly, train_loss=loss), valid, values)[name]
    size = 2**-13 if name == "momenta" else 1e-5
    for place in range(0, len(values[name]), 3):
        shift = size * torch.eye(len(values[name]), dtype=torch.float64)[place]
        up, down = (
            valid(train_reversibly(train_loss=loss, **values | {name: values[name] + s}))
            for s in (shift, -shift)
        )
        torch.testing.assert_close(found[place], (up - down) / (2 * size), rtol=1e-4, atol=1e-6)


def test_with_hardly_any_momentum_it_is_the_hypergradient_of_sgd():
    """The smallest momentum there is, 2^-16, moves the slopes by about as much."""
    start, loss, valid = network()
    values = hyperparameters(start) | {"momenta": torch.full((STEPS,), 2.0**-16).double()}
    found = gradients(partial(train_reversibly, train_loss=loss), valid, values)["rates"]
    sgd = hypergradient(start, lambda w, t: loss(w, values["theta"], t), valid, values["rates"])
    torch.testing.assert_close(found, sgd, rtol=1e-3, atol=1e-5)


def test_a_loss_that_draws_anew_is_told_that_it_was_not_the_same_twice():
    start, loss, valid = network()
    values, rng = hyperparameters(start), make_rng(2)

    def noisy(weights: Tensor, theta: Tensor, step: int) -> Tensor:
        return loss(weights, theta, step) * (1 + 0.1 * torch.rand((), generator=rng))

    with pytest.raises(RuntimeError, match="did not end at the start"):
        gradients(partial(train_reversibly, train_loss=noisy), valid, values)


def test_a_second_gradient_of_one_training_is_refused():
    start, loss, valid = network()
    values = hyperparameters(start)
    values["rates"].requires_grad_()
    value = valid(train_reversibly(train_loss=loss, **values))
    value.backward(retain_graph=True)
    with pytest.raises(RuntimeError, match="train again"):
        value.backward()


@pytest.mark.parametrize("broken", [float("nan"), float("inf"), 1e9])
def test_the_step_that_goes_wrong_is_named_and_the_start_is_kept(broken):
    start, loss, _ = network()
    values, before = hyperparameters(start), start.clone()

    def breaks(weights: Tensor, theta: Tensor, step: int) -> Tensor:
        return loss(weights, theta, step) * (broken if step == 7 else 1)

    with pytest.raises(ValueError, match="stopped at step 7: "):
        train_reversibly(train_loss=breaks, **values)
    assert start.equal(before)


@pytest.mark.parametrize("momentum", [0.0, 1.0])
def test_momentum_0_and_1_are_refused_before_the_first_step(momentum):
    start, loss, _ = network()
    values = hyperparameters(start)
    values["momenta"][-1] = momentum
    with pytest.raises(ValueError, match="strictly between 0 and 1"):
        train_reversibly(train_loss=loss, **values)


def test_schedules_have_one_entry_a_step():
    start, loss, _ = network()
    values = hyperparameters(start) | {"momenta": torch.tensor([0.9])}
    with pytest.raises(ValueError, match="one of each a step"):
        train_reversibly(train_loss=loss, **values)


def test_ravel_and_back_is_nothing_done():
    parameters = {"a": torch.randn(2, 3), "b": torch.randn(()), "c": torch.randn(4)}
    vector, named = ravel(parameters)
    assert vector.shape == (11,)
    assert all(named(vector)[name].equal(value) for name, value in parameters.items())


def test_the_slope_of_the_decay_pulls_every_tensor_by_its_own_strength():
    strengths = torch.tensor([0.5, 3.0])
    slope = torch.func.grad(decay)({"a": torch.ones(2), "b": 2 * torch.ones(3)}, strengths)
    assert slope["a"].equal(0.5 * torch.ones(2))
    assert slope["b"].equal(6 * torch.ones(3))
