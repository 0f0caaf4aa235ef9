"""Exams: answers are handed over as data, and the laws are tried on them in another process.

In the student's kernel `hand_over` asks the laws, and the exercise's probe, on variants that nobody
knew before, and shows tapes of what was answered as text. `course_lib.checks.judge` reads them.
"""

import contextlib
import io
import json
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from importlib import import_module
from typing import Any

from course_lib.checks.as_data import NoData, to_text
from course_lib.checks.engine import Exercise
from course_lib.checks.refuse import library_refused
from course_lib.checks.result import Outcome
from course_lib.checks.tape import Recorder

MOST = 1_000_000
"""Characters for one law on one variant; the solution's own tape may fill half of it."""
PROBE = ""
"""The name under which a probe's telling is handed over, beside those of the laws."""


@dataclass(frozen=True)
class Handed:
    """What one kernel handed over about one law on one variant.

    holds: what the kernel itself said about the law. text: the tape, or what the probe was told.
    """

    exercise: str
    variant: int
    law: str
    holds: bool
    text: str


def exercises(lab: str) -> dict[str, Exercise]:
    """The exercises of a lab that hand over data, by name; none, if it has no checks of its own."""
    try:
        checks = import_module(f"course_lib.checks.{lab}")
    except ModuleNotFoundError:
        return {}
    return {name: one for name, one in vars(checks).items() if isinstance(one, Exercise)}


def hand_over(lab: str, name: str, answer: Callable[..., Any], variant: int) -> None:
    """Show what an answer gives, as text, one output for each law and one for the probe."""
    from IPython.display import display

    for one in handed_over(exercises(lab)[name], answer, variant):
        display({"text/plain": json.dumps(asdict(one))}, raw=True)  # type: ignore[no-untyped-call]


def handed_over(exercise: Exercise, answer: Callable[..., Any], variant: int) -> Iterator[Handed]:
    """The tapes of all laws, and what the probe was told."""
    for law in exercise.laws:
        recorder = Recorder(answer)
        with contextlib.redirect_stdout(io.StringIO()):
            (finding,) = exercise(recorder, [(law, variant)]).findings
        holds = finding.outcome is Outcome.PASSED
        yield Handed(exercise.name, variant, law, holds, _text(recorder.calls))
    told = None
    with (
        library_refused(*exercise.library),
        contextlib.redirect_stdout(io.StringIO()),
        contextlib.suppress(Exception),
    ):
        told = exercise.told(answer, variant)
    yield Handed(exercise.name, variant, PROBE, told is not None, _text(told))


def _text(value: Any) -> str:
    """The value as text, "" where it cannot be handed over."""
    try:
        return to_text(value, most=MOST)
    except NoData:
        return ""
