"""Histories that were not played are worth nothing, and what is damaged says so."""

import json
from pathlib import Path
from typing import Any

import pytest
from torch import Generator

from course_lib.checks.lab02_weight_sharing.challenge import PRICE
from course_lib.checks.result import Outcome
from course_lib.core import Oracle, Space, make_rng
from tests.checks.search_cases import Case, handed_in, random_search


def edited(path: Path, edit: Any) -> Path:
    data = json.loads(path.read_text(encoding="utf-8"))
    edit(data)
    path.write_text(json.dumps(data), encoding="utf-8")
    return path


def first(data: Any, *, trained: bool) -> Any:
    trials = data["histories"][0]["trials"]
    return next(trial for trial in trials if (trial["cost"] > PRICE) == trained)


def inflate(data: Any) -> None:
    first(data, trained=True)["value"] = 0.99


def inflate_inherited(data: Any) -> None:
    first(data, trained=False)["value"] = 0.99


def promote(data: Any) -> None:
    first(data, trained=False)["cost"] = 1.0


def cheapen(data: Any) -> None:
    first(data, trained=True)["cost"] = 0.5


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


BOTH = {
    inflate: "is not what the oracle answers",
    cheapen: "is not what the oracle answers",
    copy_one: "is not what the oracle answers",
    leave_space: "outside the space",
    drop: "must hold 30 histories",
    rename: "must hold 30 histories",
    other_variant: "was written for variant 2",
}


ONLY_LAB01 = {
    overspend: "120 questions, expected all 60",
    empty: "0 questions",
    paste_the_optimum: "1 questions, expected all 60",
}


ONLY_LAB02 = {
    inflate_inherited: "is not what the oracle answers",
    promote: "is not what the oracle answers",
    overspend: "budget of 10",
    empty: "trained no cell alone",
}


def assert_worth_nothing(case: Case, folder: Path, edit: Any, words: str) -> None:
    result = case.judged(edited(handed_in(case, folder), edit))
    assert result.outcome is Outcome.FAILED
    assert result.points == 0
    assert words in str(result)


@pytest.mark.parametrize(("edit", "words"), BOTH.items())
def test_a_tampered_file_earns_nothing(case: Case, tmp_path: Path, edit: Any, words: str) -> None:
    assert_worth_nothing(case, tmp_path, edit, words)


@pytest.mark.parametrize(("edit", "words"), ONLY_LAB01.items())
def test_sixty_questions_are_expected(lab01: Case, tmp_path: Path, edit: Any, words: str) -> None:
    assert_worth_nothing(lab01, tmp_path, edit, words)


@pytest.mark.parametrize(("edit", "words"), ONLY_LAB02.items())
def test_each_price_has_its_answer(lab02: Case, tmp_path: Path, edit: Any, words: str) -> None:
    assert_worth_nothing(lab02, tmp_path, edit, words)


def test_histories_that_ask_the_same_questions_are_copies(case: Case, tmp_path: Path) -> None:
    def always_the_same(space: Space, oracle: Oracle, rng: Generator) -> None:
        random_search(space, oracle, make_rng(0))

    assert "one is a copy" in str(case.judged(handed_in(case, tmp_path, always_the_same)))


@pytest.mark.parametrize("text", ["", "{", "[]", '{"histories": 3}', '{"histories": [3]}', "\0"])
def test_a_damaged_file_says_so(text: str, case: Case, tmp_path: Path) -> None:
    path = tmp_path / "challenge.json"
    path.write_text(text, encoding="utf-8")
    result = case.judged(path)
    assert result.points == 0
    assert "is damaged" in str(result)
