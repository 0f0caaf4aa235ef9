"""Which of the notebooks in one hand-in counts."""

from collections.abc import Sequence

from course_lib.teach.build.sources import grade_id, to_bytes
from course_lib.teach.grade.archives import Found
from course_lib.teach.grade.reading import LARGEST, Unreadable, squeezed
from course_lib.teach.grade.releases import Releases
from course_lib.teach.grade.repair import Repaired, repair

_MOST = 20


def choose(
    notebooks: Sequence[Found], lab: str, releases: Releases
) -> tuple[Found, bytes, list[str]]:
    """The notebook that counts, its content, and notes on how it was found.

    Of several the one that was worked on counts, whatever its name; of several with different
    work the one with the lab's own name. Unreadable: there is none, or it cannot be decided.
    """
    if not notebooks:
        raise Unreadable(f"no notebook in it: expected {lab}.ipynb")
    if len(notebooks) == 1:
        chosen, content = notebooks[0], notebooks[0].read(LARGEST)
        return chosen, content, _renamed(chosen, lab)
    theirs = [file for file in notebooks if "solutions" not in file.path.parts] or notebooks
    likely = sorted(theirs, key=lambda file: (lab not in file.path.name, len(file.path.parts)))
    read = _readable(likely, releases)
    if not read:
        raise Unreadable(f"wrong name: expected {lab}.ipynb, found {_listed(notebooks)}")
    chosen = _decided({file: repaired for file, (_, repaired) in read.items()}, lab, releases)
    notes = _renamed(chosen, lab)
    aside = [file for file in read if file is not chosen]
    if aside:
        notes.append(f"noticed: {_inner(chosen)} counts, set aside: {_listed(aside)}")
    return chosen, read[chosen][0], notes


def _readable(
    notebooks: Sequence[Found], releases: Releases
) -> dict[Found, tuple[bytes, Repaired]]:
    """Those of this lab, each with its content and as it would be graded."""
    found = {}
    for file in notebooks[:_MOST]:
        try:
            content = file.read(LARGEST)
            found[file] = (content, repair(content, releases))
        except Unreadable:
            continue
    return found


def _decided(read: dict[Found, Repaired], lab: str, releases: Releases) -> Found:
    worked = {file: done for file, done in read.items() if _answered(done, releases)}
    left = worked or read
    if worked and len({to_bytes(done.notebook) for done in worked.values()}) > 1:
        own = {file: done for file, done in worked.items() if file.path.name == f"{lab}.ipynb"}
        left = own or worked
        if len({to_bytes(done.notebook) for done in left.values()}) > 1:
            raise Unreadable(
                f"wrong name: {len(left)} different notebooks were worked on, "
                f"{_listed(list(left))}: which one counts?"
            )
    return next(iter(left))


def _answered(done: Repaired, releases: Releases) -> bool:
    """Whether an answer says anything that no release said."""
    return any(
        squeezed(cell.source) not in releases.texts[name]
        for cell in done.notebook.cells
        if (name := grade_id(cell)) and cell.metadata.nbgrader.get("solution")
    )


def _renamed(file: Found, lab: str) -> list[str]:
    name = file.path.name
    if name == f"{lab}.ipynb" or (name.endswith(".ipynb") and len(file.path.parts) == 1):
        return []
    return [f"repaired: {name} was taken for {lab}.ipynb"]


def _inner(file: Found) -> str:
    """The file's path inside the hand-in's archive, or below its folder in the inbox."""
    base = len(file.archives[-1].parts) if file.archives else min(1, len(file.path.parts) - 1)
    return "/".join(file.path.parts[base:])


def _listed(files: Sequence[Found]) -> str:
    names = sorted(map(_inner, files))
    return ", ".join(names[:5]) + (f" and {len(names) - 5} more" if len(names) > 5 else "")
