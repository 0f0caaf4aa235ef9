"""What an instructor decides about a lab and students do not see: grading/labs.toml.

    [lab01_rl_nas]
    due = 2026-12-01T23:59:00+01:00
    grace_minutes = 15          # a hand-in this little late costs nothing; default 0
    penalty_per_day = 0.1       # of the points reached, for every day begun; default 0
    hidden_variant = 71933      # the hidden tests of this course use this number; see below

    [lab01_rl_nas.extensions]   # a later date for one student
    ada = 2026-12-05T23:59:00+01:00

Every entry may be left out. Dates need their offset from UTC; a lab without `due` is never late.

`hidden_variant` makes the hidden tests private although the labs' sources are public: a lab takes
its sizes, seeds and constants from a variant number, its hidden tests are written with
PUBLIC_VARIANT, and grading puts this number in its place. The visible cases of a student follow
from the name or number that the student enters in the lab's first cells.
"""

import math
import tomllib
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

PUBLIC_VARIANT = 4242
"""The number with which hidden tests are written in the sources."""

DAY = 24 * 3600
_KEYS = {"due", "grace_minutes", "penalty_per_day", "hidden_variant", "extensions"}


@dataclass(frozen=True)
class LabSettings:
    """Decisions about one lab; dates are in UTC."""

    due: datetime | None = None
    grace_minutes: float = 0.0
    penalty_per_day: float = 0.0
    hidden_variant: int = PUBLIC_VARIANT
    extensions: dict[str, datetime] = field(default_factory=dict)

    def due_for(self, student: str) -> datetime | None:
        """The student's own due date, None if there is none."""
        return self.due and max(self.due, self.extensions.get(student, self.due))

    def penalty(self, score: float, seconds_late: float) -> float:
        """Points lost: score * min(1, penalty_per_day * days begun), 0 within the grace time."""
        if seconds_late <= 60 * self.grace_minutes:
            return 0.0
        return score * min(1.0, self.penalty_per_day * math.ceil(seconds_late / DAY))


def read_settings(path: Path) -> dict[str, LabSettings]:
    """The settings in the file, by lab; none when there is no file.

    ValueError names the line or the entry that cannot be understood.
    """
    if not path.is_file():
        return {}
    try:
        entries = tomllib.loads(path.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ValueError(f"{path} is not TOML: {error}") from error
    return {lab: _lab_settings(f"{path}: [{lab}]", entry) for lab, entry in entries.items()}


def _lab_settings(place: str, entry: Any) -> LabSettings:
    if not isinstance(entry, dict):
        raise ValueError(f"{place} must be a table with a line such as penalty_per_day = 0.1")
    unknown = sorted(set(entry) - _KEYS)
    if unknown:
        raise ValueError(f"{place} has unknown entries {unknown}; expected some of {sorted(_KEYS)}")
    later = entry.get("extensions", {})
    if not isinstance(later, dict):
        raise ValueError(f"{place} extensions must be a table student = date, got {later!r}")
    if later and "due" not in entry:
        raise ValueError(f"{place} has extensions but no due date")
    variant = entry.get("hidden_variant", PUBLIC_VARIANT)
    if type(variant) is not int or not 0 < variant < 10**9:
        raise ValueError(f"{place} hidden_variant must be an integer from 1 to 999999999")
    return LabSettings(
        _date(f"{place} due", entry["due"]) if "due" in entry else None,
        _number(f"{place} grace_minutes", entry.get("grace_minutes", 0.0), math.inf),
        _number(f"{place} penalty_per_day", entry.get("penalty_per_day", 0.0), 1.0),
        variant,
        {student: _date(f"{place} {student}", date) for student, date in later.items()},
    )


def _number(place: str, value: Any, largest: float) -> float:
    if type(value) not in (int, float) or not 0 <= value <= largest:
        raise ValueError(f"{place} must be a number from 0 to {largest:g}, got {value!r}")
    return float(value)


def _date(place: str, value: Any) -> datetime:
    if not isinstance(value, datetime) or value.tzinfo is None:
        raise ValueError(
            f"{place} must be a date with time and offset, such as 2026-12-01T23:59:00+01:00, "
            f"got {value}"
        )
    return value.astimezone(UTC)
