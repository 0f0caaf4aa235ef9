"""Laws of each search: detailed balance, ageing, climbing, promotion."""

import math
from collections import Counter
from itertools import pairwise

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from course_lib.core import Oracle, Space, Trial, make_rng
from course_lib.nas.search import (
    acceptance,
    local_search,
    metropolis,
    metropolis_steps,
    regularized_evolution,
    successive_halving,
)

SPACES = {"plain": Space((2, 3, 2)), "stop": Space((3, 3, 2), stop=1)}
every_space = pytest.mark.parametrize("space", SPACES.values(), ids=SPACES)
values = st.floats(-5, 5)


def value_of(arch):
    """Arbitrary, with a different value for nearly every string."""
    return (sum(3**i * a for i, a in enumerate(arch)) * 37 % 101) / 101


def measure(arch, fidelity=1):
    return Trial(arch, value_of(arch), cost=float(fidelity))


def transition_matrix(space, temperature):
    """P[i, j]: propose j from i, and accept it; what is refused stays at i."""
    archs = list(space)
    matrix = np.zeros((len(archs), len(archs)))
    for i, here in enumerate(archs):
        for j, there in enumerate(archs):
            forward = space.mutation_probability(here, there)
            if forward > 0:
                matrix[i, j] = forward * acceptance(
                    value_of(here),
                    value_of(there),
                    temperature=temperature,
                    forward=forward,
                    backward=space.mutation_probability(there, here),
                )
        matrix[i, i] = 1 - matrix[i].sum()
    return archs, matrix


@every_space
@pytest.mark.parametrize("temperature", [0.1, 1.0])
def test_detailed_balance_holds_exactly(space, temperature):
    archs, matrix = transition_matrix(space, temperature)
    boltzmann = np.exp([value_of(arch) / temperature for arch in archs])
    boltzmann /= boltzmann.sum()
    flow = boltzmann[:, None] * matrix
    np.testing.assert_allclose(flow, flow.T, atol=1e-15)
    # and it is the only stationary distribution: every string is reached from every other
    assert (np.linalg.matrix_power(matrix, 200) > 0).all()


@every_space
def test_the_walk_moves_as_its_transition_matrix_says(space):
    archs, matrix = transition_matrix(space, 0.5)
    oracle = Oracle(measure, 4001)
    steps = list(metropolis_steps(space, oracle, make_rng(0), temperature=0.5))
    moves = Counter((step.current.arch, step.state.arch) for step in steps)
    visits = Counter(step.current.arch for step in steps)
    for i, here in enumerate(archs):
        for j, there in enumerate(archs):
            n, p = visits[here], matrix[i, j]
            # 6 standard errors: fewer than 1e-6 false alarms over all pairs
            assert abs(moves[here, there] - n * p) <= 6 * math.sqrt(n * p * (1 - p)) + 1e-9


def test_the_walk_is_unbroken_and_the_history_holds_every_proposal():
    oracle = Oracle(measure, 200)
    steps = list(metropolis_steps(SPACES["plain"], oracle, make_rng(0), temperature=0.3))
    assert [step.proposed for step in steps] == list(oracle.history[1:])
    assert steps[0].current == oracle.history[0]
    assert all(a.state == b.current for a, b in pairwise(steps))
    assert {step.accepted for step in steps} == {True, False}
    plain = metropolis(SPACES["plain"], Oracle(measure, 200), make_rng(0), temperature=0.3)
    assert plain == oracle.history


@given(values, values, st.floats(1e-3, 10), st.floats(0.01, 1), st.floats(0.01, 1))
def test_acceptance_is_a_probability_and_balances_the_ratio(here, there, temperature, out, back):
    forth = acceptance(here, there, temperature=temperature, forward=out, backward=back)
    home = acceptance(there, here, temperature=temperature, forward=back, backward=out)
    assert 0 <= forth <= 1
    assert max(forth, home) == 1
    log_ratio = (there - here) / temperature + math.log(back / out)
    if abs(log_ratio) < 600:
        assert forth / home == pytest.approx(math.exp(log_ratio), rel=1e-9)


@given(values, values)
def test_acceptance_limits(here, there):
    assert acceptance(here, max(here, there), temperature=1e-9) == 1
    assert acceptance(here, there, temperature=1e12) == pytest.approx(1)
    assert acceptance(here, here - 1, temperature=1e-9) == 0
    assert acceptance(here, there, temperature=1, backward=0) == 0


@pytest.mark.parametrize("temperature", [0, -1, math.nan])
def test_a_temperature_that_is_not_positive_is_refused(temperature):
    with pytest.raises(ValueError, match="temperature must be positive, got"):
        acceptance(0, 1, temperature=temperature)
    oracle = Oracle(measure, 3)
    with pytest.raises(ValueError, match="temperature must be positive, got"):
        metropolis(SPACES["plain"], oracle, make_rng(0), temperature=temperature)
    assert oracle.spent == 0


def test_an_acceptance_that_is_no_probability_is_named():
    def my_accept(value, proposed, *, temperature, forward, backward):
        return 1.5

    with pytest.raises(ValueError, match=r"accept=my_accept returned 1\.5, .* did you forget min"):
        metropolis(SPACES["plain"], Oracle(measure, 9), make_rng(0), accept=my_accept)


@pytest.mark.parametrize(
    ("answer", "error", "said"),
    [
        (None, TypeError, "NoneType, expected a probability"),
        ("0.5", TypeError, "str, expected a probability"),
        (torch.ones(2), TypeError, "Tensor, expected a probability"),
        (math.nan, ValueError, r"nan, expected a probability in \[0, 1\]$"),
        (torch.tensor(math.inf), ValueError, r"inf, .*did you forget min"),
    ],
)
def test_an_acceptance_of_another_kind_is_named(answer, error, said):
    def my_accept(value, proposed, *, temperature, forward, backward):
        return answer

    with pytest.raises(error, match=f"accept=my_accept returned {said}"):
        metropolis(SPACES["plain"], Oracle(measure, 9), make_rng(0), accept=my_accept)


@pytest.mark.parametrize("kind", [np.float32, torch.tensor, int])
def test_a_probability_may_be_any_scalar(kind):
    def always(value, proposed, *, temperature, forward, backward):
        return kind(1.0)

    steps = metropolis_steps(SPACES["plain"], Oracle(measure, 9), make_rng(0), accept=always)
    assert [step.accepted for step in steps] == [True] * 8


def test_evolution_kills_the_oldest_and_mutates_the_best():
    space = Space((4, 4, 4))
    history = regularized_evolution(
        space, Oracle(measure, 300), make_rng(0), population=6, tournament=200
    )
    trials = list(history)
    for i, child in enumerate(trials[6:], start=6):
        # 200 draws miss one of 6 contestants with probability below 1e-14
        best = max(trial.value for trial in trials[i - 6 : i])
        parents = [trial.arch for trial in trials[i - 6 : i] if trial.value == best]
        assert any(child.arch in space.neighbours(parent) for parent in parents)


def test_a_tournament_of_one_takes_parents_of_every_age_alike():
    space = Space((6,) * 12)
    trials = list(
        regularized_evolution(space, Oracle(measure, 404), make_rng(0), population=4, tournament=1)
    )
    ages = Counter()
    for i, child in enumerate(trials[4:], start=4):
        near = [age for age in range(1, 5) if child.arch in space.neighbours(trials[i - age].arch)]
        assert near, "the parent is one of the four who live"
        if len(near) == 1:
            ages[near[0]] += 1
    # siblings are neighbours too often for an exact law: every age must have been a parent
    assert set(ages) == {1, 2, 3, 4}


def test_local_search_climbs_until_no_neighbour_is_better():
    space = Space((3, 3, 3))
    trials = list(local_search(space, Oracle(measure, 400), make_rng(0)))
    peaks = 0
    current, climb = trials[0], {trials[0].arch}
    for trial in trials[1:]:
        unasked = set(space.neighbours(current.arch)) - climb
        if not unasked:
            assert all(value_of(n) <= current.value for n in space.neighbours(current.arch))
            peaks += 1
            current, climb = trial, {trial.arch}
            continue
        assert trial.arch in unasked
        climb.add(trial.arch)
        if trial.value > current.value:
            current = trial
    assert peaks > 3


@pytest.mark.parametrize(("candidates", "eta"), [(16, 2), (9, 3), (10, 3), (3, 4)])
def test_halving_promotes_the_best_and_charges_the_increments(candidates, eta):
    space = Space((5, 5, 5, 5, 5, 5))
    fidelities = (1, 3, 9)
    counts = [candidates, max(1, candidates // eta), max(1, max(1, candidates // eta) // eta)]
    cost = counts[0] * 1 + counts[1] * 2 + counts[2] * 6
    asked = []

    def curve(arch, fidelity):
        asked.append((arch, fidelity))
        return Trial(arch, value_of((*arch, fidelity)), cost=float(fidelity))

    oracle = Oracle(curve, 2 * cost)
    successive_halving(
        space, oracle, make_rng(0), candidates=candidates, fidelities=fidelities, eta=eta
    )
    assert oracle.spent == 2 * cost, "two whole rounds"
    expected = [f for f, count in zip(fidelities, counts, strict=True) for _ in range(count)]
    assert [fidelity for _, fidelity in asked] == 2 * expected
    first, second = asked[: counts[0]], asked[counts[0] : counts[0] + counts[1]]
    ranked = sorted(first, key=lambda question: -value_of((*question[0], 1)))
    assert [arch for arch, _ in second] == [arch for arch, _ in ranked[: counts[1]]]


@pytest.mark.parametrize(
    ("search", "settings", "message"),
    [
        (regularized_evolution, {"population": 0}, "must be at least 1, got 0 and 10"),
        (regularized_evolution, {"tournament": 0}, "must be at least 1, got 30 and 0"),
        (successive_halving, {"eta": 1}, "expected candidates >= 1 and eta >= 2"),
        (successive_halving, {"candidates": 0}, "expected candidates >= 1"),
        (successive_halving, {"fidelities": (2, 1)}, r"fidelities must increase, got \[2, 1\]"),
        (successive_halving, {"fidelities": ()}, "fidelities must increase"),
    ],
)
def test_senseless_settings_are_refused(search, settings, message):
    oracle = Oracle(measure, 3)
    with pytest.raises(ValueError, match=message):
        search(SPACES["plain"], oracle, make_rng(0), **settings)
    assert oracle.spent == 0
