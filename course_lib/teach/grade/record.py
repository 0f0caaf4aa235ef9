"""What was run and what it rested on: grading/graded.json, which spares running it again.

An entry is trusted only as long as the lab, the hand-in and the checks are the same, and the
gradebook still holds the scores that were entered: with another gradebook everything runs again.
"""

import ast
import hashlib
import json
from collections.abc import Collection, Mapping
from dataclasses import asdict, dataclass, field, fields, replace
from pathlib import Path
from typing import Any

from nbformat import NotebookNode

import course_lib
from course_lib.teach.build.proof import rests_on
from course_lib.teach.build.release import read_lab
from course_lib.teach.files import write_atomically
from course_lib.teach.places import MINUTES, Lab

LIBRARY = Path(course_lib.__file__).resolve().parents[1]
"""The folder of the modules that hand-ins import."""


Scores = Mapping[str, float | None]
"""What tests gave, by cell."""


@dataclass(frozen=True)
class Entry:
    """A hand-in that was run.

    digest: of what its scores rest on, '' while it is being entered. scores: what was entered into
    the gradebook, by cell. texts: hashes of the answers that a person grades. problem: why it has
    no scores, '' if it has. seen: notes on how it was found, which outlast its file in the inbox.
    page: hash of its feedback page and of all that this shows. ways: how an exam judged each test.
    """

    digest: str
    scores: dict[str, float | None] = field(default_factory=dict)
    texts: dict[str, str] = field(default_factory=dict)
    problem: str = ""
    remarks: list[str] = field(default_factory=list)
    minutes: float = 0.0
    seen: list[str] = field(default_factory=list)
    page: str = ""
    ways: dict[str, str] = field(default_factory=dict)


class Record:
    """The entries of one lab, by student; the file is read again only when it has changed."""

    def __init__(self, path: Path, lab: str) -> None:
        self.path = path
        self.lab = lab
        self._known: tuple[tuple[int, int], dict[str, Any]] | None = None

    def entries(self) -> dict[str, Entry]:
        """All entries that can be read; a damaged file holds none."""
        found = {student: _understood(entry) for student, entry in self._own().items()}
        return {student: entry for student, entry in found.items() if entry is not None}

    def entry(self, student: str) -> Entry | None:
        """The student's entry, if there is one."""
        return _understood(self._own().get(student))

    def begin(self, student: str) -> None:
        """The hand-in is about to be entered: until it is, nothing of it is trusted."""
        before = self.entry(student)
        if before is not None:
            self.write(student, replace(before, digest=""))

    def write(self, student: str, entry: Entry) -> None:
        """Put the student's entry into the file."""
        self.update({student: entry})

    def update(self, entries: Mapping[str, Entry]) -> None:
        """Put several students' entries into the file."""
        new = {student: asdict(entry) for student, entry in entries.items()}
        record = {**self._read(), self.lab: {**self._own(), **new}}
        write_atomically(self.path, json.dumps(record, indent=1, sort_keys=True).encode())
        self._known = (self._version(), record)

    def _own(self) -> dict[str, Any]:
        """What the file holds of this lab."""
        lab = self._read().get(self.lab)
        return lab if isinstance(lab, dict) else {}

    def _read(self) -> dict[str, Any]:
        try:
            version = self._version()
            if self._known is None or self._known[0] != version:
                self._known = (version, json.loads(self.path.read_bytes()))
        except (OSError, ValueError):
            return {}
        record = self._known[1]
        return record if isinstance(record, dict) else {}

    def _version(self) -> tuple[int, int]:
        file = self.path.stat()
        return file.st_mtime_ns, file.st_ino


def _understood(entry: Any) -> Entry | None:
    """An entry of the file, None if it is none."""
    if not isinstance(entry, dict) or "digest" not in entry:
        return None
    return Entry(**entry) if entry.keys() <= {part.name for part in fields(Entry)} else None


def settled(entry: Entry | None, digest: str, entered: Scores | None) -> bool:
    """Whether a hand-in need not run again.

    digest: of what its scores would rest on now. entered: its scores in the gradebook, None where
    the gradebook knows no such hand-in.
    """
    if entry is None or entry.digest != digest:
        return False
    return bool(entry.problem) or entered == entry.scores


def gone(
    entries: Mapping[str, Entry], known: Collection[str], entered: Mapping[str, Scores]
) -> set[str]:
    """Students who were graded and have been removed from the gradebook since.

    A gradebook that holds nothing of what was entered, or other scores, is another one, from which
    nobody was removed.

    known: the students in the gradebook. entered: the scores that it holds, by student.
    """
    done = {student: e for student, e in entries.items() if e.digest and not e.problem}
    here = done.keys() & set(known)
    if not here or any(entered.get(student) != done[student].scores for student in here):
        return set()
    return done.keys() - here


def lab_digest(lab: Lab, variant: int, library: Path = LIBRARY, *, exam: bool = False) -> str:
    """What everybody's scores rest on: the lab's cells, and the modules and data that they reach.

    Plain text around the exercises and comments in modules do not count.
    """
    cells = [cell for cell in read_lab(lab, variant).cells if _counts(cell)]
    digest = hashlib.sha256()
    for cell in cells:
        own = json.dumps(cell.metadata, sort_keys=True)
        digest.update(f"{cell.cell_type} {own}\n{cell.source}\n".encode())
    judge = [library / "course_lib/checks/judge.py"] if exam else []
    for path in sorted(rests_on(library, lab.source, *judge) - {lab.source}):
        digest.update(f"\n{path.relative_to(library).as_posix()}\n".encode() + _meaning(path))
    return digest.hexdigest()


def handin_digest(lab_digest: str, folder: Path) -> str:
    """What one hand-in's scores rest on: the lab's digest, and the files handed in."""
    digest = hashlib.sha256(lab_digest.encode())
    for path in sorted(path for path in folder.iterdir() if path.name != MINUTES):
        digest.update(f"\n{path.name} {path.stat().st_size}\n".encode() + path.read_bytes())
    return digest.hexdigest()


def texts(notebook: NotebookNode) -> dict[str, str]:
    """Hashes of the answers that a person grades, by name; blank space does not count."""
    return {
        own["grade_id"]: hashlib.sha256(" ".join(cell.source.split()).encode()).hexdigest()
        for cell in notebook.cells
        if (own := cell.metadata.get("nbgrader", {})).get("grade") and own.get("solution")
    }


def _counts(cell: NotebookNode) -> bool:
    return cell.cell_type == "code" or bool(cell.metadata.get("nbgrader"))


def _meaning(path: Path) -> bytes:
    """A module without comments and layout; any other file as it is."""
    content = path.read_bytes()
    return ast.unparse(ast.parse(content)).encode() if path.suffix == ".py" else content
