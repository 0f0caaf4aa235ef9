"""What an instructor decides about a lab and students do not see: grading/labs.toml.

    time_zone = "Europe/Berlin"

    [lab01_rl_nas]
    due = 2026-12-01T23:59:00
    grace_minutes = 15          # a hand-in this little late costs nothing; default 0
    penalty_per_day = 0.1       # of the points reached, for every day begun; default 0
    hidden_variant = 71933      # the hidden tests of this course use this number; see below
    exam = true                 # answers are judged as data, outside of their kernel; see below

    [lab01_rl_nas.extensions]   # a later date for one student
    ada = 2026-12-05T23:59:00

Every entry may be left out; a lab without `due` is never late. The time zone, which a lab may also
have of its own, says how dates without an offset are meant, and days late are counted by its
calendar: a day over a change of the clock is one day. Without a time zone each date needs its
offset from UTC, as in 2026-12-01T23:59:00+01:00, and days are counted so that a change of the clock
costs nobody a day.

`hidden_variant` makes the hidden tests private although the labs' sources are public: a lab takes
its sizes, seeds and constants from a variant number, its hidden tests are written with
PUBLIC_VARIANT, and grading puts this number in its place. The visible cases of a student follow
from the name or number that the student enters in the lab's first cells.

`exam` believes no kernel that ran a student's code: `course_lib.teach.grade.exam_rule` says how. It
asks about variants that follow from hidden_variant, which must be one of your own.
"""

import math
import tomllib
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta, tzinfo
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo, available_timezones

from course_lib.teach.grade.days import days_begun
from course_lib.teach.grade.near import near

PUBLIC_VARIANT = 4242
"""The number with which hidden tests are written in the sources."""

_ZONE = "time_zone"
_KEYS = {"due", "grace_minutes", "penalty_per_day", "hidden_variant", "exam", "extensions", _ZONE}


@dataclass(frozen=True)
class LabSettings:
    """Decisions about one lab; dates are in UTC.

    zone: by whose calendar days late are counted: a named zone or the due date's offset.
    exam: whether points need data that carry them.
    """

    due: datetime | None = None
    grace_minutes: float = 0.0
    penalty_per_day: float = 0.0
    hidden_variant: int = PUBLIC_VARIANT
    extensions: Mapping[str, datetime] = field(default_factory=dict)
    zone: tzinfo = UTC
    exam: bool = False

    def due_for(self, student: str) -> datetime | None:
        """The student's own due date, None if there is none."""
        return self.due and max(self.due, self.extensions.get(student, self.due))

    def penalty(self, student: str, score: float, seconds_late: float) -> float:
        """Points lost: score * min(1, penalty_per_day * days begun), 0 within the grace time."""
        due = self.due_for(student)
        if due is None or seconds_late <= 60 * self.grace_minutes:
            return 0.0
        days = days_begun(due, due + timedelta(seconds=seconds_late), self.zone)
        return score * min(1.0, self.penalty_per_day * days)


def read_settings(path: Path, labs: Collection[str]) -> dict[str, LabSettings]:
    """The settings in the file, by lab; none when there is no file.

    labs: the labs that there are. ValueError names the line or the entry that cannot be understood.
    """
    if not path.is_file():
        return {}
    try:
        entries = tomllib.loads(path.read_text(encoding="utf-8-sig"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ValueError(f"{path} is not TOML: {error}") from error
    zone = entries.pop(_ZONE, None)
    for lab, entry in entries.items():
        if not isinstance(entry, dict):
            raise ValueError(
                f"{path}: [{lab}] must be a table with a line such as penalty_per_day = 0.1"
                + near(lab, [_ZONE])
            )
        if lab not in labs:
            raise ValueError(
                f"{path}: there is no lab [{lab}]{near(lab, labs)}; "
                f"expected some of {', '.join(sorted(labs)) or 'none'}"
            )
    return {
        lab: _lab_settings(f"{path}: [{lab}]", {_ZONE: zone, **entry})
        for lab, entry in entries.items()
    }


def unknown_extensions(settings: LabSettings, students: Collection[str]) -> list[str]:
    """What to say about each extension whose student is not among these."""
    return [
        f"labs.toml holds an extension for {name}, whom nobody knows{near(name, students)}"
        for name in settings.extensions
        if name not in students
    ]


def _lab_settings(place: str, entry: dict[str, Any]) -> LabSettings:
    for key in entry.keys() - _KEYS:
        raise ValueError(
            f"{place} has an unknown entry {key}{near(key, _KEYS)}; "
            f"expected some of {', '.join(sorted(_KEYS))}"
        )
    later = entry.get("extensions", {})
    if not isinstance(later, dict):
        raise ValueError(f"{place} extensions must be a table student = date, got {later!r}")
    if later and "due" not in entry:
        raise ValueError(f"{place} has extensions but no due date")
    variant = entry.get("hidden_variant", PUBLIC_VARIANT)
    if type(variant) is not int or not 0 < variant < 10**9:
        raise ValueError(f"{place} hidden_variant must be an integer from 1 to 999999999")
    exam = entry.get("exam", False)
    if type(exam) is not bool:
        raise ValueError(f"{place} exam must be true or false, got {exam!r}")
    if exam and variant == PUBLIC_VARIANT:
        raise ValueError(f"{place} exam needs a line hidden_variant with a number of your own")
    zone = _zone(f"{place} {_ZONE}", entry[_ZONE])
    due = _date(f"{place} due", entry["due"], zone) if "due" in entry else None
    return LabSettings(
        due and due.astimezone(UTC),
        _number(f"{place} grace_minutes", entry.get("grace_minutes", 0.0), math.inf),
        _number(f"{place} penalty_per_day", entry.get("penalty_per_day", 0.0), 1.0),
        variant,
        {
            name: _date(f"{place} {name}", date, zone).astimezone(UTC)
            for name, date in later.items()
        },
        zone or (due and due.tzinfo) or UTC,
        exam,
    )


def _number(place: str, value: Any, largest: float) -> float:
    if type(value) not in (int, float) or not 0 <= value <= largest:
        raise ValueError(f"{place} must be a number from 0 to {largest:g}, got {value!r}")
    return float(value)


def _zone(place: str, name: Any) -> ZoneInfo | None:
    if name is None:
        return None
    try:
        return ZoneInfo(name)
    except (ValueError, TypeError, OSError, LookupError) as error:
        known = near(str(name), available_timezones())
        raise ValueError(
            f'{place} must be the name of a time zone such as "Europe/Berlin", got {name!r}{known}'
        ) from error


def _date(place: str, value: Any, zone: ZoneInfo | None) -> datetime:
    if isinstance(value, datetime) and (value.tzinfo or zone):
        return value if value.tzinfo else value.replace(tzinfo=zone)
    raise ValueError(
        f"{place} must be a date with time and offset, such as 2026-12-01T23:59:00+01:00 "
        f'(or without the offset below a line {_ZONE} = "Europe/Berlin"), got {value}'
    )
