"""A student's notebook made fit for nbgrader, with a note on everything that was changed."""

from collections import defaultdict
from dataclasses import dataclass, field
from typing import Any

import nbformat
from nbformat import NotebookNode

from course_lib.teach.build.sources import KERNEL, grade_id, name_cells, to_bytes
from course_lib.teach.grade.answers import (
    Cells,
    copied,
    find_lost,
    is_answer,
    untouched,
    wanted_names,
)
from course_lib.teach.grade.locked import keep_added_lines
from course_lib.teach.grade.names import defined
from course_lib.teach.grade.order import put_back_missing, tests_behind_answers
from course_lib.teach.grade.reading import Unreadable, name_of, read_notebook, source_of, squeezed
from course_lib.teach.grade.releases import Releases
from course_lib.teach.grade.written import find_written


@dataclass
class Repaired:
    """A notebook that nbgrader can process, and what had to be done to it or was noticed."""

    notebook: NotebookNode
    notes: list[str] = field(default_factory=list)


def repair(content: bytes, releases: Releases) -> Repaired:
    """The notebook in a file's content, brought into the shape of today's release.

    Outputs and foreign metadata are dropped, the answers stay as they are. Cells that lost their
    names are found again. Test cells become those of the release, behind their answers; lines
    that a student added to them are kept in a cell of their own; deleted cells come back; of a
    copied answer the last edited copy counts.
    Unreadable: the content is no notebook, or none of this lab.
    """
    raw, notes = read_notebook(content)
    try:
        notebook = _in_shape(raw, releases, notes)
        to_bytes(notebook)
    except Unreadable:
        raise
    except Exception as error:  # a doctored notebook raises whatever it leads to
        reason = str(error).partition("\n")[0]
        raise Unreadable(f"not a notebook: {type(error).__name__}: {reason}") from error
    return Repaired(notebook, notes)


def _in_shape(raw: list[dict[str, Any]], releases: Releases, notes: list[str]) -> NotebookNode:
    cells = [_bare_cell(cell) for cell in raw]
    if not _is_of_this_lab(cells, releases):
        raise Unreadable("it holds none of this lab's cells: is it another notebook?")
    _keep_one_of_each(cells, releases, notes)
    keep_added_lines(cells, releases, notes)
    find_lost(cells, releases, notes)
    find_written(cells, releases, notes)
    for cell in cells:
        _restore(cell, releases, notes)
    put_back_missing(cells, releases, notes)
    tests_behind_answers(cells, releases, notes)
    notes += _skipped(raw, releases)
    metadata = {"kernelspec": KERNEL, "language_info": {"name": "python"}}
    notebook = NotebookNode(cells=cells, metadata=metadata, nbformat=4, nbformat_minor=5)
    name_cells(notebook)
    nbformat.validate(notebook)
    return notebook


def _bare_cell(raw: dict[str, Any]) -> NotebookNode:
    """Type, id, source, name and attached pictures of a cell; everything else is dropped."""
    kind = raw.get("cell_type")
    cell: dict[str, Any] = {
        "id": str(raw.get("id", "")),
        "cell_type": kind if kind in ("code", "raw") else "markdown",
        "metadata": {},
        "source": source_of(raw),
    }
    if kind == "code":
        cell |= {"outputs": [], "execution_count": None}
    elif isinstance(pictures := raw.get("attachments"), dict):
        cell["attachments"] = pictures
    if (name := name_of(raw)) is not None:
        cell["metadata"]["nbgrader"] = {"grade_id": name}
    made: NotebookNode = nbformat.from_dict(cell)
    return made


def _is_of_this_lab(cells: Cells, releases: Releases) -> bool:
    """Whether most named cells are the lab's or, without names, most of the lab's are found.

    Labs share some names, such as "setup" and "written": one of them is no evidence.
    """
    released = releases.named
    names = {name for cell in cells if (name := grade_id(cell)) is not None}
    if names & released.keys():
        return 2 * len(names & released.keys()) >= len(names)
    ids, texts = {cell.id for cell in cells}, {squeezed(cell.source) for cell in cells}
    words = {word for cell in cells if cell.cell_type == "code" for word in defined(cell.source)}
    known = [
        name
        for name, original in released.items()
        if original.id in ids
        or releases.texts[name] & texts
        or (is_answer(original) and wanted_names(name, releases) & words)
    ]
    return 2 * len(known) > len(released)


def _keep_one_of_each(cells: Cells, releases: Releases, notes: list[str]) -> None:
    """Of cells that share a grade_id all but one become ordinary cells; they still run."""
    released, same = releases.named, defaultdict(list)
    for cell in cells:
        if (name := grade_id(cell)) in released:
            same[str(name)].append(cell)
        else:
            cell.metadata.pop("nbgrader", None)
    for name, copies in same.items():
        edited = [cell for cell in copies if not untouched(cell, name, releases)]
        kept = (edited or copies)[-1]
        texts = list(dict.fromkeys(cell.source for cell in edited))
        for cell in copies:
            if cell is not kept:
                del cell.metadata["nbgrader"]
        if len(texts) > 1 and released[name].cell_type != "code":
            kept.source = "\n\n".join(texts)
            cells[:] = [cell for cell in cells if cell is kept or not _among(cell, edited)]
            notes.append(f"repaired: {name} occurs {len(copies)} times, the texts are put together")
        elif len(copies) > 1:
            notes.append(f"repaired: {name} occurs {len(copies)} times, the last edited one counts")


def _among(cell: NotebookNode, cells: Cells) -> bool:
    return any(cell is other for other in cells)


def _restore(cell: NotebookNode, releases: Releases, notes: list[str]) -> None:
    """Give a cell of the release its type and metadata back, and a locked one its source."""
    name = grade_id(cell)
    if name is None:
        return
    original = releases.named[name]
    if cell.cell_type != original.cell_type:
        notes.append(f"repaired: {name} was turned into a {cell.cell_type} cell")
        fresh = copied(original)
        fresh.source = cell.source
        cell.clear()
        cell.update(fresh)
    as_released = squeezed(cell.source) in releases.texts[name]
    emptied = cell.cell_type != "code" and not cell.source.strip()
    if original.metadata.nbgrader.get("locked") or as_released or emptied:
        cell.source = original.source
    cell.metadata = copied(original).metadata


def _skipped(raw: list[dict[str, Any]], releases: Releases) -> list[str]:
    """A note on cells with a tag that would keep nbgrader from running them."""
    tagged = [cell for cell in raw if "skip-execution" in _tags(cell)]
    graded = any(name_of(cell) in releases.named for cell in tagged)
    word = "tampered" if graded else "noticed"
    note = f"{word}: {len(tagged)} cells tagged skip-execution (all cells are run)"
    return [note] if tagged else []


def _tags(raw: dict[str, Any]) -> str:
    metadata = raw.get("metadata")
    return str(metadata.get("tags")) if isinstance(metadata, dict) else ""
