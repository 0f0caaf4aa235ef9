"""The library's one-shot search, when latency has a price."""

import pytest
import torch

from course_lib.core import make_rng
from course_lib.hardware.expected_latency import added, derived, multiplied, priced
from course_lib.hardware.lookup import LookupTable, lookup_latency
from course_lib.nas.bilevel import AlphaGradient, first_order, second_order
from tests.nas.small_nets import SPACE, same, search

TABLE = LookupTable(3.0, torch.rand(6, 5, generator=make_rng(0)))
CHEAPEST = tuple(TABLE.cost.argmin(1).tolist())


@pytest.mark.parametrize("gradient", [first_order, second_order])
def test_without_a_price_it_is_the_plain_search(gradient: AlphaGradient) -> None:
    free = priced(gradient, TABLE, added(0.0))
    plain, alpha, _ = search(alpha_gradient=gradient)
    again, own, _ = search(alpha_gradient=free)
    assert torch.equal(alpha, own)
    assert same(dict(plain.named_parameters()), dict(again.named_parameters()))


@pytest.mark.parametrize("method", ["DARTS", "GDAS", "ProxylessNAS"])
def test_at_a_huge_price_the_cheapest_cell_is_derived(method: str) -> None:
    dear = priced(first_order, TABLE, added(1e3))
    _, alpha, _ = search(method, alpha_gradient=dear, alpha_learning_rate=0.3, epochs=5)
    found = derived(SPACE, alpha, TABLE)
    assert found.arch == CHEAPEST
    assert found.latency == pytest.approx(lookup_latency(TABLE, torch.tensor([CHEAPEST])).item())
    assert found.latency < found.expected


def test_the_price_grows_and_the_latency_falls() -> None:
    expected = []
    for weight in (0.0, 1.0, 100.0):
        dear = priced(first_order, TABLE, added(weight))
        _, alpha, _ = search(alpha_gradient=dear, alpha_learning_rate=0.3, epochs=5)
        expected.append(derived(SPACE, alpha, TABLE).expected)
    assert expected == sorted(expected, reverse=True)
    assert expected[0] > expected[-1]


def test_fbnets_price_runs_in_the_loop_too() -> None:
    dear = priced(first_order, TABLE, multiplied(0.2, 0.6))
    _, alpha, log = search(alpha_gradient=dear)
    assert alpha.isfinite().all()
    assert len(log) > 0
