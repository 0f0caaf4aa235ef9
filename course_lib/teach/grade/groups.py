"""Which files of an inbox belong to one hand-in."""

import re
from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import PurePosixPath

from course_lib.teach.grade.archives import Found
from course_lib.teach.grade.reading import Unreadable
from course_lib.teach.grade.whose import (
    is_of_a_course,
    may_be_a_student,
    named,
    person,
    stamp_of,
)

_ROOT = PurePosixPath()
_LARGEST_GUESS = 5_000_000


@dataclass
class Group:
    """The files of one hand-in: below `root`, or `root` itself and what lies beside it.

    folders: the parts of the root's path that may be a student's folder, from the outside in.
    """

    root: PurePosixPath
    notebooks: list[Found] = field(default_factory=list)
    files: list[Found] = field(default_factory=list)
    folders: list[str] = field(default_factory=list)
    problem: str = ""


def looks_like_a_notebook(path: PurePosixPath) -> bool:
    """Whether the file's name is a notebook's, with what a browser may have put behind it."""
    name = path.name.lower()
    return bool(re.search(r"\.ipynb(\.txt|\.json)?$", name))


def lab_named(name: str, labs: Collection[str]) -> str | None:
    """The lab that a name speaks of, by its full name or its number: "lab02 final.zip"."""
    plain = name.casefold()
    full = [lab for lab in labs if lab.casefold() in plain]
    if full:
        return max(full, key=len)
    number = re.search(r"(?<![a-z0-9])lab\d+(?!\d)", plain)
    short = [lab for lab in labs if number and lab.split("_")[0].casefold() == number[0]]
    return short[0] if short else None


def grouped(
    files: Sequence[Found], lab: str, artefacts: Collection[str]
) -> dict[PurePosixPath, Group]:
    """The files by hand-in; each file is in a group, also one that nobody understands."""
    groups: dict[PurePosixPath, Group] = {}
    notebooks = [file for file in files if _is_notebook(file, lab, artefacts)]
    for file, root in _roots(notebooks, lab).items():
        group = groups.setdefault(root, Group(root))
        group.notebooks.append(file)
        group.files.append(file)
    strays, known = [], set(notebooks)
    for file in files:
        if file.problem:
            groups[file.path] = Group(file.path, files=[file], problem=file.problem)
        elif file not in known:
            homes = _homes(file, groups)
            for home in homes:
                home.files.append(file)
            strays += [] if homes else [file]
    for file, root in _roots(strays, lab).items():
        groups.setdefault(root, Group(root)).files.append(file)
    for group in groups.values():
        group.folders = _folders(group, groups, lab)
    return groups


def _is_notebook(file: Found, lab: str, artefacts: Collection[str]) -> bool:
    name = file.path.name
    if file.problem or name in artefacts or "-checkpoint." in name:
        return False
    if looks_like_a_notebook(file.path):
        return True
    plain = file.path.suffix.lower() in (".json", ".txt", "") or stamp_of(name, lab)
    if not plain or name == "timestamp.txt" or (file.archives and lab not in name):
        return False
    try:
        content = file.read(_LARGEST_GUESS)
    except Unreadable:
        return False
    return content.lstrip()[:1] == b"{" and b'"cells"' in content


def _homes(file: Found, groups: dict[PurePosixPath, Group]) -> list[Group]:
    """The groups that a file without a notebook belongs to: it lies in one, or beside it."""
    for above in file.path.parents:
        if above in groups and not groups[above].problem:
            return [groups[above]]
    folder = file.path.parent
    return [
        group
        for root, group in groups.items()
        if root.parent == folder != _ROOT and [n.path for n in group.notebooks] == [root]
    ]


def _roots(files: Iterable[Found], lab: str) -> dict[Found, PurePosixPath]:
    """Where the hand-in of each notebook begins."""
    roots: dict[Found, PurePosixPath] = {}
    open_ones: dict[PurePosixPath, list[Found]] = defaultdict(list)
    for file in files:
        ends = range(len(file.path.parts), 0, -1)
        prefixes = [PurePosixPath(*file.path.parts[:end]) for end in ends]
        stamped = next((path for path in prefixes if stamp_of(path.name, lab)), None)
        people = next((path for path in prefixes if person(path.name)), None)
        if stamped:
            roots[file] = stamped
        else:
            starts = [path for path in (people, *file.archives[-1:]) if path]
            base = max(starts, key=lambda path: len(path.parts), default=_ROOT)
            open_ones[base].append(file)
    for base, group in open_ones.items():
        roots |= {file: base for file in group if file.path == base}
        roots |= _split(base, [file for file in group if file.path != base], lab)
    return roots


def _split(base: PurePosixPath, files: Sequence[Found], lab: str) -> dict[Found, PurePosixPath]:
    """One hand-in, or one for each part of a folder that holds a class."""
    parts: dict[PurePosixPath, list[Found]] = defaultdict(list)
    for file in files:
        parts[_part(base, file.path, lab)].append(file)
    alone = {file: path for path, (file, *_) in parts.items() if file.path == path}
    deeper = {path for path in parts if path not in alone.values()}
    several = {who for file in alone if (who := named(file.path.name, lab))}
    of_many = base == _ROOT or len(several) > 1
    if not of_many and alone:
        return dict.fromkeys(files, base)
    says = may_be_a_student(base.name, lab) or person(base.name) or named(base.name, lab)
    nobodys = base != _ROOT and not says
    if not of_many and len({path.name for path in deeper}) < 2 and not nobodys:
        return dict.fromkeys(files, base)
    found = dict(alone)
    for path in deeper:
        found |= _split(path, parts[path], lab)
    return found


def _part(base: PurePosixPath, path: PurePosixPath, lab: str) -> PurePosixPath:
    """The first folder below base that may be somebody's, or the file itself."""
    folders = path.relative_to(base).parts[:-1]
    for end, name in enumerate(folders, start=1):
        if not is_of_a_course(name, lab):
            return base.joinpath(*folders[:end])
    return path


def _folders(group: Group, groups: dict[PurePosixPath, Group], lab: str) -> list[str]:
    """The parts of the path that may be this student's folder and do not hold a class."""
    archives = {path for file in group.files for path in file.archives}
    found = []
    for end in range(1, len(group.root.parts) + 1):
        path = PurePosixPath(*group.root.parts[:end])
        is_file = any(file.path == path for file in group.files)
        if path in archives or is_file or not may_be_a_student(path.name, lab):
            continue
        if stamp_of(path.name, lab) or person(path.name):
            continue
        names = {
            _inner_name(other, path, lab) for other in groups if path in (other, *other.parents)
        }
        if len(names - {None}) < 2 or path.name in names:
            found.append(path.name)
    return found


def _inner_name(root: PurePosixPath, folder: PurePosixPath, lab: str) -> str | None:
    """Whose a hand-in is by what stands in its path after the folder."""
    inner = root.relative_to(folder).parts
    if not inner:
        return folder.name
    for part in reversed(inner):
        stamp, who = stamp_of(part, lab), person(part)
        if stamp or who:
            return stamp.student if stamp else who[0] if who else None
    last = named(inner[-1], lab)
    return last or (inner[0] if len(inner) > 1 or "." not in inner[0] else None)
