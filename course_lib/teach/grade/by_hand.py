"""Grades that a person gave, when a hand-in is run again.

nbgrader then makes each of them wait, whatever has changed.
"""

from collections.abc import Iterable, Mapping
from typing import Any


def kept(grades: Iterable[Any], before: Mapping[str, str], now: Mapping[str, str]) -> list[str]:
    """Settle the grades given by hand of a hand-in that was run again; what is to be said of them.

    The grade of an answer stays while its text is the same and is emptied when it differs. Points
    that a person gave in place of a test's stay.

    grades: the gradebook's. before, now: hashes of the answers that a person grades, by name; an
    answer that is missing in `before` counts as changed.
    """
    said = []
    for grade in grades:
        if grade.manual_score is None:
            continue
        if grade.name not in now or before.get(grade.name) == now[grade.name]:
            grade.needs_manual_grade = False
        else:
            said.append(
                f"noticed: {grade.name} has changed since {grade.manual_score:g} points were given"
            )
            grade.manual_score = None
            grade.needs_manual_grade = grade.auto_score is None
    return said


def overridden(grades: Iterable[Any], answers: Iterable[str]) -> list[str]:
    """A line for each test whose points a person has set.

    answers: the names of the answers that a person grades anyway.
    """
    known = set(answers)
    return [
        f"noticed: {grade.name}: {grade.manual_score:g} points were set by hand"
        for grade in grades
        if grade.manual_score is not None and grade.name not in known
    ]
