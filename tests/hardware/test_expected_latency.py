"""The expectation by enumeration, its gradient by differences, and what a search does with it."""

import itertools
import math

import pytest
import torch

from course_lib.core import Space, make_rng
from course_lib.hardware.expected_latency import (
    added,
    derived,
    expected_latency,
    multiplied,
    priced,
)
from course_lib.hardware.lookup import LookupTable, lookup_latency
from course_lib.nas.bilevel import exact_second_order, first_order, second_order

POSITIONS, CHOICES = 3, 4


def given(seed: int = 0):
    rng = make_rng(seed)
    cost = torch.rand(POSITIONS, CHOICES, generator=rng, dtype=torch.float64)
    logits = torch.randn(POSITIONS, CHOICES, generator=rng, dtype=torch.float64)
    return logits, LookupTable(2.0, cost)


def by_enumeration(logits, table):
    """The mean over all architectures, each with the product of its choices' probabilities."""
    chances = logits.softmax(-1)
    archs = list(itertools.product(range(CHOICES), repeat=POSITIONS))
    weights = [math.prod(float(chances[p, c]) for p, c in enumerate(arch)) for arch in archs]
    return sum(
        w * float(t)
        for w, t in zip(weights, lookup_latency(table, torch.tensor(archs)), strict=True)
    )


def test_it_is_the_mean_over_all_architectures():
    logits, table = given()
    assert math.isclose(expected_latency(logits, table), by_enumeration(logits, table))


def test_its_gradient_is_that_of_differences():
    logits, table = given()
    assert torch.autograd.gradcheck(lambda z: expected_latency(z, table), logits.requires_grad_())


def test_a_decided_alpha_costs_what_its_cell_costs():
    logits, table = given()
    arch = (1, 3, 0)
    for position, choice in enumerate(arch):
        logits[position, choice] = 100.0
    own = lookup_latency(table, torch.tensor([arch]))
    assert torch.allclose(expected_latency(logits, table), own)


def test_shapes_must_agree():
    logits, table = given()
    with pytest.raises(ValueError, match="table's shape"):
        expected_latency(logits[:2], table)


@pytest.mark.parametrize("exponent", [0.6, 1.0, 2.0])
def test_fbnets_power_is_outside_of_the_logarithm(exponent):
    loss, latency = torch.tensor(1.7), torch.tensor(30.0)
    said = multiplied(0.2, exponent)(loss, latency)
    assert math.isclose(said, 1.7 * 0.2 * math.log(30.0) ** exponent, rel_tol=1e-6)
    inside = 1.7 * 0.2 * math.log(30.0**exponent)
    assert math.isclose(said, inside, rel_tol=1e-6) == (exponent == 1.0)


def test_prices_refuse_what_they_cannot_price():
    with pytest.raises(ValueError, match="smaller unit"):
        multiplied(0.2, 0.6)(torch.tensor(1.0), torch.tensor(0.3))
    with pytest.raises(ValueError, match="weight of latency"):
        added(-1.0)
    assert added(2.0)(torch.tensor(1.0), torch.tensor(3.0)) == 7.0


def quadratic(target: torch.Tensor):
    """A loss in which weights and alpha meet."""
    return lambda params, alpha: ((params["w"] * alpha.softmax(-1)).sum() - target) ** 2


@pytest.mark.parametrize("price", [added(0.7), multiplied(0.2, 0.6)], ids=["added", "multiplied"])
def test_the_priced_gradient_is_that_of_the_priced_loss(price):
    logits, table = given()
    params = {"w": torch.rand(POSITIONS, CHOICES, generator=make_rng(5), dtype=torch.float64)}
    train, valid = quadratic(torch.tensor(0.3)), quadratic(torch.tensor(0.9))
    found = priced(first_order, table, price)(train, valid, params, logits, xi=0.0)
    leaf = logits.clone().requires_grad_()
    total = price(valid(params, leaf), expected_latency(leaf, table))
    assert torch.allclose(found, torch.autograd.grad(total, leaf)[0])


def test_through_the_weights_finite_differences_agree_with_exact():
    logits, table = given()
    params = {"w": torch.rand(POSITIONS, CHOICES, generator=make_rng(5), dtype=torch.float64)}
    losses = quadratic(torch.tensor(0.3)), quadratic(torch.tensor(0.9))
    price = multiplied(0.2, 0.6)
    near, exact = (
        priced(each, table, price)(*losses, params, logits, xi=0.1)
        for each in (second_order, exact_second_order)
    )
    assert torch.allclose(near, exact, atol=1e-4)


class Cells(Space):
    """Three decisions among four operations."""

    operations = ("a", "b", "c", "d")
    edges = POSITIONS


def test_the_derived_cell_is_reported_by_its_own_latency():
    logits, table = given()
    found = derived(Cells([CHOICES] * POSITIONS), logits, table)
    assert found.arch == tuple(logits.argmax(-1).tolist())
    assert math.isclose(
        found.latency, 2.0 + sum(table.cost[p, c] for p, c in enumerate(found.arch))
    )
    assert math.isclose(found.expected, by_enumeration(logits, table))
    assert not math.isclose(found.latency, found.expected, rel_tol=0.01)
