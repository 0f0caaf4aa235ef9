"""The whole command when the gradebook, the hand-in or the class is not what it was."""

import csv
import shutil
from pathlib import Path

import pytest

from tests.teach.hand_ins import (
    HIDDEN_FAILS,
    IN_TIME,
    LAB,
    LATE,
    RIGHT,
    SETTINGS,
    SOURCE,
    TEXT,
    give,
    grade_all,
    gradebook,
    hand_in,
    rows_of,
)

pytestmark = pytest.mark.notebooks


def scores(course: Path, student: str) -> tuple[str, str, str]:
    row = rows_of(course)[student]
    return row["double_test"], row["written"], row["points"]


def test_a_gradebook_that_is_lost_or_older_is_filled_again(course):
    kept = course / "grading/gradebook.db"
    hand_in(course, "ada", answer=HIDDEN_FAILS, text=TEXT)
    grade_all(course)
    give(course, "ada", "written", 1.5)
    shutil.copy(kept, course / "older.db")
    hand_in(course, "ada", answer=RIGHT, text="Another text.", stamp=LATE)
    hand_in(course, "bob", answer=RIGHT)
    grade_all(course)
    assert scores(course, "ada") == ("8", "", "")
    shutil.copy(course / "older.db", kept)
    grade_all(course)
    assert scores(course, "ada") == ("8", "", ""), "the old points are not those of the new text"
    assert scores(course, "bob") == ("8", "0", "8")
    kept.unlink()
    grade_all(course)
    assert (scores(course, "ada"), scores(course, "bob")) == (("8", "", ""), ("8", "0", "8"))


def test_points_given_by_hand_stay_with_their_text(course):
    hand_in(course, "ada", answer=RIGHT, text=TEXT)
    grade_all(course)
    give(course, "ada", "written", 1.5)
    give(course, "ada", "double_test", 7.0)
    source = course / SOURCE
    changed = source.read_text(encoding="utf-8").replace("(5, 10)]", "(5, 10)]  # three")
    source.write_text(changed, encoding="utf-8")
    grade_all(course)
    assert scores(course, "ada") == ("7", "1.5", "8.5"), "run again for the changed test"
    assert rows_of(course)["ada"]["status"] in ("graded", "repaired")
    assert "double_test: 7 points were set by hand" in rows_of(course)["ada"]["notes"]
    hand_in(course, "ada", answer=RIGHT, text="Another text.", stamp=LATE)
    grade_all(course)
    assert scores(course, "ada") == ("7", "", "")
    assert "another text than the one given 1.5 points" in rows_of(course)["ada"]["notes"]
    page = (course / f"grading/feedback/ada/{LAB}/{LAB}.html").read_text(encoding="utf-8")
    assert "no total" in page


def test_points_from_the_table_are_entered_once_and_none_is_lost(course, capsys):
    table = course / f"grading/{LAB}_written.csv"
    for student in ("ada", "bob"):
        told = {"minutes.json": '{"double": {"minutes": 7, "attempts": 2}}'}
        hand_in(course, student, answer=RIGHT, text=TEXT, more=told)
    grade_all(course)
    page = table.with_suffix(".html").read_text(encoding="utf-8")
    assert "<strong>2a &lt; 2b</strong>" in page
    assert "and so it is linear" in page, "the sample"
    assert "minutes.json" not in rows_of(course)["ada"]["notes"]
    fill(table, {"ada": "1,5", "bob": "2"})
    hand_in(course, "bob", answer=RIGHT, text="Another text.", stamp=LATE)
    grade_all(course)
    assert (scores(course, "ada"), scores(course, "bob")) == (("8", "1.5", "9.5"), ("8", "", ""))
    assert "bob has handed in another text" in capsys.readouterr().err
    assert ",2," in table.with_stem(f"{table.stem}-1").read_text(encoding="utf-8")
    give(course, "ada", "written", 0.5)
    grade_all(course)
    assert scores(course, "ada")[1] == "0.5", "the formgrader's later points stay"
    fill(table, {"bob": "3"})
    with pytest.raises(ValueError, match="line 2: 3 points of 2"):
        grade_all(course)


def fill(table: Path, points: dict[str, str]) -> None:
    with table.open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    for row in rows:
        row["points"] = points.get(row["student"], row["points"])
    with table.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, rows[0])
        writer.writeheader()
        writer.writerows(rows)


def test_who_has_left_does_not_come_back(course, capsys):
    for student in ("ada", "bob"):
        hand_in(course, student, answer=RIGHT)
    grade_all(course)
    (inbox,) = course.glob("grading/inbox/*-ada-*")
    inbox.unlink()
    grade_all(course)
    assert rows_of(course).keys() == {"ada", "bob"}, "an emptied inbox takes nobody's grade"
    with gradebook(course) as book:
        book.remove_student("ada")
    grade_all(course)
    assert rows_of(course).keys() == {"bob"}
    assert "left out: ada" in capsys.readouterr().err
    hand_in(course, "ada", answer=RIGHT)
    grade_all(course)
    assert scores(course, "ada")[0] == "8", "a new hand-in is taken"


def test_the_roster_says_who_takes_part_and_what_they_are_called(course, capsys):
    for student in ("ada", "bob", "guest"):
        hand_in(course, student, answer=RIGHT)
    roster = course / "grading/roster.csv"
    roster.write_text("id,name,section\nada,Ada Lovelace,A\nbob,Bob,B\ndora,Dora,A\n", "utf-8")
    grade_all(course)
    rows = rows_of(course)
    assert (rows["ada"]["name"], rows["ada"]["section"]) == ("Ada Lovelace", "A")
    assert rows["dora"]["status"] == "no hand-in"
    assert "not in grading/roster.csv" in rows["guest"]["notes"]
    assert "Ada Lovelace" in (course / f"grading/{LAB}.html").read_text(encoding="utf-8")
    for file in course.glob("grading/inbox/*-bob-*"):
        file.unlink()
    roster.write_text("id,name\nada,Ada Lovelace\n", encoding="utf-8")
    exported = course / "export.csv"
    exported.write_text("Name,Lab 90\nAda Lovelace,\n", encoding="utf-8")
    grade_all(course, "--gradebook", str(exported))
    assert rows_of(course).keys() == {"ada", "guest"}
    filled = (course / f"grading/{LAB}_gradebook.csv").read_text(encoding="utf-8")
    assert filled == "Name,Lab 90\nAda Lovelace,8\n"
    (course / "grading/labs.toml").write_text(SETTINGS, encoding="utf-8")
    with pytest.raises(ValueError, match="an extension for extended, whom nobody knows"):
        grade_all(course)


def test_an_extension_that_is_given_later_runs_nothing_and_takes_the_penalty_away(course, capsys):
    hand_in(course, "ada", answer=RIGHT, stamp=LATE)
    hand_in(course, "bob", answer=RIGHT, stamp=IN_TIME)
    settings = course / "grading/labs.toml"
    settings.write_text(SETTINGS, encoding="utf-8")
    grade_all(course)
    assert rows_of(course)["ada"]["late_penalty"] == "2"
    assert "extension for extended, whom nobody knows" in capsys.readouterr().err
    executed = course / f"grading/autograded/ada/{LAB}/{LAB}.ipynb"
    time = executed.stat().st_mtime_ns
    settings.write_text(SETTINGS.replace("extended =", "ada ="), encoding="utf-8")
    grade_all(course)
    assert rows_of(course)["ada"]["late_penalty"] == "0"
    assert executed.stat().st_mtime_ns == time
