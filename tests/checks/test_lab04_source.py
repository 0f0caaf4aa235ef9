"""Lab 04's source fits its checks: laws, sections, points, hidden variants, a page one."""

import ast
import re

import pytest

from course_lib.checks import lab04_gumbel as check
from course_lib.checks.lab04 import sections
from course_lib.teach.settings import PUBLIC_VARIANT
from course_lib.teach.sources import read_source
from tests.misconceptions.reference import ROOT, Solution

POINTS = {
    "sample_gumbel": 13,
    "gumbel_max_sample": 13,
    "gumbel_softmax_sample": 13,
    "straight_through": 13,
    "bias_and_variance": 14,
    "gdas_edge": 14,
    "challenge": 10,
}
SOLUTION = Solution("lab04_gumbel")
CELLS = read_source(SOLUTION.path).cells
GRADED = {
    cell.metadata.nbgrader.grade_id: cell
    for cell in CELLS
    if cell.metadata.get("nbgrader", {}).get("grade")
}


def test_points_add_up_to_a_hundred() -> None:
    points = {name: cell.metadata.nbgrader.points for name, cell in GRADED.items()}
    assert points.pop("written") == 10
    assert points == {f"{name}_test": value for name, value in POINTS.items()}
    assert sum(points.values()) == 90


@pytest.mark.parametrize("exercise", POINTS)
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
    answer = "estimate" if exercise == "challenge" else exercise
    assert ast.unparse(last) == f"check.{exercise}({answer}, cases, points={POINTS[exercise]})"


def test_sections_are_titles_of_the_lecture() -> None:
    text = (ROOT / "lectures" / "04_gumbel.py").read_text(encoding="utf-8")
    titles = set(re.findall(r"^# ## (.*)$", text, re.MULTILINE))
    assert {value for name, value in vars(sections).items() if name.isupper()} <= titles


def test_page_one_states_points_and_minutes() -> None:
    page = CELLS[0].source
    rows = re.findall(r"^\| \d .* \| (\d+) \| (\d+) \|$", page, re.MULTILINE)
    assert sum(int(points) for points, _ in rows) == 100
    assert 60 <= sum(int(minutes) for _, minutes in rows) <= 90
    for words in ("can**", "You need", "check.hint", "not attempted yet"):
        assert words in page
