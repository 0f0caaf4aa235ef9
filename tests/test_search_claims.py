"""Claims of lecture 05: what they compute from the runs of searches."""

from collections.abc import Sequence
from itertools import combinations

import numpy as np
import pytest

from claims.best_models import MARGIN, leads, reported
from claims.best_of_runs import RUNS, flattery
from claims.estimates import estimates, interval
from claims.luck import points
from claims.searches import BUDGETS, RANDOM, SEEDS, TUNING_SEEDS
from claims.shared_luck import FRESH, in_words, lifted, rows
from claims.side_by_side import SEEDS as NEW_SEEDS
from claims.side_by_side import against_random, regrets, trainings_to, win_curves
from course_lib.core import Arch, History, Trial
from course_lib.nas.table import digits201
from course_lib.show.measured import read_measured

NUMBERS = np.random.default_rng(0)


def measure(arch: Arch, fidelity: int | None = None) -> Trial:
    """Worth a tenth of its only decision; the test says the opposite."""
    return Trial(arch, arch[0] / 10, info={"test_accuracy": 1 - arch[0] / 10})


# --- the best models, pair by pair ---


def test_the_better_search_of_every_pair_leads_seed_by_seed() -> None:
    found = {"a": [1.0, 2.0, 6.0], "b": [5.0, 1.0, 6.0], "c": [0.0, 0.0, 0.0]}
    assert leads(found) == {
        "b - a": [[4.0, -1.0, 0.0]],
        "a - c": [[1.0, 2.0, 6.0]],
        "b - c": [[5.0, 1.0, 6.0]],
    }


@pytest.mark.parametrize("shift", [-3.0, -0.9, -0.3, 0.0, 0.5, 1.1, 3.0])
def test_a_lead_below_the_margin_lies_within_it_on_both_sides(shift: float) -> None:
    """The plain interval of a - b, in its own order, says the same of both ends."""
    a, b = NUMBERS.normal(shift, 1, 50), NUMBERS.normal(0, 1, 50)
    plain = interval((a - b).tolist())
    (row,) = estimates(leads({"a": a.tolist(), "b": b.tolist()})).rows
    assert row.mean >= 0
    assert (row.high < MARGIN) == (plain.low > -MARGIN and plain.high < MARGIN)
    assert (row.low > MARGIN) == (plain.low > MARGIN or plain.high < -MARGIN)


def test_test_accuracy_is_that_of_the_best_by_validation() -> None:
    """In the table the best of these by validation is not the best by test."""
    table = digits201()
    cells = [arch for arch, _ in zip(table.space, range(3000), strict=False)]
    runs = [History([table.measure(arch) for arch in cells[i::3]]) for i in range(3)]
    for run, got in zip(runs, reported(table, runs, 900), strict=True):
        asked = list(run)[:900]
        chosen = asked[int(np.argmax([trial.value for trial in asked]))]
        assert got == pytest.approx(100 * chosen.info["test_accuracy"])
        assert got < 100 * max(trial.info["test_accuracy"] for trial in asked)


# --- the best of several runs ---


@pytest.mark.parametrize("n", [1, 2, 5])
def test_pseudo_values_have_the_mean_of_what_they_stand_for(n: int) -> None:
    values = NUMBERS.normal(size=9).tolist()
    best = np.mean([max(own) for own in combinations(values, n)])
    assert np.mean(flattery(values, n)) == pytest.approx(best - np.mean(values), abs=1e-12)


def test_one_run_flatters_nobody() -> None:
    assert flattery([3.0, 1.0, 8.0, 2.0], 1) == pytest.approx([0.0] * 4)


def test_the_interval_covers_the_truth_as_often_as_it_says() -> None:
    """The best of five normals has the mean 1.16296; 400 repetitions of 50 runs at 95 %."""
    draws = np.random.default_rng(1).normal(7.0, 1.0, size=(400, 50))
    rows = [interval(flattery(own.tolist(), RUNS)) for own in draws]
    assert np.mean([row.mean for row in rows]) == pytest.approx(1.16296, abs=0.03)
    assert 0.9 <= np.mean([row.low <= 1.16296 <= row.high for row in rows]) <= 0.98


# --- shared weights and DARTS ---


LUCKY, GRADIENT = np.array([80.0, 81, 82, 83]), np.array([81.0, 81, 10, 20])


def test_wins_and_failed_cells_are_counted_by_seed() -> None:
    words = in_words(LUCKY, GRADIENT, 70.0)
    assert "end higher 2 times and DARTS 1 times of 4" in words
    assert "70.0 %, lie 0 and 2 cells, down to 80.0 and 10.0 %" in words


def test_no_cell_counts_less_than_the_least() -> None:
    assert lifted(LUCKY, GRADIENT, 70.0) == [-1.0, 0.0, 12.0, 13.0]


def test_the_row_that_was_thought_of_later_rests_on_fresh_seeds() -> None:
    first, fresh = (LUCKY, GRADIENT), (LUCKY + 1, GRADIENT)
    assert list(rows(first, fresh, 70.0).values()) == [
        [[-1.0, 0.0, 72.0, 63.0]],
        [[0.0, 1.0, 73.0, 64.0]],
        [[0.0, 1.0, 13.0, 14.0]],
    ]


@pytest.mark.parametrize("least", [30.0, 60.0, 80.0])
def test_where_luck_never_fails_kindness_only_helps_darts(least: float) -> None:
    luck, darts = NUMBERS.uniform(80, 90, 500), NUMBERS.uniform(10, 90, 500)
    assert np.all(np.array(lifted(luck, darts, least)) <= luck - darts + 1e-12)


def test_shared_weights_are_compared_with_darts_seed_by_seed() -> None:
    """Lecture 03 kept both samples, in the order of the same seeds."""
    before, now = read_measured("03_darts_vs_random"), read_measured("05_shared_luck")
    darts, luck = before.estimates.samples["DARTS - shared weights"]
    assert now.estimates.samples["all cells as found"][0] == pytest.approx(np.subtract(luck, darts))
    assert now.settings["first seeds"] == before.seeds
    assert set(now.settings["fresh seeds"]) <= set(FRESH)
    assert len(now.runs) == len(now.settings["fresh seeds"])
    tuning = range(4)
    assert set(FRESH).isdisjoint({*before.seeds, *tuning})


def test_the_fresh_rows_follow_from_the_kept_cells() -> None:
    kept, table = read_measured("05_shared_luck"), digits201()
    tested = {
        name: np.array(
            [points(table, table.space.parse(run[name]["cells"][0])) for run in kept.runs]
        )
        for name in ("shared weights", "DARTS")
    }
    plain, lift = list(kept.estimates.samples.values())[1:]
    assert plain[0] == pytest.approx(tested["shared weights"] - tested["DARTS"])
    floor = kept.settings["median"]
    either = [np.maximum(own, floor) for own in tested.values()]
    assert lift[0] == pytest.approx(either[0] - either[1])


# --- side by side ---


def history(*asked: tuple[int, float, float]) -> History:
    """Of (decision, value, cost)."""
    return History(Trial((choice,), value, cost) for choice, value, cost in asked)


def test_what_an_answer_costs_is_paid_when_the_incumbent_is_worth_it() -> None:
    """A cheap answer flatters (2,): it leads until (7,), though (6,) was worth enough."""
    run = history((2, 0.65, 0.5), (6, 0.6, 1.0), (7, 0.7, 1.0), (9, 0.9, 1.0))
    assert trainings_to(run, measure, 0.2) == 0.5
    assert trainings_to(run, measure, 0.5) == trainings_to(run, measure, 0.7) == 2.5
    assert trainings_to(run, measure, 0.8) == 3.5
    assert trainings_to(run, measure, 0.95) is None


def test_a_run_that_never_comes_near_counts_the_most() -> None:
    near = {RANDOM: [None, 40.0], "other": [3.5, None]}
    assert against_random(near) == {"other": [[3.5, max(BUDGETS)], [max(BUDGETS), 40.0]]}


def lost_by(first: float, then: float) -> Sequence[float]:
    return [first] * 2 + [then] * (len(BUDGETS) - 2)


def test_less_regret_than_random_search_wins() -> None:
    """Of four pairs with (1, 3): (2, 2) wins two, (1, 3) one and two ties, (0, 0) all."""
    lost = {
        RANDOM: [lost_by(1, 1), lost_by(3, 3)],
        "good later": [lost_by(2, 0), lost_by(2, 0)],
        "the same": [lost_by(1, 1), lost_by(3, 3)],
    }
    curves = win_curves(lost)
    assert list(curves) == ["good later", "the same"]
    assert curves["good later"].mean == lost_by(0.5, 1.0)
    assert curves["the same"].mean == lost_by(0.5, 0.5)
    assert all(line.x == list(BUDGETS) for line in curves.values())


def test_regret_is_in_points_below_the_best() -> None:
    run = history(*[(2, 0.2, 1.0)] * 30, *[(4, 0.4, 1.0)] * 500)
    found = regrets({"one": [run]}, measure, 0.9)["one"][0]
    assert found == pytest.approx([70.0] + [50.0] * (len(BUDGETS) - 1))


def test_seeds_are_new_to_tuning_and_to_lecture_01() -> None:
    assert set(NEW_SEEDS).isdisjoint({*SEEDS, *TUNING_SEEDS})


@pytest.mark.parametrize("name", ["05_best_models", "05_side_by_side"])
def test_lecture_05_has_its_fifty_seeds(name: str) -> None:
    assert len(set(read_measured(name).seeds)) >= 50
