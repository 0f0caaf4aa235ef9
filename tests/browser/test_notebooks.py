"""The built lectures and labs in a real JupyterLab: run from top to bottom, every picture named."""

from pathlib import Path
from typing import Any

import nbformat
import pytest

from course_lib.teach.places import labs, lectures

pytestmark = [pytest.mark.browser, pytest.mark.slow]

ROOT = Path(__file__).parents[2]
SOURCES = {
    **{lecture.notebook: lecture.source for lecture in lectures(ROOT)},
    **{lab.release / lab.solution.name: lab.source for lab in labs(ROOT)},
}
TESTS = (Path(__file__), Path(__file__).with_name("conftest.py"))
BUILT = [
    pytest.param(
        path,
        id=path.stem,
        marks=[
            pytest.mark.proven(f"{path.stem} in the browser", source, *TESTS),
            pytest.mark.xdist_group(path.stem),
        ],
    )
    for path, source in SOURCES.items()
]


def test_there_are_notebooks() -> None:
    """Each source has its built notebook, so that an empty list is not a success."""
    built = {*ROOT.glob("lectures/*.ipynb"), *ROOT.glob("labs/*/*.ipynb")}
    assert len(built) >= 2
    assert built == SOURCES.keys()


EXECUTED = """() => window.jupyterapp.shell.currentWidget.content.widgets.filter(
    cell => cell.model.type === "code" && cell.model.executionCount > 0).length"""
"""A collapsed cell shows no number beside it, so JupyterLab is asked for its cells."""


def code_cells(path: Path) -> int:
    cells = nbformat.read(path, as_version=4).cells
    return sum(cell.cell_type == "code" and bool(cell.source.strip()) for cell in cells)


@pytest.mark.parametrize("path", BUILT)
def test_notebook_runs_and_speaks(path: Path, open_notebook: Any) -> None:
    """All cells run, none with an error or on stderr; words for all pictures; nothing from outside.

    A lab is run as released: what is not written yet is said in a panel, never by a traceback.
    """
    with open_notebook(str(path.relative_to(ROOT)), path) as opened:
        opened.run_all(timeout=900)
        opened.page.wait_for_timeout(1500)
        assert opened.errors() == []
        assert opened.page.evaluate(EXECUTED) >= code_cells(path)
        assert opened.without_words() == []
        assert opened.outside == []
        assert opened.console == []
