"""Claims: what the lecture shows follows from the runs that are kept beside it."""

import json
from pathlib import Path

import pytest

from claims.__main__ import CLAIMS, FOLDER
from claims.lecture01 import duel, reported, statistics
from course_lib.core import Arch, History, Oracle, Space, Trial
from course_lib.nas.search import random_search

FILES = sorted(FOLDER.glob("*.json"))


def measure(arch: Arch, fidelity: int | None = None) -> Trial:
    """Validation and test disagree: the best value has the lowest test accuracy."""
    value = sum(arch) / 10
    return Trial(arch, value, info={"test_accuracy": 1 - value})


def test_every_claim_has_its_file_and_every_file_its_claim() -> None:
    assert {path.stem for path in FILES} == CLAIMS.keys()


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_the_intervals_follow_from_the_kept_samples(path: Path) -> None:
    claim = json.loads(path.read_text())
    assert all(claim[text] for text in ("statement", "prediction", "change_our_mind"))
    assert claim["n"] == len(set(claim["seeds"])) >= 50
    for row in claim["rows"]:
        budget = str(row["budget"])
        assert all(len(own[budget]) == claim["n"] for own in claim["samples"].values())
        again = statistics(claim["samples"], budget)
        for name, interval in again.items():
            assert row[name] == pytest.approx(interval)


def test_the_report_is_test_accuracy_selected_on_validation() -> None:
    history = History([measure((1,)), measure((3,)), measure((2,))])
    assert reported(history, 1) == pytest.approx(0.9)
    assert reported(history, 3) == pytest.approx(0.7)


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
    last = result["rows"][-1]
    assert result["n"] == 8
    assert last["zero"]["low"] == last["zero"]["high"] == 1.0
    assert last["difference"]["low"] > 0
    assert last["win"]["mean"] == 1.0
