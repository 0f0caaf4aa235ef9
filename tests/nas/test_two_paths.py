"""ProxylessNAS's pairs of paths: how often they come, and their gradient."""

from collections import Counter
from functools import partial
from itertools import permutations

import pytest
import torch

from course_lib.core import make_rng
from course_lib.nas.relax import (
    binary_paths,
    nonzero_op,
)
from tests.nas.mixtures import LOGITS, follows, rows


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
