"""The challenge: its artefact is looked up and judged, and random search seldom passes."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from torch import Generator

from course_lib.checks.guard import seeded
from course_lib.checks.lab01.challenge import (
    BUDGET,
    PROBLEMS,
    challenge,
    problem,
    threshold,
    write_challenge,
)
from course_lib.checks.result import Outcome, Result
from course_lib.core import History, Oracle, Space, make_rng
from course_lib.nas.cells import CellSpace
from course_lib.nas.search import local_search, random_search
from course_lib.nas.table import Table

SPACE = CellSpace(("skip_connect", "nor_conv_1x1", "nor_conv_3x3"))


@pytest.fixture(scope="module")
def table() -> Table:
    """Additive values with a little noise: what a search can learn, and what it cannot."""
    rng = np.random.default_rng(0)
    effects = rng.random((6, 3))
    values = np.array([effects[range(6), arch].sum() for arch in SPACE])
    values = 0.5 + 0.06 * values + rng.normal(0, 0.01, len(values))
    return Table(SPACE, np.arange(len(values)), values[:, None, None], {})


def values_of(table: Table) -> np.ndarray:
    return np.array([table.measure(arch).value for arch in table.space])


def judged(path: Path, table: Table, variant: int = 1) -> Result:
    return challenge(path, variant, points=10, table=table)


@pytest.fixture
def handed_in(table: Table, tmp_path: Path) -> Path:
    path = tmp_path / "challenge.json"
    write_challenge(local_search, 1, path, table=table)
    return path


def test_a_good_search_earns_all_points(handed_in: Path, table: Table) -> None:
    result = judged(handed_in, table)
    assert result.outcome is Outcome.PASSED, str(result)
    assert repr(result) == "10.0"


def test_random_search_passes_in_about_five_of_a_hundred_attempts(table: Table) -> None:
    needed, runs = threshold(values_of(table)), 200
    scores = [
        np.mean([_best(random_search, table, variant, number) for number in range(PROBLEMS)])
        for variant in range(runs)
    ]
    passed = sum(score >= needed for score in scores)
    # binomial(200, 0.05): more than 24 has probability below 1e-4
    assert passed <= 24


def _best(search: Any, table: Table, variant: int, number: int) -> float:
    measure = problem(variant, number, table)
    history = search(measure.space, Oracle(measure, BUDGET), seeded(variant, 200 + number))
    return float(history.best().value)


def test_the_threshold_is_the_quantile_of_a_simulation_draw_by_draw(table: Table) -> None:
    values, rng = values_of(table), np.random.default_rng(1)
    draws = rng.choice(values, (4000, 10, 12)).max(axis=2).mean(axis=1)
    # 5 % +- 1.4 % of 4,000 draws (four standard errors) lie above the exact quantile
    assert abs((draws > threshold(values, budget=12, problems=10)).mean() - 0.05) < 0.014


def test_a_disguise_renames_choices_and_keeps_the_values(table: Table) -> None:
    measure = problem(3, 0, table)
    seen = [measure(arch) for arch in measure.space]
    assert sorted(trial.value for trial in seen) == sorted(values_of(table))
    assert all(trial.cost == 1 and not trial.info for trial in seen)
    bests = {max(problem(3, k, table).space, key=lambda a, k=k: problem(3, k, table)(a).value)
             for k in range(4)}  # fmt: skip
    assert len(bests) > 1


def edited(path: Path, edit: Any) -> Path:
    data = json.loads(path.read_text(encoding="utf-8"))
    edit(data)
    path.write_text(json.dumps(data), encoding="utf-8")
    return path


def inflate(data: Any) -> None:
    data["histories"][0]["trials"][0]["value"] = 0.99


def copy_one(data: Any) -> None:
    data["histories"][1] = data["histories"][0]


def overspend(data: Any) -> None:
    data["histories"][2]["trials"] += data["histories"][2]["trials"]


def leave_space(data: Any) -> None:
    data["histories"][3]["trials"][0]["arch"] = [9] * 6


def empty(data: Any) -> None:
    data["histories"][4]["trials"] = []


def paste_the_optimum(data: Any) -> None:
    trials = data["histories"][0]["trials"]
    data["histories"][0]["trials"] = [max(trials, key=lambda trial: trial["value"])]


def drop(data: Any) -> None:
    data["histories"].pop()


def rename(data: Any) -> None:
    data["format"] = "something else"


def other_variant(data: Any) -> None:
    data["variant"] = 2


@pytest.mark.parametrize(
    ("edit", "words"),
    [
        (inflate, "is not what the oracle answers"),
        (copy_one, "is not what the oracle answers"),
        (overspend, "120 questions, expected 60"),
        (leave_space, "outside the space"),
        (empty, "0 questions"),
        (paste_the_optimum, "1 questions, expected 60"),
        (drop, "must hold 30 histories"),
        (rename, "must hold 30 histories"),
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


def test_histories_that_ask_the_same_questions_are_copies(table: Table, tmp_path: Path) -> None:
    def always_the_same(space: Space, oracle: Oracle, rng: Generator) -> History:
        return random_search(space, oracle, make_rng(0))

    path = tmp_path / "challenge.json"
    write_challenge(always_the_same, 1, path, table=table)
    assert "one is a copy" in str(judged(path, table))


@pytest.mark.parametrize("text", ["", "{", "[]", '{"histories": 3}', '{"histories": [3]}', "\0"])
def test_a_damaged_artefact_says_what_to_do(text: str, table: Table, tmp_path: Path) -> None:
    path = tmp_path / "challenge.json"
    path.write_text(text, encoding="utf-8")
    result = judged(path, table)
    assert result.points == 0
    assert "is damaged" in str(result)
    assert "write_challenge" in str(result)


def test_no_artefact_is_not_attempted(table: Table, tmp_path: Path) -> None:
    result = judged(tmp_path / "none.json", table)
    assert result.outcome is Outcome.NOT_ATTEMPTED
    assert "run the cell that writes challenge.json" in str(result)
    assert "NotImplementedError" not in str(result)


def test_success_names_the_mean_and_the_threshold(handed_in: Path, table: Table) -> None:
    said = str(judged(handed_in, table))
    assert "mean of the 30 best values" in said
    assert f"needed {threshold(values_of(table)):.4f}" in said


def five_questions(space: Space, oracle: Oracle, rng: Generator) -> History:
    for _ in range(5):
        oracle(space.sample(rng))
    return oracle.history


def without_with(space: Space, oracle: Oracle, rng: Generator) -> History:
    while True:
        oracle(space.sample(rng))


@pytest.mark.parametrize(
    ("search", "words"),
    [
        (five_questions, "asked 5 questions, expected all 60"),
        (without_with, "inside `with oracle:`"),
    ],
)
def test_a_search_that_fails_leaves_no_earlier_file(
    handed_in: Path, table: Table, search: Any, words: str
) -> None:
    with pytest.raises(Exception, match=words):
        write_challenge(search, 1, handed_in, table=table)
    assert not handed_in.exists()


def test_random_search_is_told_what_it_needs(table: Table, tmp_path: Path) -> None:
    path = tmp_path / "challenge.json"
    write_challenge(random_search, 1, path, table=table)
    result = judged(path, table)
    assert result.outcome is Outcome.FAILED
    assert f"needed {threshold(values_of(table)):.4f}" in str(result)


def unwritten(space: Space, oracle: Oracle, rng: Generator) -> History:
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
    handed_in.unlink()
    write_challenge(local_search, 1, handed_in, table=table)
    assert handed_in.read_bytes() == before
