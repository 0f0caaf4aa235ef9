"""From the inbox to grading/submitted/: one clean hand-in per student, nothing lost."""

import shutil
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from nbformat import NotebookNode

from course_lib.teach.build.sources import to_bytes
from course_lib.teach.files import write_atomically
from course_lib.teach.grade.handins import HandIn
from course_lib.teach.grade.repair import Repaired, Unreadable, repair
from course_lib.teach.places import STAMP

_EARLIEST = datetime.min.replace(tzinfo=UTC)


@dataclass
class Collected:
    """A student's hand-in as it will be graded, or why there is none."""

    student: str
    time: datetime | None = None
    notes: list[str] = field(default_factory=list)
    problem: str = ""


def collect(
    handins: Iterable[HandIn], release: NotebookNode, lab: str, submitted: Path
) -> list[Collected]:
    """Write the latest readable hand-in of every student to submitted/STUDENT/LAB.

    release: the lab's notebook as students received it. Of several hand-ins the latest readable
    one counts. A hand-in that nobody can be found for is reported under the name of its file.
    """
    grouped = defaultdict(list)
    for handin in handins:
        grouped[handin.student or f"? {handin.origin.name}"].append(handin)
    return [
        _collect_one(student, sorted(group, key=_age, reverse=True), release, lab, submitted)
        for student, group in sorted(grouped.items())
    ]


def _age(handin: HandIn) -> datetime:
    return handin.time or _EARLIEST


def _collect_one(
    student: str, newest_first: list[HandIn], release: NotebookNode, lab: str, submitted: Path
) -> Collected:
    failed = []
    folders = {handin.origin.parent for handin in newest_first} - {submitted / student}
    several = ", ".join(sorted(folder.name for folder in folders))
    strange = [f"noticed: hand-ins from several folders: {several}"] if len(folders) > 1 else []
    for handin in newest_first:
        try:
            if handin.unreadable:
                raise Unreadable(handin.unreadable)
            repaired = repair(handin.notebook, release)
        except Unreadable as error:
            why = str(error) if str(error).startswith("wrong name") else f"unreadable: {error}"
            failed.append(f"{why} ({handin.origin.name})")
            continue
        _write(submitted / student / lab, handin, repaired)
        notes = [*handin.notes, *repaired.notes, *failed, *strange]
        return Collected(student, handin.time, notes)
    return Collected(student, problem="; ".join(failed))


def _write(folder: Path, handin: HandIn, repaired: Repaired) -> None:
    """Make the folder hold exactly this hand-in; what it held before is moved aside."""
    files = {f"{folder.name}.ipynb": to_bytes(repaired.notebook), **handin.artefacts}
    if handin.time:
        files["timestamp.txt"] = f"{handin.time:{STAMP}}".encode()
    if folder.is_symlink() or folder.exists():
        if not folder.is_symlink() and _content(folder) == files:
            return
        _move_aside(folder)
    for name, content in files.items():
        write_atomically(folder / name, content)


def _content(folder: Path) -> dict[str, bytes | None]:
    entries = {path.name: path for path in folder.iterdir()}
    return {
        name: path.read_bytes() if path.is_file() and not path.is_symlink() else None
        for name, path in entries.items()
    }


def _move_aside(folder: Path) -> None:
    """To grading/originals/STUDENT/LAB-1, LAB-2, ..."""
    kept = folder.parents[2] / "originals" / folder.parent.name
    kept.mkdir(parents=True, exist_ok=True)
    number = 1 + sum(1 for _ in kept.glob(f"{folder.name}-*"))
    shutil.move(folder, kept / f"{folder.name}-{number}")
