"""Claims: what the lecture shows follows from the runs that are kept beside it."""

import json
from pathlib import Path

import pytest

from claims.__main__ import CLAIMS, FOLDER
from claims.lecture01 import SEEDS, TUNING_SEEDS, duel, reported, statistics
from claims.tuning import tune, values_at
from course_lib.core import Arch, History, Oracle, Search, Space, Trial
from course_lib.nas.search import random_search

FILES = sorted(FOLDER.glob("*.json"))


def measure(arch: Arch, fidelity: int | None = None) -> Trial:
    """Validation and test disagree: the best value has the lowest test accuracy."""
    value = sum(arch) / 10
    return Trial(arch, value, info={"test_accuracy": 1 - value})


def test_every_claim_has_its_file_and_every_file_its_claim() -> None:
    assert {path.stem for path in FILES} == CLAIMS.keys()


DUELS = [path for path in FILES if "form" not in json.loads(path.read_text(encoding="utf-8"))]


@pytest.mark.parametrize("path", DUELS, ids=lambda path: path.stem)
def test_the_intervals_follow_from_the_kept_samples(path: Path) -> None:
    claim = json.loads(path.read_text(encoding="utf-8"))
    assert all(claim[text] for text in ("statement", "prediction", "change_our_mind", "conditions"))
    assert claim["n"] == len(set(claim["seeds"])) >= 50
    assert claim["level"] == 1 - 0.05 / len(claim["rows"])
    for row in claim["rows"]:
        budget = str(row["budget"])
        assert all(len(own[budget]) == claim["n"] for own in claim["samples"].values())
        again = statistics(claim["samples"], budget, claim["level"])
        for name, interval in again.items():
            assert row[name] == pytest.approx(interval)


def test_the_report_is_test_accuracy_selected_on_validation() -> None:
    history = History([measure((1,)), measure((3,)), measure((2,))])
    assert reported(history, 1) == pytest.approx(0.9)
    assert reported(history, 3) == pytest.approx(0.7)


def test_tuning_takes_the_search_of_highest_value_on_average() -> None:
    def asks(*archs: Arch) -> Search:
        def search(space: Space, oracle: Oracle, rng: object, /) -> History:
            with oracle:
                for arch in archs:
                    oracle(arch)
            return oracle.history

        return search

    searches = [asks((1,), (1,), (1,)), asks((0,), (2,), (3,)), asks((2,), (0,), (2,))]
    space = Space([4])
    for budgets, best in (((1,), 2), ((3,), 1), ((1, 2, 3), 2)):
        assert tune(searches, space, measure, budgets=budgets, seeds=(0, 1)) == best


def test_an_incumbent_is_worth_its_full_value() -> None:
    """A cheap answer may flatter: 0.9 for (1,), which is worth 0.1; it was paid at cost 0.5."""
    answers = [Trial((1,), 0.9, 0.5), Trial((3,), 0.3, 1.0), Trial((2,), 1.2, 1.0)]
    history = History(answers)
    assert values_at(history, measure, (0.5, 1.5, 2.5)) == pytest.approx([0.1, 0.1, 0.2])
    assert values_at(History(answers[1:]), measure, (1, 2)) == pytest.approx([0.3, 0.2])


def test_tuning_sees_no_seed_of_the_comparison() -> None:
    assert set(TUNING_SEEDS).isdisjoint(SEEDS)


def test_a_search_that_cannot_lose_wins_surely() -> None:
    space = Space([4, 4])

    def oracle_search(space: Space, oracle: Oracle, rng: object) -> History:
        with oracle:
            while True:
                oracle((0, 0))
        return oracle.history

    result = duel(
        {"zero": oracle_search, "random": random_search},
        space,
        measure,
        budgets=(2, 20),
        seeds=range(8),
    )
    assert all(row["difference"]["level"] == result["level"] == 0.975 for row in result["rows"])
    last = result["rows"][-1]
    assert result["n"] == 8
    assert last["zero"]["low"] == last["zero"]["high"] == 1.0
    assert last["difference"]["low"] > 0
    assert last["win"]["mean"] == 1.0
