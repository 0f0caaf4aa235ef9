"""Exam mode: what every hand-in is asked once more at its end, so that data carry its points.

Each answer is asked on variants that follow from `hidden_variant`, and what it gives is handed over
as text (`course_lib.checks.exam`). A challenge's file is data already. What comes of both says
`course_lib.teach.grade.exam_rule`.
"""

import ast
import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from nbformat import NotebookNode

from course_lib.checks.exam import exercises
from course_lib.teach.build.sources import grade_id
from course_lib.teach.cells import artefacts
from course_lib.teach.grade.canaries import is_role, value
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
class FileTest:
    """A test that judges files: its cell, its points, what it runs, and the files' names."""

    cell: str
    points: float
    source: str
    names: tuple[str, ...]


@dataclass(frozen=True)
class Exam:
    """What every hand-in of a lab is asked, and what its solution handed over; plain data.

    taped: which laws the solution's tapes keep, None where that is still to be tried. ways: how
    each test is judged, in words.
    """

    lab: str
    questions: tuple[Question, ...]
    files: tuple[FileTest, ...]
    variants: tuple[int, ...]
    solution: tuple[str, ...] = ()
    taped: tuple[tuple[str, int, str], ...] | None = None
    ways: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Sat:
    """What a kernel handed over: the texts that it showed, and the student's variant."""

    shown: tuple[str, ...] = ()
    variant: int = 0


def exam_of(lab: str, notebook: NotebookNode, hidden_variant: int) -> Exam:
    """The exam of a lab; notebook: the instructor's.

    ValueError: none of its tests calls a check that hands over data.
    """
    known = exercises(lab)
    tests = [
        (cell, (str(grade_id(cell)), float(cell.metadata.nbgrader.points)))
        for cell in notebook.cells
        if is_role(cell, "grade") and not is_role(cell, "solution")
    ]
    questions = tuple(
        Question(*whose, name, answer)
        for cell, whose in tests
        for name, answer in _asked(cell.source)
        if name in known
    )
    files = tuple(
        FileTest(*whose, cell.source, tuple(names))
        for cell, whose in tests
        if (names := artefacts({"cells": [cell]}))
    )
    if not questions:
        raise ValueError(
            f"{lab}: exam = true, but no test asks a check of course_lib.checks.{lab}; leave "
            "the line out of grading/labs.toml"
        )
    return Exam(lab, questions, files, _variants(lab, hidden_variant))


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


def sit(exam: Exam, kernel: Kernel) -> Sat:
    """Ask a kernel in which the answers are."""
    shown = []
    for question in exam.questions:
        for variant in exam.variants:
            source = (
                "__import__('course_lib.checks.exam', fromlist=['_']).hand_over("
                f"{exam.lab!r}, {question.exercise!r}, {question.answer}, {variant})"
            )
            outputs = kernel.run(source).outputs
            shown += [o.data.get("text/plain", "") for o in outputs if "data" in o]
    texts = tuple(text for text in shown if isinstance(text, str))
    own = value(kernel.run("variant").outputs) or 0.0
    return Sat(texts, int(own) if abs(own) < 10**9 else 0)
