"""Exam mode: what every hand-in is asked once more at its end, so that data carry its points.

Each answer is asked on variants that follow from `hidden_variant`, and what it gives is handed over
as text (`course_lib.checks.exam`). `course_lib.teach.grade.exam_rule` says what comes of it.
"""

import ast
import hashlib
from collections.abc import Iterator
from dataclasses import dataclass

from nbformat import NotebookNode

from course_lib.checks.exam import exercises
from course_lib.teach.build.sources import grade_id
from course_lib.teach.grade.canaries import is_role
from course_lib.teach.grade.kernel import Kernel

VARIANTS = 2


@dataclass(frozen=True)
class Question:
    """An exercise that is asked: the test's cell, its points, and the name of the answer."""

    cell: str
    points: float
    exercise: str
    answer: str


@dataclass(frozen=True)
class Exam:
    """What every hand-in of a lab is asked, and what its solution handed over; plain data.

    taped: which laws the solution's tapes keep, None where that is still to be tried.
    """

    lab: str
    questions: tuple[Question, ...]
    variants: tuple[int, ...]
    solution: tuple[str, ...] = ()
    taped: tuple[tuple[str, int, str], ...] | None = None


def exam_of(lab: str, notebook: NotebookNode, hidden_variant: int) -> Exam:
    """The exam of a lab; notebook: the instructor's.

    ValueError: none of its tests calls a check that hands over data.
    """
    known = exercises(lab)
    questions = tuple(
        Question(str(grade_id(cell)), float(cell.metadata.nbgrader.points), name, answer)
        for cell in notebook.cells
        if is_role(cell, "grade") and not is_role(cell, "solution")
        for name, answer in _asked(cell.source)
        if name in known
    )
    if not questions:
        raise ValueError(
            f"{lab}: exam = true, but no test asks a check of course_lib.checks.{lab}; leave "
            "the line out of grading/labs.toml"
        )
    return Exam(lab, questions, _variants(lab, hidden_variant))


def _variants(lab: str, hidden_variant: int) -> tuple[int, ...]:
    """Numbers that only the knowledge of the hidden variant gives."""
    digests = (
        hashlib.sha256(f"{lab} {hidden_variant} {n}".encode()).digest() for n in range(VARIANTS)
    )
    return tuple(1000 + int.from_bytes(digest[:8]) % 999_000 for digest in digests)


def _asked(source: str) -> Iterator[tuple[str, str]]:
    """Of every call like `check.decode(decode, ...)` the names of check and answer."""
    for node in ast.walk(ast.parse(source)):
        match node:
            case ast.Call(func=ast.Attribute(attr=name), args=[ast.Name(id=answer), *_]):
                yield name, answer


def sit(exam: Exam, kernel: Kernel) -> list[str]:
    """What a kernel hands over, as the texts that it showed."""
    shown = []
    for question in exam.questions:
        for variant in exam.variants:
            source = (
                "__import__('course_lib.checks.exam', fromlist=['_']).hand_over("
                f"{exam.lab!r}, {question.exercise!r}, {question.answer}, {variant})"
            )
            outputs = kernel.run(source).outputs
            shown += [o.data.get("text/plain", "") for o in outputs if "data" in o]
    return [text for text in shown if isinstance(text, str)]
