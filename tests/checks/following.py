"""A small exercise that the engine is tried on: after n comes n + 1."""

from typing import Any

from course_lib.checks.ask import Ask
from course_lib.checks.engine import Exercise
from course_lib.checks.result import Result
from course_lib.checks.values import number
from course_lib.checks.wrong import Misconception, Wrong

DOUBLED = Misconception("twice as much", "Once is enough.", where="Another section")


def is_next(ask: Ask, variant: int) -> None:
    found = number(ask(variant), "the answer")
    if found != variant + 1:
        mistake = DOUBLED if found == 2 * (variant + 1) else None
        raise Wrong(f"after {variant} comes {variant + 1}, not {found:g}", mistake)


def is_number(ask: Ask, variant: int) -> None:
    number(ask(variant), "the answer")


EXERCISE = Exercise(
    lab="lab99_test",
    name="following",
    section="Counting",
    library=("course_lib.nas.controller:reinforce_loss",),
    laws={"a number": is_number, "the next one": is_next},
    hints=("first hint", "second hint"),
    seconds=0.5,
)


CASES = [("a number", 1), ("the next one", 1), ("the next one", 4), ("the next one", 9)]


def judged(answer: Any, points: float = 16) -> Result:
    return EXERCISE(answer, CASES, points=points)
