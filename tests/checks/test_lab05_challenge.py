"""Lab 05's challenge: epochs are paid once, early looks do not count, and luck seldom passes."""

import json

import numpy as np
import pytest

from course_lib.checks.lab05_random_search.challenge import CHALLENGE, CHARGES, EPOCHS, needed
from course_lib.checks.result import Outcome
from course_lib.nas.search import successive_halving
from course_lib.nas.table import digits201
from tests.checks.search_cases import Case
from tests.misconceptions.reference import Solution

MODEL = Solution("lab05_random_search").function("my_search")


@pytest.fixture(scope="module")
def case():
    return Case(CHALLENGE, digits201(), MODEL)


def luck(space, oracle, rng):
    with oracle:
        while True:
            oracle(space.sample(rng), 8)


def growing(space, oracle, rng):
    """One cell after the other, rung by rung."""
    with oracle:
        while True:
            arch = space.sample(rng)
            for epochs in EPOCHS:
                oracle(arch, epochs)


def only_early(space, oracle, rng):
    for _ in range(20):
        oracle(space.sample(rng), 5)


def halving(space, oracle, rng):
    successive_halving(space, oracle, rng, candidates=27, fidelities=EPOCHS, eta=3)


def written(case, folder, search, variant=1):
    path = folder / "challenge.json"
    CHALLENGE.write(search, variant, path, table=case.table)
    return path


def test_every_charge_says_how_long_the_cell_was_trained():
    assert len(CHARGES) == sum(range(1, len(EPOCHS) + 1)), "no two increments are equal"
    assert set(CHARGES.values()) == set(EPOCHS)


def test_a_model_of_the_cells_passes_and_is_looked_up(case, tmp_path):
    result = case.judged(written(case, tmp_path, case.good))
    assert result.outcome is Outcome.PASSED, str(result)
    assert repr(result) == "10.0"


@pytest.mark.slow
def test_a_model_of_the_cells_passes_in_nearly_every_attempt(case):
    assert sum(score >= case.needed for score in case.scores(case.good, 20)) >= 19


def test_luck_passes_in_about_five_of_a_hundred_attempts(case):
    # binomial(60, 0.05): more than 11 has probability below 1e-4
    assert sum(score >= case.needed for score in case.scores(luck, 60)) <= 11


def test_promotions_are_paid_once_and_verified(case, tmp_path):
    result = case.judged(written(case, tmp_path, growing))
    assert result.outcome is Outcome.FAILED
    assert "needed" in str(result), "the histories are right, the search is no better than luck"
    history = CHALLENGE.play(growing, 1, 0, case.table)
    assert history.costs[:3].tolist() == [1.0, 4.0, 3.0]
    assert np.isclose(history.costs.sum(), CHALLENGE.budget)


def test_halving_by_early_epochs_is_verified_too(case, tmp_path):
    assert "needed" in str(case.judged(written(case, tmp_path, halving)))


def test_an_early_look_does_not_count(case, tmp_path):
    with pytest.raises(ValueError, match="trained no cell to the end"):
        written(case, tmp_path, only_early)


@pytest.mark.parametrize("epochs", [None, 3, 9])
def test_other_epochs_are_refused(case, epochs):
    measure = CHALLENGE.problem(1, 0, case.table)
    with pytest.raises(ValueError, match=r"expected one of \(1, 5, 8\)"):
        measure((0,) * 6, epochs)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"cost": 8.0}, "is not what the oracle answers"),
        ({"value": 0.99}, "is not what the oracle answers"),
        ({"cost": 3.0}, "is not what the oracle answers"),
    ],
)
def test_an_early_look_is_not_sold_as_a_training(case, tmp_path, change, said):
    path = written(case, tmp_path, growing)
    data = json.loads(path.read_text(encoding="utf-8"))
    data["histories"][0]["trials"][0].update(change)
    path.write_text(json.dumps(data), encoding="utf-8")
    assert said in str(case.judged(path))


def test_what_is_needed_is_more_than_the_best_of_twenty_random_cells(case):
    values = [case.table.measure(arch).value for arch in case.table.space]
    drawn = np.random.default_rng(0).choice(values, (400, 30, 20)).max(2).mean(1)
    # 5 % +- 4.4 % of 400 attempts, four standard errors
    assert (drawn > needed(case.table)).mean() < 0.094
