"""`reset`: put one exercise back to its released version and keep everything else."""

import argparse
import copy
import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from course_lib.checks import progress as diary
from course_lib.teach.cells import Cell, graded_cells, read_notebook
from course_lib.teach.files import write_atomically
from course_lib.teach.places import course_folder, lab_notebook


def reset(course: Path, lab: str, exercise: str, now: datetime) -> Path | None:
    """Put one exercise of work/LAB/LAB.ipynb back to the release; return where its answer is kept.

    exercise: the grade_id of an answer's cell; a cell that was deleted comes back in its place.
    The answer that it replaces goes to work/LAB/answers/EXERCISE-TIME.py (or .md); None if there
    was no such cell. What its check said last is cleared, in the notebook and in the diary of
    progress; the best points stay.
    ValueError if the exercise is unknown, with the exercises that there are, or if its cell stands
    in the notebook more than once.
    """
    path = lab_notebook(course, lab)
    release = read_notebook(lab_notebook(course, lab, folder="labs"))
    exercises = graded_cells(release, solution=True)
    if exercise not in exercises:
        raise ValueError(f"{lab} has no exercise {exercise!r}; it has {', '.join(exercises)}")
    notebook = read_notebook(path)
    cells: list[Cell] = notebook["cells"]
    places = [index for index, cell in enumerate(cells) if _grade_id(cell) == exercise]
    if len(places) > 1:
        numbers = " and ".join(str(place + 1) for place in places)
        raise ValueError(f"{exercise} stands in cells {numbers}: delete the copy, then reset again")
    fresh = copy.deepcopy(exercises[exercise])
    kept = None
    if places:
        old = cells[places[0]]
        suffix = "py" if old["cell_type"] == "code" else "md"
        kept = _free(path.parent / "answers" / f"{exercise}-{now:%Y%m%dT%H%M%S}.{suffix}")
        write_atomically(kept, old["source"].encode())
        cells[places[0]] = fresh
    else:
        cells.insert(_place(cells, release["cells"], exercise), fresh)
    for cell in cells:
        if _grade_id(cell) == f"{exercise}_test":
            cell["outputs"], cell["execution_count"] = [], None
    write_atomically(path, _to_bytes(notebook))
    diary.forget(path.parent, lab, exercise)
    return kept


def _grade_id(cell: Cell) -> Any:
    return cell["metadata"].get("nbgrader", {}).get("grade_id")


def _place(cells: list[Cell], released: list[Cell], exercise: str) -> int:
    """Where a deleted cell belongs: after the nearest released cell before it that is left."""
    ids = [cell.get("id") for cell in cells]
    position = [_grade_id(cell) for cell in released].index(exercise)
    for cell in reversed(released[:position]):
        if cell.get("id") in ids:
            return ids.index(cell.get("id")) + 1
    return 0


def _free(path: Path) -> Path:
    """The path, or with -2, -3, ... before its suffix the first that does not exist."""
    number, candidate = 2, path
    while candidate.exists():
        candidate = path.with_stem(f"{path.stem}-{number}")
        number += 1
    return candidate


def _to_bytes(notebook: dict[str, Any]) -> bytes:
    """The notebook as Jupyter stores it: one space of indentation, sources as lists of lines."""
    for cell in notebook["cells"]:
        cell["source"] = cell["source"].splitlines(keepends=True)
    return (json.dumps(notebook, indent=1, ensure_ascii=False, sort_keys=True) + "\n").encode()


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("lab", help="for example lab01_rl_nas")
    parser.add_argument("exercise", help="for example decode")


def run(args: argparse.Namespace) -> int:
    kept = reset(course_folder(), args.lab, args.exercise, datetime.now(UTC))
    print(f"{args.exercise} of {args.lab} is as released; your other answers are untouched.")
    if kept:
        print(f"Your earlier answer is kept in {kept}")
    print("If the notebook is open: File > Reload Notebook from Disk, before you save it.")
    return 0
