"""A small course folder with one released lab."""

from pathlib import Path

import nbformat
from nbformat.v4 import new_code_cell, new_notebook

NAME = "lab01_rl_nas"


def release(course: Path, source: str) -> Path:
    """Write labs/lab01_rl_nas/lab01_rl_nas.ipynb with one cell and return its path."""
    path = course / "labs" / NAME / f"{NAME}.ipynb"
    path.parent.mkdir(parents=True, exist_ok=True)
    nbformat.write(new_notebook(cells=[new_code_cell(source, id="a")]), path)
    return path


def small_course(tmp_path: Path) -> Path:
    """The course folder, with a release of one cell."""
    folder = tmp_path / "course with a space"
    (folder / "course_lib").mkdir(parents=True)
    (folder / "pyproject.toml").write_text("", encoding="utf-8")
    release(folder, "first = 1")
    return folder
