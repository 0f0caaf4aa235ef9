"""Lab 02's challenge: histories are looked up, random search seldom passes, a filter does."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from torch import Generator

from course_lib.checks.guard import seeded
from course_lib.checks.lab02.challenge import (
    BUDGET,
    PRICE,
    PROBLEMS,
    best_alone,
    challenge,
    needed,
    problem,
    write_challenge,
)
from course_lib.checks.lab02.inherited import SPACE, inherited
from course_lib.checks.result import Outcome, Result
from course_lib.core import Oracle, Space
from course_lib.nas.table import Table, digits201
from tests.misconceptions.reference import Solution

SEARCH = Solution("lab02_weight_sharing").function("my_search")


@pytest.fixture(scope="module")
def table() -> Table:
    return digits201()


def random_search(space: Space, oracle: Oracle, rng: Generator) -> None:
    with oracle:
        while True:
            oracle(space.sample(rng))


def trusting(space: Space, oracle: Oracle, rng: Generator) -> None:
    """All money on inherited accuracies, and one training."""
    with oracle:
        cheap = [oracle(space.sample(rng), 1) for _ in range(450)]
        oracle(max(cheap, key=lambda trial: trial.value).arch)


@pytest.fixture
def handed_in(table: Table, tmp_path: Path) -> Path:
    path = tmp_path / "challenge.json"
    write_challenge(SEARCH, 1, path, table=table)
    return path


def judged(path: Path, table: Table, variant: int = 1) -> Result:
    return challenge(path, variant, points=10, table=table)


def scores(search: Any, table: Table, attempts: int) -> list[float]:
    """Mean over the problems of the best trained cell, of several attempts."""
    found = []
    for attempt in range(attempts):
        best = []
        for number in range(PROBLEMS):
            measure = problem(attempt, number, table)
            oracle = Oracle(measure, BUDGET)
            search(measure.space, oracle, seeded(attempt, 200 + number))
            best.append(best_alone(oracle.history))
        found.append(float(np.mean(best)))
    return found


def test_every_cell_has_an_inherited_accuracy() -> None:
    values = inherited()
    assert set(values) == set(SPACE)
    assert all(0.1 < value < 1 for value in values.values())


def test_the_solution_passes_in_nearly_every_attempt(table: Table) -> None:
    least = needed(table)
    assert sum(score >= least for score in scores(SEARCH, table, 30)) >= 29


def test_random_search_passes_in_about_five_of_a_hundred_attempts(table: Table) -> None:
    least = needed(table)
    # binomial(100, 0.05): more than 15 has probability below 1e-4
    assert sum(score >= least for score in scores(random_search, table, 100)) <= 15


def test_a_filter_beats_trusting_the_supernet_alone(table: Table) -> None:
    assert np.mean(scores(SEARCH, table, 10)) > np.mean(scores(trusting, table, 10))


def test_a_good_search_earns_all_points(handed_in: Path, table: Table) -> None:
    result = judged(handed_in, table)
    assert result.outcome is Outcome.PASSED, str(result)
    assert repr(result) == "10.0"
    assert f"needed {needed(table):.4f}" in str(result)


def edited(path: Path, edit: Any) -> Path:
    data = json.loads(path.read_text(encoding="utf-8"))
    edit(data)
    path.write_text(json.dumps(data), encoding="utf-8")
    return path


def trial_of(data: Any, number: int, *, trained: bool) -> Any:
    trials = data["histories"][number]["trials"]
    return next(trial for trial in trials if (trial["cost"] > PRICE) == trained)


def inflate(data: Any) -> None:
    trial_of(data, 0, trained=True)["value"] = 0.99


def inflate_inherited(data: Any) -> None:
    trial_of(data, 0, trained=False)["value"] = 0.99


def promote(data: Any) -> None:
    trial_of(data, 0, trained=False)["cost"] = 1.0


def cheapen(data: Any) -> None:
    trial_of(data, 0, trained=True)["cost"] = 0.5


def copy_one(data: Any) -> None:
    data["histories"][1] = data["histories"][0]


def overspend(data: Any) -> None:
    data["histories"][2]["trials"] += data["histories"][2]["trials"]


def leave_space(data: Any) -> None:
    data["histories"][3]["trials"][0]["arch"] = [9] * 6


def empty(data: Any) -> None:
    data["histories"][4]["trials"] = []


def drop(data: Any) -> None:
    data["histories"].pop()


def other_variant(data: Any) -> None:
    data["variant"] = 2


@pytest.mark.parametrize(
    ("edit", "words"),
    [
        (inflate, "is not what the oracle answers"),
        (inflate_inherited, "is not what the oracle answers"),
        (promote, "is not what the oracle answers"),
        (cheapen, "is not what the oracle answers"),
        (copy_one, "is not what the oracle answers"),
        (overspend, "budget of 10"),
        (leave_space, "outside the space"),
        (empty, "no cell was trained alone"),
        (drop, "must hold 30 histories"),
        (other_variant, "was written for variant 2"),
    ],
)
def test_a_tampered_artefact_earns_nothing(
    handed_in: Path, table: Table, edit: Any, words: str
) -> None:
    result = judged(edited(handed_in, edit), table)
    assert result.outcome is Outcome.FAILED
    assert result.points == 0
    assert words in str(result)


@pytest.mark.parametrize("text", ["", "{", "[]", '{"histories": 3}', '{"histories": [3]}', "\0"])
def test_a_damaged_artefact_says_what_to_do(text: str, table: Table, tmp_path: Path) -> None:
    path = tmp_path / "challenge.json"
    path.write_text(text, encoding="utf-8")
    result = judged(path, table)
    assert result.points == 0
    assert "is damaged" in str(result)


def test_no_artefact_is_not_attempted(table: Table, tmp_path: Path) -> None:
    result = judged(tmp_path / "none.json", table)
    assert result.outcome is Outcome.NOT_ATTEMPTED
    assert "run the cell that writes challenge.json" in str(result)


def only_cheap(space: Space, oracle: Oracle, rng: Generator) -> None:
    oracle(space.sample(rng), 1)


def without_with(space: Space, oracle: Oracle, rng: Generator) -> None:
    while True:
        oracle(space.sample(rng))


def wrong_fidelity(space: Space, oracle: Oracle, rng: Generator) -> None:
    oracle(space.sample(rng), 3)


@pytest.mark.parametrize(
    ("search", "words"),
    [
        (only_cheap, "trained no cell alone"),
        (without_with, "inside `with oracle:`"),
        (wrong_fidelity, "fidelity is 3"),
    ],
)
def test_a_search_that_fails_leaves_no_earlier_file(
    handed_in: Path, table: Table, search: Any, words: str
) -> None:
    with pytest.raises(Exception, match=words):
        write_challenge(search, 1, handed_in, table=table)
    assert not handed_in.exists()


def unwritten(space: Space, oracle: Oracle, rng: Generator) -> None:
    raise NotImplementedError


def test_a_placeholder_writes_nothing(table: Table, tmp_path: Path) -> None:
    path = tmp_path / "challenge.json"
    assert "Write my_search first" in write_challenge(unwritten, 1, path, table=table)
    assert not path.exists()


def test_grading_keeps_what_was_handed_in(
    handed_in: Path, table: Table, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = handed_in.read_bytes()
    monkeypatch.setenv("NBGRADER_EXECUTION", "autograde")
    write_challenge(random_search, 1, handed_in, table=table)
    assert handed_in.read_bytes() == before
