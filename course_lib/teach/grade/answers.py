"""Answers and tests that lost their name, or stand elsewhere, found again.

nbgrader knows a cell by the name in its metadata, which a pasted cell lacks. Here such a cell is
found by its cell id, by its text, by the function that it defines, or by its place.
"""

import nbformat
from nbformat import NotebookNode

from course_lib.teach.build.sources import grade_id
from course_lib.teach.grade.names import defined, functions, used
from course_lib.teach.grade.reading import squeezed
from course_lib.teach.grade.releases import Releases

Cells = list[NotebookNode]


def copied(cell: NotebookNode) -> NotebookNode:
    """A copy of a cell that shares nothing with it."""
    made: NotebookNode = nbformat.from_dict(cell)
    return made


def is_answer(cell: NotebookNode) -> bool:
    """Whether a released cell is there to be filled in."""
    return bool(cell.metadata.nbgrader.get("solution"))


def is_test(cell: NotebookNode) -> bool:
    """Whether a released cell is a test."""
    return bool(cell.metadata.nbgrader.get("grade")) and not is_answer(cell)


def untouched(cell: NotebookNode | None, name: str, releases: Releases) -> bool:
    """Whether an answer's cell says nothing that no release said."""
    return cell is None or squeezed(cell.source) in {"", *releases.texts[name]}


def find_lost(cells: Cells, releases: Releases, notes: list[str]) -> None:
    """Give the lab's cells their names back, in place.

    cells: a name stands at most once among them, and only names of the release do.
    """
    for name, original in releases.named.items():
        if with_name(cells, name) is None:
            found = _by_id(cells, original) or _by_text(cells, name, releases)
            if found:
                _give_name(found, original)
                notes.append(f"repaired: the cell {name} had lost its metadata")
    for name, original in releases.named.items():
        if is_answer(original) and original.cell_type == "code":
            _find_code(cells, name, releases, notes)


def wanted_names(name: str, releases: Releases) -> set[str]:
    """What an answer has to define: what its stub defines and a test uses, or else all of that."""
    stub = releases.named[name].source
    tested = {
        word for cell in releases.named.values() if is_test(cell) for word in used(cell.source)
    }
    own = functions(stub) or defined(stub)
    return own & tested or own


def _find_code(cells: Cells, name: str, releases: Releases, notes: list[str]) -> None:
    """An answer in a cell without a name: it defines what the answer has to define."""
    wanted, present = wanted_names(name, releases), with_name(cells, name)
    answered = not untouched(present, name, releases)
    if answered and present is not None and wanted & defined(present.source):
        return
    released = releases.released
    found = [
        cell
        for cell in cells
        if cell.cell_type == "code"
        and grade_id(cell) is None
        and wanted & defined(cell.source)
        and squeezed(cell.source) not in released
    ]
    if not found:
        others = [c for c in cells if c is not present and wanted & defined(c.source)]
        if present is not None and not answered and any(map(grade_id, others)):
            cells[:] = [cell for cell in cells if cell is not present]
        return
    best = max(reversed(found), key=lambda cell: len(wanted & defined(cell.source)))
    _give_name(best, releases.named[name])
    notes.append(f"repaired: the answer {name} was found in another cell")
    if present is None:
        return
    cells[:] = [cell for cell in cells if cell is not present]
    if answered or defined(present.source) - defined(best.source):
        del present.metadata["nbgrader"]
        cells.insert(place_of(cells, best), present)


def _by_id(cells: Cells, original: NotebookNode) -> NotebookNode | None:
    same = [c for c in cells if grade_id(c) is None and c.get("id") == original.id]
    return same[0] if len(same) == 1 else None


def _by_text(cells: Cells, name: str, releases: Releases) -> NotebookNode | None:
    texts = releases.texts[name]
    shared = [n for n in releases.named if texts & releases.texts[n]]
    same = [c for c in cells if grade_id(c) is None and squeezed(c.source) in texts]
    return same[-1] if same and len(shared) == 1 else None


def with_name(cells: Cells, name: str) -> NotebookNode | None:
    """The cell of that name, if it is there."""
    return next((cell for cell in cells if grade_id(cell) == name), None)


def place_of(cells: Cells, wanted: NotebookNode) -> int:
    """Where this very cell stands."""
    return next(i for i, cell in enumerate(cells) if cell is wanted)


def _give_name(cell: NotebookNode, original: NotebookNode) -> None:
    cell.metadata["nbgrader"] = {"grade_id": str(grade_id(original))}
