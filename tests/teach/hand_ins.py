"""Hand-ins of the tiny lab, the command that grades them, and what it leaves."""

import argparse
import copy
import csv
import json
from contextlib import contextmanager
from functools import cache, lru_cache
from pathlib import Path

import nbformat
from nbgrader.api import Gradebook

from course_lib.teach.build.release import release_files
from course_lib.teach.build.sources import grade_id
from course_lib.teach.grade import grade
from course_lib.teach.grade.nbgrading import course_config, prepared
from course_lib.teach.grade.sandbox import check_sandbox
from course_lib.teach.places import Lab
from tests.teach.zips import zipped

LAB = "lab90_tiny"
SOURCE = f"solutions/{LAB}/{LAB}.py"
RIGHT = "def double(x):\n    return 2 * x"
HIDDEN_FAILS = "def double(x):\n    return 2 * abs(x)"
TEXT = "It is linear: $a < b$ implies **2a < 2b**. <script>alert(1)</script>"
IN_TIME = "20261120T100000Z"
LATE = "20261122T100000Z"
SETTINGS = """
[lab90_tiny]
due = 2026-11-21T10:00:00Z
penalty_per_day = 0.25
extensions = { extended = 2026-11-22T10:00:00Z }
"""


def skip_tests(notebook):
    notebook.cells[3].metadata["tags"] = ["skip-execution"]


def delete_tests(notebook):
    del notebook.cells[3]


def copy_answer(notebook):
    notebook.cells.insert(2, copy.deepcopy(notebook.cells[2]))


def patient(course: Path, seconds: int) -> Path:
    """The course, in which a cell may take so many seconds."""
    config = course / "nbgrader_config.py"
    config.write_text(
        f"{config.read_text(encoding='utf-8')}\nc.Execute.timeout = {seconds}\n", encoding="utf-8"
    )
    return course


@cache
def no_cage() -> str:
    """Why no sandbox can be made here, as in a container that may make none; '' where one can."""
    try:
        check_sandbox()
    except ValueError as error:
        return str(error)
    return ""


def uncaged() -> list[str]:
    """The word that lets hand-ins run where no sandbox can be made."""
    return ["--unsafe-no-sandbox"] if no_cage() else []


@lru_cache
def released(_source: str, course: Path) -> str:
    return release_files(Lab(course, LAB))[f"{LAB}.ipynb"].decode()


def hand_in(
    course: Path,
    student: str,
    *,
    answer: str = "",
    text: str = "",
    stamp: str = IN_TIME,
    name: str = f"{LAB}.ipynb",
    change=lambda notebook: None,
    damage=lambda content: content,
    more: dict[str, str] | None = None,
) -> None:
    """Write the zip that a student would hand in, made from the release."""
    notebook = nbformat.reads(
        released((course / SOURCE).read_text(encoding="utf-8"), course), as_version=4
    )
    for cell in notebook.cells:
        if grade_id(cell) == "double" and answer:
            cell.source = answer
        if grade_id(cell) == "written" and text:
            cell.source = text
    change(notebook)
    inbox = course / "grading/inbox"
    inbox.mkdir(parents=True, exist_ok=True)
    files = {name: damage(json.dumps(notebook).encode()), **(more or {})}
    (inbox / f"{LAB}-{student}-{stamp}.zip").write_bytes(zipped(files))


def grade_all(course: Path, *words: str) -> int:
    parser = argparse.ArgumentParser()
    grade.add_arguments(parser)
    return grade.run(parser.parse_args([LAB, *words, *uncaged(), "--root", str(course)]))


def rows_of(course: Path) -> dict[str, dict[str, str]]:
    with (course / f"grading/{LAB}.csv").open(encoding="utf-8") as file:
        return {row["student"]: row for row in csv.DictReader(file)}


def page_of(course: Path, student: str) -> str:
    """The student's feedback page."""
    return (course / f"grading/feedback/{student}/{LAB}/{LAB}.html").read_text(encoding="utf-8")


@contextmanager
def gradebook(course: Path):
    """nbgrader's gradebook, whose changes are kept."""
    database = course_config(course).CourseDirectory
    with prepared(), Gradebook(database.db_url, database.course_id) as book:
        yield book
        book.db.commit()


def give(course: Path, student: str, cell: str, points: float) -> None:
    """Grade one cell as the formgrader does."""
    with gradebook(course) as book:
        grade = book.find_grade(cell, LAB, LAB, student)
        grade.manual_score, grade.needs_manual_grade = points, False
