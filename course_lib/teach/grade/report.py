"""The list of grades: one row per student, and no plain zero where something went wrong.

`points` is empty as long as something waits for a person; `before_penalty` holds what was given so
far and `late_penalty` what being late takes of it.
"""

import csv
import io
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime

from course_lib.teach.grade.status import Status


@dataclass
class Row:
    """One student's result; `scores` is empty and `raw` None where nothing could be graded.

    details: what else is to be said about the status, for example which answers wait. ways: how an
    exam judged each test: by data, or by what was said inside of the kernel.
    """

    student: str
    status: Status
    details: str = ""
    name: str = ""
    section: str = ""
    scores: dict[str, float | None] = field(default_factory=dict)
    raw: float | None = None
    penalty: float = 0.0
    by_hand: list[str] = field(default_factory=list)
    time: datetime | None = None
    due: datetime | None = None
    notes: list[str] = field(default_factory=list)
    ways: dict[str, str] = field(default_factory=dict)

    @property
    def points(self) -> float | None:
        """What counts, less the late penalty; None where something is missing."""
        return None if self.by_hand else self.so_far

    @property
    def so_far(self) -> float | None:
        """The points given so far less the late penalty."""
        return None if self.raw is None else max(0.0, self.raw - self.penalty)

    @property
    def said(self) -> str:
        """The status with its details."""
        return f"{self.status}: {self.details}" if self.details else str(self.status)


def to_csv(rows: Sequence[Row], max_points: dict[str, float]) -> str:
    """The rows as CSV; a score that is not given yet is an empty field, never 0."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    head = ["student", "name", "section", "status"]
    head += ["points", "max", "before_penalty", "late_penalty"]
    tail = ["to_grade_by_hand", "handed_in", "due", "hours_late", "notes"]
    exam = ["exam"] if any(row.ways for row in rows) else []
    writer.writerow([*head, *max_points, *tail, *exam])
    for row in rows:
        numbers = [row.points, sum(max_points.values()), row.raw, row.penalty]
        writer.writerow(
            [row.student, row.name, row.section, row.said, *map(number, numbers)]
            + [number(row.scores.get(name)) for name in max_points]
            + [" ".join(row.by_hand), _time(row.time), _time(row.due), number(hours_late(row))]
            + ["; ".join(row.notes)]
            + ["; ".join(f"{name}: {way}" for name, way in sorted(row.ways.items())) for _ in exam]
        )
    return encodable(text.getvalue())


def to_text(rows: Sequence[Row], max_points: dict[str, float]) -> str:
    """The rows for the terminal: points, status and notes."""
    total = number(sum(max_points.values()))
    labels = [f"{row.student} {row.name}".strip() for row in rows]
    width = max(map(len, labels), default=0)
    lines = []
    for label, row in zip(labels, rows, strict=True):
        points = "-" if row.so_far is None else f"{points_so_far(row)}/{total}"
        late = f" (late: -{number(row.penalty)})" if row.penalty else ""
        lines.append(f"{label:<{width}} {points:>12}{late}  {row.said}")
        lines += [f"{'':<{width}} {note}" for note in row.notes]
    return encodable("\n".join(lines))


def points_so_far(row: Row) -> str:
    """'7.5', '5.5+?' where something waits, '-' where there is nothing."""
    if row.so_far is None:
        return "-"
    return f"{number(row.so_far)}{'+?' if row.by_hand else ''}"


def hours_late(row: Row) -> float:
    """Hours from the student's due date to the hand-in; 0 in time."""
    if row.time is None or row.due is None:
        return 0.0
    return max(0.0, (row.time - row.due).total_seconds() / 3600)


def encodable(text: str) -> str:
    """Names of files need not be Unicode: what is not becomes an escape, such as \\udcff."""
    return text.encode("utf-8", "backslashreplace").decode()


def number(value: float | None) -> str:
    """A number as it is printed, '' for none."""
    return "" if value is None else f"{round(value, 4):g}"


def _time(value: datetime | None) -> str:
    return f"{value.astimezone(UTC):%Y-%m-%d %H:%M:%S} UTC" if value else ""
