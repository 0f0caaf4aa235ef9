"""What is compared at its own cost, and which searches may be cut: claims of lectures 01 and 05."""

from functools import partial
from typing import Any

import numpy as np
import pytest

from claims.asha import ASHA, CREWS, RANDOM, WAITING, differences, on_the_same_rungs
from claims.searches import CANDIDATES, PLANNED, SEEDS
from claims.side_by_side import MORE, whole
from claims.side_by_side import SEEDS as NEW_SEEDS
from claims.single_answers import cells_of, shared_weights, single
from course_lib.core import History, Oracle, make_rng
from course_lib.nas.search import random_search
from course_lib.nas.table import digits201
from course_lib.show.measured import read_measured
from course_lib.show.side_by_side import side_by_side_info

EVERY = CANDIDATES | MORE


# --- which searches may be cut ---


@pytest.mark.parametrize("name", EVERY)
def test_a_search_that_is_cut_does_the_same_with_less(name: str) -> None:
    """Of the tuned searches exactly those that plan do something else with a smaller budget."""
    table, settings = digits201(), read_measured("05_side_by_side").settings["tuned"][name]
    search = partial(EVERY[name][0], **settings)
    small, large = (
        list(search(table.space, Oracle(table.measure, budget), make_rng(3))) for budget in (40, 90)
    )
    assert (small == large[: len(small)]) is (name not in PLANNED)


def test_what_plans_is_asked_with_the_largest_budget() -> None:
    table = digits201()
    histories: dict[float, History] = {
        budget: random_search(table.space, Oracle(table.measure, budget), make_rng(0))
        for budget in (25, 500)
    }
    assert whole(histories) is whole(histories[500]) is histories[500]


# --- one answer at one cost ---


def test_an_answer_is_the_best_by_validation_beside_luck_at_the_same_cost() -> None:
    table = digits201()
    some = [arch for arch, _ in zip(table.space, range(8), strict=False)]
    cells = [[table.space.describe(arch) for arch in some[i : i + 4]] for i in (0, 4)]
    luck = [random_search(table.space, Oracle(table.measure, 30), make_rng(s)) for s in range(3)]
    found = single(table, cells, [0, 1], luck, 7, "")
    best = table.best().value
    for place, regret in enumerate(found.regret):
        values = [table.measure(arch).value for arch in some[4 * place : 4 * place + 4]]
        assert regret == pytest.approx(100 * (best - max(values)))
    assert found.against == pytest.approx(
        [100 * (best - max(trial.value for trial in list(run)[:7])) for run in luck]
    )
    wins = [(a > r) + (a == r) / 2 for a in found.against for r in found.regret]
    assert list(found.dot.mean) == pytest.approx([np.mean(wins)])
    assert list(found.dot.x) == [7]


def test_shared_weights_pay_for_their_supernet_and_for_what_they_train() -> None:
    first, fresh = read_measured("03_darts_vs_random"), read_measured("05_shared_luck")
    table = digits201()
    luck = [random_search(table.space, Oracle(table.measure, 30), make_rng(s)) for s in range(3)]
    word, trained = shared_weights(luck).values()
    kept = len(fresh.runs[0]["shared weights"]["cells"])
    seconds = {
        what: np.mean([run[what]["seconds"] for run in first.runs])
        for what in ("shared weights", "one training")
    }
    assert word.cost == round(seconds["shared weights"] / seconds["one training"])
    assert trained.cost == word.cost + kept
    assert len(word.regret) == len(first.runs) + len(fresh.runs)
    assert trained.seeds == fresh.settings["fresh seeds"]
    of_fresh = word.regret[len(first.runs) :]
    assert all(a <= b for a, b in zip(trained.regret, of_fresh, strict=True))
    assert cells_of(first.runs[0]) == [first.runs[0]["shared weights"]["cell"]]


def test_the_table_shows_what_the_claim_keeps() -> None:
    kept = read_measured("05_side_by_side")
    rows = side_by_side_info(kept, (25, 100)).single
    assert [row.name for row in rows] == list(kept.settings["single"])
    for row in rows:
        own = kept.settings["single"][row.name]
        assert kept.curves is not None
        assert list(kept.curves.lines[row.name].mean) == pytest.approx([row.win.estimate])
        assert row.regret.estimate == pytest.approx(np.mean(own["regret"]))
        assert len(own["against"]) == len(kept.seeds)
        assert set(own["seeds"]).isdisjoint({*SEEDS, *NEW_SEEDS})


# --- the rungs ---

TUNED: dict[str, dict[str, Any]] = {
    RANDOM: {"fidelities": (8,)},
    ASHA: {"fidelities": (2, 4, 8), "eta": 2},
    WAITING: {"fidelities": (1, 2, 4, 8), "eta": 2, "candidates": 64},
}


def test_each_kind_of_halving_runs_on_the_rungs_of_the_other() -> None:
    means = [5.0, 2.0, 0.1, 0.1, 1.0, 3.0, 0.1, 0.1]  # rounds of 16 on four kinds of rungs, of 64
    assert on_the_same_rungs(TUNED, means) == {
        "ASHA, 1-2-4-8": {"fidelities": (1, 2, 4, 8), "eta": 2},
        "synchronous halving, 2-4-8": {"fidelities": (2, 4, 8), "eta": 2, "candidates": 16},
    }


def test_differences_are_taken_seed_by_seed_and_crew_by_crew() -> None:
    names = [*TUNED, *on_the_same_rungs(TUNED, range(8))]
    numbers = np.random.default_rng(0)
    hours = {f"{name}, {crew}": numbers.uniform(size=5) for name in names for crew in CREWS}
    found = differences({key: own.tolist() for key, own in hours.items()}, TUNED)
    assert len(found) == 13
    crew = "16 of fixed speeds"
    for rungs, kinds in {
        "1-2-4-8": (WAITING, f"{ASHA}, 1-2-4-8"),
        "2-4-8": (f"{WAITING}, 2-4-8", ASHA),
    }.items():
        one, other = (hours[f"{kind}, {crew}"] for kind in kinds)
        assert found[f"both on {rungs}, {crew}"][0] == pytest.approx(one - other)


@pytest.mark.parametrize("crew", CREWS)
def test_a_crew_is_uneven_in_its_own_way_and_the_same_for_the_same_seed(crew: str) -> None:
    workers, uneven = CREWS[crew]
    assert uneven(workers, 3) == uneven(workers, 3)
    assert uneven(workers, 3)["workers"] == workers
    fixed = "fixed" in crew
    assert ("slowness" in uneven(workers, 3)) is fixed
    assert (uneven(workers, 3) != uneven(workers, 4)) is fixed
