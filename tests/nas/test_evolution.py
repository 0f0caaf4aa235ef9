"""Laws of a step of evolution: who is the parent, who dies, what it costs."""

from collections import Counter

import pytest
import torch

from course_lib.checks.chance import fits
from course_lib.core import BudgetExhausted, Oracle, Space, Trial, make_rng
from course_lib.nas.search import evolution_step, regularized_evolution

SPACE = Space((6,) * 12)


def measure(arch, fidelity=None):
    return Trial(arch, sum(arch) / 60)


def population(size, *, seed=0):
    rng = make_rng(seed)
    return [
        Trial(SPACE.sample(rng), i / size) for i in torch.randperm(size, generator=rng).tolist()
    ]


def test_one_is_born_and_the_oldest_dies():
    living = population(5)
    before, oracle = list(living), Oracle(measure, 10)
    after = evolution_step(living, SPACE, oracle, make_rng(1), tournament=500)
    # 500 draws miss one of 5 contestants with probability below 1e-48
    best = max(before, key=lambda trial: trial.value)
    assert after[:-1] == before[1:]
    assert list(oracle.history) == after[-1:]
    assert after[-1].arch in SPACE.neighbours(best.arch)
    assert living == before, "the population that was handed in stays as it is"


def test_parents_are_as_likely_as_a_tournament_with_replacement_makes_them():
    """P(the i-th of n from below wins) = (i^k - (i - 1)^k) / n^k."""
    size, contestants = 5, 3
    living = population(size)
    order = sorted(living, key=lambda trial: trial.value)
    rng, oracle, wins = make_rng(2), Oracle(measure, 5000), Counter()
    while oracle.open:
        child = evolution_step(living, SPACE, oracle, rng, tournament=contestants)[-1]
        (parent,) = [i for i, one in enumerate(order) if child.arch in SPACE.neighbours(one.arch)]
        wins[parent] += 1
    ranks = torch.arange(1, size + 1, dtype=torch.float64)
    expected = (ranks**contestants - (ranks - 1) ** contestants) / size**contestants
    assert fits(torch.tensor([wins[i] for i in range(size)]), expected)


def test_a_step_that_cannot_be_paid_changes_nothing():
    oracle = Oracle(lambda arch, fidelity=None: Trial(arch, 0.5, cost=2.0), 1)
    living = population(4)
    before = list(living)
    with pytest.raises(BudgetExhausted):
        evolution_step(living, SPACE, oracle, make_rng(0))
    assert living == before


@pytest.mark.parametrize(("living", "tournament"), [([], 3), (population(3), 0)])
def test_a_tournament_needs_contestants(living, tournament):
    with pytest.raises(ValueError, match="a tournament needs a population"):
        evolution_step(living, SPACE, Oracle(measure, 3), make_rng(0), tournament=tournament)


@pytest.mark.parametrize(
    ("answer", "error", "said"),
    [
        (lambda living, ask: None, TypeError, "returned NoneType, expected a list of trials"),
        (lambda living, ask: [*living, ask()], ValueError, "4 trials, expected 3: one is born"),
        (lambda living, ask: [*living], ValueError, "asked nothing, expected one question"),
    ],
)
def test_a_step_of_another_kind_is_named(answer, error, said):
    def my_step(living, space, oracle, rng, *, tournament):
        return answer(living, lambda: oracle(space.sample(rng)))

    oracle = Oracle(measure, 9)
    with pytest.raises(error, match=f"step=my_step {said}|step=my_step returned {said}"):
        regularized_evolution(SPACE, oracle, make_rng(0), population=3, step=my_step)
