"""Due dates, late penalties and extensions, as an instructor writes them into grading/due.toml.

    [lab01_rl_nas]
    due = 2026-12-01T23:59:00+01:00
    grace_minutes = 15          # a hand-in this little late costs nothing; default 0
    penalty_per_day = 0.1       # of the points reached, for every day begun; default 0

    [lab01_rl_nas.extensions]   # a later date for one student
    ada = 2026-12-05T23:59:00+01:00

Dates need their offset from UTC. A lab that the file does not name is never late.
"""

import math
import tomllib
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from nbgrader.plugins import LateSubmissionPlugin
from traitlets import Unicode

DAY = 24 * 3600
_KEYS = {"due", "grace_minutes", "penalty_per_day", "extensions"}


@dataclass(frozen=True)
class Deadline:
    """When a lab is due and what lateness costs; dates carry a time zone."""

    due: datetime
    grace_minutes: float = 0.0
    penalty_per_day: float = 0.0
    extensions: dict[str, datetime] = field(default_factory=dict)

    def due_for(self, student: str) -> datetime:
        """The student's own due date."""
        return max(self.due, self.extensions.get(student, self.due))

    def penalty(self, score: float, seconds_late: float) -> float:
        """Points lost: score * min(1, penalty_per_day * days begun), 0 within the grace time."""
        if seconds_late <= 60 * self.grace_minutes:
            return 0.0
        return score * min(1.0, self.penalty_per_day * math.ceil(seconds_late / DAY))


def read_deadlines(path: Path) -> dict[str, Deadline]:
    """The deadlines in the file, by lab; none when there is no file.

    ValueError names the line or the entry that cannot be understood.
    """
    if not path.is_file():
        return {}
    try:
        entries = tomllib.loads(path.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ValueError(f"{path} is not TOML: {error}") from error
    return {lab: _deadline(f"{path}: [{lab}]", entry) for lab, entry in entries.items()}


def _deadline(place: str, entry: Any) -> Deadline:
    if not isinstance(entry, dict) or "due" not in entry:
        raise ValueError(f"{place} needs a line such as due = 2026-12-01T23:59:00+01:00")
    unknown = sorted(set(entry) - _KEYS)
    if unknown:
        raise ValueError(f"{place} has unknown entries {unknown}; expected some of {sorted(_KEYS)}")
    rate, grace = entry.get("penalty_per_day", 0.0), entry.get("grace_minutes", 0.0)
    if type(rate) not in (int, float) or not 0 <= rate <= 1:
        raise ValueError(f"{place} penalty_per_day must be between 0 and 1, got {rate!r}")
    if type(grace) not in (int, float) or grace < 0:
        raise ValueError(f"{place} grace_minutes must not be negative, got {grace!r}")
    later = entry.get("extensions", {})
    if not isinstance(later, dict):
        raise ValueError(f"{place} extensions must be a table student = date, got {later!r}")
    extensions = {student: _date(f"{place} {student}", date) for student, date in later.items()}
    return Deadline(_date(f"{place} due", entry["due"]), float(grace), float(rate), extensions)


def _date(place: str, value: Any) -> datetime:
    if not isinstance(value, datetime) or value.tzinfo is None:
        raise ValueError(
            f"{place} must be a date with time and offset, such as 2026-12-01T23:59:00+01:00, "
            f"got {value}"
        )
    return value.astimezone(UTC)


class DueDates(LateSubmissionPlugin):  # type: ignore[misc]
    """nbgrader's late penalty, taken from the file `path`."""

    path = Unicode(help="the file that holds the deadlines").tag(config=True)

    def late_submission_penalty(
        self, student_id: str, score: float, total_seconds_late: float
    ) -> float:
        """Points that the hand-in loses; nbgrader has counted the seconds from the due date."""
        deadline = read_deadlines(Path(self.path)).get(self.parent.assignment_id)
        return deadline.penalty(score, total_seconds_late) if deadline else 0.0
