"""A collected hand-in made ready to run: hidden tests in place, and what need not run set aside."""

import ast
from pathlib import Path

import nbformat
from nbformat import NotebookNode

from course_lib.teach.build.sources import grade_id, to_bytes
from course_lib.teach.grade.canaries import answers_of
from course_lib.teach.grade.exam import Exam
from course_lib.teach.grade.exchange import BESIDE
from course_lib.teach.grade.execution import Job
from course_lib.teach.grade.limits import Limits
from course_lib.teach.idle import idle_cells
from course_lib.teach.places import MINUTES


def prepare(
    student: str,
    folder: Path,
    instructors: NotebookNode,
    beside: dict[str, bytes],
    limits: Limits,
    *,
    sandboxed: bool,
    exam: Exam | None = None,
) -> Job:
    """The job of the hand-in that lies in grading/submitted/STUDENT/LAB.

    instructors: the lab's notebook with the hidden tests that count. beside: the files that every
    student receives with the lab.
    """
    notebook = nbformat.read(folder / f"{folder.name}.ipynb", as_version=nbformat.NO_CONVERT)
    put_tests(notebook, instructors)
    not_theirs = (f"{folder.name}.ipynb", *BESIDE, MINUTES)
    own = [path for path in sorted(folder.iterdir()) if path.name not in not_theirs]
    return Job(
        student,
        to_bytes(notebook).decode(),
        beside | {path.name: path.read_bytes() for path in own},
        answers_of(instructors),
        imports_of(instructors),
        idle_cells(notebook, instructors),
        limits,
        sandboxed,
        exam,
    )


def put_tests(notebook: NotebookNode, instructors: NotebookNode) -> None:
    """Give every locked cell its source, hidden tests included, as nbgrader does it itself."""
    cells = {grade_id(cell): cell for cell in instructors.cells if _locked(cell)}
    for cell in notebook.cells:
        if (name := grade_id(cell)) in cells:
            cell.source = cells[name].source


def imports_of(lab: NotebookNode) -> tuple[str, ...]:
    """What a lab as it was built imports: modules, and names that may be modules."""
    code = [cell.source for cell in lab.cells if cell.cell_type == "code"]
    nodes = [node for source in code for node in ast.walk(ast.parse(source))]
    found = {alias.name for n in nodes if isinstance(n, ast.Import) for alias in n.names}
    for node in nodes:
        if isinstance(node, ast.ImportFrom) and node.module:
            found |= {node.module, *(f"{node.module}.{alias.name}" for alias in node.names)}
    return tuple(sorted(found))


def _locked(cell: NotebookNode) -> bool:
    """Whether nbgrader locks the cell: a test, or one that is read-only."""
    own = cell.metadata.get("nbgrader", {})
    return bool(own.get("locked") or own.get("grade")) and not own.get("solution", False)
