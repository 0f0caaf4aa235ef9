"""What a run need not do again: opening the gradebook, pages that say the same, hopeless cases."""

from pathlib import Path

import pytest
from nbgrader.api import Gradebook

from course_lib.teach.grade import book, runs
from course_lib.teach.grade.execution import Executed
from course_lib.teach.grade.status import EXIT_CODES, Status
from tests.teach.hand_ins import (
    HIDDEN_FAILS,
    LAB,
    LATE,
    RIGHT,
    SETTINGS,
    TEXT,
    copy_answer,
    give,
    grade_all,
    hand_in,
    page_of,
    rows_of,
)

pytestmark = pytest.mark.notebooks
NO_KERNEL = "could not be graded: no kernel could be started (exit code 1)"


def _written(course: Path) -> dict[str, int]:
    """When each page was written."""
    pages = course.glob("grading/feedback/*/*/*.html")
    return {page.parts[-3]: page.stat().st_mtime_ns for page in pages}


def _newer(course: Path, before: dict[str, int]) -> set[str]:
    return {student for student, time in _written(course).items() if before.get(student) != time}


@pytest.fixture
def pair(course):
    """A course in which ada and bob were graded, and nothing waits."""
    for student in ("ada", "bob"):
        hand_in(course, student, answer=RIGHT)
    assert grade_all(course) == 0
    return course


def test_a_page_is_written_again_only_when_it_says_something_else(pair):
    before = _written(pair)
    assert grade_all(pair) == 0
    assert _newer(pair, before) == set()
    give(pair, "ada", "written", 1.5)
    assert grade_all(pair) == 0
    assert _newer(pair, before) == {"ada"}
    assert "Score: 1.5 / 2.0" in page_of(pair, "ada")
    before = _written(pair)
    hand_in(pair, "bob", answer=HIDDEN_FAILS, stamp=LATE)
    assert grade_all(pair) == 0
    assert _newer(pair, before) == {"bob"}


def test_a_late_penalty_that_changes_is_on_the_page(course):
    hand_in(course, "ada", answer=RIGHT, stamp=LATE)
    assert grade_all(course) == 0
    assert "Late submission penalty" not in page_of(course, "ada")
    (course / "grading/labs.toml").write_text(SETTINGS, encoding="utf-8")
    assert grade_all(course) == 0
    assert "Late submission penalty" in page_of(course, "ada")


def test_a_page_that_was_lost_or_edited_comes_back(pair):
    page = page_of(pair, "ada")
    file = pair / f"grading/feedback/ada/{LAB}/{LAB}.html"
    for spoil in (file.unlink, lambda: file.write_text(page[:100], encoding="utf-8")):
        spoil()
        assert grade_all(pair) == 0
        assert page_of(pair, "ada") == page


def test_how_often_the_gradebook_is_opened_does_not_depend_on_the_class(pair, monkeypatch):
    opened = []
    init = Gradebook.__init__

    def counted(self, *parts, **named):
        opened.append(parts)
        init(self, *parts, **named)

    monkeypatch.setattr(Gradebook, "__init__", counted)
    grade_all(pair)
    few = len(opened)
    monkeypatch.undo()
    for student in ("cyd", "dan", "eve"):
        hand_in(pair, student, answer=RIGHT)
    grade_all(pair)
    monkeypatch.setattr(Gradebook, "__init__", counted)
    grade_all(pair)
    assert len(opened) == 2 * few
    assert len(rows_of(pair)) == 5


def test_notes_on_a_hand_in_outlast_its_file_in_the_inbox(course):
    hand_in(course, "ada", answer=RIGHT, change=copy_answer)
    hand_in(course, "ada", stamp="20261119T100000Z")
    hand_in(course, "bob", answer=RIGHT)
    assert grade_all(course) == 0
    before = rows_of(course)
    assert "repaired: double occurs 2 times" in before["ada"]["notes"]
    assert "set aside" in before["ada"]["notes"]
    for file in (course / "grading/inbox").iterdir():
        file.unlink()
    assert grade_all(course) == 0
    assert rows_of(course) == before
    hand_in(course, "ada", answer=RIGHT, text=TEXT, stamp=LATE)
    assert grade_all(course) == 0
    assert "repaired" not in rows_of(course)["ada"]["notes"], "it is another hand-in"


def test_what_nbgrader_cannot_score_runs_again_when_it_changes_or_when_it_is_asked_for(
    course, monkeypatch, capsys
):
    hand_in(course, "ada", answer=RIGHT)
    monkeypatch.setattr(book, "score", lambda *_: "could not be graded: KeyError: 'x'")
    assert grade_all(course) == EXIT_CODES[Status.NOT_GRADED]
    said = capsys.readouterr()
    assert "1 to run" in said.err
    assert "could not be graded runs again when it or the lab changes, or with --force" in said.out
    assert grade_all(course) == EXIT_CODES[Status.NOT_GRADED]
    assert "to run" not in capsys.readouterr().err
    monkeypatch.undo()
    assert grade_all(course, "--force") == 0
    assert rows_of(course)["ada"]["double_test"] == "8"


def test_what_could_not_even_start_runs_again_next_time(course, monkeypatch):
    hand_in(course, "ada", answer=RIGHT)
    failed = Executed("ada", "{}", problem=NO_KERNEL)

    def fails(job):
        return Executed(job.student, job.notebook, problem=failed.problem)

    monkeypatch.setattr(runs, "execute", fails)
    assert grade_all(course) == EXIT_CODES[Status.NOT_GRADED]
    monkeypatch.undo()
    assert grade_all(course) == 0
    assert rows_of(course)["ada"]["double_test"] == "8"
