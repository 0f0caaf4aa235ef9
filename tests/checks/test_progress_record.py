"""The progress file: written where a student works, and nowhere else."""

import json
from pathlib import Path

import pytest

from course_lib.checks.progress import FILE, read, record
from course_lib.checks.result import Finding, Outcome, Result

LAB = "lab01_rl_nas"


def result(outcome: Outcome, exercise: str = "decode") -> Result:
    return Result(LAB, exercise, "A section", 16, (Finding("law", outcome),))


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "work" / LAB
    folder.mkdir(parents=True)
    (folder / f"{LAB}.ipynb").write_text("{}", encoding="utf-8")
    monkeypatch.chdir(folder)
    monkeypatch.delenv("NBGRADER_EXECUTION", raising=False)
    return folder


def test_attempts_add_up_and_the_best_points_stay(folder: Path) -> None:
    for outcome in (Outcome.NOT_ATTEMPTED, Outcome.ERROR, Outcome.PASSED, Outcome.FAILED):
        record(result(outcome))
    entry = read(folder / FILE)[LAB]["decode"]
    assert (entry["outcome"], entry["points"], entry["max_points"]) == ("failed", 16.0, 16)
    assert entry["attempts"] == 3
    assert entry["first"] <= entry["last"]


def test_exercises_are_kept_apart_and_nothing_else_is_left(folder: Path) -> None:
    record(result(Outcome.NOT_ATTEMPTED))
    record(result(Outcome.PASSED, "q_backup"))
    entries = read(folder / FILE)[LAB]
    assert entries["decode"]["attempts"] == 0
    assert entries["decode"]["first"] is None
    assert entries["q_backup"]["points"] == 16
    assert sorted(path.name for path in folder.iterdir()) == [FILE, f"{LAB}.ipynb"]


@pytest.mark.parametrize("text", ["", "{", "[1]", '{"lab01_rl_nas": 3}', '{"lab01_rl_nas": {}}'])
def test_a_damaged_file_is_started_anew(folder: Path, text: str) -> None:
    (folder / FILE).write_text(text, encoding="utf-8")
    record(result(Outcome.PASSED))
    assert json.loads((folder / FILE).read_text(encoding="utf-8"))[LAB]["decode"]["attempts"] == 1


WHOLE = {"points": 8.0, "attempts": 2, "first": "2026-01-31T10:00:00+00:00", "last": None}


@pytest.mark.parametrize(
    "entry",
    [
        *(None, 3, [], {"points": 8.0}, {**WHOLE, "points": None}, {**WHOLE, "attempts": "2"}),
        *({**WHOLE, key: {"a": 1}} for key in WHOLE),
    ],
)
def test_a_damaged_entry_is_started_anew_and_the_others_stay(folder: Path, entry: object) -> None:
    (folder / FILE).write_text(
        json.dumps({LAB: {"decode": entry, "q_backup": WHOLE}}), encoding="utf-8"
    )
    record(result(Outcome.PASSED))
    entries = json.loads((folder / FILE).read_text(encoding="utf-8"))[LAB]
    assert (entries["decode"]["points"], entries["decode"]["attempts"]) == (16.0, 1)
    assert entries["q_backup"] == WHOLE


def test_never_while_nbgrader_grades(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NBGRADER_EXECUTION", "autograde")
    record(result(Outcome.PASSED))
    assert not (folder / FILE).exists()


def test_only_in_work_beside_the_notebook(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (folder / f"{LAB}.ipynb").unlink()
    record(result(Outcome.PASSED))
    elsewhere = folder.parents[1] / "grading" / LAB
    elsewhere.mkdir(parents=True)
    (elsewhere / f"{LAB}.ipynb").write_text("{}", encoding="utf-8")
    monkeypatch.chdir(elsewhere)
    record(result(Outcome.PASSED))
    assert not list(folder.parents[1].glob(f"**/{FILE}"))
