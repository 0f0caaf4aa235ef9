"""What the gradebook says about a hand-in's points."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any


@dataclass
class Scores:
    """What the gradebook says about one hand-in; None is a score that is still to be given."""

    exercises: dict[str, float | None] = field(default_factory=dict)
    by_hand: list[str] = field(default_factory=list)
    unanswered: list[str] = field(default_factory=list)
    penalty: float = 0.0

    @property
    def raw(self) -> float:
        """The points given so far, before the penalty."""
        return sum(points for points in self.exercises.values() if points is not None)


def scores_of(submission: Any) -> Scores:
    """The scores of a graded hand-in, from nbgrader's submission."""
    scores = Scores(penalty=float(submission.late_submission_penalty))
    notebook = submission.notebooks[0]
    silent = {c.name for c in notebook.comments if c.auto_comment == "No response."}
    for grade in notebook.grades:
        if grade.name in silent:
            scores.unanswered.append(grade.name)
        scores.exercises[grade.name] = None if waits(grade) else float(grade.score)
        if grade.needs_manual_grade:
            scores.by_hand.append(grade.name)
    return scores


def waits(grade: Any) -> bool:
    """Whether a grade of the gradebook is still to be given by a person."""
    return bool(grade.needs_manual_grade and grade.manual_score is None)


def entered(grades: Iterable[Any]) -> dict[str, float | None]:
    """What the tests gave, by cell, whatever a person gave."""
    return {grade.name: grade.auto_score for grade in grades}


def naive(time: datetime | None) -> datetime | None:
    """A time as nbgrader keeps it: UTC, and says so nowhere."""
    return time.astimezone(UTC).replace(tzinfo=None) if time else None
