"""Labs 02 and on through real nbgrader: who solved it gets every point, who did nothing gets none.

Lab 01 goes through it with a whole class in test_class_of_five.py. Grading is where a solution is
executed: it is handed in as it was written, and only the challenge's file is made beforehand.
"""

import re
from datetime import UTC, datetime
from pathlib import Path

import nbformat
import pytest

from course_lib.teach.build.execute import execute
from course_lib.teach.build.sources import grade_id, read_source
from course_lib.teach.cells import artefacts
from course_lib.teach.places import Lab, labs
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


def write_artefacts(notebook: Path) -> None:
    """Run only the cells on which the file of the challenge rests."""
    whole = nbformat.read(notebook, as_version=4)
    if not artefacts(whole):
        return
    whole.cells = [
        cell
        for cell in whole.cells
        if grade_id(cell) in ("setup", "challenge")
        or (cell.cell_type == "code" and re.search("variant_of|write_challenge", cell.source))
    ]
    execute(whole, notebook)
    assert all((notebook.parent / name).is_file() for name in artefacts(whole)), "not written"


@pytest.fixture(scope="module", params=LABS)
def graded(request, tmp_path_factory):
    lab = request.param
    course = new_course(tmp_path_factory.mktemp(lab) / "course", lab)
    submit(course, lab, "perfect", solution(lab) | WRITTEN, NOW, write_artefacts)
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
