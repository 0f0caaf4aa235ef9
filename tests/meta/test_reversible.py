"""Exact reversal: arithmetic against Python's integers, 10,000 steps back to the last bit."""

import math
from fractions import Fraction

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import Tensor

from course_lib.core import make_rng
from course_lib.meta.fixed_point import LIMIT, POINT, Buffer, ratio, to_fixed
from course_lib.meta.reversible import Exact, Plain

NUMBERS = 50


def some_numbers(seed: int = 0, count: int = NUMBERS) -> Tensor:
    return to_fixed(torch.randn(count, generator=make_rng(seed), dtype=torch.float64), "numbers")


@given(st.lists(st.integers(1, 2**16 - 1), min_size=1, max_size=80), st.integers(0, 99))
def test_whatever_the_fractions_all_products_can_be_undone(parts, seed):
    """Also across moves to `words`: 80 multiplications by 1/3 lose 126 bits."""
    numbers, buffer = some_numbers(seed), Buffer(NUMBERS)
    ratios = [ratio(part / 2**16) for part in parts]
    products = [numbers]
    for by in ratios:
        products.append(buffer.multiply(products[-1], by) + some_numbers(seed + 1))
    for by, before, after in zip(ratios[::-1], products[-2::-1], products[:0:-1], strict=True):
        assert buffer.undo(after - some_numbers(seed + 1), by).equal(before)
    assert buffer.empty
    assert not buffer.words


def test_the_buffer_is_the_papers_with_integers_of_any_length():
    """Algorithm 3 in Python's own integers, until digits of i are moved away."""
    numbers, buffer, i = some_numbers(count=1), Buffer(1), 0
    c, d = int(numbers), 2**16
    for step in range(100):
        by = ratio(0.3 + 0.6 * (step % 7) / 7)
        numbers = buffer.multiply(numbers, by)
        if buffer.words:
            break
        i, c = i * d + c % d, c // d
        i, c = i // by.parts, c * by.parts + i % by.parts
        assert int(numbers) == c
        assert int(buffer.top) == i
        numbers, c = numbers - 12345678901234567, c - 12345678901234567
    assert step > 30


@pytest.mark.parametrize("momentum", [0.5, 0.9, 0.99])
@pytest.mark.parametrize("steps", [300, 3000])
def test_the_buffer_grows_by_the_bits_that_a_product_loses(momentum, steps):
    """log2(1 / momentum) a step: fewer could not hold them; at most a bit in a word of 32 more."""
    by, buffer, numbers = ratio(momentum), Buffer(NUMBERS), some_numbers()
    for _ in range(steps):
        numbers = buffer.multiply(numbers, by) + some_numbers()
    lost = steps * math.log2(1 / float(by))
    assert lost - 1 < buffer.bits < lost * (1 + 1 / 32) + 10
    assert buffer.nbytes == NUMBERS * (8 + 4 * len(buffer.words))


def test_a_product_is_that_of_the_fraction_to_sixteen_bits():
    numbers, buffer = some_numbers(), Buffer(NUMBERS)
    product = buffer.multiply(numbers, ratio(0.9))
    exact = numbers.double() * float(ratio(0.9))
    assert (product.double() - exact).abs().max() <= 2**16


def bowl(weights: Tensor) -> Tensor:
    """A gradient that is not linear, steeper in some directions than in others."""
    return torch.linspace(0.1, 3, len(weights), dtype=weights.dtype) * torch.tanh(weights - 1)


def test_ten_thousand_steps_and_back_lose_not_a_bit():
    """Rates and momenta change from step to step."""
    start = torch.randn(NUMBERS, generator=make_rng(0))
    state, rng = Exact(start), make_rng(1)
    rates = (0.5 * torch.rand(10_000, generator=rng)).tolist()
    ratios = [ratio(0.5 + 0.499 * float(m)) for m in torch.rand(10_000, generator=rng)]
    for rate, momentum in zip(rates, ratios, strict=True):
        state.forward(bowl, rate, momentum)
    assert not state.at_start_from(start)
    assert (state.weights - 1).abs().max() < 1e-3, "training should have arrived"
    for rate, momentum in zip(rates[::-1], ratios[::-1], strict=True):
        state.back(bowl, rate, momentum)
    assert state.at_start_from(start)
    assert not state.buffer.words


@pytest.mark.parametrize("momentum", [0.5, 0.9])
def test_on_the_way_every_state_is_met_again_and_floats_meet_none(momentum):
    start = torch.randn(NUMBERS, generator=make_rng(0), dtype=torch.float64)
    exact, plain, by = Exact(start), Plain(start), ratio(momentum)
    visited = []
    for _ in range(500):
        visited.append((exact.weights, exact.velocity))
        exact.forward(bowl, 0.1, by)
        plain.forward(bowl, 0.1, by)
    torch.testing.assert_close(exact.weights, plain.weights, rtol=0, atol=1e-6)
    for weights, velocity in reversed(visited):
        exact.back(bowl, 0.1, by)
        plain.back(bowl, 0.1, by)
        assert exact.weights.equal(weights)
        assert exact.velocity.equal(velocity)
    assert not (plain.weights - start).abs().max() < 1


def test_it_is_heavy_ball_momentum():
    """w_{t+1} = w_t + m (w_t - w_{t-1}) - r (1 - m) g_t, to the fixed-point rounding."""
    start = torch.randn(NUMBERS, generator=make_rng(0), dtype=torch.float64)
    state, by = Exact(start), ratio(0.75)
    before, now = start, start
    for _ in range(100):
        state.forward(bowl, 0.2, by)
        before, now = now, now + 0.75 * (now - before) - 0.2 * 0.25 * bowl(now)
    torch.testing.assert_close(state.weights, now, rtol=0, atol=1e-8)


@pytest.mark.parametrize("momentum", [0.0, 1.0, -0.1, 1.5, float("nan"), 1e-6, 1 - 1e-6])
def test_momentum_is_strictly_between_0_and_1(momentum):
    with pytest.raises(ValueError, match="strictly between 0 and 1"):
        ratio(momentum)


@given(st.floats(-LIMIT + 1e-9, LIMIT - 1e-9))
def test_fixed_point_is_as_near_as_it_can_be(value):
    fixed = int(to_fixed(torch.tensor([value], dtype=torch.float64), "values"))
    assert abs(Fraction(value) * Fraction(POINT) - fixed) <= Fraction(1, 2)


@pytest.mark.parametrize(
    ("worst", "said"),
    [(LIMIT, "overflow.*1024"), (1e9, "overflow"), (math.inf, "not finite"), (math.nan, "finite")],
)
def test_numbers_that_do_not_fit_are_refused(worst, said):
    with pytest.raises(ValueError, match=f"{said}"):
        Exact(torch.tensor([0.0, worst, 1.0]))
    state = Exact(torch.zeros(3))
    with pytest.raises(ValueError, match=said):
        state.forward(lambda w: torch.tensor([0.0, 4 * worst, 1.0]), 0.1, ratio(0.5))


def test_weights_that_walk_away_are_refused_before_they_wrap_around():
    state = Exact(torch.full((3,), 1000.0))
    with pytest.raises(ValueError, match="overflow: the weights"):
        state.forward(lambda w: -torch.ones(3), 100.0, ratio(0.5))


@pytest.mark.parametrize("weights", [torch.zeros(2, 2), torch.zeros(0), torch.zeros(3).long()])
def test_weights_are_one_vector_of_floats(weights):
    with pytest.raises(ValueError, match="one vector"):
        Exact(weights)


def test_more_than_was_done_cannot_be_undone():
    buffer = Buffer(2)
    with pytest.raises(ValueError, match="nothing to undo"):
        buffer.undo(torch.zeros(2).long(), ratio(0.5))
