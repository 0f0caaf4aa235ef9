"""Notebooks from their text sources, byte for byte the same at every build."""

import hashlib
from collections import Counter
from pathlib import Path

import jupytext
import nbformat
from nbformat import NotebookNode

KERNEL = {"display_name": "Python 3", "language": "python", "name": "python3"}


def read_source(path: Path) -> NotebookNode:
    """The notebook that a py:percent source describes, without outputs.

    Cell ids are hashes of what identifies the cell, so that an edit elsewhere leaves them alone.
    ValueError: the file is not py:percent, or two cells share a grade_id.
    """
    text = path.read_text(encoding="utf-8")
    if "# %%" not in text:
        raise ValueError(f"{path}: expected a py:percent source with cells that start with '# %%'")
    notebook: NotebookNode = jupytext.reads(text, fmt="py:percent")
    notebook.metadata = NotebookNode(kernelspec=dict(KERNEL), language_info={"name": "python"})
    for cell in notebook.cells:
        cell.metadata.pop("lines_to_next_cell", None)
    _check_grade_ids(notebook, path)
    name_cells(notebook)
    notebook.nbformat, notebook.nbformat_minor = 4, 5
    nbformat.validate(notebook)
    return notebook


def grade_id(cell: NotebookNode) -> str | None:
    """nbgrader's name of the cell, None for a cell that nbgrader does not care about."""
    name = cell.metadata.get("nbgrader", {}).get("grade_id")
    return None if name is None else str(name)


def name_cells(notebook: NotebookNode) -> None:
    """Give every cell an id made from its grade_id, or else its type, source and occurrence."""
    seen: Counter[str] = Counter()
    for cell in notebook.cells:
        name = grade_id(cell)
        key = f"{cell.cell_type}\n{cell.source}" if name is None else f"grade_id\n{name}"
        seen[key] += 1
        cell.id = hashlib.sha256(f"{key}\n{seen[key]}".encode()).hexdigest()[:12]


def to_bytes(notebook: NotebookNode) -> bytes:
    """The file's content: keys sorted, one line feed at the end."""
    text: str = nbformat.writes(notebook, version=nbformat.NO_CONVERT)
    return f"{text.rstrip()}\n".encode()


def _check_grade_ids(notebook: NotebookNode, path: Path) -> None:
    counts = Counter(name for cell in notebook.cells if (name := grade_id(cell)) is not None)
    double = sorted(name for name, count in counts.items() if count > 1)
    if double:
        raise ValueError(f"{path}: grade_id {', '.join(double)} is used by more than one cell")
