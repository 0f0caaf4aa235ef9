"""From a graded hand-in to its row in the list of grades."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from course_lib.teach.grade.collect import Collected
from course_lib.teach.grade.report import Row
from course_lib.teach.grade.roster import Roster
from course_lib.teach.grade.scores import Scores
from course_lib.teach.grade.status import status_of


def result(
    handin: Collected,
    problem: str,
    due: datetime | None,
    scores: Scores | None = None,
    remarks: Sequence[str] = (),
) -> Row:
    """The row of a hand-in.

    problem: why it has no scores, '' if it has. remarks: what its execution showed.
    """
    scores = scores or Scores()
    unanswered = [f"not answered: {name}" for name in scores.unanswered]
    notes = [*handin.notes, *unanswered, *remarks]
    status, details = status_of(problem, notes, scores.by_hand)
    if problem:
        return Row(handin.student, status, details, time=handin.time, due=due, notes=notes)
    return Row(
        handin.student,
        status,
        details,
        scores=scores.exercises,
        raw=scores.raw,
        penalty=scores.penalty,
        by_hand=scores.by_hand,
        time=handin.time,
        due=due,
        notes=notes,
    )


def named(rows: Sequence[Row], roster: Roster | None) -> list[Row]:
    """The rows with names and sections; who stands in no roster has a note that says so."""
    if roster is None:
        return list(rows)
    return [_named(row, roster) for row in rows]


def _named(row: Row, roster: Roster) -> Row:
    member = roster.get(row.student)
    if member is None:
        return replace(row, notes=[*row.notes, "noticed: not in grading/roster.csv"])
    return replace(row, name=member.name, section=member.section)
