"""A class on a fresh clone: students hand in a lab, the list of grades comes out."""

import argparse
import csv
import re
import shutil
from collections.abc import Iterable
from datetime import datetime
from pathlib import Path

import nbformat

from course_lib.teach.build.leaks import leaks, needles
from course_lib.teach.build.markers import split
from course_lib.teach.build.sources import grade_id, read_source
from course_lib.teach.cells import artefacts
from course_lib.teach.grade import grade
from course_lib.teach.grade.settings import PUBLIC_VARIANT
from course_lib.teach.places import Lab
from course_lib.teach.student.submit import hand_in
from tests.teach.hand_ins import uncaged

ROOT = Path(__file__).resolve().parents[2]


def new_course(root: Path, lab: str) -> Path:
    """A clone that holds one lab: its source and, as `build --check` knows it, its release."""
    for folder in ("solutions", "labs"):
        shutil.copytree(ROOT / folder / lab, root / folder / lab)
    shutil.copy(ROOT / "nbgrader_config.py", root)
    (root / "course_lib").mkdir()
    (root / "pyproject.toml").touch()
    return root


def solution(lab: str) -> dict[str, str]:
    """The solution's cells, without the markers, by the name of the cell."""
    cells = read_source(Lab(ROOT, lab).source).cells
    return {
        name: "\n".join(line for line in cell.source.split("\n") if "SOLUTION" not in line)
        for cell in cells
        if (name := grade_id(cell)) is not None and cell.metadata.nbgrader.solution
    }


def submit(
    course: Path,
    lab: str,
    student: str,
    answers: dict[str, str],
    time: datetime,
    *,
    file: bytes = b"",
    plays: bool = False,
) -> None:
    """Work like a student: fill in the release, run `submit`.

    file: of the challenge. plays: every cell was changed, so that none is left out in grading.
    """
    path = course / "work" / lab / f"{lab}.ipynb"
    path.parent.mkdir(parents=True)
    notebook = nbformat.read(course / "labs" / lab / f"{lab}.ipynb", as_version=4)
    for cell in notebook.cells:
        cell.source = answers.get(grade_id(cell) or "", cell.source)
        if plays and cell.cell_type == "code" and not grade_id(cell):
            cell.source += "\n# tried"
    nbformat.write(notebook, path)
    for name in artefacts(notebook) if file else ():
        (path.parent / name).write_bytes(file)
    inbox = course / "grading/inbox"
    inbox.mkdir(parents=True, exist_ok=True)
    shutil.move(hand_in(course, lab, student, time), inbox)
    shutil.rmtree(path.parent)


def grades(course: Path, lab: str, code: int = 0) -> dict[str, dict[str, str]]:
    """The list of grades, by student; code: the command's exit code."""
    parser = argparse.ArgumentParser()
    grade.add_arguments(parser)
    assert grade.run(parser.parse_args([lab, *uncaged(), "--root", str(course)])) == code
    with (course / f"grading/{lab}.csv").open(encoding="utf-8") as file:
        return {row["student"]: row for row in csv.DictReader(file)}


def assert_hidden_tests_stay_hidden(course: Path, lab: str, students: Iterable[str]) -> None:
    """No feedback page shows a hidden test, or the number in it."""
    texts = needles(split(read_source(Lab(ROOT, lab).source)))
    hidden = {needle: text for needle, text in texts.items() if str(PUBLIC_VARIANT) in text}
    assert hidden
    for student in students:
        whole = (course / f"grading/feedback/{student}/{lab}/{lab}.html").read_bytes()
        page = re.sub(rb"base64,[\w+/=]+", b"", whole)  # a picture may hold any digits
        assert leaks(hidden, page) == []
        assert str(PUBLIC_VARIANT).encode() not in page


def assert_ran_quietly(course: Path, lab: str, student: str) -> None:
    """Autograding ran every cell of the notebook, and none wrote to stderr."""
    path = course / f"grading/autograded/{student}/{lab}/{lab}.ipynb"
    cells = nbformat.read(path, as_version=4).cells
    ran = [cell for cell in cells if cell.cell_type == "code" and cell.source.strip()]
    assert ran
    for cell in ran:
        assert cell.execution_count, cell.source
        said = "".join(out.text for out in cell.outputs if out.get("name") == "stderr")
        assert not said, f"{cell.source}\nsaid {said}"
