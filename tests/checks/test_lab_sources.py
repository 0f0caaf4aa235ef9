"""Every lab's source fits its checks: laws, sections, points, hidden variants, a page one."""

import ast
import re
from functools import cache
from importlib import import_module
from typing import Any

import pytest

from course_lib.teach.build.sources import read_source
from course_lib.teach.grade.settings import PUBLIC_VARIANT
from tests.misconceptions.reference import ROOT, Solution
from tests.misconceptions.rooms import labs

LABS = {lab: tuple(exercise.name for exercise in labs()[lab]) for lab in labs()}
MINUTES = {"lab03_darts": 120}
"""The most that page one may add up to, where it is more than 90."""


@cache
def cells(lab: str) -> list[Any]:
    return list(read_source(Solution(lab).path).cells)


def graded(lab: str) -> dict[str, Any]:
    return {
        cell.metadata.nbgrader.grade_id: cell
        for cell in cells(lab)
        if cell.metadata.get("nbgrader", {}).get("grade")
    }


def test_every_lab_is_tested_here() -> None:
    assert LABS.keys() == {path.name for path in (ROOT / "solutions").iterdir() if path.is_dir()}


@pytest.mark.parametrize("lab", LABS)
def test_points_add_up_to_a_hundred(lab: str) -> None:
    points = {name: cell.metadata.nbgrader.points for name, cell in graded(lab).items()}
    assert sum(points.values()) == 100
    assert points.pop("written") == points.pop("challenge_test") == 10
    assert points.keys() == {f"{name}_test" for name in LABS[lab]}
    assert max(points.values()) - min(points.values()) <= 1


EXERCISES = [(lab, exercise) for lab in LABS for exercise in LABS[lab]]
CHECKED = [*EXERCISES, ("lab04_gumbel", "challenge")]
"""What has laws; the other labs' challenges are judged by what they write."""


@pytest.mark.parametrize(("lab", "exercise"), CHECKED)
def test_cells_try_every_law_and_hide_others(lab: str, exercise: str) -> None:
    cell = graded(lab)[f"{exercise}_test"]
    *body, last = ast.parse(cell.source).body
    names: dict[str, Any] = {"variant": 7}
    exec(compile(ast.Module(body, []), "cell", "exec"), names)
    cases = names["cases"]
    laws = list(getattr(import_module(f"course_lib.checks.{lab}"), exercise).laws)
    assert [case for case in cases if case[1] == 7] == [(law, 7) for law in laws]
    hidden = {PUBLIC_VARIANT, PUBLIC_VARIANT + 1}
    assert sorted(case for case in cases if case[1] != 7) == sorted(
        (law, variant) for law in laws for variant in hidden
    )
    points = cell.metadata.nbgrader.points
    answer = {"challenge": "estimate"}.get(exercise, exercise)
    assert ast.unparse(last) == f"check.{exercise}({answer}, cases, points={points})"


@pytest.mark.parametrize("lab", LABS)
def test_sections_are_titles_of_the_lecture(lab: str) -> None:
    sections = import_module(f"course_lib.checks.{lab}.sections")
    (lecture,) = (ROOT / "lectures").glob(f"{lab[3:5]}_*.py")
    titles = set(re.findall(r"^# ## (.*)$", lecture.read_text(encoding="utf-8"), re.MULTILINE))
    assert {value for name, value in vars(sections).items() if name.isupper()} <= titles


@pytest.mark.parametrize("lab", LABS)
def test_page_one_states_points_and_minutes(lab: str) -> None:
    page = cells(lab)[0].source
    rows = re.findall(r"^\| \d (.*) \| (\d+) \| (\d+) \|$", page, re.MULTILINE)
    assert sum(int(points) for _, points, _ in rows) == 100
    required = [int(minutes) for title, _, minutes in rows if "(for more)" not in title]
    assert 60 <= sum(required) <= MINUTES.get(lab, 90)
    for words in ("can**", "You need", "check.hint", "not attempted yet"):
        assert words in page


@pytest.mark.parametrize("lab", LABS)
def test_a_basic_law_is_the_first(lab: str) -> None:
    for name in LABS[lab]:
        exercise = getattr(import_module(f"course_lib.checks.{lab}"), name)
        assert exercise.basic in (None, next(iter(exercise.laws)))
