"""Written answers as a table, grading/LAB_written.csv: read the text, fill in points, grade again.

A line is one answer. `points` and `comment` are for you; only what you have changed is taken over,
which `given` and `id` tell: what the gradebook held when the table was written, and which text and
comment. Points for a text that has been replaced meanwhile are not taken over, and a line says so.
"""

import csv
import io
import zlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from course_lib.teach.grade.report import encodable, number

COLUMNS = ("student", "name", "cell", "max", "given", "points", "comment", "text", "id")
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


@dataclass(frozen=True)
class Answer:
    """A written answer in the table; points is None while nobody has given any.

    attachments: the pictures in the text. is_code: whether it is no text, but a cell of code.
    """

    student: str
    cell: str
    most: float
    text: str
    identity: str
    points: float | None = None
    comment: str = ""
    name: str = ""
    attachments: Mapping[str, Any] = field(default_factory=dict)
    is_code: bool = False


@dataclass(frozen=True)
class Given:
    """What somebody has filled in, None where nothing; place names the file and the line."""

    place: str
    student: str
    cell: str
    identity: str
    points: float | None
    comment: str | None


def to_table(answers: Sequence[Answer]) -> bytes:
    """The table, for a spreadsheet."""
    text = io.StringIO()
    csv.writer(text).writerows([COLUMNS, *lines(answers)])
    return encodable(text.getvalue()).encode("utf-8-sig")


def lines(answers: Iterable[Answer]) -> list[list[str]]:
    """The table's lines; a text that a spreadsheet would take for a formula begins with '."""
    return [
        [f"'{part}" if part.startswith(_FORMULA) else part for part in _parts(answer)]
        for answer in answers
    ]


def _parts(answer: Answer) -> list[str]:
    points = number(answer.points)
    parts = [answer.student, answer.name, answer.cell, number(answer.most), points, points]
    return [*parts, answer.comment, answer.text, f"{answer.identity}.{_mark(answer.comment)}"]


def read_table(path: Path) -> list[Given]:
    """The points that were changed in the table; none when there is no file.

    ValueError names the line that cannot be understood.
    """
    if not path.is_file():
        return []
    try:
        text = path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        raise ValueError(f"{path} is not UTF-8: save it again as CSV UTF-8") from error
    separator = max(",;\t", key=text.partition("\n")[0].count)
    rows = csv.DictReader(io.StringIO(text, newline=""), delimiter=separator)
    missing = [name for name in COLUMNS if name not in (rows.fieldnames or [])]
    if missing:
        raise ValueError(
            f"{path} lacks the columns {', '.join(missing)}: delete it and grade again, "
            "the points in the gradebook come back"
        )
    found = [_given(f"{path}, line {rows.line_num}", row) for row in rows]
    return [given for given in found if given is not None]


def take_over(given: Given, grade: Any, comment: Any, texts: Mapping[str, str]) -> str:
    """Enter points into the gradebook's grade and comment; '' or why they do not belong there.

    texts: the hashes of the student's answers as they were last run.
    ValueError: there are not so many points.
    """
    if given.points is not None and not 0 <= given.points <= grade.max_score:
        raise ValueError(f"{given.place}: {given.points:g} points of {grade.max_score:g}")
    if not texts.get(given.cell, "").startswith(given.identity):
        return f"{given.place}: {given.student} has handed in another text for {given.cell} since"
    if given.points is not None:
        grade.manual_score, grade.needs_manual_grade = given.points, False
    if given.comment is not None:
        comment.manual_comment = given.comment
    return ""


def _given(place: str, row: Mapping[str, str | None]) -> Given | None:
    cells = {name: (row.get(name) or "").strip() for name in COLUMNS}
    points, before = (_points(place, cells[name]) for name in ("points", "given"))
    identity, _, mark = cells["id"].partition(".")
    comment = cells["comment"].removeprefix("'")
    new_points = points if points != before else None
    new_comment = comment if _mark(comment) != mark else None
    if new_points is None and new_comment is None:
        return None
    if not identity or not mark:
        raise ValueError(f"{place}: the id of the text is missing")
    return Given(place, cells["student"], cells["cell"], identity, new_points, new_comment)


def _mark(comment: str) -> str:
    return f"{zlib.crc32(comment.strip().encode()):08x}"


def _points(place: str, text: str) -> float | None:
    try:
        return float(text.replace(",", ".")) if text else None
    except ValueError as error:
        raise ValueError(f"{place}: {text!r} is no number of points") from error
