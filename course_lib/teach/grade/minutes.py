"""Minutes that students chose to tell, minutes.json in a hand-in: data that nobody vouches for.

They stand on the class's page, as median and quartiles, once enough students tell theirs. They
touch no grade.
"""

import json
import math
from collections.abc import Collection, Mapping, Sequence
from statistics import quantiles
from typing import Any

from course_lib.teach.grade.class_numbers import Bar

LARGEST = 10_000
"""Bytes of the file."""
MOST = 10_000.0
"""Minutes that one exercise may have taken: a week, day and night."""
LEAST = 5
"""Students who tell their minutes, below which nothing is shown."""


def read_minutes(content: bytes, exercises: Collection[str]) -> dict[str, float] | None:
    """The minutes by exercise; None where the file is not what `submit` writes.

    exercises: the names that there are; others are left out.
    """
    try:
        told: Any = json.loads(content.decode("utf-8"))
        if not isinstance(told, dict):
            return None
        found = {name: _minutes(told[name]) for name in exercises if name in told}
    except (ValueError, TypeError, KeyError, RecursionError):
        return None
    return found


def _minutes(entry: Any) -> float:
    minutes = entry["minutes"]
    if isinstance(minutes, bool) or not isinstance(minutes, int | float):
        raise TypeError("minutes are a number")
    if not (math.isfinite(minutes) and 0 <= minutes <= MOST):
        raise ValueError("minutes lie between 0 and a week")
    return float(minutes)


def quartiles(told: Collection[Mapping[str, float]], exercises: Sequence[str]) -> list[Bar]:
    """Median and quartiles of each exercise, of those with enough students; none with too few."""
    values = {name: [one[name] for one in told if name in one] for name in exercises}
    cut = {
        name: quantiles(some, n=4, method="inclusive")
        for name, some in values.items()
        if len(some) >= LEAST
    }
    longest = max((upper for *_, upper in cut.values()), default=0.0) or 1.0
    return [
        Bar(
            name,
            middle / longest,
            f"{middle:.0f} ({lower:.0f} to {upper:.0f}), n = {len(values[name])}",
        )
        for name, (lower, middle, upper) in cut.items()
    ]
