"""Who takes part: grading/roster.csv, with the columns id, name and, if you like, section.

    id,name,section
    ada,Ada Lovelace,A

`id` is the name under which a student hands in. Without the file everybody who hands in takes part.
"""

import csv
import io
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

from course_lib.teach.places import STUDENT

Roster = dict[str, "Member"]


@dataclass(frozen=True)
class Member:
    """A student of the course."""

    id: str
    name: str
    section: str = ""


def read_roster(path: Path) -> Roster | None:
    """The students in the file by their ids, in its order; None when there is no file.

    Columns may be separated by commas, semicolons or tabs; further columns are left alone.
    ValueError names the line that cannot be understood.
    """
    if not path.is_file():
        return None
    try:
        text = path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        raise ValueError(f"{path} is not UTF-8: save it again as CSV UTF-8") from error
    head = text.partition("\n")[0]
    separator = max(",;\t", key=head.count)
    rows = csv.DictReader(io.StringIO(text, newline=""), delimiter=separator)
    columns = [name.strip().lower() for name in rows.fieldnames or []]
    if not {"id", "name"} <= set(columns):
        raise ValueError(f"{path}, line 1: expected the columns id,name, got {head.strip()!r}")
    rows.fieldnames = columns
    roster: Roster = {}
    for row in rows:
        member = _member(f"{path}, line {rows.line_num}", row)
        if member.id in roster:
            raise ValueError(f"{path}, line {rows.line_num}: {member.id} stands there twice")
        roster[member.id] = member
    if not roster:
        raise ValueError(f"{path} holds no student: write lines such as ada,Ada Lovelace below")
    return roster


def _member(place: str, row: dict[str, str | None]) -> Member:
    identity, name, section = ((row.get(key) or "").strip() for key in ("id", "name", "section"))
    if not STUDENT.fullmatch(identity):
        raise ValueError(
            f"{place}: {identity!r} is no id; expected up to 64 letters, digits, '_', '.', '-'"
        )
    if not name:
        raise ValueError(f"{place}: {identity} has no name")
    return Member(identity, name, section)


def by_name(roster: Roster) -> dict[str, str]:
    """Ids by the names of people, as a platform writes them; of two with one name, by their ids."""
    counts = Counter(member.name for member in roster.values())
    return {m.name if counts[m.name] == 1 else m.id: m.id for m in roster.values()}
