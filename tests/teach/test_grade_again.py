"""Grading again, and what a run does when something is in its way."""

import nbformat
import pytest
from nbgrader.api import Gradebook
from nbgrader.converters import Autograde, GenerateFeedback

from course_lib.teach.build.release import release_files
from course_lib.teach.grade import grade
from course_lib.teach.grade.book import Book
from course_lib.teach.grade.nbgrading import NbgraderError, convert, course_config, prepared
from course_lib.teach.grade.settings import LabSettings
from course_lib.teach.grade.status import EXIT_CODES, Status
from course_lib.teach.places import Lab
from tests.teach.hand_ins import (
    HIDDEN_FAILS,
    LAB,
    LATE,
    RIGHT,
    SETTINGS,
    SOURCE,
    TEXT,
    delete_tests,
    grade_all,
    hand_in,
    page_of,
    released,
    rows_of,
    skip_tests,
)


def test_it_says_that_there_are_no_hand_ins(course, capsys):
    assert grade_all(course) == 2
    assert "No hand-ins of lab90_tiny: put them into" in capsys.readouterr().err


def test_a_second_run_executes_only_what_changed_and_keeps_grades_given_by_hand(course, capsys):
    for student in ("ada", "bob"):
        hand_in(course, student, answer=RIGHT, text=TEXT, stamp=LATE)
    (course / "grading/labs.toml").write_text(SETTINGS, encoding="utf-8")
    assert grade_all(course) == 0
    assert "2 hand-ins have answers to grade by hand" in capsys.readouterr().out
    executed = {s: course / f"grading/autograded/{s}/{LAB}/{LAB}.ipynb" for s in ("ada", "bob")}
    times = {student: path.stat().st_mtime_ns for student, path in executed.items()}
    database = course_config(course).CourseDirectory
    with prepared(), Gradebook(database.db_url, database.course_id) as book:
        grade_given = book.find_grade("written", LAB, LAB, "ada")
        grade_given.manual_score, grade_given.needs_manual_grade = 2.0, False
        book.db.commit()
    hand_in(course, "bob", answer=HIDDEN_FAILS, stamp="20261122T110000Z")
    assert grade_all(course) == 0
    ada, bob = (rows_of(course)[student] for student in ("ada", "bob"))
    assert (ada["status"], ada["before_penalty"], ada["late_penalty"]) == ("graded", "10", "2.5")
    assert "Score: 7.5 / 10.0" in page_of(course, "ada")
    assert (bob["double_test"], bob["late_penalty"]) == ("6", "3")
    assert executed["ada"].stat().st_mtime_ns == times["ada"]
    assert executed["bob"].stat().st_mtime_ns > times["bob"]
    assert list((course / "grading/originals/bob").iterdir()), "the first hand-in is kept"


def test_hidden_tests_can_have_a_number_of_ones_own(course, capsys):
    hand_in(course, "ada", answer="def double(x):\n    return {-4242: -8484}.get(x, 2 * abs(x))")
    assert grade_all(course) == 0
    assert rows_of(course)["ada"]["double_test"] == "8"
    (course / "grading/labs.toml").write_text(
        f"[{LAB}]\nhidden_variant = 98765431\n", encoding="utf-8"
    )
    assert grade_all(course) == 0
    assert rows_of(course)["ada"]["double_test"] == "6", "answers made for the public number fail"
    assert "98765431" not in (page_of(course, "ada") + str(release_files(Lab(course, LAB))))
    source = course / SOURCE
    source.write_text(source.read_text(encoding="utf-8").replace("4242", "-3"), encoding="utf-8")
    with pytest.raises(ValueError, match="no hidden test uses 4242"):
        grade_all(course)


def test_a_notebook_that_takes_too_long_is_stopped_and_the_page_before_it_withdrawn(course):
    hand_in(course, "slow", answer=RIGHT)
    assert grade_all(course) == 0
    assert page_of(course, "slow")
    config = course / "nbgrader_config.py"
    config.write_text(
        f"{config.read_text(encoding='utf-8')}\nc.Limits.notebook = 1\n", encoding="utf-8"
    )
    hand_in(course, "slow", answer="import time\ntime.sleep(2)\n" + RIGHT, stamp=LATE)
    assert grade_all(course) == EXIT_CODES[Status.TIMED_OUT]
    row = rows_of(course)["slow"]
    assert row["status"].startswith("timed out: the notebook ran longer than 1 s")
    assert row["points"] == ""
    assert not list(course.glob("grading/feedback/slow/*/*"))


def test_a_page_that_cannot_be_written_costs_nobody_the_grades(course, monkeypatch):
    for student in ("ada", "bob"):
        hand_in(course, student, answer=RIGHT)
    assert grade_all(course) == 0
    write = Book.feedback

    def fails(grades, student):
        if student == "ada":
            raise NbgraderError("ValueError: no template", "")
        write(grades, student)

    monkeypatch.setattr(Book, "feedback", fails)
    assert grade_all(course) == 0
    ada, bob = (rows_of(course)[student] for student in ("ada", "bob"))
    assert ada["status"] == "graded"
    assert "noticed: no feedback page: ValueError: no template" in ada["notes"]
    assert (ada["points"], bob["points"], bob["status"]) == ("8", "8", "graded")
    assert not list(course.glob("grading/feedback/ada/*/*")), (
        "the page of an earlier run is no help"
    )


@pytest.mark.filterwarnings("ignore::nbformat.warnings.MissingIDFieldWarning")  # nbgrader's
def test_plain_nbgrader_with_these_settings_gives_nothing_away(course):
    Book(Lab(course, LAB), LabSettings()).register()
    for student, change in {"skipping": skip_tests, "deleting": delete_tests}.items():
        notebook = nbformat.reads(
            released((course / SOURCE).read_text(encoding="utf-8"), course), as_version=4
        )
        change(notebook)
        folder = course / "grading/submitted" / student / LAB
        folder.mkdir(parents=True)
        nbformat.write(notebook, folder / f"{LAB}.ipynb")
    config = course_config(course)
    convert(Autograde, config, lab=LAB)
    convert(GenerateFeedback, config, lab=LAB)
    for student in ("skipping", "deleting"):
        page = page_of(course, student)
        assert "Score: 0.0 / 10.0" in page
        assert "NotImplementedError" in page
        assert "4242" not in page


def test_an_instructors_own_file_is_nobodys_hand_in(course):
    """Who hands in the file that a lab asks for keeps it; who does not has none."""
    (course / f"solutions/{LAB}/twice.json").write_text("the instructor's", encoding="utf-8")
    hand_in(course, "with", answer=RIGHT, more={"twice.json": "my own"})
    hand_in(course, "without", answer=RIGHT)
    grade_all(course)
    found = {path.parts[-3]: path for path in course.glob("grading/autograded/*/*/twice.json")}
    assert {student: path.read_text(encoding="utf-8") for student, path in found.items()} == {
        "with": "my own"
    }


def test_an_unknown_lab_is_answered_with_the_known_ones(course):
    with pytest.raises(ValueError, match="there is: lab90_tiny"):
        grade.find_lab(course, "lab99")
