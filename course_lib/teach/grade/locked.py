"""Locked cells: what a student changed in them is told from what the instructor changed later."""

from nbformat import NotebookNode

from course_lib.teach.build.sources import grade_id
from course_lib.teach.grade.answers import Cells, copied
from course_lib.teach.grade.names import is_code, same_code
from course_lib.teach.grade.reading import squeezed
from course_lib.teach.grade.releases import Releases


def keep_added_lines(cells: Cells, releases: Releases, notes: list[str]) -> None:
    """What a student wrote into a locked cell goes into a cell behind it."""
    released = releases.named
    for place in reversed(range(len(cells))):
        cell, name = cells[place], grade_id(cells[place])
        if name is None or not released[name].metadata.nbgrader.get("locked"):
            continue
        if _is_as_released(cell, name, releases):
            continue
        same = [original for original in releases.cells if grade_id(original) == name]
        known = {line.strip() for original in same for line in original.source.split("\n")}
        added = [line for line in cell.source.split("\n") if line.strip() not in known]
        kept = "\n".join(added)
        notes.append(f"noticed: the locked cell {name} was changed (the released one is used)")
        if is_code(kept):
            fresh = copied(cell)
            fresh.id, fresh.metadata, fresh.source = "", NotebookNode(), kept
            cells.insert(place + 1, fresh)
            notes[-1] = f"{notes[-1][:-1]}; the added lines are kept behind it)"


def _is_as_released(cell: NotebookNode, name: str, releases: Releases) -> bool:
    """Whether a locked cell is that of some release, but for comments and layout."""
    return squeezed(cell.source) in releases.texts[name] or any(
        same_code(cell.source, original.source)
        for original in releases.cells
        if grade_id(original) == name
    )
