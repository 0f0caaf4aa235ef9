"""A hand-in run once as grading runs it: what works only because of an earlier run is named.

Nothing of the student's is touched: the notebook runs in a fresh kernel and in a folder of its own,
which holds what is handed in. Released cells that are worth nothing and change nothing do not run.
"""

import html
import os
import re
import shutil
import tempfile
import time
from collections.abc import Iterator
from copy import deepcopy
from pathlib import Path

import nbformat
from nbclient import NotebookClient
from nbformat import NotebookNode
from tqdm import tqdm

from course_lib.teach.cells import artefacts
from course_lib.teach.idle import bound, idle_cells
from course_lib.teach.places import lab_notebook, shun_read_only_home

LIMIT = 180.0
"""Seconds that the notebook may run; what has run until then is looked at."""
MOST = 3
"""Cells that are named; later ones often fail because of earlier ones."""

_MISSING = re.compile(r"NameError: name '(\w+)' is not defined")


def run_once(course: Path, lab: str) -> None:
    """Run a student's notebook as grading does, and say what works in the student's kernel only."""
    shun_read_only_home(course)
    path, released = lab_notebook(course, lab), lab_notebook(course, lab, folder="labs")
    release = nbformat.read(released, as_version=4)
    beside = [file for file in released.parent.iterdir() if file != released]
    beside += [path.parent / name for name in artefacts(release)]
    print("Now it runs once in a copy, as in grading. Your file is written: Ctrl-C ends only this.")
    try:
        found = rehearse(path, release, [file for file in beside if file.is_file()])
    except KeyboardInterrupt:
        print("Not run to its end. Your file to hand in is as above.")
        return
    except Exception as error:  # whatever a notebook leads to: the hand-in stands
        print(f"It could not be run here ({type(error).__name__}: {error}). Your file is as above.")
        return
    if found:
        print("In a fresh kernel it is not as in yours:", *found, sep="\n  - ")
        print(
            "Usually a cell was deleted, or run in another order. In JupyterLab, Kernel > Restart "
            "Kernel and Run All Cells shows the same. Mend it and submit again: the latest counts."
        )
    else:
        print("Everything works in a fresh kernel, too.")


def rehearse(path: Path, release: NotebookNode, files: list[Path]) -> list[str]:
    """What does not work in a fresh kernel, in sentences; empty when all is well.

    path: the student's notebook. files: what lies beside it when it is graded.
    """
    saved = nbformat.read(path, as_version=4)
    fresh = deepcopy(saved)
    for place in idle_cells(saved, release):
        fresh.cells[place].source = ""
    with tempfile.TemporaryDirectory(prefix="submit-", ignore_cleanup_errors=True) as folder:
        for file in files:
            shutil.copy(file, folder)
        ended = _run(fresh, folder)
    return [*list(_differences(saved, fresh))[:MOST], *ended]


def _run(notebook: NotebookNode, folder: str) -> list[str]:
    """Fill in the outputs; why the run ended early, if it did."""
    code = [cell for cell in notebook.cells if cell.cell_type == "code"]
    for cell in code:
        cell.outputs, cell.execution_count = [], None
    end = time.monotonic() + LIMIT
    begun: list[NotebookNode] = []
    with tqdm(total=len(code), desc="Your notebook in a fresh kernel", unit="cell") as bar:
        client = NotebookClient(
            notebook,
            kernel_name="python3",
            allow_errors=True,
            timeout_func=lambda cell: max(1, int(end - time.monotonic())),
            record_timing=False,
            store_widget_state=False,
            extra_arguments=["--IPKernelApp.log_level=CRITICAL"],
            resources={"metadata": {"path": folder}},
            on_cell_execute=lambda cell, cell_index: begun.append(cell),
            on_cell_complete=lambda cell, cell_index: bar.update(cell.cell_type == "code"),
        )
        try:
            client.execute(env={**os.environ, "NBGRADER_EXECUTION": "validate"})
            bar.update(len(code) - bar.n)
        except (RuntimeError, TimeoutError, OSError) as error:
            return [_ended(begun, error)]
    return []


def _ended(begun: list[NotebookNode], error: Exception) -> str:
    """What ended the run, and in which cell, whose outputs say nothing then."""
    at = f"in {_called(begun[-1])}" if begun else "before its first cell"
    if begun:
        begun[-1].execution_count = None
    if isinstance(error, TimeoutError):
        return f"the run was ended after {LIMIT / 60:g} minutes, {at}; the rest was not looked at"
    return f"the kernel ended {at}: {str(error).strip().splitlines()[0]}"


def _differences(saved: NotebookNode, fresh: NotebookNode) -> Iterator[str]:
    for before, after in zip(saved.cells, fresh.cells, strict=True):
        if after.cell_type != "code" or not after.get("execution_count"):
            continue
        error, known = _error(after), _error(before)
        points, earned = _points(after), _points(before)
        if error and error != known:
            worked = "In your notebook it had worked. " if before.get("execution_count") else ""
            yield f"{_called(after)} stops. {error}. {worked}{_why(error, fresh)}"
        elif points is not None and earned is not None and points != earned:
            said = f"{_called(after)}: {points:g} points, and {earned:g} in your notebook."
            yield f"{said} {_why(_shown(after), fresh)}".strip()


def _why(said: str, notebook: NotebookNode) -> str:
    """Where a name that is missing is made."""
    missing = _MISSING.search(said)
    if not missing:
        return ""
    name = missing[1]
    makers = [c for c in notebook.cells if c.cell_type == "code" and name in bound(c.source)]
    if makers:
        return f"`{name}` is made in {_called(makers[0])}: must that run before?"
    return f"No cell of your notebook makes `{name}`: was it deleted?"


def _called(cell: NotebookNode) -> str:
    """What a student knows a cell by: the exercise, or how it begins."""
    name = cell.metadata.get("nbgrader", {}).get("grade_id")
    if name:
        exercise = str(name)
        tested = exercise.removesuffix("_test")
        return f"the check of {tested}" if tested != exercise else f"the cell {exercise}"
    return f"the cell that begins with `{cell.source.strip().splitlines()[0][:60]}`"


def _error(cell: NotebookNode) -> str:
    errors = [output for output in cell.outputs if output.output_type == "error"]
    return f"{errors[0].ename}: {errors[0].evalue}".splitlines()[0] if errors else ""


def _points(cell: NotebookNode) -> float | None:
    """The points that a test shows as its value."""
    if not cell.metadata.get("nbgrader", {}).get("grade"):
        return None
    shown = [o.data.get("text/plain", "") for o in cell.outputs if "data" in o]
    try:
        return float(shown[-1]) if shown else None
    except ValueError:
        return None


def _shown(cell: NotebookNode) -> str:
    """The panels of a check as text."""
    return html.unescape(" ".join(str(o.get("data", {}).get("text/html")) for o in cell.outputs))
