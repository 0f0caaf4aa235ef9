"""The files of an inbox, those inside archives too, without unpacking anything to disk.

An archive counts as a folder, also one inside another. Links are not followed, and there are
greatest numbers of files, of archives in each other and of bytes, so that no archive can keep the
others from being read. What cannot be read is listed with the reason.
"""

import io
import lzma
import stat
import zipfile
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path, PurePosixPath

from course_lib.teach.grade.reading import LARGEST, Unreadable

MOST_MEMBERS = 20_000
"""Files in one archive, those of the archives inside it included."""
_DEEPEST = 3  # archives in each other
_JUNK = frozenset({"__MACOSX", "__pycache__", "Thumbs.db", "desktop.ini"})
_IS_UTF8 = 0x800
_BROKEN_ZIP = (
    *(zipfile.BadZipFile, zlib.error, lzma.LZMAError),
    *(OSError, EOFError, RuntimeError, ValueError),  # ValueError: a name that is not UTF-8
)

Reader = Callable[[int], bytes]
"""Reads a whole file; Unreadable when it is longer than the argument says."""
Skip = Callable[[PurePosixPath], bool]
"""Whether a file is not even looked at, by its path."""


@dataclass(frozen=True)
class Found:
    """A file: its path, where archives count as folders, and how to read it.

    archives: the paths of the archives that it lies in, from the outside in.
    problem: why an archive or a folder shows no files, or a link was not followed; '' for a file.
    """

    path: PurePosixPath
    read: Reader
    archives: tuple[PurePosixPath, ...] = ()
    problem: str = ""
    is_folder: bool = False


@dataclass
class _Budget:
    """What may still be read of one archive and of those inside it."""

    members: int
    size: int = 20 * LARGEST


def files_below(folder: Path, skip: Skip) -> Iterator[Found]:
    """All files below a folder, in the order of their paths; what computers write is left out."""
    for entry in _inside(folder) if folder.is_dir() else []:
        yield from _in_folder(entry, PurePosixPath(entry.name), skip)


def _is_junk(name: str) -> bool:
    return name.startswith(".") or name in _JUNK


def _in_folder(entry: Path, path: PurePosixPath, skip: Skip) -> Iterator[Found]:
    file = Found(path, _file_reader(entry))
    if entry.is_symlink():
        yield replace(file, problem="it is a link, which is not followed")
    elif entry.is_dir():
        try:
            inner = _inside(entry)
        except OSError as error:
            yield replace(file, problem=f"the folder cannot be read: {error.strerror}")
            return
        if not all(map(_is_empty, inner)):
            for one in inner:
                yield from _in_folder(one, path / one.name, skip)
        elif not skip(path):
            yield replace(file, problem="an empty folder", is_folder=True)
    elif skip(path):
        return
    elif not entry.is_file():
        yield replace(file, problem="it is not a plain file")
    else:
        yield from _looked_into(file, entry, skip, _Budget(MOST_MEMBERS))


def _is_empty(path: Path) -> bool:
    """Whether it is a folder without any file in it, however deep."""
    try:
        return path.is_dir() and not path.is_symlink() and all(map(_is_empty, _inside(path)))
    except OSError:
        return False


def _inside(folder: Path) -> list[Path]:
    return sorted(path for path in folder.iterdir() if not _is_junk(path.name))


def _looked_into(file: Found, disk: Path | None, skip: Skip, budget: _Budget) -> Iterator[Found]:
    """The file itself, or what is in it if it is a zip file. disk: where it lies, if it does."""
    if file.path.suffix.lower() != ".zip":
        yield file
        return
    archives = (*file.archives, file.path)
    try:
        if len(archives) > _DEEPEST:
            raise Unreadable(f"more than {_DEEPEST} archives inside each other")
        members = _members(file, _Archive(file, disk), budget)
    except Unreadable as error:
        yield Found(file.path, file.read, file.archives, str(error))
        return
    for path, read in members:
        if not skip(path):
            yield from _looked_into(Found(path, read, archives), None, skip, budget)


class _Archive:
    """A zip file that is opened for each member, or once if there are archives inside."""

    def __init__(self, file: Found, disk: Path | None) -> None:
        self._file, self._disk = file, disk
        self.kept: zipfile.ZipFile | None = None

    def open(self) -> zipfile.ZipFile:
        return zipfile.ZipFile(self._disk or io.BytesIO(self._file.read(2 * LARGEST)))

    @contextmanager
    def opened(self) -> Iterator[zipfile.ZipFile]:
        if self.kept:
            yield self.kept
            return
        with self.open() as zipped:
            yield zipped


def _members(file: Found, archive: _Archive, budget: _Budget) -> list[tuple[PurePosixPath, Reader]]:
    try:
        with archive.opened() as zipped:
            entries = zipped.infolist()
        inner = [entry for entry in entries if entry.filename.lower().endswith(".zip")]
        if len(inner) > 10 and not file.archives:  # a platform's: its list is long to read
            archive.kept = archive.open()
    except Unreadable:
        raise
    except _BROKEN_ZIP as error:
        raise Unreadable(f"not a whole zip file: {error}") from error
    found = []
    for entry in entries:
        parts = PurePosixPath(_name(entry).replace("\\", "/")).parts
        inside = [part for part in parts if part not in ("/", "..")]
        if entry.is_dir() or not inside or any(map(_is_junk, inside)):
            continue
        if not stat.S_ISLNK(entry.external_attr >> 16):
            found.append((file.path.joinpath(*inside), _zip_reader(archive, entry)))
    if not found:
        raise Unreadable("an empty archive")
    if len(found) > budget.members:
        raise Unreadable(f"the zip holds {len(found)} files, at most {budget.members} are read")
    budget.members -= len(found)
    budget.size -= sum(entry.file_size for entry in inner)
    if budget.size < 0:
        raise Unreadable("the archives in the zip are too large")
    return sorted(found, key=lambda pair: pair[0])


def _name(entry: zipfile.ZipInfo) -> str:
    """The member's name; macOS writes UTF-8 and does not say so."""
    if entry.flag_bits & _IS_UTF8:
        return entry.filename
    try:
        return entry.filename.encode("cp437").decode()
    except UnicodeError:
        return entry.filename


def _file_reader(path: Path) -> Reader:
    def read(limit: int) -> bytes:
        try:
            with path.open("rb") as file:
                content = file.read(limit + 1)
        except OSError as error:
            raise Unreadable(f"{path.name} cannot be read: {error.strerror}") from error
        return _whole(content, limit, path.name)

    return read


def _zip_reader(archive: _Archive, entry: zipfile.ZipInfo) -> Reader:
    def read(limit: int) -> bytes:
        try:
            with archive.opened() as zipped, zipped.open(entry) as file:
                content = file.read(limit + 1)
        except Unreadable:
            raise
        except _BROKEN_ZIP as error:
            raise Unreadable(f"{entry.filename} in the zip cannot be read: {error}") from error
        return _whole(content, limit, entry.filename)

    return read


def _whole(content: bytes, limit: int, name: str) -> bytes:
    if len(content) > limit:
        raise Unreadable(f"{name} is larger than {limit / 10**6:g} MB")
    return content
