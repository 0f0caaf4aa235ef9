"""Laws of the relaxations: frequencies, limits, gradients; oracles are closed forms and sums."""

import math
from collections import Counter

import pytest
import torch
from scipy import stats

from course_lib.core import make_rng
from course_lib.nas.relax import (
    binary_paths,
    gumbel_max_sample,
    gumbel_softmax_sample,
    gumbel_straight_through,
    path_dropout,
    sample_gumbel,
    sampled_path,
    softmax_relax,
    straight_through,
    uniform_one_hot,
)
from tests.nas.mixtures import FALSE_ALARM, LOGITS, follows, rows

ALL = {
    relax.__name__: relax
    for relax in (
        softmax_relax,
        gumbel_softmax_sample,
        gumbel_straight_through,
        uniform_one_hot,
        path_dropout,
        binary_paths,
        sampled_path,
    )
}


every_relax = pytest.mark.parametrize("relax", ALL.values(), ids=ALL)


@every_relax
@pytest.mark.parametrize("shape", [(2,), (6, 5), (3, 2, 4)])
@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
def test_rows_are_weights_that_sum_to_one(relax, shape, dtype):
    weights = relax(torch.randn(shape, generator=make_rng(0)).to(dtype), make_rng(1), tau=0.7)
    assert weights.shape == shape
    assert weights.dtype == dtype
    assert (weights >= 0).all()
    torch.testing.assert_close(weights.sum(-1), torch.ones(shape[:-1], dtype=dtype))


@every_relax
def test_same_seed_same_weights_and_the_global_seed_is_untouched(relax):
    before = torch.get_rng_state()
    first, again, other = (relax(rows(50), make_rng(seed), tau=0.5) for seed in (3, 3, 4))
    assert torch.equal(first, again)
    assert torch.equal(first, other) == (relax is softmax_relax)
    assert torch.equal(torch.get_rng_state(), before)


@every_relax
@pytest.mark.parametrize("tau", [0, -1.0, math.inf, math.nan])
def test_a_temperature_that_is_none_is_refused(relax, tau):
    with pytest.raises(ValueError, match="tau must be positive and finite, got"):
        relax(LOGITS, make_rng(0), tau=tau)


@every_relax
def test_extreme_logits_and_temperatures_give_finite_weights_and_gradients(relax):
    for tau in (1e-30, 1e-3, 1.0):
        logits = torch.tensor([[200.0, -200.0, 0.0], [0.0, 0.0, 0.0]], requires_grad=True)
        weights = relax(logits, make_rng(0), tau=tau)
        assert weights.isfinite().all()
        if weights.requires_grad:
            (slope,) = torch.autograd.grad(weights[:, 0].sum(), logits)
            assert not slope.isnan().any()


# --- Gumbel
def test_gumbel_numbers_follow_the_closed_distribution_function():
    sample = sample_gumbel((20_000,), make_rng(0), dtype=torch.float64)
    law = stats.kstest(sample.numpy(), lambda g: math.e ** -(math.e**-g))
    assert law.pvalue > FALSE_ALARM


def test_ten_million_gumbel_numbers_are_finite():
    rng = make_rng(0)
    assert all(sample_gumbel((1000, 1000), rng).isfinite().all() for _ in range(10))


def test_gumbel_numbers_are_independent_of_each_other():
    sample = sample_gumbel((20_000, 2), make_rng(1), dtype=torch.float64)
    assert stats.spearmanr(*sample.T.numpy()).pvalue > FALSE_ALARM


def test_gumbel_max_draws_from_the_softmax():
    chosen = gumbel_max_sample(rows(20_000), make_rng(0))
    assert chosen.dtype == torch.int64
    assert chosen.shape == (20_000,)
    assert follows(chosen.bincount(minlength=4), LOGITS.softmax(0))


@pytest.mark.parametrize("tau", [0.1, 1.0, 10.0])
def test_the_largest_entry_of_a_relaxed_sample_is_that_draw_at_every_temperature(tau):
    relaxed = gumbel_softmax_sample(rows(1000), make_rng(5), tau=tau)
    assert torch.equal(relaxed.argmax(-1), gumbel_max_sample(rows(1000), make_rng(5)))


def test_the_limits_of_the_temperature():
    cold = gumbel_softmax_sample(rows(100), make_rng(0), tau=1e-6)
    assert torch.equal(cold.round(), cold)
    hot = gumbel_softmax_sample(rows(100), make_rng(0), tau=1e6)
    torch.testing.assert_close(hot, torch.full_like(hot, 1 / 4), atol=1e-4, rtol=0)


def test_with_two_choices_the_relaxed_sample_has_a_closed_distribution():
    """log(y_1 / y_2) = (difference of logits + logistic noise) / tau."""
    logits, tau = LOGITS[:2], 0.6
    sample = gumbel_softmax_sample(logits.expand(20_000, -1), make_rng(2), tau=tau)
    log_ratio = (sample[:, 0] / sample[:, 1]).log().numpy()
    law = stats.logistic(loc=float(logits[0] - logits[1]) / tau, scale=1 / tau)
    assert stats.kstest(log_ratio, law.cdf).pvalue > FALSE_ALARM


def numerical(function, logits, step=1e-6):
    """Central differences of a scalar function, entry by entry."""
    slope = torch.zeros_like(logits)
    for index in range(logits.numel()):
        shift = torch.zeros_like(logits)
        shift.view(-1)[index] = step
        slope.view(-1)[index] = (function(logits + shift) - function(logits - shift)) / (2 * step)
    return slope


@pytest.mark.parametrize("relax", [softmax_relax, gumbel_softmax_sample], ids=lambda r: r.__name__)
@pytest.mark.parametrize("tau", [0.5, 2.0])
def test_the_gradient_is_that_of_finite_differences_with_frozen_noise(relax, tau):
    values = torch.randn(3, 4, generator=make_rng(9), dtype=torch.float64)
    logits = torch.randn(3, 4, generator=make_rng(8), dtype=torch.float64, requires_grad=True)

    def function(logits):
        return (relax(logits, make_rng(7), tau=tau) * values).sum() ** 2

    (slope,) = torch.autograd.grad(function(logits), logits)
    with torch.no_grad():
        torch.testing.assert_close(slope, numerical(function, logits), atol=1e-6, rtol=1e-6)


# --- straight-through
def test_straight_through_is_one_hot_forward_and_soft_backward():
    values = torch.randn(5, 4, generator=make_rng(0))
    logits = torch.randn(5, 4, generator=make_rng(1), requires_grad=True)
    soft = logits.softmax(-1)
    hard = straight_through(soft)
    assert torch.equal(hard, torch.eye(4)[soft.argmax(-1)])
    for out in (hard, soft):
        (slope,) = torch.autograd.grad((out * values).sum(), logits, retain_graph=True)
        if out is hard:
            expected = slope
    torch.testing.assert_close(slope, expected, atol=1e-7, rtol=0)


def test_gdas_draws_every_row_independently_from_the_softmax():
    chosen = gumbel_straight_through(LOGITS.expand(20_000, 2, 4), make_rng(0), tau=0.3).argmax(-1)
    chances = torch.outer(LOGITS.softmax(0), LOGITS.softmax(0)).flatten()
    assert follows((chosen[:, 0] * 4 + chosen[:, 1]).bincount(minlength=16), chances)


def test_sampled_path_draws_from_the_softmax_at_its_temperature_without_a_gradient():
    logits = rows(20_000).clone().requires_grad_()
    path = sampled_path(logits, make_rng(0), tau=2.0)
    assert not path.requires_grad
    assert follows(path.sum(0), (LOGITS / 2).softmax(0))


# --- paths that do not look at the logits
def test_uniform_paths_are_uniform():
    paths = uniform_one_hot(rows(20_000), make_rng(0))
    assert set(paths.unique().tolist()) == {0.0, 1.0}
    assert follows(paths.sum(0), torch.full((4,), 1 / 4))


@pytest.mark.parametrize("rate", [0.0, 0.3, 0.9])
def test_path_dropout_keeps_each_set_of_choices_as_often_as_it_should(rate):
    """Enumeration of the 16 sets; the set without any is replaced by one choice."""
    weights = path_dropout(rows(20_000), make_rng(0), rate=rate)
    sets = Counter(tuple(row) for row in (weights > 0).tolist())
    drop = rate ** (1 / 4)
    chances = {}
    for number in range(1, 16):
        kept = tuple(bool(number >> k & 1) for k in range(4))
        chance = math.prod(1 - drop if one else drop for one in kept)
        chances[kept] = chance + (rate / 4 if sum(kept) == 1 else 0)
    assert sum(chances.values()) == pytest.approx(1)
    possible = {kept: chance for kept, chance in chances.items() if chance > 1e-12}
    assert set(sets) <= set(possible)
    if rate:
        assert follows([sets[kept] for kept in possible], list(possible.values()))


def test_what_path_dropout_keeps_shares_the_row_equally():
    weights = path_dropout(rows(100), make_rng(1))
    kept = weights > 0
    assert torch.equal(weights[kept], (1 / kept.double().sum(-1, keepdim=True)).expand(-1, 4)[kept])


def test_path_dropout_ramps_with_tau_and_refuses_to_drop_everything():
    scaled = path_dropout(rows(100), make_rng(0), rate=0.5, tau=0.5)
    assert torch.equal(scaled, path_dropout(rows(100), make_rng(0), rate=0.25))
    with pytest.raises(ValueError, match=r"rate tau must be in \[0, 1\), got 0.5 \* 2"):
        path_dropout(LOGITS, make_rng(0), rate=0.5, tau=2)
