"""From a hand-in to its executed notebook: a function of data, which can run anywhere.

Whatever the hand-in's code does, `execute` answers with an `Executed`. A cell at which the kernel
dies takes no other points along: the notebook runs again without it.
"""

import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path

import nbformat
from nbformat import NotebookNode
from nbformat.v4 import new_output

from course_lib.teach.build.sources import grade_id, to_bytes
from course_lib.teach.grade.canaries import TAMPERED, canaries, value
from course_lib.teach.grade.exam import Exam, sit
from course_lib.teach.grade.exam_rule import held_to_data
from course_lib.teach.grade.kernel import Kernel, KernelEnded
from course_lib.teach.grade.limits import Limits
from course_lib.teach.grade.sandbox import starter

RERUNS = 3
"""How many cells may end their kernel."""

_QUIET = """
import sys
get_ipython().ask_exit = lambda: None  # or exit() would end the kernel a little later
sys.stdout.flush_interval = sys.stderr.flush_interval = 0.02  # many small messages, counted soon
del sys
"""

_PAUSE = "__import__('time').sleep(1)"
"""Meets an interrupt that was on its way when its cell ended, or the next cell would."""


@dataclass(frozen=True)
class Job:
    """A hand-in that is ready to run: plain data, which can be sent to another machine.

    notebook: its JSON, the hidden tests in place. files: what lies beside it, by name. answers:
    names that the tests ask. imports: modules of the lab. idle: places of cells that need not run.
    exam: what is asked at the end, if points need data that carry them.
    """

    student: str
    notebook: str
    files: dict[str, bytes] = field(default_factory=dict)
    answers: frozenset[str] = frozenset()
    imports: tuple[str, ...] = ()
    idle: frozenset[int] = frozenset()
    limits: Limits = field(default_factory=Limits)
    sandboxed: bool = True
    exam: Exam | None = None


@dataclass(frozen=True)
class Executed:
    """What came of a job: the notebook's JSON with outputs, remarks, and why it earns nothing."""

    student: str
    notebook: str
    remarks: tuple[str, ...] = ()
    problem: str = ""
    seconds: float = 0.0


def execute(job: Job) -> Executed:
    """Run a job's notebook from its first cell to its last in a fresh kernel."""
    start = time.monotonic()
    notebook: NotebookNode = nbformat.reads(job.notebook, as_version=4)
    remarks: list[str] = []
    problem = ""
    try:
        remarks = _run(job, notebook, start + job.limits.notebook)
        problem = next((said for said in remarks if said.startswith(TAMPERED)), "")
    except TimeoutError as error:
        problem = f"timed out: {error}"
    except KernelEnded as error:
        problem = str(error)
    except OSError:
        raise  # of the machine that grades: its disk may be full
    except Exception as error:
        problem = f"could not be graded: {type(error).__name__}: {error}"
    text = to_bytes(notebook).decode()
    seconds = time.monotonic() - start
    return Executed(job.student, text, tuple(remarks), problem, seconds)


def _run(job: Job, notebook: NotebookNode, end: float) -> list[str]:
    """Fill in the outputs; where a cell ends the kernel, begin again without it."""
    without: dict[int, str] = {}
    while True:
        cell = _Place()
        try:
            return _run_once(job, notebook, without, end, cell)
        except KernelEnded as error:
            if cell.number is None or len(without) == RERUNS:
                raise
            without[cell.number] = str(error)


@dataclass
class _Place:
    """The cell that is running."""

    number: int | None = None


def _run_once(
    job: Job, notebook: NotebookNode, without: dict[int, str], end: float, place: _Place
) -> list[str]:
    """Run all cells but some; the remarks."""
    remarks = []
    start = starter(job.files, job.limits, job.imports, sandboxed=job.sandboxed)
    with (
        tempfile.TemporaryDirectory(prefix="g-", ignore_cleanup_errors=True) as folder,
        Kernel(start, Path(folder) / "k", job.limits, end) as kernel,
    ):
        kernel.run(_QUIET)
        for number, cell in enumerate(notebook.cells):
            if cell.cell_type != "code":
                continue
            cell.outputs, cell.execution_count = [], None
            if number in job.idle or not cell.source.strip():
                continue
            name = f"cell {number + 1}" + (f" ({grade_id(cell)})" if grade_id(cell) else "")
            if number in without:
                cell.outputs = [_error("KernelDied", without[number])]
                remarks.append(f"{_at(without[number], name)}; the rest ran without it")
                continue
            place.number = number
            ran = kernel.run(cell.source)
            cell.outputs, cell.execution_count = ran.outputs, number + 1
            if ran.stopped:
                kernel.run(_PAUSE)
                remarks.append(_at(ran.stopped, name))
            if any(map(_no_memory, ran.outputs)):
                remarks.append(f"out of memory: {name}")
            remarks += _odd_score(cell, name)
        place.number = None
        sat = sit(job.exam, kernel) if job.exam else None
        made = canaries(notebook, job.answers)
        remarks += [lie for c in made if (lie := c.lie(kernel.run(c.source).outputs))]
    if job.exam and sat:
        remarks += held_to_data(
            job.exam, notebook, sat, job.files, job.limits, sandboxed=job.sandboxed
        )
    return remarks


def _at(why: str, name: str) -> str:
    """'timed out: ...' as 'timed out: cell 3 (double_test): ...'."""
    kind, _, said = why.partition(": ")
    return f"{kind}: {name}: {said}"


def _no_memory(output: NotebookNode) -> bool:
    said = f"{output.get('ename')}: {output.get('evalue')}"
    return said.startswith("MemoryError") or "can't allocate memory" in said


def _odd_score(cell: NotebookNode, name: str) -> list[str]:
    """Take a value that is no score out of a test cell, where nbgrader would give points for it."""
    own = cell.metadata.get("nbgrader", {})
    shown = [output for output in cell.outputs if output.output_type == "execute_result"]
    if not own.get("grade") or own.get("solution") or not shown:
        return []
    score, most = value(cell.outputs), float(own["points"])
    cell.outputs = [o for o in cell.outputs if o not in shown[:-1]]  # the last one is the cell's
    if score is not None and 0 <= score <= most + 1e-6:
        return []
    cell.outputs = [_error("NoScore", "the value of this test is not a score"), *cell.outputs]
    if score is None:
        return [f"noticed: {name}: its value is not a number, which earns nothing"]
    return [f"{TAMPERED}{name}: {score:g} of {most:g} points"]


def _error(name: str, said: str) -> NotebookNode:
    made: NotebookNode = new_output("error", ename=name, evalue=said, traceback=[f"{name}: {said}"])
    return made
