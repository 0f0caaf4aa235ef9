"""`submit` runs the notebook once: what works only by an earlier run is named."""

from collections.abc import Iterator
from pathlib import Path

import nbformat
import pytest
from nbformat import NotebookNode
from nbformat.v4 import new_code_cell, new_notebook, new_output

from course_lib.teach.__main__ import main
from course_lib.teach.student import rehearsal

pytestmark = pytest.mark.notebooks

NAME = "lab01_rl_nas"
TEST = "4.0 if double(3) == 6 else 0.0"
PANEL = """
from IPython.display import HTML
display(HTML("<b>NameError: name &#x27;helper&#x27; is not defined</b>"))
"""


def ran(source: str, shown: str = "", name: str = "", *, grade: bool = False) -> NotebookNode:
    """A cell as it was saved after it had run; name: what nbgrader knows it by."""
    own = {"grade_id": name, "grade": grade, "solution": not grade, "points": 4}
    cell = new_code_cell(source, execution_count=3, metadata={"nbgrader": own} if name else {})
    if shown:
        data = {"text/plain": shown}
        cell.outputs = [new_output("execute_result", data=data, execution_count=3)]
    return cell


def answered(body: str = "return 2 * x", test: str = TEST) -> list[NotebookNode]:
    return [
        ran("import math"),
        ran(f"def double(x):\n    {body}", name="double"),
        ran(test, "4.0", "double_test", grade=True),
    ]


def rehearsed(tmp_path: Path, *cells: NotebookNode) -> list[str]:
    path = tmp_path / "lab.ipynb"
    nbformat.write(new_notebook(cells=list(cells)), path)
    (tmp_path / "extra.txt").write_text("7", encoding="utf-8")
    before = sorted(tmp_path.rglob("*")), path.read_bytes()
    found = rehearsal.rehearse(path, new_notebook(cells=answered()), [tmp_path / "extra.txt"])
    assert (sorted(tmp_path.rglob("*")), path.read_bytes()) == before
    return found


def test_what_works_everywhere_is_not_named(tmp_path: Path) -> None:
    writes = "open('new.txt', 'w').write(open('extra.txt').read())"
    assert rehearsed(tmp_path, *answered(), ran(writes, "1")) == []


def test_a_name_that_is_made_below_or_by_no_cell_is_named(tmp_path: Path) -> None:
    cells = [ran("shown = table[0]\nshown"), ran("table = [1]"), ran("gone + 1", "2")]
    below, gone = rehearsed(tmp_path, *cells)
    assert "begins with `shown = table[0]` stops. NameError: name 'table'" in below
    assert "In your notebook it had worked." in below
    assert "`table` is made in the cell that begins with `table = [1]`" in below
    assert "No cell of your notebook makes `gone`" in gone


def test_points_that_a_fresh_kernel_does_not_give_are_named(tmp_path: Path) -> None:
    (said,) = rehearsed(tmp_path, *answered("return helper(x)", f"{PANEL}0.0"))
    assert said.startswith("the check of double: 0 points, and 4 in your notebook.")
    assert "No cell of your notebook makes `helper`" in said


def test_an_error_that_was_there_before_is_no_news(tmp_path: Path) -> None:
    cell = ran("1 / 0")
    error = {"ename": "ZeroDivisionError", "evalue": "division by zero", "traceback": []}
    cell.outputs = [new_output("error", **error)]
    assert rehearsed(tmp_path, cell) == []


@pytest.mark.parametrize(
    ("source", "words"),
    [("import time; time.sleep(600)", "the run was ended"), ("import os; os._exit(3)", "ended")],
)
def test_a_run_that_ends_early_says_in_which_cell(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, source: str, words: str
) -> None:
    monkeypatch.setattr(rehearsal, "LIMIT", 4.0)
    (said,) = rehearsed(tmp_path, ran(source))
    assert words in said
    assert f"in the cell that begins with `{source}`" in said


@pytest.fixture
def course(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    (tmp_path / "course_lib").mkdir()
    (tmp_path / "pyproject.toml").write_text("", encoding="utf-8")
    stub = answered("raise NotImplementedError()")
    own = [ran("table[0]", "1"), *answered()]
    for folder, cells in (("labs", stub), ("work", own)):
        path = tmp_path / folder / NAME / f"{NAME}.ipynb"
        path.parent.mkdir(parents=True)
        nbformat.write(new_notebook(cells=cells), path)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_the_file_is_written_whatever_the_run_says(
    course: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert main(["submit", NAME, "--student", "ada"]) == 0
    said = capsys.readouterr().out
    assert said.index("Your hand-in file") < said.index("In a fresh kernel it is not as in yours")
    assert "NameError: name 'table' is not defined" in said

    def stopped(*_: object) -> list[str]:
        raise KeyboardInterrupt

    def broken(*_: object) -> list[str]:
        raise RuntimeError("no kernel")

    for number, run in enumerate((stopped, broken)):
        monkeypatch.setattr(rehearsal, "rehearse", run)
        assert main(["submit", NAME, "--student", f"bob{number}"]) == 0
    assert len(list((course / "work/handins").iterdir())) == 3
    assert "It could not be run here (RuntimeError: no kernel)" in capsys.readouterr().out
