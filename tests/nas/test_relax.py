"""Laws of the relaxations: frequencies, limits, gradients; oracles are closed forms and sums."""

import math
from collections import Counter
from functools import partial
from itertools import permutations

import pytest
import torch
from scipy import stats

from course_lib.core import make_rng
from course_lib.nas.relax import (
    binary_paths,
    gumbel_max_sample,
    gumbel_softmax_sample,
    gumbel_straight_through,
    nonzero_op,
    path_dropout,
    sample_gumbel,
    sampled_path,
    softmax_relax,
    straight_through,
    uniform_one_hot,
)

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
LOGITS = torch.tensor([0.5, -1.0, 1.5, 0.0], dtype=torch.float64)
FALSE_ALARM = 1e-4  # and every seed is fixed


def rows(count):
    """The same logits in every row, so that one call gives `count` independent draws."""
    return LOGITS.expand(count, -1)


def follows(counts, chances):
    """Chi-square: whether counts may come from these chances."""
    counts, chances = (torch.as_tensor(each, dtype=torch.float64) for each in (counts, chances))
    return stats.chisquare(counts.numpy(), (counts.sum() * chances).numpy()).pvalue > FALSE_ALARM


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


# --- ProxylessNAS


def pair_chances(chances):
    """How often two draws without replacement give each unordered pair."""
    result = Counter()
    for i, j in permutations(range(len(chances)), 2):
        result[min(i, j), max(i, j)] += chances[i] * chances[j] / (1 - chances[i])
    return result


def test_two_gates_of_which_one_is_open():
    gates = binary_paths(rows(1000), make_rng(0))
    assert ((gates > 0).sum(-1) == 2).all()
    assert ((gates == 1).sum(-1) == 1).all()
    assert gates[gates < 1].max() < 1e-40


def test_pairs_and_open_gates_come_as_often_as_they_should():
    chances = LOGITS.softmax(0).tolist()
    gates = binary_paths(rows(20_000), make_rng(3))
    drawn = Counter()
    for row in gates.tolist():
        one, two = (k for k in range(4) if row[k] > 0)
        drawn[one, two, one if row[one] == 1 else two] += 1
    expected = {}
    for (i, j), chance in pair_chances(chances).items():
        expected[i, j, i] = chance * chances[i] / (chances[i] + chances[j])
        expected[i, j, j] = chance * chances[j] / (chances[i] + chances[j])
    assert follows([drawn[key] for key in expected], list(expected.values()))


def gate_gradients(logits, values, draws):
    """The mean gradient of values . gates over many draws, and its standard error."""
    leaf = logits.expand(draws, -1).clone().requires_grad_()
    (slopes,) = torch.autograd.grad((binary_paths(leaf, make_rng(4)) * values).sum(), leaf)
    return slopes.mean(0), slopes.std(0) / draws**0.5


def test_of_two_paths_the_gradient_is_exactly_that_of_the_expected_value():
    logits, values = LOGITS[:2], torch.tensor([2.0, -1.0], dtype=torch.float64)
    mean, error = gate_gradients(logits, values, 10)
    leaf = logits.clone().requires_grad_()
    (exact,) = torch.autograd.grad((leaf.softmax(0) * values).sum(), leaf)
    torch.testing.assert_close(mean, exact, atol=1e-12, rtol=0)
    assert (error < 1e-12).all()


def test_of_more_paths_it_is_the_sum_over_pairs():
    """Enumeration: every pair, as often as it is drawn, times the gradient of its own softmax."""
    values = torch.tensor([1.0, -2.0, 0.5, 3.0], dtype=torch.float64)
    leaf = LOGITS.clone().requires_grad_()
    exact = torch.zeros(4, dtype=torch.float64)
    for (i, j), chance in pair_chances(LOGITS.softmax(0).tolist()).items():
        pair = [i, j]
        expected_value = (leaf[pair].softmax(0) * values[pair]).sum()
        exact += chance * torch.autograd.grad(expected_value, leaf)[0]
    mean, error = gate_gradients(LOGITS, values, 40_000)
    assert ((mean - exact).abs() < 4.5 * error).all()


def test_one_choice_cannot_compete():
    with pytest.raises(ValueError, match="at least 2 choices"):
        binary_paths(torch.zeros(3, 1), make_rng(0))


# --- what is computed


def test_nonzero_op_is_the_weighted_sum_and_computes_no_more_than_it_needs():
    called = []

    def operation(k, x):
        called.append(k)
        return (k + 1) * x

    operations = [partial(operation, k) for k in range(4)]
    x = torch.randn(3, generator=make_rng(0))
    weights = torch.tensor([0.0, 0.25, 0.0, 0.75], requires_grad=True)
    out = nonzero_op(operations, x, weights)
    torch.testing.assert_close(out, (0.25 * 2 + 0.75 * 4) * x)
    assert called == [1, 3]
    (slope,) = torch.autograd.grad(out.sum(), weights)
    torch.testing.assert_close(slope, torch.tensor([0, 2, 0, 4]) * x.sum())
    assert torch.equal(nonzero_op(operations, x, torch.zeros(4)), torch.zeros(3))


def test_the_closed_gate_is_computed_and_changes_nothing():
    gates = binary_paths(torch.zeros(2), make_rng(0)).requires_grad_()
    x = torch.randn(100, generator=make_rng(0))
    out = nonzero_op([torch.sin, torch.cos], x, gates)
    opened = int(gates.argmax())
    assert torch.equal(out, [torch.sin, torch.cos][opened](x))
    (slope,) = torch.autograd.grad(out.sum(), gates)
    torch.testing.assert_close(slope, torch.stack([x.sin().sum(), x.cos().sum()]))
