"""Laws of the oracle: never past the budget, never idle below it, every answer on record."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from course_lib.core import BudgetExhausted, Oracle, Trial


def unit(arch, fidelity=None):
    return Trial(arch, value=float(sum(arch)))


def epochs(arch, fidelity=8):
    return Trial(arch, value=float(fidelity), cost=float(fidelity))


@given(st.lists(st.integers(1, 9), min_size=1), st.integers(1, 30))
def test_spends_until_the_next_answer_is_too_dear(costs, budget):
    oracle = Oracle(lambda arch: Trial(arch, 0.0, cost=arch[0]), budget)
    refused = None
    with oracle:
        for cost in costs:
            refused = cost
            oracle((cost,))
        refused = None
    assert oracle.spent == oracle.history.costs.sum() <= budget
    assert [trial.cost for trial in oracle.history] == costs[: len(oracle.history)]
    if refused is not None:
        assert oracle.spent + refused > budget
        assert not oracle.open


@given(st.floats(0.01, 1000), st.integers(1, 2000))
def test_a_budget_pays_exactly_the_answers_that_fit_however_they_round(budget, answers):
    asked = []
    oracle = Oracle(
        lambda arch: asked.append(arch) or Trial(arch, 0.0, cost=budget / answers), budget
    )
    while oracle.open:
        oracle((0,))
        assert oracle.spent <= budget
    assert len(oracle.history) == len(asked) == answers
    assert oracle.spent == budget


def test_three_answers_at_a_tenth_cost_three_tenths():
    oracle = Oracle(lambda arch: Trial(arch, 0.0, cost=0.1), 0.3)
    with oracle:
        while True:
            oracle((0,))
    assert len(oracle.history) == 3


def test_a_refused_oracle_stays_closed():
    oracle = Oracle(lambda arch: Trial(arch, 0.0, cost=arch[0]), 10)
    oracle((8,))
    with pytest.raises(BudgetExhausted, match=r"cost 3 would pass the budget of 10 \(8 used\)"):
        oracle((3,))
    assert not oracle.open
    with pytest.raises(BudgetExhausted):
        oracle((1,))
    assert len(oracle.history) == 1


def test_unit_costs_can_be_counted_with_open():
    oracle = Oracle(unit, 5)
    while oracle.open:
        oracle((1, 2))
    assert oracle.spent == 5
    assert oracle.history.values.tolist() == [3.0] * 5


def test_a_higher_fidelity_charges_the_increment():
    oracle = Oracle(epochs, 100)
    charges = [oracle((0,), fidelity).cost for fidelity in (2, 4, 8)]
    assert charges == [2, 2, 4]
    assert oracle((1,), 8).cost == 8, "another architecture starts from nothing"
    assert oracle((0,), 8).cost == 8, "a repeated question is charged again"
    assert oracle((0,)).cost == 8, "without a fidelity there is nothing to go on from"
    assert oracle.spent == 32


def test_a_cost_that_does_not_grow_with_the_fidelity_is_refused():
    oracle = Oracle(lambda arch, fidelity: Trial(arch, 0.0), 10)
    oracle((0,), 1)
    with pytest.raises(ValueError, match="must grow with the fidelity"):
        oracle((0,), 2)


def test_fidelity_reaches_the_measure_only_where_it_is_given():
    seen = []
    oracle = Oracle(lambda *question: (seen.append(question), Trial((0,), 0.0))[1], 10)
    oracle((0,))
    oracle((0,), 3)
    assert seen == [((0,),), ((0,), 3)]


@pytest.mark.parametrize("budget", [0, -1, math.inf, math.nan])
def test_empty_and_endless_budgets_are_refused(budget):
    with pytest.raises(ValueError, match="budget must be positive and finite, got"):
        Oracle(unit, budget)


@pytest.mark.parametrize(
    ("answer", "error", "message"),
    [
        (0.5, TypeError, "measure must return a Trial, got float"),
        (Trial((0,), math.nan), ValueError, "gave the value nan"),
        (Trial((0,), 0.0, cost=0), ValueError, "cost must be positive and finite, got 0"),
        (Trial((0,), 0.0, cost=math.inf), ValueError, "cost must be positive"),
    ],
)
def test_a_measure_that_answers_wrongly_is_named(answer, error, message):
    oracle = Oracle(lambda arch: answer, 1)
    with pytest.raises(error, match=message):
        oracle((0,))
    assert len(oracle.history) == 0
    assert oracle.spent == 0


def test_the_context_swallows_only_its_own_end():
    with pytest.raises(KeyError), Oracle(unit, 1):
        raise KeyError
    spent = Oracle(unit, 1)
    spent((0,))
    with pytest.raises(BudgetExhausted), Oracle(unit, 9):
        spent((0,))
