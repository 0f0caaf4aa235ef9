"""A student's notebook made fit for nbgrader, with a note on everything that was changed."""

import json
import re
from collections import defaultdict
from dataclasses import dataclass, field
from typing import Any

import nbformat
from nbformat import NotebookNode

from course_lib.teach.build.sources import KERNEL, grade_id, name_cells, to_bytes

LARGEST = 50_000_000
"""Bytes of a notebook."""


class Unreadable(ValueError):
    """A hand-in from which no notebook of this lab can be read; the message says why."""


@dataclass
class Repaired:
    """A notebook that nbgrader can process, and what had to be done to it or was noticed."""

    notebook: NotebookNode
    notes: list[str] = field(default_factory=list)


def repair(content: bytes, release: NotebookNode) -> Repaired:
    """The notebook in a file's content, brought into the shape of the release.

    Outputs and foreign metadata are dropped, the answers stay as they are. Test cells become those
    of the release; deleted cells come back; of a copied answer the last edited copy counts.
    Unreadable: the content is no notebook, or none of this lab.
    """
    raw, notes = read_notebook(content)
    try:
        notebook = _in_shape(raw, release, notes)
        to_bytes(notebook)
    except Unreadable:
        raise
    except Exception as error:  # a doctored notebook raises whatever it leads to
        reason = str(error).partition("\n")[0]
        raise Unreadable(f"not a notebook: {type(error).__name__}: {reason}") from error
    return Repaired(notebook, notes)


def _in_shape(raw: list[dict[str, Any]], release: NotebookNode, notes: list[str]) -> NotebookNode:
    cells = [_bare_cell(cell) for cell in raw]
    released = {name: cell for cell in release.cells if (name := grade_id(cell)) is not None}
    known = released.keys() & {grade_id(cell) for cell in cells}
    if not known:
        raise Unreadable("it holds none of this lab's cells: is it another notebook?")
    _keep_one_of_each(cells, released, notes)
    for cell in cells:
        _restore(cell, released, notes)
    _put_back_missing(cells, release, notes)
    tagged = sum("skip-execution" in _tags(cell) for cell in raw)
    if tagged:
        notes.append(f"tampered: {tagged} cells tagged skip-execution (all cells are run)")
    metadata = {"kernelspec": KERNEL, "language_info": {"name": "python"}}
    notebook = NotebookNode(cells=cells, metadata=metadata, nbformat=4, nbformat_minor=5)
    name_cells(notebook)
    nbformat.validate(notebook)
    return notebook


def read_notebook(content: bytes) -> tuple[list[dict[str, Any]], list[str]]:
    """The cells of a notebook file as plain dicts, and notes on what was wrong with the file."""
    if len(content) > LARGEST:
        raise Unreadable(f"the notebook is larger than {LARGEST // 10**6} MB")
    text, notes = _decode(content)
    if not text.strip():
        raise Unreadable("the file is empty")
    try:
        data, end = json.JSONDecoder().raw_decode(text.lstrip())
    except json.JSONDecodeError as error:
        cut = " (it seems to be cut off)" if error.pos >= len(text.rstrip()) - 1 else ""
        raise Unreadable(f"not a notebook: {error.msg} in line {error.lineno}{cut}") from error
    except RecursionError as error:
        raise Unreadable("not a notebook: its JSON is nested too deeply") from error
    except ValueError as error:  # a number of thousands of digits
        raise Unreadable(f"not a notebook: {error}") from error
    if text.lstrip()[end:].strip():
        notes.append("repaired: text after the end of the notebook was ignored")
    cells = data.get("cells") if isinstance(data, dict) else None
    if not isinstance(cells, list) or not all(isinstance(cell, dict) for cell in cells):
        raise Unreadable('not a notebook: expected an object with a list of "cells"')
    return cells, notes


def _decode(content: bytes) -> tuple[str, list[str]]:
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        return content.decode("utf-16", "replace"), ["repaired: UTF-16 instead of UTF-8"]
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return content.decode("latin-1"), ["repaired: read as Latin-1, it is not UTF-8"]
    marked = content.startswith(b"\xef\xbb\xbf")
    return text, ["repaired: byte order mark removed"] if marked else []


def _bare_cell(raw: dict[str, Any]) -> NotebookNode:
    """Type, source, grade_id and attached pictures of a cell; everything else is dropped."""
    source = raw.get("source", "")
    lines = source if isinstance(source, list) else [source]
    kind = raw.get("cell_type")
    cell: dict[str, Any] = {
        "cell_type": kind if kind in ("code", "raw") else "markdown",
        "metadata": {},
        "source": "".join(line for line in lines if isinstance(line, str)),
    }
    if kind == "code":
        cell |= {"outputs": [], "execution_count": None}
    elif isinstance(pictures := raw.get("attachments"), dict):
        cell["attachments"] = pictures
    metadata = raw.get("metadata")
    own = metadata.get("nbgrader") if isinstance(metadata, dict) else None
    if isinstance(own, dict) and isinstance(own.get("grade_id"), str):
        cell["metadata"]["nbgrader"] = {"grade_id": own["grade_id"]}
    made: NotebookNode = nbformat.from_dict(cell)
    return made


def _tags(raw: dict[str, Any]) -> str:
    metadata = raw.get("metadata")
    return str(metadata.get("tags")) if isinstance(metadata, dict) else ""


def _keep_one_of_each(
    cells: list[NotebookNode], released: dict[str, NotebookNode], notes: list[str]
) -> None:
    """Of cells that share a grade_id all but one become ordinary cells; they still run."""
    same = defaultdict(list)
    for cell in cells:
        if (name := grade_id(cell)) in released:
            same[name].append(cell)
        else:
            cell.metadata.pop("nbgrader", None)
    for name, copies in same.items():
        edited = [cell for cell in copies if cell.source != released[str(name)].source]
        kept = (edited or copies)[-1]
        for cell in copies:
            if cell is not kept:
                del cell.metadata["nbgrader"]
        if len(copies) > 1:
            notes.append(f"repaired: {name} occurs {len(copies)} times, the last edited one counts")


def _restore(cell: NotebookNode, released: dict[str, NotebookNode], notes: list[str]) -> None:
    """Give a cell of the release its type and metadata back, and a locked one its source."""
    name = grade_id(cell)
    if name is None:
        return
    original = released[name]
    if cell.cell_type != original.cell_type:
        notes.append(f"repaired: {name} was turned into a {cell.cell_type} cell")
        fresh = _copy(original)
        fresh.source = cell.source
        cell.clear()
        cell.update(fresh)
    locked = original.metadata.nbgrader.get("locked", False)
    if locked and _squeezed(cell.source) != _squeezed(original.source):
        notes.append(f"tampered: the test cell {name} was changed (the original is used)")
    if locked:
        cell.source = original.source
    cell.metadata = _copy(original).metadata


def _put_back_missing(cells: list[NotebookNode], release: NotebookNode, notes: list[str]) -> None:
    """Insert deleted graded cells after the released cell that comes before them.

    An answer's cell that is not graded itself stays away: its stub would redefine a function that
    the student has moved elsewhere.
    """
    place = 0
    for original in release.cells:
        name = grade_id(original)
        if name is None:
            continue
        there = next((i for i, cell in enumerate(cells) if grade_id(cell) == name), None)
        if there is None and not original.metadata.nbgrader.grade:
            notes.append(f"noticed: the answer's cell {name} was deleted")
            continue
        if there is None:
            notes.append(f"repaired: the deleted cell {name} was put back")
            cells.insert(place, _copy(original))
            there = place
        place = there + 1


def _copy(cell: NotebookNode) -> NotebookNode:
    copied: NotebookNode = nbformat.from_dict(json.loads(json.dumps(cell)))
    return copied


def _squeezed(source: str) -> str:
    return re.sub(r"\s+", "", source)
