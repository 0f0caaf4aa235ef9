"""Lectures with their outputs: run once, kept as long as what they rest on is the same."""

import os
from copy import deepcopy
from pathlib import Path
from typing import Any

import nbformat
from nbclient import NotebookClient
from nbformat import NotebookNode
from tqdm import tqdm

from course_lib.teach.build.pictures import slim
from course_lib.teach.build.proof import proof
from course_lib.teach.build.sources import read_source, to_bytes
from course_lib.teach.files import write_atomically
from course_lib.teach.places import Lecture

TIMEOUT = 600
"""Seconds that a single cell may take."""

_VIEW = "application/vnd.jupyter.widget-view+json"

# One thread, fixed hashes and dates: the same source gives the same outputs wherever it can.
_ENVIRONMENT = {
    "OMP_NUM_THREADS": "1",
    "MKL_NUM_THREADS": "1",
    "PYTHONHASHSEED": "0",
    "SOURCE_DATE_EPOCH": "0",
    "MPLBACKEND": "module://matplotlib_inline.backend_inline",
}


def build_lecture(lecture: Lecture, *, force: bool = False) -> bool:
    """Execute the lecture if it is out of date (or if forced); whether it was executed.

    The notebook carries the proof of what its outputs rest on (`course_lib.teach.build.proof`).
    RuntimeError: a cell fails; the notebook that was there stays as it was.
    """
    source = read_source(lecture.source)
    if not force and not lecture_drift(lecture):
        return False
    proven = proof(lecture.root, lecture.source)  # of what is there when the execution begins
    executed = execute(source, lecture.source)
    slim(executed)
    executed.metadata["proof"] = proven
    write_atomically(lecture.notebook, to_bytes(executed))
    return True


def execute(notebook: NotebookNode, source: Path) -> NotebookNode:
    """The notebook with outputs, run on one thread in its own folder; progress on stderr."""
    metadata = deepcopy(notebook.metadata)
    bar = tqdm(total=len(notebook.cells), desc=source.stem, unit="cell")
    client = NotebookClient(
        notebook,
        timeout=TIMEOUT,
        kernel_name="python3",
        record_timing=False,
        store_widget_state=False,
        extra_arguments=["--IPKernelApp.log_level=ERROR"],
        resources={"metadata": {"path": str(source.parent)}},
        on_cell_start=lambda cell, cell_index: bar.update(cell_index - bar.n),
    )
    environment = {**os.environ, **_ENVIRONMENT}
    try:
        executed = client.execute(env=environment)
        bar.update(len(notebook.cells) - bar.n)
    except Exception as error:
        raise RuntimeError(f"{source}: cell {bar.n + 1} fails: {error}") from error
    finally:
        bar.close()
    executed.metadata = metadata
    _drop_views(executed)
    return executed


def _drop_views(notebook: NotebookNode) -> None:
    """No live view outlives its kernel: drop them, and outputs that held nothing else."""
    for cell in notebook.cells:
        if cell.cell_type != "code":
            continue
        for output in cell.outputs:
            output.get("data", {}).pop(_VIEW, None)
        cell.outputs = [out for out in cell.outputs if any(out.get("data", {"": True}).values())]


def lecture_drift(lecture: Lecture) -> list[str]:
    """How the executed notebook differs from its source; empty when it does not.

    Sources, kinds, ids and metadata of the cells must be the same, every code cell must have run,
    and no output may be an error or stand on stderr. The outputs themselves are not compared:
    they are up to date if the notebook carries today's proof.
    """
    if not lecture.notebook.is_file():
        return [f"{lecture.notebook} is missing"]
    try:
        built = nbformat.read(lecture.notebook, as_version=nbformat.NO_CONVERT)
    except Exception as error:
        return [f"{lecture.notebook} cannot be read: {error}"]
    source = read_source(lecture.source)
    if _bare(built) != _bare(source):
        return [f"{lecture.notebook} differs from {lecture.source.name}"]
    if built.metadata.get("proof") != proof(lecture.root, lecture.source):
        return [f"{lecture.notebook}: the code or data that its outputs rest on have changed"]
    return [
        f"{lecture.notebook}: cell {number} {problem}"
        for number, cell in enumerate(built.cells, start=1)
        if cell.cell_type == "code" and (problem := _problem(cell))
    ]


def _bare(notebook: NotebookNode) -> list[tuple[Any, ...]]:
    cells = [(c.cell_type, c.get("id"), c.source, dict(c.metadata)) for c in notebook.cells]
    return [*cells, (notebook.metadata.kernelspec,)]


def _problem(cell: NotebookNode) -> str:
    if cell.source.strip() and cell.execution_count is None:
        return "has not been executed"
    if any(output.output_type == "error" for output in cell.outputs):
        return "shows an error"
    if any(output.get("name") == "stderr" for output in cell.outputs):
        return "writes to stderr"
    return ""
