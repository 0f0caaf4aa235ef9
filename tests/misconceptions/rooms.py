"""The rooms of an exercise: its checks, and the answers that its checks are tried on.

course_lib/checks/LAB/EXERCISE.py has laws, mistakes and hints;
tests/misconceptions/LAB/EXERCISE.py has the answers:

WRONG: (answer, words that the check must answer); RIGHT: answers written differently.
POINTLESS: answers that suit an easy law and must earn nothing.
PARTICULAR: words of a wrong answer -> the laws that it breaks, and no other.
EQUIVALENT: slips in the solution that no law can tell from it, each with the reason.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import Any

from course_lib.checks.engine import Exercise
from course_lib.checks.result import Result

ROOT = Path(__file__).resolve().parents[2]
POINTS = 16
VARIANTS = (1, 2)

Answer = Callable[..., Any]


@dataclass(frozen=True)
class Answers:
    """What tests/misconceptions/LAB/EXERCISE.py holds."""

    wrong: Sequence[tuple[Answer, str]]
    right: Sequence[Answer]
    pointless: Sequence[Answer]
    particular: Mapping[str, set[str]]
    equivalent: Mapping[str, str]


@cache
def labs() -> dict[str, tuple[Exercise, ...]]:
    """The exercises of every lab, in the lab's order."""
    names = sorted(path.parent.name for path in ROOT.glob("course_lib/checks/lab??_*/__init__.py"))
    return {name: import_module(f"course_lib.checks.{name}").EXERCISES for name in names}


def exercises() -> list[Exercise]:
    """All exercises of all labs."""
    return [exercise for several in labs().values() for exercise in several]


@cache
def answers_to(exercise: Exercise) -> Answers:
    """The answers of an exercise's room."""
    room = import_module(f"tests.misconceptions.{exercise.lab}.{exercise.name}")
    return Answers(
        room.WRONG,
        room.RIGHT,
        getattr(room, "POINTLESS", ()),
        getattr(room, "PARTICULAR", {}),
        getattr(room, "EQUIVALENT", {}),
    )


def judged(exercise: Exercise, answer: Any, variants: Sequence[int]) -> Result:
    """The check of an answer, every law on every variant."""
    cases = [(law, variant) for law in exercise.laws for variant in variants]
    return exercise(answer, cases, points=POINTS)
