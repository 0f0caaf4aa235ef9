"""A batch of hand-ins through real nbgrader: honest, late, damaged, hostile; none is lost."""

import argparse
import copy
import csv
import json
import zipfile
from functools import lru_cache
from pathlib import Path

import nbformat
import pytest
from nbformat.v4 import new_code_cell
from nbgrader.api import Gradebook
from nbgrader.converters import Autograde, GenerateFeedback
from nbgrader.plugins import CsvExportPlugin

from course_lib.teach import grade
from course_lib.teach.gradebook import LabGrades
from course_lib.teach.nbgrading import NbgraderError, convert, course_config, prepared
from course_lib.teach.places import Lab
from course_lib.teach.release import release_files
from course_lib.teach.settings import LabSettings
from course_lib.teach.sources import grade_id

pytestmark = pytest.mark.notebooks

LAB = "lab90_tiny"
SOURCE = f"solutions/{LAB}/{LAB}.py"
RIGHT = "def double(x):\n    return 2 * x"
HIDDEN_FAILS = "def double(x):\n    return 2 * abs(x)"
TEXT = "It is linear: $a < b$ implies **2a < 2b**. <script>alert(1)</script>"
IN_TIME, LATE = "20261120T100000Z", "20261122T100000Z"
SETTINGS = """
[lab90_tiny]
due = 2026-11-21T10:00:00Z
penalty_per_day = 0.25
extensions = { extended = 2026-11-22T10:00:00Z }
"""


def _skip_tests(notebook):
    notebook.cells[3].metadata["tags"] = ["skip-execution"]


def _delete_tests(notebook):
    del notebook.cells[3]


def _copy_answer(notebook):
    notebook.cells.insert(2, copy.deepcopy(notebook.cells[2]))


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
    "skipping": {"answer": "def double(x):\n    return 'x'", "change": _skip_tests},
    "deleting": {"answer": RIGHT, "change": _delete_tests},
    "copying": {"answer": RIGHT, "change": _copy_answer},
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


@lru_cache
def _released(_source: str, course: Path) -> str:
    return release_files(Lab(course, LAB))[f"{LAB}.ipynb"].decode()


def _hand_in(
    course: Path,
    student: str,
    *,
    answer: str = "",
    text: str = "",
    stamp: str = IN_TIME,
    name: str = f"{LAB}.ipynb",
    change=lambda notebook: None,
    damage=lambda content: content,
    more: dict[str, str] | None = None,
) -> None:
    """Write the zip that a student would hand in, made from the release."""
    notebook = nbformat.reads(
        _released((course / SOURCE).read_text(encoding="utf-8"), course), as_version=4
    )
    for cell in notebook.cells:
        if grade_id(cell) == "double" and answer:
            cell.source = answer
        if grade_id(cell) == "written" and text:
            cell.source = text
    change(notebook)
    inbox = course / "grading/inbox"
    inbox.mkdir(parents=True, exist_ok=True)
    with zipfile.ZipFile(inbox / f"{LAB}-{student}-{stamp}.zip", "w") as archive:
        archive.writestr(name, damage(json.dumps(notebook).encode()))
        for other, content in (more or {}).items():
            archive.writestr(other, content)


def _grade(course: Path, *words: str) -> int:
    parser = argparse.ArgumentParser()
    grade.add_arguments(parser)
    return grade.run(parser.parse_args([LAB, *words, "--root", str(course)]))


def _rows(course: Path) -> dict[str, dict[str, str]]:
    with (course / f"grading/{LAB}.csv").open(encoding="utf-8") as file:
        return {row["student"]: row for row in csv.DictReader(file)}


def _page(course: Path, student: str) -> str:
    return (course / f"grading/feedback/{student}/{LAB}/{LAB}.html").read_text(encoding="utf-8")


def _patient(course: Path, seconds: int) -> Path:
    config = course / "nbgrader_config.py"
    config.write_text(
        f"{config.read_text(encoding='utf-8')}\nc.Execute.timeout = {seconds}\n", encoding="utf-8"
    )
    return course


@pytest.fixture(scope="module")
def graded(make_course, tmp_path_factory) -> Path:
    """The course after the whole class was graded in a fresh clone."""
    course = _patient(make_course(tmp_path_factory.mktemp("grade") / "course"), 3)
    for student, parts in CLASS.items():
        _hand_in(course, student, **parts)
    (course / f"grading/inbox/{LAB}.ipynb").write_text("{}", encoding="utf-8")
    (course / "grading/labs.toml").write_text(SETTINGS, encoding="utf-8")
    assert _grade(course) == 1, "some hand-ins cannot be graded, and the exit code says so"
    return course


def test_every_student_has_a_row_and_every_graded_one_the_right_points(graded):
    rows = _rows(graded)
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
        **dict.fromkeys(("wrong", "untouched", "hanging", "skipping"), "0"),
        "lying": "8",
    }


@pytest.mark.parametrize(
    ("student", "status"),
    [
        ("killer", "crashed: the kernel died"),
        ("truncating", "unreadable: not a notebook"),
        (f"? {LAB}.ipynb", "wrong name: expected lab90_tiny-STUDENT-TIME.zip"),
    ],
)
def test_what_cannot_be_graded_has_a_reason_and_no_points_at_all(graded, student, status):
    row = _rows(graded)[student]
    assert row["status"].startswith(status)
    assert (row["points"], row["before_penalty"], row["double_test"]) == ("", "", "")


@pytest.mark.parametrize(
    ("student", "note"),
    [
        ("hanging", "timed out: cell 4"),
        ("skipping", "tampered: 1 cells tagged skip-execution"),
        ("deleting", "the deleted cell double_test was put back"),
        ("copying", "double occurs 2 times"),
        ("lying", "tampered: the value 0.0 is not shown as 0.0"),
        ("renaming", "was taken for lab90_tiny.ipynb; noticed: left out numpy.py"),
        ("marking", "byte order mark removed"),
        ("untouched", "not answered: written"),
    ],
)
def test_what_was_repaired_or_noticed_stands_in_the_notes(graded, student, note):
    assert note in _rows(graded)[student]["notes"]


def test_honest_hand_ins_have_no_notes(graded):
    rows = _rows(graded)
    assert [rows[name]["notes"] for name in ("perfect", "half", "wrong")] == [""] * 3


def test_a_written_answer_waits_for_a_person_and_is_no_silent_zero(graded):
    rows = _rows(graded)
    for name in ("perfect", "half", "wrong"):
        assert rows[name]["status"] == "to grade by hand: written"
        assert (rows[name]["written"], rows[name]["to_grade_by_hand"]) == ("", "written")
    assert (rows["untouched"]["written"], rows["untouched"]["status"]) == ("0", "graded")


def test_lateness_counts_from_the_hand_ins_time_and_the_extension(graded):
    late, extended = (_rows(graded)[name] for name in ("late", "extended"))
    assert (late["before_penalty"], late["late_penalty"], late["points"]) == ("8", "2", "6")
    assert late["hours_late"] == "24"
    assert (extended["late_penalty"], extended["points"], extended["hours_late"]) == ("0", "8", "0")


def test_no_page_shows_hidden_tests_canaries_or_anything_that_acts(graded):
    pages = {
        path.parent.parent.name: path.read_text(encoding="utf-8")
        for path in graded.rglob("feedback/*/*/*.html")
    }
    assert pages.keys() == CLASS.keys() - {"killer", "truncating"}
    assert {path.name for path in graded.glob("grading/feedback/*/*/*")} == {f"{LAB}.html"}
    for page in pages.values():
        assert "4242" not in page
        assert "canary" not in page
        assert "alert(1)</script" not in page
    assert "<strong>2a &lt; 2b</strong>" in pages["perfect"]
    assert "cases, which are not shown" in pages["half"]
    assert "Late submission penalty" in pages["late"]


def test_no_file_but_the_expected_ones_reaches_the_kernel(graded):
    names = {path.name for path in graded.glob("grading/autograded/*/*/*")}
    assert names == {f"{LAB}.ipynb", "timestamp.txt", "history.txt"}


def test_nbgraders_own_export_says_the_same(graded, tmp_path):
    course = course_config(graded).CourseDirectory
    with prepared(), Gradebook(course.db_url, course.course_id) as book:
        CsvExportPlugin(to=str(tmp_path / "export.csv")).export(book)
    with (tmp_path / "export.csv").open(encoding="utf-8") as file:
        theirs = {row["student_id"]: row for row in csv.DictReader(file)}
    ours = {name: row for name, row in _rows(graded).items() if row["points"]}
    for name, row in ours.items():
        assert float(theirs[name]["score"]) == float(row["points"])
        assert float(theirs[name]["late_submission_penalty"]) == float(row["late_penalty"])
    assert theirs.keys() >= ours.keys()


def test_it_says_that_nothing_is_sandboxed_and_that_there_are_no_hand_ins(course, capsys):
    assert _grade(course) == 2
    err = capsys.readouterr().err
    assert "student code is NOT sandboxed" in err
    assert "No hand-ins of lab90_tiny: put them into" in err


def test_a_second_run_executes_only_what_changed_and_keeps_grades_given_by_hand(course, capsys):
    for student in ("ada", "bob"):
        _hand_in(course, student, answer=RIGHT, text=TEXT, stamp=LATE)
    (course / "grading/labs.toml").write_text(SETTINGS, encoding="utf-8")
    assert _grade(course) == 0
    assert "2 hand-ins have answers to grade by hand" in capsys.readouterr().out
    executed = {s: course / f"grading/autograded/{s}/{LAB}/{LAB}.ipynb" for s in ("ada", "bob")}
    times = {student: path.stat().st_mtime_ns for student, path in executed.items()}
    database = course_config(course).CourseDirectory
    with prepared(), Gradebook(database.db_url, database.course_id) as book:
        grade_given = book.find_grade("written", LAB, LAB, "ada")
        grade_given.manual_score, grade_given.needs_manual_grade = 2.0, False
        book.db.commit()
    _hand_in(course, "bob", answer=HIDDEN_FAILS, stamp="20261122T110000Z")
    assert _grade(course) == 0
    ada, bob = (_rows(course)[student] for student in ("ada", "bob"))
    assert (ada["status"], ada["before_penalty"], ada["late_penalty"]) == ("graded", "10", "2.5")
    assert "Score: 7.5 / 10.0" in _page(course, "ada")
    assert (bob["double_test"], bob["late_penalty"]) == ("6", "3")
    assert executed["ada"].stat().st_mtime_ns == times["ada"]
    assert executed["bob"].stat().st_mtime_ns > times["bob"]
    assert list((course / "grading/originals/bob").iterdir()), "the first hand-in is kept"


def test_hidden_tests_can_have_a_number_of_ones_own(course, capsys):
    _hand_in(course, "ada", answer="def double(x):\n    return {-4242: -8484}.get(x, 2 * abs(x))")
    assert _grade(course) == 0
    assert _rows(course)["ada"]["double_test"] == "8"
    (course / "grading/labs.toml").write_text(
        f"[{LAB}]\nhidden_variant = 98765431\n", encoding="utf-8"
    )
    assert _grade(course) == 0
    assert _rows(course)["ada"]["double_test"] == "6", "answers made for the public number fail"
    assert "98765431" not in (_page(course, "ada") + str(release_files(Lab(course, LAB))))
    source = course / SOURCE
    source.write_text(source.read_text(encoding="utf-8").replace("4242", "-3"), encoding="utf-8")
    with pytest.raises(ValueError, match="no hidden test uses 4242"):
        _grade(course)


def test_a_notebook_that_takes_too_long_is_stopped_and_the_page_before_it_withdrawn(course):
    _hand_in(course, "slow", answer=RIGHT)
    assert _grade(course) == 0
    assert _page(course, "slow")
    config = course / "nbgrader_config.py"
    config.write_text(
        f"{config.read_text(encoding='utf-8')}\nlimit.seconds = 1\n", encoding="utf-8"
    )
    _hand_in(course, "slow", answer="import time\ntime.sleep(2)\n" + RIGHT, stamp=LATE)
    assert _grade(course) == 1
    row = _rows(course)["slow"]
    assert row["status"].startswith("timed out: the notebook ran longer than 1 s")
    assert row["points"] == ""
    assert not list(course.glob("grading/feedback/slow/*/*"))


def test_a_page_that_cannot_be_written_costs_nobody_the_grades(course, monkeypatch):
    for student in ("ada", "bob"):
        _hand_in(course, student, answer=RIGHT)
    assert _grade(course) == 0
    write = LabGrades.feedback

    def fails(grades, student):
        if student == "ada":
            raise NbgraderError("ValueError: no template", "")
        write(grades, student)

    monkeypatch.setattr(LabGrades, "feedback", fails)
    assert _grade(course) == 0
    ada, bob = (_rows(course)[student] for student in ("ada", "bob"))
    assert ada["status"] == "graded, no feedback page: ValueError: no template"
    assert (ada["points"], bob["points"], bob["status"]) == ("8", "8", "graded")
    assert not list(course.glob("grading/feedback/ada/*/*")), (
        "the page of an earlier run is no help"
    )


@pytest.mark.filterwarnings("ignore::nbformat.warnings.MissingIDFieldWarning")  # nbgrader's
def test_plain_nbgrader_with_these_settings_gives_nothing_away(course):
    LabGrades(Lab(course, LAB), LabSettings()).register()
    for student, change in {"skipping": _skip_tests, "deleting": _delete_tests}.items():
        notebook = nbformat.reads(
            _released((course / SOURCE).read_text(encoding="utf-8"), course), as_version=4
        )
        change(notebook)
        folder = course / "grading/submitted" / student / LAB
        folder.mkdir(parents=True)
        nbformat.write(notebook, folder / f"{LAB}.ipynb")
    config = course_config(course)
    convert(Autograde, config, lab=LAB)
    convert(GenerateFeedback, config, lab=LAB)
    for student in ("skipping", "deleting"):
        page = _page(course, student)
        assert "Score: 0.0 / 10.0" in page
        assert "NotImplementedError" in page
        assert "4242" not in page


def test_an_instructors_own_file_is_nobodys_hand_in(course):
    """Who hands in the file that a lab asks for keeps it; who does not has none."""
    (course / f"solutions/{LAB}/twice.json").write_text("the instructor's", encoding="utf-8")
    _hand_in(course, "with", answer=RIGHT, more={"twice.json": "my own"})
    _hand_in(course, "without", answer=RIGHT)
    _grade(course)
    found = {path.parts[-3]: path for path in course.glob("grading/autograded/*/*/twice.json")}
    assert {student: path.read_text(encoding="utf-8") for student, path in found.items()} == {
        "with": "my own"
    }


def test_an_unknown_lab_is_answered_with_the_known_ones(course):
    with pytest.raises(ValueError, match="there is: lab90_tiny"):
        grade.find_lab(course, "lab99")
