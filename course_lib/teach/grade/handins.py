"""Reading what students handed in: only the expected files, whatever lies beside them.

Accepted below a folder: the zip files that `submit` writes (LAB-STUDENT-TIME.zip, also with the
words that a learning platform puts before or after the name), the notebook alone under such a
name, and folders named after the student that hold either; nbgrader's own layout STUDENT/LAB/ is
one of these. The folder's name, which a learning platform gives, counts before the file's, which
the student gives. Links are not followed, archives are never unpacked to disk, and every file has
a greatest size.
"""

import lzma
import re
import stat
import zipfile
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path, PurePosixPath

from nbgrader.utils import parse_utc

from course_lib.teach.grade.repair import LARGEST, Unreadable
from course_lib.teach.places import NAME_TIME, STUDENT

MOST_MEMBERS = 1000
_LARGEST_ARTEFACT = 20_000_000
_STAMP = re.compile(r"\d{8}T\d{6}Z")
_BROKEN_ZIP = (
    *(zipfile.BadZipFile, zlib.error, lzma.LZMAError),
    *(OSError, EOFError, RuntimeError, ValueError),  # ValueError: a name that is not UTF-8
)


@dataclass(frozen=True)
class HandIn:
    """One hand-in as it was found: whose, where, when; the files by their proper names.

    student is None if nothing says whose it is; `unreadable` says why there is no notebook.
    """

    student: str | None
    origin: Path
    notebook: bytes = b""
    artefacts: dict[str, bytes] = field(default_factory=dict)
    time: datetime | None = None
    notes: tuple[str, ...] = ()
    unreadable: str = ""


def find_handins(folder: Path, lab: str, artefacts: set[str]) -> Iterator[HandIn]:
    """All hand-ins of a lab below `folder`, in the order of their paths.

    artefacts: names of the files that the lab asks for beside the notebook.
    """
    for path in sorted(folder.iterdir()) if folder.is_dir() else []:
        if path.name.startswith("."):
            continue
        if path.is_symlink():
            yield HandIn(None, path, unreadable="it is a link, which is not followed")
        elif path.is_dir():
            yield from _in_student_folder(path, lab, artefacts)
        elif path.suffix.lower() in (".zip", ".ipynb") and lab in path.name:
            yield _read(path, lab, artefacts, *_named(path, lab))


def _in_student_folder(folder: Path, lab: str, artefacts: set[str]) -> Iterator[HandIn]:
    student = folder.name if STUDENT.fullmatch(folder.name) else None
    inner = folder / lab
    if inner.is_dir() and not inner.is_symlink():
        yield _read(inner, lab, artefacts, student, None)
    for path in sorted(folder.iterdir()):
        wanted = path.suffix.lower() in (".zip", ".ipynb") and lab in path.name
        if wanted and not path.is_symlink():
            named, time = _named(path, lab)
            found = _read(path, lab, artefacts, student or named, time)
            if student and named and student != named:
                note = f"whose is it? The file says {named}, the folder says {student}"
                found = replace(found, notes=(note, *found.notes))
            yield found


def _named(path: Path, lab: str) -> tuple[str | None, datetime | None]:
    """Student and time in a name like LAB-STUDENT-TIME.zip, with anything around it.

    Both are None if one of them cannot be understood.
    """
    match = re.search(rf"{re.escape(lab)}-(.+?)(?:-({_STAMP.pattern})|$)", path.stem)
    if match is None:
        return None, None
    student = re.sub(r" ?\(\d+\)$", "", match[1])  # a browser's second download
    try:
        time = datetime.strptime(match[2], NAME_TIME).replace(tzinfo=UTC) if match[2] else None
    except ValueError:
        return None, None
    return (student, time) if STUDENT.fullmatch(student) else (None, None)


def _read(
    path: Path, lab: str, artefacts: set[str], student: str | None, time: datetime | None
) -> HandIn:
    """The hand-in in one file or folder; an unreadable one says why."""
    found = HandIn(student, path, time=time)
    if student is None:
        found = replace(found, unreadable=f"wrong name: expected {lab}-STUDENT-TIME.zip")
    try:
        members = _members(path)
        name, notes = _choose_notebook(list(members), lab)
        notebook = members[name](LARGEST)
        extras = {n: members[n](_LARGEST_ARTEFACT) for n in artefacts & members.keys()}
        stamp = members["timestamp.txt"](100) if "timestamp.txt" in members else b""
    except Unreadable as error:
        return replace(found, unreadable=found.unreadable or str(error))
    left_out = sorted(members.keys() - extras.keys() - {name, "timestamp.txt"})
    if left_out:
        notes.append(f"noticed: left out {', '.join(left_out[:5])}")
    time, remarks = _latest(time, stamp)
    return replace(found, notebook=notebook, artefacts=extras, time=time, notes=(*notes, *remarks))


Reader = Callable[[int], bytes]
"""Reads a whole member; Unreadable when it is longer than the argument says."""


def _members(path: Path) -> dict[str, Reader]:
    """Readers of the files in a zip, a folder or a single notebook, by their bare names."""
    if path.is_dir():
        files = [entry for entry in path.iterdir() if entry.is_file() and not entry.is_symlink()]
        return {file.name: _file_reader(file) for file in files}
    if path.suffix.lower() == ".ipynb":
        return {path.name: _file_reader(path)}
    try:
        with zipfile.ZipFile(path) as archive:
            entries = archive.infolist()
    except _BROKEN_ZIP as error:
        raise Unreadable(f"not a whole zip file: {error}") from error
    if len(entries) > MOST_MEMBERS:
        raise Unreadable(f"the zip holds {len(entries)} files, at most {MOST_MEMBERS} are read")
    found: dict[str, Reader] = {}
    for entry in entries:
        parts = PurePosixPath(entry.filename.replace("\\", "/")).parts
        link = stat.S_ISLNK(entry.external_attr >> 16)
        if parts and not entry.is_dir() and not link and not parts[0].startswith("__MACOSX"):
            found.setdefault(parts[-1], _zip_reader(path, entry))
    return found


def _file_reader(path: Path) -> Reader:
    def read(limit: int) -> bytes:
        try:
            with path.open("rb") as file:
                content = file.read(limit + 1)
        except OSError as error:
            raise Unreadable(f"{path.name} cannot be read: {error.strerror}") from error
        return _whole(content, limit, path.name)

    return read


def _zip_reader(path: Path, entry: zipfile.ZipInfo) -> Reader:
    def read(limit: int) -> bytes:
        try:
            with zipfile.ZipFile(path) as archive, archive.open(entry) as file:
                content = file.read(limit + 1)
        except _BROKEN_ZIP as error:
            raise Unreadable(f"{entry.filename} in the zip cannot be read: {error}") from error
        return _whole(content, limit, entry.filename)

    return read


def _whole(content: bytes, limit: int, name: str) -> bytes:
    if len(content) > limit:
        raise Unreadable(f"{name} is larger than {limit / 10**6:g} MB")
    return content


def _choose_notebook(names: list[str], lab: str) -> tuple[str, list[str]]:
    """The lab's notebook among the files, even if it was renamed."""
    if f"{lab}.ipynb" in names:
        return f"{lab}.ipynb", []
    notebooks = [name for name in names if name.endswith(".ipynb") and not name.startswith(".")]
    alike = [name for name in notebooks if lab in name] or notebooks
    if not alike:
        raise Unreadable(f"no notebook in it: expected {lab}.ipynb")
    if len(alike) > 1:
        raise Unreadable(f"wrong name: expected {lab}.ipynb, found {', '.join(sorted(alike)[:5])}")
    return alike[0], [f"repaired: {alike[0]} was taken for {lab}.ipynb"]


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
        notes.append("tampered: name and timestamp.txt say different times (the later counts)")
    if not times:
        notes.append("noticed: no time stamp, so it counts as in time")
    elif max(times) > datetime.now(UTC):
        notes.append("noticed: the time stamp lies in the future")
    return max(times, default=None), notes
