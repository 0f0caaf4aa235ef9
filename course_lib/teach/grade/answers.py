"""Answers and tests that lost their name, or stand elsewhere, found again.

nbgrader knows a cell by the name in its metadata, which a pasted cell lacks. Here such a cell is
found by its cell id, by its text, by the function that it defines, or by its place.
"""

from collections.abc import Iterator

import nbformat
from nbformat import NotebookNode

from course_lib.teach.build.sources import grade_id
from course_lib.teach.grade.names import defined, functions, is_code, used
from course_lib.teach.grade.reading import squeezed
from course_lib.teach.grade.releases import Releases

_LONG = 40  # characters of a text that may be a whole answer, wherever it stands

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
        if _named(cells, name) is None:
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
    wanted, present = wanted_names(name, releases), _named(cells, name)
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
        cells.insert(_index(cells, best), present)


def find_written(cells: Cells, releases: Releases, notes: list[str]) -> None:
    """Put a text into the answer's cell that stands in new cells near it, or else anywhere."""
    for name, original in releases.named.items():
        if not is_answer(original) or original.cell_type == "code":
            continue
        present = _named(cells, name)
        empty = untouched(present, name, releases)
        near = _near(cells, name, releases, after=not empty)
        texts = [text for cell in near if (text := _new_text(cell, releases))]
        if not texts and empty:
            texts = [text for text in _anywhere(cells, releases) if len(text) >= _LONG]
            near = []
        if texts:
            _put_text(cells, original, texts, near, releases)
            place = "in cells beside it" if near else "elsewhere in the notebook"
            notes.append(f"repaired: text for {name} was found {place}: read it")


def _put_text(
    cells: Cells, original: NotebookNode, texts: list[str], near: Cells, releases: Releases
) -> None:
    """The texts become the answer's; cells that held nothing else go away."""
    name = str(grade_id(original))
    present = _named(cells, name)
    if present is None:
        present = copied(original)
        present.source = ""
        before = [cell for cell in cells if cell is near[0]] if near else []
        cells.insert(
            _index(cells, before[0]) + 1 if before else _place(cells, name, releases), present
        )
    own = [] if untouched(present, name, releases) else [present.source]
    present.source = "\n\n".join([*own, *texts])
    for cell in near:
        if "attachments" in cell:
            present["attachments"] = {**cell.attachments, **present.get("attachments", {})}
        if _new_text(cell, releases) == cell.source.strip():
            cells[:] = [other for other in cells if other is not cell]


def _near(cells: Cells, name: str, releases: Releases, *, after: bool) -> Cells:
    """The cells between the released ones before and after the answer's place.

    after: only those below the answer's own cell.
    """
    present = _named(cells, name)
    start, end = _between(cells, name, releases)
    if present is not None and (after or not start <= _index(cells, present) < end):
        start = _index(cells, present)
        known = [i for i in range(start + 1, len(cells)) if _is_released(cells[i], releases)]
        end = min(known, default=len(cells))
    return [cell for cell in cells[start:end] if grade_id(cell) is None]


def _between(cells: Cells, name: str, releases: Releases) -> tuple[int, int]:
    """The range of places between what the release has before and after the cell of that name."""
    order = [_key(cell) for cell in releases.today.cells]
    middle = order.index(name)
    places = {_key(cell): i for i, cell in reversed(list(enumerate(cells)))}
    before = [places[key] for key in order[:middle] if key in places]
    after = [places[key] for key in order[middle + 1 :] if key in places]
    start = before[-1] + 1 if before else 0
    return start, min((place for place in after if place >= start), default=len(cells))


def _place(cells: Cells, name: str, releases: Releases) -> int:
    return _between(cells, name, releases)[0]


def _key(cell: NotebookNode) -> str:
    return grade_id(cell) or squeezed(cell.source)


def _is_released(cell: NotebookNode, releases: Releases) -> bool:
    return grade_id(cell) is not None or squeezed(cell.source) in releases.released


def _new_text(cell: NotebookNode, releases: Releases) -> str:
    """What a cell without a name says in words that no release said; '' if it is code."""
    source: str = cell.source.strip()
    if cell.cell_type == "code" and (is_code(source) or functions(source)):
        return ""
    for original in releases.cells:
        own = original.source.strip()
        if original.cell_type != "code" and own and source.startswith(own):
            return source[len(own) :].strip()
    return source


def _anywhere(cells: Cells, releases: Releases) -> Iterator[str]:
    for cell in cells:
        if grade_id(cell) is None and cell.cell_type != "code":
            yield _new_text(cell, releases)


def _by_id(cells: Cells, original: NotebookNode) -> NotebookNode | None:
    same = [c for c in cells if grade_id(c) is None and c.get("id") == original.id]
    return same[0] if len(same) == 1 else None


def _by_text(cells: Cells, name: str, releases: Releases) -> NotebookNode | None:
    texts = releases.texts[name]
    shared = [n for n in releases.named if texts & releases.texts[n]]
    same = [c for c in cells if grade_id(c) is None and squeezed(c.source) in texts]
    return same[-1] if same and len(shared) == 1 else None


def _named(cells: Cells, name: str) -> NotebookNode | None:
    return next((cell for cell in cells if grade_id(cell) == name), None)


def _index(cells: Cells, wanted: NotebookNode) -> int:
    return next(i for i, cell in enumerate(cells) if cell is wanted)


def _give_name(cell: NotebookNode, original: NotebookNode) -> None:
    cell.metadata["nbgrader"] = {"grade_id": str(grade_id(original))}
