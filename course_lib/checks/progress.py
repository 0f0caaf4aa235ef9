"""What a student has tried, for the progress page: `.progress.json` beside the notebook.

    {"lab01_rl_nas": {"decode": {"outcome": "passed", "points": 16.0, "max_points": 16.0,
                                 "attempts": 3, "minutes": 14.5,
                                 "first": "2026-01-31T10:00:00+00:00",
                                 "last": "2026-01-31T10:12:00+00:00"}}}

outcome: of the latest attempt, one of the four `Outcome` values; points: of the best attempt, out
of max_points; attempts: checks of an exercise that was no longer a placeholder; first and last: of
those, in UTC; minutes: from the lab's check before to each of them, breaks left out. An entry that
holds no attempt has "attempts": 0.
"""

import json
import os
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from course_lib.checks.result import Outcome, Result

FILE = ".progress.json"
BREAK = 45.0
"""Minutes between two checks that are no work on the exercise any more."""


def record(result: Result) -> None:
    """Note a graded result where a student works: in `work/LAB/`, never while nbgrader grades.

    A damaged file, or entry in it, is started anew. A folder that cannot be written is left alone:
    a check must not fail over its diary.
    """
    folder = Path.cwd()
    if result.max_points is None or grading() or not is_students_folder(folder, result.lab):
        return
    file = folder / FILE
    progress = read(file)
    entries = progress.setdefault(result.lab, {})
    worked = _since_last(entries)
    before = entries.get(result.exercise)
    entries[result.exercise] = _updated(before, result, result.max_points, worked)
    _write(file, progress)


def forget(folder: Path, lab: str, exercise: str) -> None:
    """The exercise was put back: its state is that of one not attempted, the best points stay."""
    progress = read(folder / FILE)
    entry: Any = progress.get(lab, {}).get(exercise)
    if _whole(entry):
        entry["outcome"] = Outcome.NOT_ATTEMPTED.value
        _write(folder / FILE, progress)


def _write(file: Path, progress: dict[str, dict[str, Any]]) -> None:
    temporary = file.with_name(f"{FILE}.{os.getpid()}")
    try:
        temporary.write_text(json.dumps(progress, indent=1) + "\n", encoding="utf-8")
        os.replace(temporary, file)
    except OSError:
        temporary.unlink(missing_ok=True)


def read(file: Path) -> dict[str, dict[str, Any]]:
    """The recorded progress; empty where there is none or it is damaged."""
    try:
        progress = json.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    whole = isinstance(progress, dict) and all(isinstance(lab, dict) for lab in progress.values())
    return progress if whole else {}


def grading() -> bool:
    """Whether nbgrader is running this notebook."""
    return "NBGRADER_EXECUTION" in os.environ


def is_students_folder(folder: Path, lab: str) -> bool:
    """Whether this is `work/LAB/` with the lab's notebook in it."""
    return folder.parts[-2:] == ("work", lab) and (folder / f"{lab}.ipynb").is_file()


def _whole(entry: Any) -> bool:
    """Whether an earlier entry has what the next one is made from."""
    return (
        isinstance(entry, dict)
        and isinstance(entry.get("points"), int | float)
        and isinstance(entry.get("attempts"), int)
        and isinstance(entry.get("minutes", 0.0), int | float)
        and all(isinstance(entry.get(time), str | None) for time in ("first", "last"))
    )


def _since_last(entries: dict[str, Any]) -> float:
    """Minutes since the lab's latest attempt; 0 after a break, or where there is none."""
    times = [entry["last"] for entry in entries.values() if _whole(entry) and entry["last"]]
    try:
        past = datetime.now(UTC) - max(map(datetime.fromisoformat, times))
    except (TypeError, ValueError):
        return 0.0
    minutes = past.total_seconds() / 60
    return minutes if 0 <= minutes <= BREAK else 0.0


def _updated(entry: Any, result: Result, max_points: float, worked: float) -> dict[str, Any]:
    before = entry if _whole(entry) else {}
    now = datetime.now(UTC).isoformat(timespec="seconds")
    tried = result.outcome is not Outcome.NOT_ATTEMPTED
    return {
        "outcome": result.outcome.value,
        "points": max(result.points, before.get("points", 0.0)),
        "max_points": float(max_points),
        "attempts": before.get("attempts", 0) + tried,
        "minutes": round(before.get("minutes", 0.0) + worked * tried, 2),
        "first": before.get("first") or (now if tried else None),
        "last": now if tried else before.get("last"),
    }
