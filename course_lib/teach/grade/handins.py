"""Reading what students handed in: only the expected files, whatever lies beside them.

Understood below a folder: the zip files that `submit` writes (LAB-STUDENT-TIME.zip, also with the
words that a learning platform puts before or after the name), such a file unpacked, the notebook
alone, folders named after the student, nbgrader's own layout STUDENT/LAB/, a platform's folders
(Moodle, Canvas, Blackboard), folders that hold a whole class, and archives of all of these.
Nothing is passed over but what is another lab's: what nobody understands is reported as well.
Every file has a greatest size.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path, PurePosixPath

from nbgrader.utils import parse_utc

from course_lib.teach.grade.archives import Found, files_below
from course_lib.teach.grade.choose import choose
from course_lib.teach.grade.exchange import BESIDE, TIME
from course_lib.teach.grade.groups import Group, grouped
from course_lib.teach.grade.minutes import LARGEST, read_minutes
from course_lib.teach.grade.reading import Unreadable
from course_lib.teach.grade.releases import Releases
from course_lib.teach.grade.whose import (
    Owner,
    id_for,
    in_roster,
    lab_named,
    looks_like_a_notebook,
    owner,
)
from course_lib.teach.places import MINUTES

_LARGEST_ARTEFACT = 20_000_000
_ROOT = PurePosixPath()


@dataclass(frozen=True)
class HandIn:
    """One hand-in as it was found: whose, where, when; the files by their proper names.

    student is None if nothing says whose it is; `unreadable` says why there is no notebook.
    origin: the archive or the notebook, below the inbox; archives count as folders.
    """

    student: str | None
    origin: PurePosixPath
    notebook: bytes = b""
    artefacts: dict[str, bytes] = field(default_factory=dict)
    time: datetime | None = None
    notes: tuple[str, ...] = ()
    unreadable: str = ""


@dataclass(frozen=True)
class Wanted:
    """What is looked for: the lab, its releases, the files that it asks for, the other labs."""

    lab: str
    releases: Releases
    artefacts: frozenset[str] = frozenset()
    others: frozenset[str] = frozenset()


def find_handins(
    folder: Path, wanted: Wanted, roster: Mapping[str, str] | None = None
) -> list[HandIn]:
    """All hand-ins of a lab below `folder`, in the order of their paths.

    roster: {name of a person, as a platform writes it: id}; an id counts as a name, too.
    """
    roster = roster or {}
    foreign: set[PurePosixPath] = set()

    def skip(path: PurePosixPath) -> bool:
        if _is_of(path, wanted):
            return False
        foreign.add(path.parent)
        return True

    groups = grouped(list(files_below(folder, skip)), wanted.lab, wanted.artefacts)
    owners = {
        root: owner(root, wanted.lab, group.folders, roster) for root, group in groups.items()
    }
    owners = _told_apart(owners, roster)
    return [
        _read(group, owners[root], wanted)
        for root, group in sorted(groups.items())
        if group.notebooks or group.problem or not _foreign(group, foreign)
    ]


def _is_of(path: PurePosixPath, wanted: Wanted) -> bool:
    """Whether the innermost name that speaks of a lab speaks of the wanted one."""
    labs = {wanted.lab, *wanted.others}
    named = (lab for part in reversed(path.parts) if (lab := lab_named(part, labs)))
    return next(named, wanted.lab) == wanted.lab


def collected_before(submitted: Path, wanted: Wanted) -> Iterator[HandIn]:
    """What earlier runs have collected, submitted/STUDENT/LAB; links are not followed."""
    for folder in sorted(submitted.iterdir()) if submitted.is_dir() else []:
        inner = folder / wanted.lab
        if folder.is_symlink() or inner.is_symlink() or not inner.is_dir():
            continue
        files = [file for file in files_below(inner, lambda _: False) if not file.problem]
        notebooks = [file for file in files if file.path.name == f"{wanted.lab}.ipynb"]
        group = Group(PurePosixPath(inner.parent.name, wanted.lab), notebooks, files)
        yield _read(group, Owner(folder.name), wanted)


def _foreign(group: Group, foreign: set[PurePosixPath]) -> bool:
    """Whether files without a notebook lie beside another lab's."""
    return all(file.path.parent in foreign - {_ROOT} for file in group.files)


def _told_apart(
    owners: dict[PurePosixPath, Owner], roster: Mapping[str, str]
) -> dict[PurePosixPath, Owner]:
    """Two persons of a platform under one id become two: by their names, or else their numbers."""
    people = defaultdict(set)
    for found in owners.values():
        if found.student and found.label and not in_roster(found.label, roster):
            people[found.student].add((id_for(found.label), found.number))
    apart = dict(owners)
    for root, found in owners.items():
        same = people[found.student or ""]
        if not found.label or len(same) < 2 or in_roster(found.label, roster):
            continue
        several_names = len({name for name, _ in same}) > 1
        name = id_for(found.label) or "participant"
        student = name if several_names else f"{name}_{found.number}"
        note = f"whose is it? {found.student} stands on the hand-ins of several people"
        apart[root] = replace(found, student=student, notes=(*found.notes, note))
    return apart


def _read(group: Group, whose: Owner, wanted: Wanted) -> HandIn:
    """The hand-in in a group of files; an unreadable one says why."""
    found = HandIn(whose.student, group.root, time=whose.time, notes=whose.notes)
    if whose.student is None:
        found = replace(found, unreadable=f"wrong name: expected {wanted.lab}-STUDENT-TIME.zip")
    try:
        chosen, content, notes = _chosen(group, whose, wanted)
        beside = _beside(group, chosen)
        extras = {
            name: beside[name].read(_LARGEST_ARTEFACT) for name in wanted.artefacts & beside.keys()
        }
        stamp = beside[TIME].read(100) if TIME in beside else b""
        minutes, odd = _minutes(beside, wanted)
    except Unreadable as error:
        reason = found.unreadable if group.notebooks else ""
        return replace(found, unreadable=reason or str(error))
    extras |= minutes
    notes += [*odd, *_left_out(group, {chosen, *(beside[name] for name in extras)})]
    time, remarks = _latest(whose.time, stamp)
    return replace(
        found,
        origin=group.root if group.root in (chosen.path, *chosen.archives) else chosen.path,
        notebook=content,
        artefacts=extras,
        time=time,
        notes=(*whose.notes, *notes, *remarks),
    )


def _chosen(group: Group, whose: Owner, wanted: Wanted) -> tuple[Found, bytes, list[str]]:
    if group.problem:
        raise Unreadable(group.problem)
    if not group.notebooks:
        raise Unreadable(_without_notebook(group, whose, wanted.lab))
    return choose(group.notebooks, wanted.lab, wanted.releases)


def _without_notebook(group: Group, whose: Owner, lab: str) -> str:
    names = sorted({file.path.name for file in group.files})
    listed = ", ".join(names[:5])
    if whose.student is None and len(group.files) == 1 and not group.files[0].archives:
        return "passed over: expected a notebook or a zip file"
    return f"no notebook in it: expected {lab}.ipynb, found {listed}"


def _minutes(beside: dict[str, Found], wanted: Wanted) -> tuple[dict[str, bytes], list[str]]:
    """What a student tells of the time that it took, as a file, or a note that it is odd."""
    if MINUTES not in beside:
        return {}, []
    try:
        content = beside[MINUTES].read(LARGEST)
    except Unreadable:
        content = b""
    if read_minutes(content, wanted.releases.named) is None:
        return {}, [f"noticed: {MINUTES} was not understood, which touches no points"]
    return {MINUTES: content}, []


def _beside(group: Group, notebook: Found) -> dict[str, Found]:
    """The hand-in's files by their bare names; those beside the notebook count first."""
    files: dict[str, Found] = {}
    near = sorted(group.files, key=lambda file: file.path.parent != notebook.path.parent)
    for file in near:
        files.setdefault(file.path.name, file)
    return files


def _left_out(group: Group, used: set[Found]) -> list[str]:
    names = sorted(
        {
            file.path.name
            for file in group.files
            if file not in used
            and file.path.name not in BESIDE
            and not looks_like_a_notebook(file.path.name)
        }
    )
    more = f" and {len(names) - 5} more" if len(names) > 5 else ""
    return [f"noticed: left out {', '.join(names[:5])}{more}"] if names else []


def _latest(named: datetime | None, stamp: bytes) -> tuple[datetime | None, list[str]]:
    """The time of a hand-in from its name and its timestamp.txt; where they differ, the later."""
    notes = []
    times = [named] if named else []
    try:
        if stamp:
            times.append(parse_utc(stamp.decode().strip()).replace(tzinfo=UTC))
    except (ValueError, OverflowError):
        notes.append("noticed: timestamp.txt holds no time")
    if len(times) == 2 and abs(times[0] - times[1]).total_seconds() > 1:
        notes.append("noticed: name and timestamp.txt say different times (the later counts)")
    if not times:
        notes.append("noticed: no time stamp, so it counts as in time")
    elif max(times) > datetime.now(UTC):
        notes.append("noticed: the time stamp lies in the future")
    return max(times, default=None), notes
