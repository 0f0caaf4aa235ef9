"""Every lecture and every solution runs from its source to its last cell, without a browser."""

import shutil
from pathlib import Path

import pytest
from nbformat import NotebookNode

from course_lib.teach.execute import execute
from course_lib.teach.places import labs, lectures
from course_lib.teach.sources import read_source

ROOT = Path(__file__).parents[2]
SOURCES = [item.source for item in (*lectures(ROOT), *labs(ROOT))]

pytestmark = [pytest.mark.notebooks, pytest.mark.slow]


@pytest.mark.parametrize("source", SOURCES, ids=lambda path: path.stem)
def test_it_runs_quietly_and_a_solution_earns_every_point(source: Path, tmp_path: Path) -> None:
    copy = Path(shutil.copy(source, tmp_path))
    ran = [
        cell
        for cell in execute(read_source(copy), copy).cells
        if cell.cell_type == "code" and cell.source.strip()
    ]
    assert ran
    for cell in ran:
        assert cell.execution_count, cell.source
        assert not _stderr(cell), f"{cell.source}\nsaid {_stderr(cell)}"
        if cell.metadata.get("nbgrader", {}).get("grade"):
            assert float(cell.outputs[-1]["data"]["text/plain"]) == cell.metadata.nbgrader.points


def _stderr(cell: NotebookNode) -> str:
    streams = [output for output in cell.outputs if output.output_type == "stream"]
    return "".join(output.text for output in streams if output.name == "stderr")


def test_there_is_something_to_run() -> None:
    assert {path.parent.name for path in SOURCES} >= {"lectures", "lab01_rl_nas"}
