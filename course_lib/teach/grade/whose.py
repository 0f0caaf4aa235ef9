"""Whose is a hand-in? What the names of its file and folders say.

A stamp is the name that `submit` gives, LAB-STUDENT-TIME, anywhere in a name. A platform's name
is what Moodle or Canvas put before a hand-in; it says a person's name, not an id. Any other folder
may be named after the student, or hold a whole class: then it is nobody's.
"""

import re
import unicodedata
from collections import defaultdict
from collections.abc import Collection, Hashable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache
from itertools import permutations
from pathlib import PurePosixPath
from typing import TypeVar

from course_lib.teach.places import NAME_TIME, STUDENT

Key = TypeVar("Key", bound=Hashable)
_STAMP = r"\d{8}T\d{6}Z"
_PLATFORMS = (
    re.compile(r"(?P<who>.+?)_(?P<number>\d+)_(?:assignsubmission_)?(?:file|onlinetext)(?:_.*)?"),
    re.compile(r"(?P<who>(?:[^\W\d_A-Z]|['’-])+)(?:_LATE)?_(?P<number>\d+)_\d+_.+"),
    re.compile(r".+?_(?P<who>[A-Za-z0-9.-]+)_attempt(?P<number>)_[\d-]+(?:_.*)?"),
    re.compile(r"(?P<who>[^\W\d_][^_]*?)(?P<number>) - .*lab\d+.*\.ipynb", re.IGNORECASE),
)
"""Moodle, Canvas, Blackboard, Google Classroom."""
_BESIDE = re.compile(
    r"(?P<files>.+_\d+_assignsubmission_)onlinetext.*|(?P<attempt>.+_attempt_[\d-]+)\.txt"
)
"""What Moodle and Blackboard put beside a person's files: the text typed into the form."""
_OF_MANY = re.compile(
    r"(downloads?|inbox|submi(t|ssion)s?|hand-?ins?|abgaben?|moodle|canvas|ilias|exports?|files?"
    r"|assignments?|uploads?|new folder|class|zips?|late|all|te?mp|archives?|lab\d+\w*)\b.*",
    re.IGNORECASE,
)
_OF_A_COURSE = frozenset({"work", "labs", "solutions", "lectures", "course_lib"})
_OF_A_COPY = re.compile(
    r"copy\d*|kopie\d*|checkpoint|final|new|old|(v|version ?)?\d{1,2}|draft|solution", re.I
)
_AGAIN = re.compile(r" ?\(\d+\)$| \d$| - (copy|kopie).*$", re.I)
"""What a computer puts behind the name of a second copy."""


@dataclass(frozen=True)
class Stamp:
    """What a name says: a student and perhaps a time; a student of None is not understood."""

    student: str | None
    time: datetime | None = None


def stamp_of(name: str, lab: str) -> Stamp | None:
    """The name's stamp with its time, None if it has none."""
    match = re.search(rf"{re.escape(lab)}-(.+?)-({_STAMP})", name, re.IGNORECASE)
    if match is None:
        return None
    try:
        time = datetime.strptime(match[2], NAME_TIME).replace(tzinfo=UTC)
    except ValueError:
        return Stamp(None)
    return Stamp(match[1] if STUDENT.fullmatch(match[1]) else None, time)


def named(name: str, lab: str) -> str | None:
    """The student in a file's name LAB-STUDENT.zip, which may as well be another word.

    Google Drive calls a downloaded folder LAB-TIME-001.zip.
    """
    stem = re.sub(r"(\.(zip|ipynb|json|txt))+$", "", name, flags=re.IGNORECASE)
    match = re.search(rf"{re.escape(lab)}-(.+)$", stem, re.IGNORECASE)
    student = _AGAIN.sub("", match[1]) if match else ""
    says_nothing = _OF_A_COPY.fullmatch(student) or re.match(_STAMP, student)
    return student if STUDENT.fullmatch(student) and not says_nothing else None


def claimed(name: str, lab: str) -> str | None:
    """The student in a name, with a time or without."""
    stamp = stamp_of(name, lab)
    return stamp.student if stamp else named(name, lab)


def person(name: str) -> tuple[str, str] | None:
    """The person's name and number in a platform's name of a file or folder."""
    name = unicodedata.normalize("NFC", name)
    found = next((match for form in _PLATFORMS if (match := form.fullmatch(name))), None)
    return (found["who"], found["number"]) if found else None


def written_beside(name: str) -> str | None:
    """How the names of a person's files begin, where this is what the platform puts beside them."""
    match = _BESIDE.fullmatch(name)
    return (match["files"] or match["attempt"]) if match else None


def is_of_a_course(name: str, lab: str) -> bool:
    """Whether a folder of this name belongs to the course and says nothing about a student."""
    return name in _OF_A_COURSE or name == lab or bool(_OF_A_COPY.fullmatch(name))


def may_be_a_student(name: str, lab: str) -> bool:
    """Whether a folder of this name may be one student's."""
    return not (is_of_a_course(name, lab) or lab in name or _OF_MANY.fullmatch(name))


def id_for(name: str) -> str | None:
    """An id made of a person's name: "Jörg Müller" is Jorg_Muller; None if no letters are left."""
    plain = unicodedata.normalize("NFKD", name.replace("ß", "ss")).encode("ascii", "ignore")
    made = "_".join(re.findall(r"[A-Za-z0-9.-]+", plain.decode())).lstrip(".-")[:64]
    return made if STUDENT.fullmatch(made) else None


def in_roster(name: str, roster: Mapping[str, str]) -> str | None:
    """The id of a person, whatever the order and the case of the words of the name.

    None, too, for a name that several people have.
    """
    known, joined = _index(tuple(roster.items()))
    return known.get(_words(name)) or joined.get(_letters(name))


@lru_cache(maxsize=8)
def _index(
    roster: tuple[tuple[str, str], ...],
) -> tuple[dict[tuple[str, ...], str], dict[str, str]]:
    """Ids by the words of the name, and by all in one word: Canvas writes adamsanna."""
    people = [(_words(text), student) for pair in roster for text, student in _names(pair)]
    orders = ((order, student) for key, student in people for order in permutations(key[:4]))
    return _single(people), _single([(_letters("".join(o)), student) for o, student in orders])


def _names(pair: tuple[str, str]) -> Sequence[tuple[str, str]]:
    name, student = pair
    return (name, student), (student, student)


def _single(pairs: Sequence[tuple[Key, str]]) -> dict[Key, str]:
    """The pairs whose key stands for one person only."""
    people = defaultdict[Key, set[str]](set)
    for key, student in pairs:
        people[key].add(student)
    return {key: next(iter(several)) for key, several in people.items() if len(several) == 1}


def _letters(name: str) -> str:
    """Small letters and digits, without accents."""
    return "".join(re.findall(r"[^\W_]", unicodedata.normalize("NFKD", name).casefold()))


def _words(name: str) -> tuple[str, ...]:
    composed = unicodedata.normalize("NFC", name).casefold()
    return tuple(sorted(re.findall(r"[^\s,;_]+", composed)))


def looks_like_a_notebook(name: str) -> bool:
    """Whether the file's name is a notebook's, with what a browser may have put behind it."""
    return bool(re.search(r"\.ipynb(\.txt|\.json)?$", name.lower()))


def lab_named(name: str, labs: Collection[str]) -> str | None:
    """The lab that a name speaks of, by its full name or its number: "lab02 final.zip"."""
    plain = name.casefold()
    full = [lab for lab in labs if lab.casefold() in plain]
    if full:
        return max(full, key=len)
    number = re.search(r"(?<![a-z0-9])lab\d+(?!\d)", plain)
    short = [lab for lab in labs if number and lab.split("_")[0].casefold() == number[0]]
    return short[0] if short else None


@dataclass(frozen=True)
class Owner:
    """Whose a hand-in is, when it was handed in by its name, and what is odd about that.

    label: the platform's name of the person, '' if there is none; number: its number.
    """

    student: str | None
    time: datetime | None = None
    label: str = ""
    number: str = ""
    notes: tuple[str, ...] = ()


def owner(
    path: PurePosixPath, lab: str, folders: Sequence[str], roster: Mapping[str, str]
) -> Owner:
    """Whose is the hand-in at `path`?

    folders: those parts of the path that may be a student's folder, from the outside in.
    A folder's name, which the instructor or the platform gives, counts before the file's, which
    the student gives; the roster counts before both.
    """
    says, time = _file_says(path, lab)
    people = [one for part in path.parts if (one := person(part))]
    label, number = people[-1] if people else ("", "")
    student = _in_roster([label] if label else [*folders, path.stem], says, roster)
    if student is None and not label:
        ids = [name for name in folders if STUDENT.fullmatch(name)]
        student = says if says in ids else next(iter(ids), None)
    notes = []
    if student and says and says != student:
        notes.append(f"whose is it? The file says {says}, the folder says {student}")
    student = student or says
    source = label or next(iter(folders), "")
    if student is None and source:
        student = id_for(source) or (f"participant_{number}" if number else None)
        notes.append(f"noticed: named after {source!r}, since no file says an id")
    return Owner(student, time, label, number, tuple(notes))


def _file_says(path: PurePosixPath, lab: str) -> tuple[str | None, datetime | None]:
    """The student and the time of the innermost stamp, or else a student without a time."""
    stamps = [stamp for part in path.parts if (stamp := stamp_of(part, lab))]
    if stamps:
        return stamps[-1].student, stamps[-1].time
    return next((who for part in reversed(path.parts) if (who := named(part, lab))), None), None


def _in_roster(names: Sequence[str], says: str | None, roster: Mapping[str, str]) -> str | None:
    known = next((who for name in names if (who := in_roster(name, roster))), None)
    return known or (says if says in roster.values() else None)
