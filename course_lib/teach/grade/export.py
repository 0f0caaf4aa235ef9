"""Points in a grade book that was exported from a learning platform, such as Canvas or Moodle.

The file is understood by its shape, whatever language its columns are named in: the student's
column is the one that holds the ids of students (or e-mail addresses that begin with them), or
their names as the roster has them; the points go into the column that names the lab, else into the
one left of the greatest grade (Moodle's worksheet), else into a new one. Everything else stays as
it is, also the separator, a decimal comma and the mark at the start of the file.
"""

import codecs
import csv
import io
import re
from collections import Counter
from collections.abc import Hashable, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path
from typing import TypeVar

from course_lib.teach.grade.report import Row, number

_MAXIMUM = re.compile(r"maximum|beste bewertung|max\b", re.IGNORECASE)
_COMMA, _POINT = re.compile(r"-?\d+,\d+"), re.compile(r"-?\d+\.\d+")

Table = list[list[str]]
Key = TypeVar("Key", bound=Hashable)
Value = TypeVar("Value")


@dataclass
class Filled:
    """The file's new content, and what is to be said about it, in lines."""

    content: bytes
    said: list[str] = field(default_factory=list)


def fill_in(path: Path, lab: str, rows: Sequence[Row]) -> Filled:
    """The exported grade book with the final points; who has none keeps what stands there.

    ValueError: the file is no such table, or says nothing of the students, or names the lab twice.
    """
    content = path.read_bytes()
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise ValueError(f"{path} is not UTF-8: export it again as CSV") from error
    separator = max(",;\t", key=text.partition("\n")[0].count)
    table = list(csv.reader(io.StringIO(text, newline=""), delimiter=separator))
    if len(table) < 2 or len(table[0]) < 2:
        raise ValueError(f"{path} holds no table: expected columns and a line for each student")
    whose = _lines_of_students(table, rows)
    if not whose:
        raise ValueError(
            f"{path} names none of the students: expected a column with their ids, their e-mail "
            f"addresses or their names in grading/roster.csv, found {', '.join(table[0])}"
        )
    column = _column(path, table, lab)
    comma = _has_decimal_comma(table, separator)
    for row in rows:
        if row.student in whose and row.points is not None:
            points = number(row.points)
            table[whose[row.student]][column] = points.replace(".", ",") if comma else points
    newline = "\r\n" if "\r\n" in text else "\n"
    mark = codecs.BOM_UTF8 if content.startswith(codecs.BOM_UTF8) else b""
    return Filled(mark + _written(table, separator, newline), _said(path, rows, whose))


def _lines_of_students(table: Table, rows: Sequence[Row]) -> dict[str, int]:
    """{student: line}, by the column or two columns that tell most students apart."""
    ids = {row.student.lower(): row.student for row in rows}
    names = _single([(_words(row.name), row.student) for row in rows if row.name])
    width = len(table[0])
    columns = [[_cell(cells, column) for cells in table[1:]] for column in range(width)]
    readings = [[ids.get(cell.strip().lower()) for cell in column] for column in columns]
    readings += [[ids.get(_before_at(cell)) for cell in column] for column in columns]
    readings += [[names.get(_words(cell)) for cell in column] for column in columns]
    readings += [
        [names.get(_words(f"{first} {last}")) for first, last in zip(*pair, strict=True)]
        for pair in pairwise(columns)
    ]
    found = [_single([(s, line) for line, s in enumerate(r, start=1) if s]) for r in readings]
    return max(found, key=len)


def _single(pairs: Sequence[tuple[Key, Value]]) -> dict[Key, Value]:
    """The pairs whose key occurs once: of two people of one name neither is guessed at."""
    counts = Counter(key for key, _ in pairs)
    return {key: value for key, value in pairs if counts[key] == 1}


def _before_at(cell: str) -> str:
    name, found, _ = cell.strip().lower().partition("@")
    return name if found else ""


def _words(name: str) -> tuple[str, ...]:
    """A name whatever its order: "Lovelace, Ada" is "Ada Lovelace"."""
    return tuple(sorted(re.findall(r"\w+", name.lower())))


def _column(path: Path, table: Table, lab: str) -> int:
    """Where the points go; a new column is added for them if need be."""
    head = table[0]
    number_of_lab = re.match(r"[a-z]+\d+", lab)
    for wanted in (lab, number_of_lab[0] if number_of_lab else lab):
        simple = _simple(wanted)
        found = [i for i, name in enumerate(head) if re.search(rf"{simple}(?!\d)", _simple(name))]
        if len(found) > 1:
            names = ", ".join(head[index] for index in found)
            raise ValueError(f"{path} has several columns for {lab}: leave one of {names}")
        if found:
            break
    else:
        found = [i - 1 for i, name in enumerate(head) if i and _MAXIMUM.search(name)][:1]
    column = found[0] if found else len(head)
    width = max(len(head), column + 1)
    for line, cells in enumerate(table):
        if cells:
            cells += [""] * (width - len(cells))
            if line == 0 and not found:
                cells[column] = lab
    return column


def _simple(name: str) -> str:
    """Letters and digits without what stands in brackets: "Lab 01 (4711)" is "lab1"."""
    bare = re.sub(r"\(.*?\)", "", name.lower())
    return re.sub(r"[^a-z0-9]", "", re.sub(r"(?<!\d)0+(?=\d)", "", bare))


def _has_decimal_comma(table: Table, separator: str) -> bool:
    cells = [cell.strip() for line in table for cell in line]
    if any(_POINT.fullmatch(cell) for cell in cells):
        return False
    return separator == ";" or any(_COMMA.fullmatch(cell) for cell in cells)


def _cell(cells: Sequence[str], column: int) -> str:
    return cells[column] if column < len(cells) else ""


def _written(table: Table, separator: str, newline: str) -> bytes:
    text = io.StringIO()
    csv.writer(text, delimiter=separator, lineterminator=newline).writerows(table)
    return text.getvalue().encode()


def _said(path: Path, rows: Sequence[Row], whose: dict[str, int]) -> list[str]:
    absent = [row.student for row in rows if row.points is not None and row.student not in whose]
    waiting = [row.student for row in rows if row.points is None and row.student in whose]
    said = [f"not in {path.name}: {', '.join(absent)}"] if absent else []
    return said + ([f"without final points, left as it was: {', '.join(waiting)}"] * bool(waiting))
