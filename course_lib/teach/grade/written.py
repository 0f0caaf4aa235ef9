"""Written answers: a text in a new cell, or in another, is put where a person reads it."""

from collections.abc import Iterator

from nbformat import NotebookNode

from course_lib.teach.build.sources import grade_id
from course_lib.teach.grade.answers import Cells, copied, is_answer, place_of, untouched, with_name
from course_lib.teach.grade.names import functions, is_code
from course_lib.teach.grade.reading import squeezed
from course_lib.teach.grade.releases import Releases

_LONG = 40  # characters of a text that may be a whole answer, wherever it stands


def find_written(cells: Cells, releases: Releases, notes: list[str]) -> None:
    """Put a text into the answer's cell that stands in new cells near it, or else anywhere."""
    for name, original in releases.named.items():
        if not is_answer(original) or original.cell_type == "code":
            continue
        present = with_name(cells, name)
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
    present = with_name(cells, name)
    if present is None:
        present = copied(original)
        present.source = ""
        before = [cell for cell in cells if cell is near[0]] if near else []
        cells.insert(
            place_of(cells, before[0]) + 1 if before else _place(cells, name, releases), present
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
    present = with_name(cells, name)
    start, end = _between(cells, name, releases)
    if present is not None and (after or not start <= place_of(cells, present) < end):
        start = place_of(cells, present)
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
