"""What the course's commands read in a notebook: answers, tests, files that it asks for."""

import json
from pathlib import Path
from typing import Any

Cell = dict[str, Any]


def read_notebook(path: Path) -> dict[str, Any]:
    """The notebook's JSON with every cell's source as one string; ValueError if it is damaged."""
    try:
        notebook: dict[str, Any] = json.loads(path.read_bytes())
        for cell in notebook["cells"]:
            source = cell["source"]
            cell["source"] = source if isinstance(source, str) else "".join(source)
            if not isinstance(cell["metadata"], dict):
                raise TypeError("a cell's metadata are not an object")
    except (ValueError, KeyError, TypeError) as error:
        raise ValueError(
            f"{path} is not a whole notebook ({type(error).__name__}: {error}): open it in "
            "JupyterLab and save it again, or take an older state from .ipynb_checkpoints beside it"
        ) from error
    return notebook


def graded_cells(notebook: dict[str, Any], *, solution: bool) -> dict[str, Cell]:
    """The answers (solution) or the tests of a notebook, by grade_id, in the notebook's order."""
    return {
        cell["metadata"]["nbgrader"]["grade_id"]: cell
        for cell in notebook["cells"]
        if _is(cell, "solution" if solution else "grade")
        and (solution or not _is(cell, "solution"))
    }


def _is(cell: Cell, role: str) -> bool:
    return bool(cell["metadata"].get("nbgrader", {}).get(role, False))


def artefacts(release: dict[str, Any]) -> list[str]:
    """The names of the files that a lab asks for beside the notebook."""
    return [Path(n).name for c in release["cells"] for n in c["metadata"].get("artefacts", [])]
