"""Which files of an inbox belong to one hand-in."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import PurePosixPath

from course_lib.teach.grade.archives import Found
from course_lib.teach.grade.reading import Unreadable
from course_lib.teach.grade.whose import (
    claimed,
    is_of_a_course,
    looks_like_a_notebook,
    may_be_a_student,
    named,
    person,
    stamp_of,
    written_beside,
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


def grouped(
    files: Sequence[Found], lab: str, artefacts: Collection[str]
) -> dict[PurePosixPath, Group]:
    """The files by hand-in; each file is in a group, also one that nobody understands.

    An empty folder is a hand-in at the top, or where hand-ins lie beside it; what a platform
    writes beside a person's files is none.
    """
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
    groups = {root: group for root, group in groups.items() if _is_a_hand_in(group, groups)}
    _students_folders(groups, lab)
    return groups


def _is_a_hand_in(group: Group, groups: Mapping[PurePosixPath, Group]) -> bool:
    root, begins = group.root, written_beside(group.root.name)
    is_folder = bool(group.problem) and group.files[0].is_folder and root.parent != _ROOT
    if group.notebooks or not (begins or is_folder):
        return True
    others = [other.name for other in groups if other != root and other.parent == root.parent]
    if is_folder:
        return not all(map(looks_like_a_notebook, others))
    return not any(other.startswith(str(begins)) for other in others)


def _is_notebook(file: Found, lab: str, artefacts: Collection[str]) -> bool:
    name = file.path.name
    if file.problem or name in artefacts or "-checkpoint." in name:
        return False
    if looks_like_a_notebook(name):
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


def _roots(files: Sequence[Found], lab: str) -> dict[Found, PurePosixPath]:
    """Where the hand-in of each file begins."""
    roots: dict[Found, PurePosixPath] = {}
    open_ones: dict[PurePosixPath, list[Found]] = defaultdict(list)
    claims: dict[PurePosixPath, set[str]] = defaultdict(set)
    for file in files:
        prefixes = [file.path, *file.path.parents][:-1]
        stamped = next((path for path in prefixes if stamp_of(path.name, lab)), None)
        people = next((path for path in prefixes if person(path.name)), None)
        for path in {file.path, *file.archives, stamped or file.path}:
            claims[path.parent] |= {who for who in (claimed(path.name, lab),) if who}
        if stamped:
            roots[file] = stamped
        else:
            starts = [path for path in (people, *file.archives[-1:]) if path]
            base = max(starts, key=lambda path: len(path.parts), default=_ROOT)
            open_ones[base].append(file)
    for base, group in open_ones.items():
        roots |= {file: base for file in group if file.path == base}
        roots |= _split(base, [file for file in group if file.path != base], claims, lab)
    return roots


def _split(
    base: PurePosixPath,
    files: Sequence[Found],
    claims: Mapping[PurePosixPath, set[str]],
    lab: str,
) -> dict[Found, PurePosixPath]:
    """One hand-in, or one for each part of a folder that holds a class.

    claims: the names in the names of what lies in a folder.
    """
    parts: dict[PurePosixPath, list[Found]] = defaultdict(list)
    for file in files:
        parts[_part(base, file.path, lab)].append(file)
    alone = {file: path for path, (file, *_) in parts.items() if file.path == path}
    found: dict[Found, PurePosixPath] = dict(alone)
    for path, below in parts.items():
        if path not in alone.values():
            found |= _split(path, below, claims, lab)
    several = len(claims.get(base, ())) > 1 and base.name not in claims[base]
    says = may_be_a_student(base.name, lab) or person(base.name) or named(base.name, lab)
    if base == _ROOT or several or not (says or alone):
        return found
    inner = set(found.values())
    is_one = alone or (len(inner) < 2 and not any(claimed(path.name, lab) for path in inner))
    return dict.fromkeys(files, base) if is_one else found


def _part(base: PurePosixPath, path: PurePosixPath, lab: str) -> PurePosixPath:
    """The first folder below base that may be somebody's, or the file itself."""
    folders = path.relative_to(base).parts[:-1]
    for end, name in enumerate(folders, start=1):
        if not is_of_a_course(name, lab):
            return base.joinpath(*folders[:end])
    return path


def _students_folders(groups: Mapping[PurePosixPath, Group], lab: str) -> None:
    """Note with each group the parts of its path that may be its student's folder.

    A folder below which hand-ins of several names lie, not its own among them, is nobody's.
    """
    names: dict[PurePosixPath, set[str]] = defaultdict(set)
    plain: dict[PurePosixPath, list[PurePosixPath]] = {}
    for root, group in groups.items():
        files = {file.path for file in group.files if not file.is_folder}
        files |= {path for file in group.files for path in file.archives}
        upwards = [root, *root.parents][:-1]
        plain[root] = [
            path
            for path in upwards
            if path not in files and not person(path.name) and may_be_a_student(path.name, lab)
        ]
        who = next((name for path in upwards if (name := _says(path, plain[root], lab))), None)
        for path in upwards if who else []:
            names[path].add(str(who))
    for root, group in groups.items():
        stamped = [path for path in root.parents if stamp_of(path.name, lab)]
        group.folders = [
            path.name
            for path in reversed(plain[root])
            if (len(names[path]) < 2 or path.name in names[path])
            and not any(above in path.parents for above in stamped)
        ]


def _says(path: PurePosixPath, plain: Sequence[PurePosixPath], lab: str) -> str | None:
    """Whose hand-in the last part of a path says that it is."""
    who = person(path.name)
    return who[0] if who else claimed(path.name, lab) or (path.name if path in plain else None)
