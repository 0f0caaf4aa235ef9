"""Lab 01's source fits its checks: laws, sections, points, hidden variants, a page one."""

import ast
import re

import pytest

from course_lib.checks import lab01_rl_nas as check
from course_lib.checks.lab01 import sections
from course_lib.checks.playground import playground
from course_lib.teach.settings import PUBLIC_VARIANT
from course_lib.teach.sources import read_source
from tests.misconceptions.reference import ROOT, Solution

EXERCISES = ("decode", "sample_strings", "reinforce_loss", "q_backup", "acceptance")
SOLUTION = Solution("lab01_rl_nas")
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


def test_sections_are_titles_of_the_lecture() -> None:
    text = (ROOT / "lectures" / "01_rl_nas.py").read_text(encoding="utf-8")
    titles = set(re.findall(r"^# ## (.*)$", text, re.MULTILINE))
    assert {value for name, value in vars(sections).items() if name.isupper()} <= titles


def test_page_one_states_points_and_minutes() -> None:
    page = CELLS[0].source
    rows = re.findall(r"^\| \d .* \| (\d+) \| (\d+) \|$", page, re.MULTILINE)
    assert sum(int(points) for points, _ in rows) == 100
    assert 120 <= sum(int(minutes) for _, minutes in rows) <= 150
    for words in ("can**", "You need", "check.hint", "not attempted yet"):
        assert words in page


def test_a_playground_never_stops_the_notebook(capsys: pytest.CaptureFixture[str]) -> None:
    with playground("decode"):
        raise NotImplementedError
    with playground("decode"):
        raise ValueError("shape (8,)")
    with playground("decode"):
        print("drawn")
    first, second, third = capsys.readouterr().out.splitlines()
    assert first == "Write decode first, then run this cell again."
    assert "ValueError: shape (8,)" in second
    assert third == "drawn"


def missing_name() -> None:
    not_there  # type: ignore[name-defined]  # noqa: B018, F821


def test_a_playground_tells_a_skipped_cell_from_a_misspelt_name(
    capsys: pytest.CaptureFixture[str],
) -> None:
    with playground("decode"):
        missing_name()
    with playground("missing_name"):
        missing_name()
    outside, inside = capsys.readouterr().out.splitlines()
    assert outside == "`not_there` is not there yet: run the cells above first (Run All Above)."
    assert inside.startswith("missing_name does not work here yet. NameError")


def test_a_playground_lets_the_stop_button_through() -> None:
    with pytest.raises(KeyboardInterrupt), playground("decode"):
        raise KeyboardInterrupt
