"""Lab 02's source fits its checks: laws, sections, points, hidden variants, a page one."""

import ast
import re

import pytest

from course_lib.checks import lab02_weight_sharing as check
from course_lib.checks.lab02 import sections
from course_lib.teach.settings import PUBLIC_VARIANT
from course_lib.teach.sources import read_source
from tests.misconceptions.reference import ROOT, Solution

EXERCISES = ("run_path", "sharing_epoch", "recalibrate", "kendall_tau", "enas_step")
SOLUTION = Solution("lab02_weight_sharing")
CELLS = read_source(SOLUTION.path).cells
GRADED = {
    cell.metadata.nbgrader.grade_id: cell
    for cell in CELLS
    if cell.metadata.get("nbgrader", {}).get("grade")
}


def test_points_add_up_to_a_hundred() -> None:
    points = {name: cell.metadata.nbgrader.points for name, cell in GRADED.items()}
    assert points.pop("written") == points.pop("challenge_test") == 10
    assert points == {f"{name}_test": 16 for name in EXERCISES}


@pytest.mark.parametrize("exercise", EXERCISES)
def test_cells_try_every_law_and_hide_others(exercise: str) -> None:
    cell = GRADED[f"{exercise}_test"]
    *body, last = ast.parse(cell.source).body
    names = {"variant": 7}
    exec(compile(ast.Module(body, []), "cell", "exec"), names)
    cases = names["cases"]
    laws = list(getattr(check, exercise).laws)
    assert [case for case in cases if case[1] == 7] == [(law, 7) for law in laws]
    hidden = {PUBLIC_VARIANT, PUBLIC_VARIANT + 1}
    assert sorted(case for case in cases if case[1] != 7) == sorted(
        (law, variant) for law in laws for variant in hidden
    )
    assert ast.unparse(last) == f"check.{exercise}({exercise}, cases, points=16)"


def test_the_basic_law_is_the_first() -> None:
    for name in EXERCISES:
        exercise = getattr(check, name)
        assert exercise.basic == next(iter(exercise.laws))


def test_sections_are_titles_of_the_lecture() -> None:
    text = (ROOT / "lectures" / "02_weight_sharing.py").read_text(encoding="utf-8")
    titles = set(re.findall(r"^# ## (.*)$", text, re.MULTILINE))
    assert {value for name, value in vars(sections).items() if name.isupper()} <= titles


def test_page_one_states_points_and_minutes() -> None:
    page = CELLS[0].source
    rows = re.findall(r"^\| \d .* \| (\d+) \| (\d+) \|$", page, re.MULTILINE)
    assert sum(int(points) for points, _ in rows) == 100
    assert 60 <= sum(int(minutes) for _, minutes in rows) <= 90
    for words in ("can**", "You need", "check.hint"):
        assert words in page
