"""The list of grades: one row per student, and no plain zero where something went wrong."""

import csv
import io
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime

GRADED, NO_HANDIN = "graded", "no hand-in"


@dataclass
class Row:
    """One student's result; `scores` is empty and `raw` None where nothing could be graded."""

    student: str
    status: str
    scores: dict[str, float | None] = field(default_factory=dict)
    raw: float | None = None
    penalty: float = 0.0
    by_hand: list[str] = field(default_factory=list)
    time: datetime | None = None
    due: datetime | None = None
    notes: list[str] = field(default_factory=list)

    @property
    def points(self) -> float | None:
        """What counts: the points so far less the late penalty."""
        return None if self.raw is None else max(0.0, self.raw - self.penalty)


def to_csv(rows: Sequence[Row], max_points: dict[str, float]) -> str:
    """The rows as CSV; a score that is not given yet is an empty field, never 0."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    head = ["student", "status", "points", "max", "before_penalty", "late_penalty"]
    tail = ["to_grade_by_hand", "handed_in", "due", "hours_late", "notes"]
    writer.writerow([*head, *max_points, *tail])
    for row in rows:
        late = 0.0
        if row.time and row.due:
            late = max(0.0, (row.time - row.due).total_seconds() / 3600)
        numbers = [row.points, sum(max_points.values()), row.raw, row.penalty]
        writer.writerow(
            [row.student, row.status, *map(_number, numbers)]
            + [_number(row.scores.get(name)) for name in max_points]
            + [" ".join(row.by_hand), _time(row.time), _time(row.due), _number(late)]
            + ["; ".join(row.notes)]
        )
    return _encodable(text.getvalue())


def to_text(rows: Sequence[Row], max_points: dict[str, float]) -> str:
    """The rows for the terminal: points, status and notes."""
    total = _number(sum(max_points.values()))
    lines = []
    for row in rows:
        points = "-" if row.points is None else f"{_number(row.points)}/{total}"
        late = f" (late: -{_number(row.penalty)})" if row.penalty else ""
        lines.append(f"{row.student:<24} {points:>12}{late}  {row.status}")
        lines += [f"{'':<24} {note}" for note in row.notes]
    return _encodable("\n".join(lines))


def _encodable(text: str) -> str:
    """Names of files need not be Unicode: what is not becomes an escape, such as \\udcff."""
    return text.encode("utf-8", "backslashreplace").decode()


def _number(value: float | None) -> str:
    return "" if value is None else f"{round(value, 4):g}"


def _time(value: datetime | None) -> str:
    return f"{value.astimezone(UTC):%Y-%m-%d %H:%M:%S} UTC" if value else ""
