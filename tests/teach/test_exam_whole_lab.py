"""A whole lab as an exam, by the real command: the solution earns all, a kernel that lies nothing.

The cheat answers every exercise with nothing, and its checks say that each law holds for just these
answers; the questions in between, which catch a check that praises everything, see no fault.
"""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from course_lib.checks.exam import exercises
from course_lib.teach.build.sources import grade_id, read_source
from course_lib.teach.grade.status import EXIT_CODES, Status
from course_lib.teach.places import Lab
from tests.classes.oracle import oracle_of
from tests.teach.exam_course import CHEATS
from tests.teach.whole_class import ROOT, grades, new_course, solution, submit

LAB = "lab05_random_search"
NOW = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
HERE = (Path(__file__), Path(__file__).with_name("exam_course.py"))
pytestmark = [
    pytest.mark.notebooks,
    pytest.mark.slow,
    pytest.mark.proven(f"{LAB} as an exam", Lab(ROOT, LAB).source, *HERE),
]
CELLS = read_source(Lab(ROOT, LAB).source).cells
FULL = {
    str(grade_id(cell)): float(cell.metadata.nbgrader.points)
    for cell in CELLS
    if cell.cell_type == "code" and cell.metadata.get("nbgrader", {}).get("grade")
}
NAMES = [name for test in FULL if (name := test.removesuffix("_test")) in exercises(LAB)]
LIES = f"""
own = []
has = lambda f: f in own or any(held in own for held in vars(f).values() if callable(held))
{CHEATS["patched_call"]}
"""
NOTHING = {n: f"def {n}(*_, **__):\n    return None\nown.append({n})\n" for n in NAMES}
CHEAT = NOTHING | {NAMES[0]: LIES + NOTHING[NAMES[0]]}
SETTINGS = f"[{LAB}]\nhidden_variant = 71933\n"


@pytest.fixture(scope="module")
def course(tmp_path_factory, caged) -> Path:
    root = new_course(tmp_path_factory.mktemp("exam") / "course", LAB)
    file = oracle_of(LAB).right_file()
    submit(root, LAB, "ada", solution(LAB), NOW, file=file)
    submit(root, LAB, "cheat", solution(LAB) | CHEAT, NOW)
    return root


@pytest.fixture(scope="module")
def rows(course) -> tuple[dict[str, dict[str, str]], dict[str, dict[str, str]]]:
    """The list of grades of the usual mode, then that of the exam."""
    table = course / "grading/labs.toml"
    table.write_text(SETTINGS, encoding="utf-8")
    usual = grades(course, LAB)
    table.write_text(f"{SETTINGS}exam = true\n", encoding="utf-8")
    return usual, grades(course, LAB, EXIT_CODES[Status.TAMPERED])


def test_the_solution_earns_the_same_points_in_both(rows):
    for mode in rows:
        assert {name: float(mode["ada"][name]) for name in FULL} == FULL
        assert mode["ada"]["status"] == "to grade by hand: written"
        assert "data" not in mode["ada"]["notes"]


def test_what_earns_all_points_of_its_exercises_by_lies_earns_nothing_by_its_data(rows):
    usual, exam = (mode["cheat"] for mode in rows)
    tests = [f"{name}_test" for name in NAMES]
    assert {name: float(usual[name]) for name in tests} == {name: FULL[name] for name in tests}
    assert "tampered" not in usual["status"]
    assert exam["status"].startswith(f"tampered: {tests[0]}: the data break what the kernel says: ")
    assert not any(exam[name] for name in FULL)


def test_the_list_and_the_class_page_say_how_each_test_was_judged(course, rows):
    usual, exam = rows
    assert "exam" not in usual["ada"]
    ways = dict(part.split(": ", 1) for part in exam["ada"]["exam"].split("; "))
    assert ways == dict.fromkeys(FULL, "data")
    page = (course / f"grading/{LAB}.html").read_text(encoding="utf-8")
    assert page.count("<small>exam: ") == len(FULL)
