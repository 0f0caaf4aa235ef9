"""How a student stands in a lab: one row for each exercise, from release and diary."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

HEADINGS = ("exercise", "state", "points", "attempts", "minutes")
BY_HAND, UNTRIED = "graded by hand", "not attempted yet"


@dataclass(frozen=True)
class Row:
    """One exercise.

    state: outcome of the latest check, or that there was none, or that a person grades it.
    points, max_points: of the best check.
    minutes: of work between checks, breaks left out; None where none are noted.
    """

    exercise: str
    state: str
    points: float
    max_points: float
    attempts: int = 0
    minutes: float | None = None

    def texts(self) -> tuple[str, ...]:
        """What the table says, in the order of HEADINGS."""
        if self.state == BY_HAND:
            return self.exercise, self.state, f"up to {self.max_points:g}", "", ""
        points = f"{self.points:g} of {self.max_points:g}"
        minutes = "" if self.minutes is None else f"{self.minutes:.0f}"
        return self.exercise, self.state, points, str(self.attempts), minutes


def lab_rows(release: Mapping[str, Any], entries: Mapping[str, Any]) -> list[Row]:
    """One row for each exercise of the lab, in the lab's order.

    release: the released notebook. entries: the lab's part of `.progress.json`; an entry that is
        damaged counts as not there.
    """
    return [
        _recorded(name, entries.get(name)) or Row(name, BY_HAND if by_hand else UNTRIED, 0, points)
        for name, points, by_hand in _exercises(release)
    ]


def _exercises(release: Mapping[str, Any]) -> Iterator[tuple[str, float, bool]]:
    """(name, points, whether a person grades it) of each answer; a test follows its answer."""
    answer = ""
    for cell in release["cells"]:
        marks = cell["metadata"].get("nbgrader", {})
        if marks.get("solution") and marks.get("grade"):
            yield marks["grade_id"], marks.get("points", 0), True
        elif marks.get("solution"):
            answer = marks["grade_id"]
        elif marks.get("grade") and answer:
            yield answer, marks.get("points", 0), False
            answer = ""


def _recorded(name: str, entry: Any) -> Row | None:
    try:
        minutes = None if entry.get("minutes") is None else float(entry["minutes"])
        points, most = float(entry["points"]), float(entry["max_points"])
        return Row(name, str(entry["outcome"]), points, most, int(entry["attempts"]), minutes)
    except (AttributeError, KeyError, TypeError, ValueError):
        return None
