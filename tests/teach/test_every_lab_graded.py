"""Labs 02 and on through real nbgrader: who solved it gets every point, who did nothing gets none.

Lab 01 goes through it with a whole class in test_class_of_five.py. Grading is where a solution is
executed, every cell of it: it is handed in as it was written, and only the challenge's file is made
beforehand.
"""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from course_lib.teach.build.sources import read_source
from course_lib.teach.places import Lab, labs
from tests.classes.oracle import oracle_of
from tests.teach.whole_class import (
    ROOT,
    assert_hidden_tests_stay_hidden,
    assert_ran_quietly,
    grades,
    new_course,
    solution,
    submit,
)

pytestmark = [pytest.mark.notebooks, pytest.mark.slow]

LABS = [
    pytest.param(
        lab.name,
        marks=[
            pytest.mark.proven(f"{lab.name} graded", lab.source, Path(__file__)),
            pytest.mark.xdist_group(f"{lab.name} graded"),
        ],
    )
    for lab in labs(ROOT)
    if lab.name != "lab01_rl_nas"
]
NOW = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
WRITTEN = {"written": "An answer for a person to read."}


@pytest.fixture(scope="module", params=LABS)
def graded(request, tmp_path_factory):
    lab = request.param
    course = new_course(tmp_path_factory.mktemp(lab) / "course", lab)
    right, file = solution(lab) | WRITTEN, oracle_of(lab).right_file()
    submit(course, lab, "perfect", right, NOW, file=file, plays=True)
    submit(course, lab, "untouched", {}, NOW)
    return lab, course, grades(course, lab)


def test_the_solution_earns_every_point_and_the_release_none(graded):
    lab, _, rows = graded
    cells = read_source(Lab(ROOT, lab).source).cells
    tests = {
        cell.metadata.nbgrader.grade_id: cell.metadata.nbgrader.points
        for cell in cells
        if cell.cell_type == "code" and cell.metadata.get("nbgrader", {}).get("grade")
    }
    assert sum(tests.values()) == 90
    assert {name: float(rows["perfect"][name]) for name in tests} == tests
    assert {name: float(rows["untouched"][name]) for name in tests} == dict.fromkeys(tests, 0.0)
    assert rows["perfect"]["status"] == "to grade by hand: written"
    assert not rows["perfect"]["notes"]
    assert rows["untouched"]["status"] == "graded"


def test_the_solution_ran_to_its_last_cell_and_quietly(graded):
    lab, course, _ = graded
    assert_ran_quietly(course, lab, "perfect")


def test_feedback_shows_no_hidden_tests(graded):
    lab, course, rows = graded
    assert_hidden_tests_stay_hidden(course, lab, rows)
