"""A batch of hand-ins through real nbgrader: honest, late, damaged, hostile; none is lost."""

import csv
import re
from pathlib import Path

import pytest
from nbformat.v4 import new_code_cell
from nbgrader.api import Gradebook
from nbgrader.plugins import CsvExportPlugin

from course_lib.teach.grade.exchange import BESIDE
from course_lib.teach.grade.nbgrading import course_config, prepared
from course_lib.teach.grade.status import EXIT_CODES, Status
from tests.teach.hand_ins import (
    HIDDEN_FAILS,
    LAB,
    LATE,
    RIGHT,
    SETTINGS,
    TEXT,
    copy_answer,
    delete_tests,
    grade_all,
    hand_in,
    page_of,
    patient,
    rows_of,
    skip_tests,
)

pytestmark = pytest.mark.notebooks


def _print_history(notebook):
    notebook.cells.append(new_code_cell("print(In)"))


def _write_history(notebook):
    notebook.cells.append(new_code_cell("open('history.txt', 'w').write(str(In))"))


def _show_every_number_as_8(notebook):
    lie = "get_ipython().display_formatter.formatters['text/plain']"
    notebook.cells.insert(
        1, new_code_cell(f"{lie}.for_type(float, lambda x, p, cycle: p.text('8.0'))")
    )


CLASS = {
    "perfect": {"answer": RIGHT, "text": TEXT},
    "half": {"answer": HIDDEN_FAILS, "text": TEXT},
    "wrong": {"answer": "def double(x):\n    return 'x'", "text": TEXT},
    "untouched": {},
    "late": {"answer": RIGHT, "stamp": LATE},
    "extended": {"answer": RIGHT, "stamp": LATE},
    "killer": {"answer": "import os\ndef double(x):\n    os._exit(1)"},
    "hanging": {"answer": "def double(x):\n    while True:\n        pass"},
    "skipping": {"answer": "def double(x):\n    return 'x'", "change": skip_tests},
    "deleting": {"answer": RIGHT, "change": delete_tests},
    "copying": {"answer": RIGHT, "change": copy_answer},
    "peeping": {"answer": RIGHT, "change": _print_history},
    "writing": {"answer": RIGHT, "change": _write_history},
    "lying": {"answer": "def double(x):\n    return 'x'", "change": _show_every_number_as_8},
    "renaming": {
        "answer": RIGHT,
        "name": f"{LAB} (1).ipynb",
        "more": {"numpy.py": "raise SystemExit"},
    },
    "marking": {"answer": RIGHT, "damage": lambda content: b"\xef\xbb\xbf" + content},
    "truncating": {"answer": RIGHT, "damage": lambda content: content[:-400]},
}


@pytest.fixture(scope="module")
def graded(make_course, tmp_path_factory) -> Path:
    """The course after the whole class was graded in a fresh clone."""
    course = patient(make_course(tmp_path_factory.mktemp("grade") / "course"), 3)
    for student, parts in CLASS.items():
        hand_in(course, student, **parts)
    (course / f"grading/inbox/{LAB}.ipynb").write_text("{}", encoding="utf-8")
    (course / "grading/labs.toml").write_text(SETTINGS, encoding="utf-8")
    assert grade_all(course) == EXIT_CODES[Status.TAMPERED], "the gravest status of the class"
    return course


def test_every_student_has_a_row_and_every_graded_one_the_right_points(graded):
    rows = rows_of(graded)
    assert set(rows) == {*CLASS, f"? {LAB}.ipynb"}
    assert {row["max"] for row in rows.values()} == {"10"}
    tests = {name: row["double_test"] for name, row in rows.items() if row["double_test"]}
    full = (
        "perfect",
        "late",
        "extended",
        "deleting",
        "copying",
        "peeping",
        "writing",
        "renaming",
        "marking",
    )
    assert tests == {
        **dict.fromkeys(full, "8"),
        "half": "6",
        **dict.fromkeys(("wrong", "untouched", "hanging", "skipping", "killer"), "0"),
    }


@pytest.mark.parametrize(
    ("student", "status"),
    [
        ("lying", "tampered: the number "),
        ("truncating", "unreadable: not a notebook"),
        (f"? {LAB}.ipynb", "unreadable: wrong name: expected lab90_tiny-STUDENT-TIME.zip"),
    ],
)
def test_what_cannot_be_graded_has_a_reason_and_no_points_at_all(graded, student, status):
    row = rows_of(graded)[student]
    assert row["status"].startswith(status)
    assert (row["points"], row["before_penalty"], row["double_test"]) == ("", "", "")


@pytest.mark.parametrize(
    ("student", "note"),
    [
        ("hanging", "timed out: cell 4"),
        ("skipping", "tampered: 1 cells tagged skip-execution"),
        ("deleting", "the deleted cell double_test was put back"),
        ("copying", "double occurs 2 times"),
        ("killer", "crashed: cell 4 (double_test): the kernel died (exit code 1); the rest ran"),
        ("renaming", "was taken for lab90_tiny.ipynb; noticed: left out numpy.py"),
        ("marking", "byte order mark removed"),
        ("untouched", "not answered: written"),
    ],
)
def test_what_was_repaired_or_noticed_stands_in_the_notes(graded, student, note):
    assert note in rows_of(graded)[student]["notes"]


@pytest.mark.parametrize(
    ("student", "status"),
    [
        ("hanging", "timed out: cell 4"),
        ("skipping", "tampered: 1 cells tagged skip-execution"),
        ("killer", "crashed: cell 4 (double_test)"),
        ("deleting", "repaired"),
        ("marking", "repaired"),
        ("late", "graded"),
    ],
)
def test_a_graded_hand_in_has_the_gravest_status_that_its_notes_name(graded, student, status):
    assert rows_of(graded)[student]["status"].startswith(status)


def test_honest_hand_ins_have_no_notes(graded):
    rows = rows_of(graded)
    assert [rows[name]["notes"] for name in ("perfect", "half", "wrong")] == [""] * 3


def test_a_written_answer_waits_for_a_person_and_is_no_silent_zero(graded):
    rows = rows_of(graded)
    for name in ("perfect", "half", "wrong"):
        assert rows[name]["status"] == "to grade by hand: written"
        assert (rows[name]["written"], rows[name]["to_grade_by_hand"]) == ("", "written")
        assert rows[name]["points"] == "", "no total before it is one"
    assert (rows["untouched"]["written"], rows["untouched"]["status"]) == ("0", "graded")


def test_lateness_counts_from_the_hand_ins_time_and_the_extension(graded):
    late, extended = (rows_of(graded)[name] for name in ("late", "extended"))
    assert (late["before_penalty"], late["late_penalty"], late["points"]) == ("8", "2", "6")
    assert late["hours_late"] == "24"
    assert (extended["late_penalty"], extended["points"], extended["hours_late"]) == ("0", "8", "0")


def test_no_page_shows_hidden_tests_canaries_or_anything_that_acts(graded):
    pages = {
        path.parent.parent.name: path.read_text(encoding="utf-8")
        for path in graded.rglob("feedback/*/*/*.html")
    }
    assert pages.keys() == CLASS.keys() - {"lying", "truncating"}
    files = {path.name for path in graded.glob("grading/feedback/*/*/*")}
    assert files == {f"{LAB}.html", *BESIDE}
    for page in pages.values():
        assert "4242" not in page
        assert "canary" not in page
        assert "alert(1)</script" not in page
    assert "<strong>2a &lt; 2b</strong>" in pages["perfect"]
    assert "cases, which are not shown" in pages["half"]
    assert "Late submission penalty" in pages["late"]


def test_a_page_has_no_total_before_every_answer_was_read(graded):
    pages = {name: page_of(graded, name) for name in ("half", "late")}
    assert "(Not graded yet: no total)" in pages["half"]
    assert ">written</a> (Not graded yet, of 2.0)" in pages["half"]
    assert ">double</a> (Score: 6.0 / 8.0)" in pages["half"]
    assert "lab90_tiny (Score: 6.0 / 10.0)" in pages["late"]
    assert "Not graded yet" not in pages["late"]


def test_a_page_loads_nothing(graded):
    page = page_of(graded, "perfect")
    assert not re.findall(r"<script|<link|@import|src=\"(?!data:)|url\(", page)
    assert 'alt="a &lt; b"' in page


def test_no_file_but_the_expected_ones_is_kept(graded):
    names = {path.name for path in graded.glob("grading/autograded/*/*/*")}
    assert names == {f"{LAB}.ipynb", "timestamp.txt"}


def test_nbgraders_own_export_says_the_same(graded, tmp_path):
    course = course_config(graded).CourseDirectory
    with prepared(), Gradebook(course.db_url, course.course_id) as book:
        CsvExportPlugin(to=str(tmp_path / "export.csv")).export(book)
    with (tmp_path / "export.csv").open(encoding="utf-8") as file:
        theirs = {row["student_id"]: row for row in csv.DictReader(file)}
    ours = {name: row for name, row in rows_of(graded).items() if row["points"]}
    for name, row in ours.items():
        assert float(theirs[name]["score"]) == float(row["points"])
        assert float(theirs[name]["late_submission_penalty"]) == float(row["late_penalty"])
    assert theirs.keys() >= ours.keys()
