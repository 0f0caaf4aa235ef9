"""The rule of exam mode: no kernel that ran a student's code is believed; data carry the points.

What a hand-in's kernel handed over as text is read in a second kernel, in a cage of its own and
without the student's code, where the laws are tried on it (`course_lib.checks.judge`). Then, for
every exercise:

- It earns at most the share of its cases that its data carry, and never more than its test gave. No
  data carry nothing. A challenge earns what the file that was handed in is worth.
- Where the kernel said that a law holds and the data break it, the hand-in is tampered: it earns
  nothing and waits for a person.
"""

import json
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

from nbformat import NotebookNode
from nbformat.v4 import new_output

from course_lib.checks.exam import PROBE
from course_lib.teach.build.sources import grade_id
from course_lib.teach.grade.canaries import TAMPERED, defined, is_role, value
from course_lib.teach.grade.exam import Exam, Question, Sat, sit
from course_lib.teach.grade.kernel import Kernel, KernelEnded
from course_lib.teach.grade.limits import Limits
from course_lib.teach.grade.sandbox import starter
from course_lib.teach.idle import idle_cells

DATA, INSIDE = "data", "inside"
_FILE = "exam.json"
_JUDGE = f"""
from pathlib import Path
from course_lib.checks.judge import judged_file
print(judged_file(Path({_FILE!r})))
"""


def with_solution(
    exam: Exam,
    notebook: NotebookNode,
    files: Mapping[str, bytes],
    limits: Limits,
    *,
    sandboxed: bool,
) -> tuple[Exam, list[str]]:
    """The exam with what the solution hands over, and how each exercise is judged, in words.

    notebook: the instructor's. ValueError: the solution's own data do not carry all points.
    """
    with _kernel(files, limits, sandboxed=sandboxed) as kernel:
        for cell in _needed(exam, notebook):
            kernel.run(cell.source)
        sat = sit(exam, kernel)
    trial = replace(exam, solution=sat.shown, files=())
    told = _judged(trial, sat, {}, limits, sandboxed=sandboxed)
    verdicts = told["verdicts"]
    short = [name for name, verdict in verdicts.items() if verdict["share"] < 1]
    if short:
        raise ValueError(f"{exam.lab}: exam: the solution hands over no good data of {short}")
    taped = tuple((name, variant, law) for name, variant, law in told["taped"])
    probes = tuple(text for text in sat.shown if json.loads(text)["law"] == PROBE)
    ways = _ways(exam, notebook, verdicts)
    exam = replace(exam, solution=probes, taped=taped, ways=ways)
    return exam, [_counts(name, verdicts[name]) for name in verdicts]


def _ways(
    exam: Exam, notebook: NotebookNode, verdicts: Mapping[str, Mapping[str, Any]]
) -> dict[str, str]:
    """By what each test of the lab is judged: data, or what is said inside of its kernel."""
    tests = [c for c in notebook.cells if is_role(c, "grade") and not is_role(c, "solution")]
    ways = {str(grade_id(cell)): INSIDE for cell in tests}
    for question in exam.questions:
        verdict = verdicts[question.exercise]
        believed = verdict["believed"]
        cases = verdict["taped"] + verdict["told"] + believed
        mixed = f"{DATA}, {believed} of {cases} cases {INSIDE}"
        ways[question.cell] = DATA if not believed else INSIDE if believed == cases else mixed
    return ways | {test.cell: DATA for test in exam.files}


def _counts(exercise: str, verdict: Mapping[str, Any]) -> str:
    ways = {
        "by its laws": verdict["taped"],
        "by what the solution tells": verdict["told"],
        "in its own kernel only": verdict["believed"],
    }
    return f"{exercise}: " + ", ".join(f"{n} cases {way}" for way, n in ways.items() if n)


def _needed(exam: Exam, notebook: NotebookNode) -> Iterator[NotebookNode]:
    """The cells of the solution on which its answers rest."""
    answers = {question.answer for question in exam.questions}
    kept = [
        cell
        for cell in notebook.cells
        if cell.cell_type == "code"
        and not is_role(cell, "grade")
        and (not is_role(cell, "solution") or answers & defined(cell))
    ]
    rest = NotebookNode(cells=kept)
    idle = idle_cells(rest, notebook)
    yield from (cell for number, cell in enumerate(kept) if number not in idle)


def held_to_data(
    exam: Exam,
    notebook: NotebookNode,
    sat: Sat,
    files: Mapping[str, bytes],
    limits: Limits,
    *,
    sandboxed: bool,
) -> list[str]:
    """Leave no test of an executed notebook more points than its data carry; the remarks."""
    try:
        judged = _judged(exam, sat, files, limits, sandboxed=sandboxed)
    except (KernelEnded, TimeoutError, ValueError) as error:
        raise RuntimeError(f"what was handed over could not be judged: {error}") from error
    cells = {grade_id(cell): cell for cell in notebook.cells}
    remarks = []
    for question in exam.questions:
        if question.cell in cells:
            remarks += _held(cells[question.cell], question, judged["verdicts"][question.exercise])
    for name, score in judged["files"].items():
        if name in cells:
            remarks += _at_most(cells[name], name, score, "the file that was handed in carries")
    return remarks


def _held(cell: NotebookNode, question: Question, verdict: Mapping[str, Any]) -> list[str]:
    made = f" ({', '.join(verdict['mistakes'])})" if verdict["mistakes"] else ""
    if verdict["lies"]:
        laws = ", ".join(verdict["lies"])
        return [f"{TAMPERED}{question.cell}: the data break what the kernel says: {laws}{made}"]
    carried = round(question.points * verdict["share"], 2)
    return _at_most(cell, question.cell, carried, "the data carry", made)


def _at_most(cell: NotebookNode, name: str, carried: float, what: str, made: str = "") -> list[str]:
    """Lower a test's score to what is carried; the remark, if there was more."""
    claimed = value(cell.outputs) or 0.0
    if claimed <= carried + 0.01:
        return []
    shown = {"text/plain": f"{carried}"}
    count = cell.execution_count
    cell.outputs = [new_output("execute_result", shown, execution_count=count)]
    return [f"noticed: {name}: {what} {carried:g} of {claimed:g} points{made}"]


@contextmanager
def _kernel(files: Mapping[str, bytes], limits: Limits, *, sandboxed: bool) -> Iterator[Kernel]:
    """A kernel of its own, with the limits of a hand-in."""
    start, end = starter(files, limits, sandboxed=sandboxed), time.monotonic() + limits.notebook
    with (
        tempfile.TemporaryDirectory(prefix="g-", ignore_cleanup_errors=True) as folder,
        Kernel(start, Path(folder) / "k", limits, end) as kernel,
    ):
        yield kernel


def _judged(
    exam: Exam, sat: Sat, files: Mapping[str, bytes], limits: Limits, *, sandboxed: bool
) -> dict[str, Any]:
    """The judge's words, from a kernel that runs nothing but the judge: `judged_file`'s entries,
    and "files", the scores of the tests that judge files."""
    asked = {
        "lab": exam.lab,
        "names": [question.exercise for question in exam.questions],
        "handed": sat.shown,
        "solution": exam.solution,
        "taped": exam.taped,
    }
    wanted = {name for test in exam.files for name in test.names}
    given = {name: content for name, content in files.items() if name in wanted}
    given[_FILE] = json.dumps(asked).encode()
    with _kernel(given, limits, sandboxed=sandboxed) as kernel:
        outputs = kernel.run(_JUDGE).outputs
        start = f"from course_lib.checks import {exam.lab} as check\nvariant = {sat.variant}\n"
        scores = {
            test.cell: value(kernel.run(start + test.source).outputs) or 0.0 for test in exam.files
        }
    if failed := [o for o in outputs if o.output_type == "error"]:
        raise ValueError(f"{failed[-1].ename}: {failed[-1].evalue}")
    said = "".join(o.text for o in outputs if o.output_type == "stream" and o.name == "stdout")
    return {**json.loads(said), "files": scores}
