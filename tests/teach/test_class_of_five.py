"""Lab 01 as it is, from its source to the list of grades: a class of five goes through nbgrader.

perfect holds the solution; half answers three exercises and has an extension; wrong makes a known
kind of mistake in each; untouched is the release; late is perfect, a day and a half too late.
"""

import csv
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from nbgrader.api import Gradebook
from nbgrader.plugins import CsvExportPlugin

from course_lib.teach.grade.nbgrading import course_config, prepared
from course_lib.teach.places import Lab
from tests.classes.oracle import Oracle, oracle_of
from tests.teach.whole_class import (
    ROOT,
    assert_hidden_tests_stay_hidden,
    assert_ran_quietly,
    grades,
    new_course,
    solution,
    submit,
)

LAB = "lab01_rl_nas"
pytestmark = [
    pytest.mark.notebooks,
    pytest.mark.slow,
    pytest.mark.proven(f"{LAB} graded", Lab(ROOT, LAB).source, Path(__file__)),
]

SOLUTION = solution(LAB)
EXERCISES = ("decode", "sample_strings", "reinforce_loss", "q_backup", "acceptance")
FULL = {**{f"{name}_test": 16.0 for name in EXERCISES}, "challenge_test": 10.0}
DUE = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
DAY_AND_A_HALF = timedelta(hours=36)
WRITTEN = "The score has mean zero, so a constant baseline adds $b \\cdot 0$ to the gradient."


def _changed(name: str, old: str, new: str) -> str:
    assert old in SOLUTION[name]
    return SOLUTION[name].replace(old, new)


RIGHT = SOLUTION | {"written": WRITTEN}
WRONG = {
    "decode": _changed("decode", "(rows + 2 * ((height - 1) // 2) - height)", "(rows - height)"),
    "sample_strings": _changed("sample_strings", "log_prob = log_prob + ", "log_prob = "),
    "reinforce_loss": _changed("reinforce_loss", "return -(", "return ("),
    "q_backup": _changed(
        "q_backup", "torch.where(terminal, torch.zeros_like(future), future)", "future"
    ),
    "acceptance": _changed("acceptance", "+ math.log(backward) - math.log(forward)", ""),
    "written": WRITTEN,
}
HALF = {name: RIGHT[name] for name in (*EXERCISES[:3], "written")}


@pytest.fixture(scope="module")
def oracle() -> Oracle:
    """What answers are worth, outside of nbgrader."""
    return oracle_of(LAB)


@pytest.fixture(scope="module")
def course(tmp_path_factory, oracle) -> Path:
    """A fresh clone in which five hand-ins arrived."""
    root = new_course(tmp_path_factory.mktemp("five") / "course", LAB)
    in_time, late = DUE - timedelta(hours=1), DUE + DAY_AND_A_HALF
    file = oracle.right_file()
    submit(root, LAB, "perfect", RIGHT, in_time, file=file, plays=True)
    submit(root, LAB, "half", HALF, late)
    submit(root, LAB, "wrong", WRONG, in_time)
    submit(root, LAB, "untouched", {}, in_time)
    submit(root, LAB, "late", RIGHT, late, file=file)
    (root / "grading/labs.toml").write_text(
        f"[{LAB}]\ndue = {DUE.isoformat()}\npenalty_per_day = 0.1\n"
        f"extensions = {{ half = {late.isoformat()} }}\n",
        encoding="utf-8",
    )
    return root


@pytest.fixture(scope="module")
def rows(course) -> dict[str, dict[str, str]]:
    """The list of grades before anybody has graded by hand."""
    return grades(course, LAB)


def _scores(row: dict[str, str]) -> dict[str, float]:
    return {name: float(row[name]) for name in FULL}


def test_the_solution_earns_full_marks_and_the_release_none(rows):
    assert _scores(rows["perfect"]) == _scores(rows["late"]) == FULL
    assert _scores(rows["untouched"]) == dict.fromkeys(FULL, 0.0)
    assert (rows["untouched"]["points"], rows["untouched"]["status"]) == ("0", "graded")
    assert {row["max"] for row in rows.values()} == {"100"}


def test_the_solution_ran_to_its_last_cell_and_quietly(course, rows):
    assert_ran_quietly(course, LAB, "perfect")


def test_half_earns_the_exercises_that_it_answers(rows):
    answered = {f"{name}_test" for name in HALF}
    assert _scores(rows["half"]) == {name: FULL[name] * (name in answered) for name in FULL}
    assert rows["half"]["before_penalty"] == "48"


@pytest.mark.parametrize("name", EXERCISES)
def test_a_wrong_answer_earns_the_share_that_the_check_gives_it(rows, oracle, name):
    earned = float(rows["wrong"][f"{name}_test"])
    assert earned == pytest.approx(oracle.points(name, WRONG[name]), abs=0.01)
    assert earned < 16


def test_the_written_answer_waits_for_a_person(rows):
    for student in ("perfect", "half", "wrong", "late"):
        assert rows[student]["status"] == "to grade by hand: written"
        assert (rows[student]["written"], rows[student]["points"]) == ("", "")
    assert "not answered: written" in rows["untouched"]["notes"]


def test_lateness_costs_a_tenth_per_day_begun_unless_there_is_an_extension(rows):
    assert {student: float(row["late_penalty"]) for student, row in rows.items()} == {
        "perfect": 0,
        "half": 0,
        "wrong": 0,
        "untouched": 0,
        "late": pytest.approx(0.2 * 90),
    }
    assert float(rows["late"]["before_penalty"]) == pytest.approx(90)


def test_nothing_had_to_be_repaired(rows):
    notes = {student: row["notes"] for student, row in rows.items() if row["notes"]}
    assert notes == {"untouched": "not answered: written"}


def test_the_challenge_is_graded_as_handed_in(course, rows):
    handed_in, graded = (
        course / f"grading/{step}/perfect/{LAB}/challenge.json"
        for step in ("submitted", "autograded")
    )
    assert handed_in.read_bytes() == graded.read_bytes()


def test_feedback_shows_panels_and_no_hidden_tests(course, rows):
    assert_hidden_tests_stay_hidden(course, LAB, rows)
    for student in rows:
        page = (course / f"grading/feedback/{student}/{LAB}/{LAB}.html").read_bytes()
        assert page.count(b'role="status"') == len(FULL)


def test_grading_by_hand_ends_in_final_grades_without_running_anything_again(course, rows):
    executed = {path: path.stat().st_mtime_ns for path in course.rglob("autograded/*/*/*.ipynb")}
    database = course_config(course).CourseDirectory
    with prepared(), Gradebook(database.db_url, database.course_id) as book:
        for student in ("perfect", "half", "wrong", "late"):
            given = book.find_grade("written", LAB, LAB, student)
            given.manual_score, given.needs_manual_grade = 10.0, False
        book.db.commit()
    final = grades(course, LAB)
    assert {row["status"] for row in final.values()} == {"graded"}
    points = {student: float(row["points"]) for student, row in final.items()}
    assert points["perfect"] == 100
    assert points["late"] == pytest.approx(80)
    assert points["half"] == 58
    assert executed == {path: path.stat().st_mtime_ns for path in executed}
    with prepared(), Gradebook(database.db_url, database.course_id) as book:
        CsvExportPlugin(to=str(course / "export.csv")).export(book)
    with (course / "export.csv").open(encoding="utf-8") as file:
        exported = {row["student_id"]: float(row["score"]) for row in csv.DictReader(file)}
    assert exported == pytest.approx(points)
