"""The list of grades beside what the generator knows."""

import csv
import re
from collections.abc import Iterable, Sequence
from pathlib import Path

from tests.classes.generate import Expected

Row = dict[str, str]


def read_rows(course: Path, lab: str) -> dict[str, Row]:
    """The list of grades, by student."""
    with (course / "grading" / f"{lab}.csv").open(encoding="utf-8") as file:
        return {row["student"]: row for row in csv.DictReader(file)}


def differences(expected: Sequence[Expected], rows: dict[str, Row]) -> list[str]:
    """A line for everything in the list that is not as it must be; none if all is well."""
    unknown = rows.keys() - {one.student for one in expected}
    lines = [f"{student}: nobody handed that in" for student in sorted(unknown)]
    for one in expected:
        row = rows.get(one.student)
        found = ["it is not in the list"] if row is None else list(_differences(one, row))
        lines += [f"{one.student} ({one.made}): {line}" for line in found]
    return lines


def _differences(one: Expected, row: Row) -> Iterable[str]:
    status = row["status"].partition(":")[0]
    if status != one.status:
        yield f"status {one.status} expected, found {row['status']}"
    for name, points in (one.scores or {}).items():
        if not _same(row[name], points):
            yield f"{name}: {points:g} expected, found {row[name] or 'nothing'}"
    numbers = {
        "before_penalty": None if one.scores is None else one.raw,
        "late_penalty": one.penalty,
        "points": None if one.scores is None or one.waits else one.raw - one.penalty,
    }
    for name, number in numbers.items():
        if not _same(row[name], number):
            yield f"{name}: {number} expected, found {row[name] or 'nothing'}"
    if one.scores is None:
        return
    if row["to_grade_by_hand"] != "written" * one.waits:
        yield f"to grade by hand: {row['to_grade_by_hand'] or 'nothing'}"
    time = f"{one.time:%Y-%m-%d %H:%M:%S} UTC" if one.time else ""
    if row["handed_in"] != time:
        yield f"handed in: {time or 'no time'} expected, found {row['handed_in'] or 'no time'}"
    yield from _other_notes(one.notes, row["notes"])


def _same(found: str, expected: float | None) -> bool:
    """Numbers are printed with four digits behind the point."""
    if expected is None or not found:
        return expected is None and not found
    return abs(float(found) - expected) < 0.001


def _other_notes(patterns: Sequence[str], notes: str) -> Iterable[str]:
    """What is missing among the notes, and what nobody expected."""
    for pattern in patterns:
        notes, count = re.subn(pattern, "", notes, count=1)
        if not count:
            yield f"no note {pattern!r}"
    if left := notes.strip("; "):
        yield f"unexpected notes: {re.sub(r'(; )+', '; ', left)}"
