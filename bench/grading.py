"""Hand-ins per minute: `grade`, in its sandbox, beside nbgrader's own `autograde` on the same."""

import shutil
import subprocess
import sys
import tempfile
import time
import zipfile
from pathlib import Path

import nbformat
from nbgrader.api import Gradebook

from bench.timing import Row
from course_lib.teach.build.sources import grade_id, read_source
from course_lib.teach.grade.book import Book
from course_lib.teach.grade.grade import collect_handins, lab_settings
from course_lib.teach.grade.nbgrading import prepared
from course_lib.teach.places import Lab

ROOT = Path(__file__).parents[1]
LAB = "lab01_rl_nas"
HANDINS = 40


def grading_rows() -> list[Row]:
    """A class of solved and untouched notebooks, both ways in one run; the scores must agree."""
    with tempfile.TemporaryDirectory() as folder:
        ours, peer = Path(folder) / "ours", Path(folder) / "peer"
        new_course(ours, HANDINS)
        _collect(ours)
        shutil.copytree(ours, peer, symlinks=True)
        own = minutes(ours, "course_lib.teach", "grade", LAB)
        other = minutes(peer, "nbgrader", "autograde", LAB)
        if _scores(ours) != _scores(peer):
            raise AssertionError(f"scores differ: {_scores(ours)} and {_scores(peer)}")
    return [
        Row(
            what=f"grading {HANDINS} hand-ins of {LAB}, by the clock",
            against="nbgrader autograde",
            unit="minutes",
            ours=[own],
            peer=[other],
            goal=f"3 times faster (now {HANDINS / own:.1f} hand-ins a minute)",
            met=other >= 3 * own,
        )
    ]


def new_course(root: Path, handins: int) -> None:
    """A course folder with one lab, and its class in the inbox."""
    lab = Lab(ROOT, LAB)
    shutil.copytree(lab.source.parent, root / "solutions" / LAB)
    shutil.copytree(lab.release, root / "labs" / LAB)
    shutil.copy(ROOT / "nbgrader_config.py", root)
    (root / "course_lib").symlink_to(ROOT / "course_lib")
    (root / "pyproject.toml").touch()
    inbox = root / "grading" / "inbox"
    inbox.mkdir(parents=True)
    for number in range(handins):
        path = inbox / f"{LAB}-s{number:03}-20261120T100000Z.zip"
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
            archive.writestr(f"{LAB}.ipynb", _notebook(lab, solved=number % 2 == 0))


def _notebook(lab: Lab, *, solved: bool) -> str:
    notebook = nbformat.read(lab.release / f"{lab.name}.ipynb", as_version=4)
    cells = {grade_id(cell): cell for cell in read_source(lab.source).cells if grade_id(cell)}
    for cell in notebook.cells:
        own = cell.metadata.get("nbgrader", {})
        if solved and own.get("solution") and cell.cell_type == "code":
            cell.source = cells[grade_id(cell)].source
    return str(nbformat.writes(notebook))


def _collect(root: Path) -> None:
    """Bring the class into grading/submitted, where nbgrader reads it, too."""
    lab = Lab(root, LAB)
    collect_handins(Book(lab, lab_settings(lab, None)), root / "grading" / "inbox", None)


def minutes(root: Path, *words: str) -> float:
    """How long a command takes, by the clock."""
    start = time.perf_counter()
    subprocess.run([sys.executable, "-m", *words], cwd=root, check=True, capture_output=True)
    return (time.perf_counter() - start) / 60


def _scores(root: Path) -> dict[str, float]:
    url = f"sqlite:///{root / 'grading' / 'gradebook.db'}"
    with prepared(), Gradebook(url) as book:
        return {s.student_id: round(s.score, 6) for s in book.assignment_submissions(LAB)}
