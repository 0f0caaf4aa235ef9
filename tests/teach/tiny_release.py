"""A release of two exercises and a written question, and the notebooks that students make of it."""

import copy
import json

from nbformat import NotebookNode
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

from course_lib.teach.build.sources import grade_id, name_cells
from course_lib.teach.grade.handins import Wanted
from course_lib.teach.grade.releases import Releases
from course_lib.teach.grade.repair import Repaired

LAB, OTHER = "lab90_tiny", "lab91_next"
ANSWER = {"grade": False, "solution": True, "locked": False}
TEST = {"grade": True, "solution": False, "locked": True, "points": 8}
WRITTEN = {"grade": True, "solution": True, "locked": False, "points": 2}
LOCKED = {"grade": False, "solution": False, "locked": True}
STUB = "    # YOUR CODE HERE\n    raise NotImplementedError()"
QUESTION = "## A question\n\nWhy is doubling linear? Say it in one sentence."


def graded(cell: NotebookNode, name: str, **own) -> NotebookNode:
    """The cell with nbgrader's metadata."""
    cell.metadata["nbgrader"] = {"grade_id": name, "schema_version": 3, **own}
    return cell


def release() -> NotebookNode:
    """The lab as students receive it."""
    notebook = new_notebook(
        cells=[
            new_markdown_cell("# Tiny lab"),
            graded(new_code_cell("import math\nfrom pathlib import Path"), "setup", **LOCKED),
            graded(new_code_cell(f"def double(x):\n{STUB}"), "double", **ANSWER),
            new_code_cell("print('play', double(1))"),
            graded(new_code_cell("cases = [1, 2]\nassert double(2) == 4"), "double_test", **TEST),
            graded(new_code_cell(f"def halve(x):\n{STUB}"), "halve", **ANSWER),
            graded(new_code_cell("assert halve(2) == 1"), "halve_test", **TEST),
            new_markdown_cell(QUESTION),
            graded(new_markdown_cell("YOUR ANSWER HERE"), "written", **WRITTEN),
            new_markdown_cell("## The end"),
        ]
    )
    name_cells(notebook)
    return notebook


RELEASES = Releases(release())
WANTED = Wanted(LAB, RELEASES, frozenset({"twice.json"}), frozenset({OTHER}))
TEXT = "It is linear because f(a + b) = f(a) + f(b)."
RIGHT = {
    "double": "def double(x):\n    return 2 * x",
    "halve": "def halve(x):\n    return x / 2",
    "written": TEXT,
}


def answered(answers: dict[str, str] | None = None) -> NotebookNode:
    """The release with answers in it, all right ones by default."""
    notebook = copy.deepcopy(RELEASES.today)
    for cell in notebook.cells:
        cell.source = (RIGHT if answers is None else answers).get(grade_id(cell), cell.source)
    return notebook


def dump(notebook: NotebookNode) -> bytes:
    """The file's content."""
    return json.dumps(notebook).encode()


def place(notebook: NotebookNode, name: str) -> int:
    """Where the cell of that name stands."""
    return next(i for i, cell in enumerate(notebook.cells) if grade_id(cell) == name)


def sources(repaired: Repaired) -> dict[str, str]:
    """The texts of the named cells."""
    cells = repaired.notebook.cells
    return {name: cell.source for cell in cells if (name := grade_id(cell)) is not None}
