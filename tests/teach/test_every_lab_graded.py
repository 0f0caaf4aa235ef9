"""Labs 02 and on through real nbgrader: who solved it gets every point, who did nothing gets none.

Lab 01 goes through it with a whole class in test_class_of_five.py.
"""

from datetime import UTC, datetime
from pathlib import Path

import nbformat
import pytest

from course_lib.teach.execute import execute
from course_lib.teach.places import Lab, labs
from course_lib.teach.sources import read_source
from tests.teach.whole_class import (
    ROOT,
    assert_hidden_tests_stay_hidden,
    grades,
    new_course,
    solution,
    submit,
)

pytestmark = [pytest.mark.notebooks, pytest.mark.slow]

LABS = [lab.name for lab in labs(ROOT) if lab.name != "lab01_rl_nas"]
NOW = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
WRITTEN = {"written": "An answer for a person to read."}


def run(notebook: Path) -> None:
    """Run All and save, as a student does before handing in."""
    nbformat.write(execute(nbformat.read(notebook, as_version=4), notebook), notebook)


@pytest.fixture(scope="module", params=LABS)
def graded(request, tmp_path_factory):
    lab = request.param
    course = new_course(tmp_path_factory.mktemp(lab) / "course", lab)
    submit(course, lab, "perfect", solution(lab) | WRITTEN, NOW, run)
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


def test_feedback_shows_no_hidden_tests(graded):
    lab, course, rows = graded
    assert_hidden_tests_stay_hidden(course, lab, rows)
