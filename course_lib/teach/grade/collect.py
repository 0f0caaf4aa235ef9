"""From the inbox to grading/submitted/: one clean hand-in per student, nothing lost.

Of several hand-ins of a student the latest readable one counts, by the time in its name or in its
timestamp.txt. One without a time counts only if none has a time; of those the last by name. The
same work handed in again keeps its earliest time. Each one that is set aside is named in the notes.
"""

import shutil
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import count
from pathlib import Path

from nbformat import NotebookNode

from course_lib.teach.build.sources import to_bytes
from course_lib.teach.cells import artefacts
from course_lib.teach.files import write_atomically
from course_lib.teach.grade.exchange import TIME, secret_in
from course_lib.teach.grade.handins import HandIn, Wanted, collected_before, find_handins
from course_lib.teach.grade.reading import Unreadable
from course_lib.teach.grade.releases import Releases, kept_releases
from course_lib.teach.grade.repair import repair
from course_lib.teach.places import MINUTES, STAMP, Lab

_EARLIEST = datetime.min.replace(tzinfo=UTC)
_KEPT_WORDS = ("wrong name", "passed over")


@dataclass
class Collected:
    """A student's hand-in as it will be graded, or why there is none.

    before: what counts was collected by an earlier run and is not in the inbox.
    """

    student: str
    time: datetime | None = None
    notes: list[str] = field(default_factory=list)
    problem: str = ""
    before: bool = False


@dataclass(frozen=True)
class _Read:
    """A hand-in that can be graded: its files, and what had to be done to the notebook."""

    handin: HandIn
    files: dict[str, bytes]
    notes: list[str]

    def same_work(self, other: "_Read") -> bool:
        """Whether the other is this one handed in again; the minutes told may differ."""
        mine, theirs = ({**one.files, MINUTES: b""} for one in (self, other))
        return mine == theirs


def gather(
    lab: Lab,
    release: NotebookNode,
    inbox: Path,
    *,
    others: Collection[str] = (),
    roster: Mapping[str, str] | None = None,
    left: Collection[str] = (),
) -> list[Collected]:
    """The hand-ins of the inbox and of earlier runs, brought into order in grading/submitted/.

    release: the lab's notebook as students receive it today. others: the names of other labs.
    roster: {name of a person, as a platform writes it: id}. left: students whose earlier hand-ins
    are left alone.
    """
    grading = lab.root / "grading"
    handed_out = lab.release / f"{lab.name}.ipynb"
    releases = kept_releases(grading / "releases" / lab.name, release, handed_out)
    files = frozenset(artefacts({"cells": release.cells}))
    wanted = Wanted(lab.name, releases, files, frozenset(others))
    submitted = grading / "submitted"
    handins = find_handins(inbox, wanted, roster)
    before = [h for h in collected_before(submitted, wanted) if h.student not in left]
    return collect(handins, before, releases, lab.name, submitted)


def collect(
    handins: Iterable[HandIn],
    before: Iterable[HandIn],
    releases: Releases,
    lab: str,
    submitted: Path,
) -> list[Collected]:
    """Write the hand-in of every student that counts to submitted/STUDENT/LAB.

    before: what earlier runs have written there. A hand-in that nobody can be found for is
    reported under the name of its file.
    """
    grouped: dict[str, tuple[list[HandIn], list[HandIn]]] = defaultdict(lambda: ([], []))
    for handin in handins:
        grouped[handin.student or f"? {handin.origin}"][0].append(handin)
    for handin in before:
        grouped[str(handin.student)][1].append(handin)
    found = [
        _collect_one(student, new, old, releases, submitted / student / lab)
        for student, (new, old) in sorted(grouped.items())
    ]
    alike = Counter(one.student.casefold() for one in found)
    for one in found:
        if alike[one.student.casefold()] > 1:
            one.notes.append("whose is it? Another id differs from this one only in case")
    return found


def _collect_one(
    student: str, new: list[HandIn], old: list[HandIn], releases: Releases, folder: Path
) -> Collected:
    read, failed, lab = list[_Read](), list[str](), folder.name
    for handin in _newest_first(new) + old:
        try:
            read.append(_known(handin, read, lab) or _prepared(handin, releases, lab))
        except Unreadable as error:
            why = str(error) if str(error).startswith(_KEPT_WORDS) else f"unreadable: {error}"
            failed.append(f"{why} ({handin.origin.name})")
    if not read:
        return Collected(student, problem="; ".join(failed))
    first = max(read, key=lambda one: one.handin.time or _EARLIEST)
    same = [one for one in read if one.same_work(first)]
    time = min((one.handin.time for one in same if one.handin.time), default=None)
    _write(folder, first.files, time)
    counted = next((one for one in same if one.handin.time == time), first)
    notes = [*counted.handin.notes, *counted.notes]
    notes += _set_aside(counted, read, old) + failed + _places(new)
    return Collected(student, time, notes, before=counted.handin in old)


def _newest_first(handins: list[HandIn]) -> list[HandIn]:
    by_name = sorted(handins, key=lambda handin: handin.origin, reverse=True)
    return sorted(by_name, key=lambda handin: handin.time or _EARLIEST, reverse=True)


def _known(handin: HandIn, read: list[_Read], lab: str) -> _Read | None:
    """A hand-in that is what another one became needs no repair of its own."""
    files = {f"{lab}.ipynb": handin.notebook, **handin.artefacts}
    same = any(one.files == files for one in read)
    return _Read(handin, files, []) if same else None


def _prepared(handin: HandIn, releases: Releases, lab: str) -> _Read:
    if handin.unreadable:
        raise Unreadable(handin.unreadable)
    repaired = repair(handin.notebook, releases)
    files = {f"{lab}.ipynb": to_bytes(repaired.notebook), **handin.artefacts}
    return _Read(handin, files, repaired.notes)


def _set_aside(counted: _Read, read: list[_Read], old: list[HandIn]) -> list[str]:
    """Every hand-in that does not count, by name, and why."""
    again, earlier, timeless = [], [], []
    for one in read:
        name = str(one.handin.origin)
        if one is counted or (
            one.handin in old and any(one.same_work(other) for other in read if other is not one)
        ):
            continue
        if one.handin in old:
            name = "what was graded before (now in grading/originals)"
        if one.same_work(counted):
            again.append(name)
        elif one.handin.time is None and counted.handin.time is not None:
            timeless.append(name)
        else:
            earlier.append(name)
    said = {
        "the same work, which keeps its earlier time": again,
        "handed in earlier": earlier if counted.handin.time else [],
        "none has a time, the last by name counts": [] if counted.handin.time else earlier,
        "no time stamp": timeless,
    }
    return [f"set aside: {', '.join(names)} ({why})" for why, names in said.items() if names]


def _places(handins: list[HandIn]) -> list[str]:
    folders = {handin.origin.parent for handin in handins}
    several = ", ".join(sorted(str(folder) for folder in folders))
    return [f"noticed: hand-ins from several folders: {several}"] if len(folders) > 1 else []


def _write(folder: Path, files: dict[str, bytes], time: datetime | None) -> None:
    """Make the folder hold exactly this hand-in; what it held before is moved aside."""
    files = {**files, **secret_in(folder), **({TIME: _stamp(time)} if time else {})}
    if folder.is_symlink() or folder.exists():
        if not folder.is_symlink() and _content(folder) == files:
            return
        _move_aside(folder)
    for name, content in reversed(files.items()):  # the notebook last: with it all is there
        write_atomically(folder / name, content)


def _stamp(time: datetime) -> bytes:
    """To the microsecond where one is known: nbgrader's exchange knows a hand-in by its time."""
    exact = STAMP.replace("%S", "%S.%f") if time.microsecond else STAMP
    return f"{time:{exact}}".encode()


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
    names = (kept / f"{folder.name}-{number}" for number in count(1))
    shutil.move(folder, next(path for path in names if not path.exists()))
