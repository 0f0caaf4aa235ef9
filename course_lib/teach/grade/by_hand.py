"""Grades that a person gave, when a hand-in is run again.

nbgrader then makes each of them wait, whatever has changed. Here the points of an answer stay while
its text is the same and are taken back when it differs; points in place of a test's stay.
"""

from collections.abc import Collection, Iterable, Mapping
from typing import Any


def empty_changed(
    grades: Iterable[Any], before: Mapping[str, str], now: Mapping[str, str]
) -> list[str]:
    """Take back the points of answers whose text differs, before they are run; a line for each.

    grades: the gradebook's. before, now: hashes of the answers that a person grades, by name; one
    that is missing in `before` counts as changed.
    """
    said = []
    for grade in grades:
        new = grade.name in now and before.get(grade.name) != now[grade.name]
        if grade.manual_score is not None and new:
            said.append(
                f"noticed: {grade.name} is another text than the one given {grade.manual_score:g} "
                "points"
            )
            grade.manual_score, grade.needs_manual_grade = None, True
    return said


def settle(grades: Iterable[Any]) -> None:
    """After a run: what has points from a person does not wait for one again."""
    for grade in grades:
        if grade.manual_score is not None:
            grade.needs_manual_grade = False


def overridden(grades: Iterable[Any], answers: Collection[str]) -> list[str]:
    """A line for each test whose points a person has set.

    answers: the names of the answers that a person grades anyway.
    """
    return [
        f"noticed: {grade.name}: {grade.manual_score:g} points were set by hand"
        for grade in grades
        if grade.manual_score is not None and grade.name not in answers
    ]
