"""`submit`: is the lab complete and saved? Then write the file to hand in, and run it once."""

import argparse
import ast
import io
import json
import os
import shlex
import subprocess
import sys
import zipfile
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from course_lib.checks import progress as diary
from course_lib.teach.cells import Cell, artefacts, graded_cells, read_notebook
from course_lib.teach.files import write_atomically
from course_lib.teach.places import (
    MINUTES,
    NAME_TIME,
    STAMP,
    STUDENT,
    course_folder,
    lab_notebook,
)
from course_lib.teach.student.minutes import Spent, said, spent
from course_lib.teach.student.standing import lab_rows


def missing(notebook: dict[str, Any], release: dict[str, Any], folder: Path) -> list[str]:
    """What a hand-in lacks, compared with the release; empty when it is complete.

    folder: where the artefacts lie that the release asks for, as a list of file names under
        "artefacts" in the metadata of a cell.
    """
    return [
        *_twice(notebook),
        *_answers(notebook, release),
        *_tests(notebook, release),
        *_artefacts(release, folder),
    ]


def _twice(notebook: dict[str, Any]) -> Iterator[str]:
    names = (cell["metadata"].get("nbgrader", {}).get("grade_id") for cell in notebook["cells"])
    for name, count in Counter(filter(None, names)).items():
        if count > 1:
            yield f"{name}: the cell stands {count} times in the notebook: delete the copies"


def _answers(notebook: dict[str, Any], release: dict[str, Any]) -> Iterator[str]:
    answers = graded_cells(notebook, solution=True)
    for name, released in graded_cells(release, solution=True).items():
        if name not in answers:
            yield f"{name}: the answer's cell was deleted: `reset` brings it back"
        elif reason := _unanswered(answers[name], released):
            yield f"{name}: {reason}"


def _unanswered(cell: Cell, released: Cell) -> str:
    source = cell["source"].strip()
    if source == released["source"].strip():
        return "not answered yet"
    if cell["cell_type"] != "code":
        return "" if source else "the written answer is empty"
    from IPython.core.inputtransformer2 import TransformerManager

    try:
        python = TransformerManager().transform_cell(source)  # type: ignore[no-untyped-call]
        tree = ast.parse(python)
    except SyntaxError as error:
        return f"line {error.lineno} is not valid Python ({error.msg})"
    raised = [node.exc for node in ast.walk(tree) if isinstance(node, ast.Raise)]
    if any("NotImplementedError" in ast.unparse(error) for error in raised if error):
        return "`raise NotImplementedError` still stands in it"
    return "" if tree.body else "the cell is empty"


def _tests(notebook: dict[str, Any], release: dict[str, Any]) -> Iterator[str]:
    tests = graded_cells(notebook, solution=False)
    for name, released in graded_cells(release, solution=False).items():
        if name not in tests:
            yield f"{name}: the test cell was deleted"
        elif tests[name]["source"].strip() != released["source"].strip():
            yield (
                f"{name}: the test cell differs from the release in labs/ (grading uses the "
                "released tests, so check your answer against those)"
            )


def _artefacts(release: dict[str, Any], folder: Path) -> Iterator[str]:
    for name in artefacts(release):
        if not (folder / name).is_file():
            yield f"{name}: the challenge's file is not in {folder}"
        elif not (folder / name).stat().st_size:
            yield f"{name}: the challenge's file is empty"


def unsaved(path: Path) -> list[str]:
    """A checkpoint that is newer than the notebook and differs from it, as a sentence."""
    checkpoint = path.parent / ".ipynb_checkpoints" / f"{path.stem}-checkpoint.ipynb"
    if (
        checkpoint.is_file()
        and checkpoint.stat().st_mtime > path.stat().st_mtime + 1
        and checkpoint.read_bytes() != path.read_bytes()
    ):
        return [f"{checkpoint} is newer than the notebook: open the notebook and save it"]
    return []


def hand_in(course: Path, lab: str, student: str, now: datetime, told: Spent | None = None) -> Path:
    """Write work/handins/LAB-STUDENT-TIME.zip and return its path; it never replaces a file.

    It holds the notebook, the artefacts that exist, and timestamp.txt as nbgrader reads it.
    now: an aware time; the file says it in UTC. told: minutes, if the student tells them.
    """
    notebook = lab_notebook(course, lab)
    wanted = artefacts(read_notebook(lab_notebook(course, lab, folder="labs")))
    utc = now.astimezone(UTC)
    target = course / "work" / "handins" / f"{lab}-{student}-{utc:{NAME_TIME}}.zip"
    if target.exists():
        raise ValueError(f"{target} exists already: wait a second and submit again")
    files = [notebook, *(notebook.parent / name for name in wanted)]
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for path in files:
            if path.is_file():
                archive.writestr(path.name, path.read_bytes())
        archive.writestr("timestamp.txt", f"{utc:{STAMP}}")
        if told is not None:
            archive.writestr(MINUTES, json.dumps(told, indent=1))
    write_atomically(target, buffer.getvalue())
    return target


def student_id(given: str | None, memory: Path) -> str:
    """The student's id: given, else remembered in work/.student, else asked for; remembered."""
    known = memory.read_text(encoding="utf-8").strip() if memory.is_file() else ""
    student = given or known
    if not student:
        if not sys.stdin.isatty():
            raise ValueError("who hands in? Give your student id once with --student ID")
        student = input("Your student id (asked once): ").strip()
    if not STUDENT.fullmatch(student):
        raise ValueError(
            f"{student!r} is not a student id: expected letters, digits, '_', '.' and '-' only; "
            "give it with --student ID"
        )
    if student != known:
        write_atomically(memory, student.encode())
    return student


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("lab", help="for example lab01_rl_nas")
    parser.add_argument("--student", metavar="ID", help="your student id; remembered")
    parser.add_argument("--anyway", action="store_true", help="hand in although parts are missing")
    parser.add_argument(
        "--with-minutes", action="store_true", help="tell how many minutes each exercise took you"
    )
    parser.add_argument("--no-run", action="store_true", help="do not run the notebook once more")


def run(args: argparse.Namespace) -> int:
    course = course_folder()
    path = lab_notebook(course, args.lab)
    release = read_notebook(lab_notebook(course, args.lab, folder="labs"))
    lacks = [*unsaved(path), *missing(read_notebook(path), release, path.parent)]
    if lacks:
        print(f"{args.lab} is not complete:", *lacks, sep="\n  - ")
        if not args.anyway:
            words = [sys.executable, "-m", "course_lib.teach", "submit", args.lab, "--anyway"]
            command = subprocess.list2cmdline(words) if os.name == "nt" else shlex.join(words)
            print(f"Nothing was handed in. To hand in as it is: {command}")
            return 1
    student = student_id(args.student, course / "work" / ".student")
    entries = diary.read(path.parent / diary.FILE).get(args.lab, {})
    told = spent(entries) if args.with_minutes else None
    target = hand_in(course, args.lab, student, datetime.now(UTC), told)
    print(f"Your hand-in file of {args.lab} for {student}: {target}")
    print(_checked(release, entries))
    if told is not None:
        print(said(told))
    if not args.no_run:
        from course_lib.teach.student.rehearsal import run_once

        run_once(course, args.lab)
    return 0


def _checked(release: dict[str, Any], entries: dict[str, Any]) -> str:
    """How the lab's exercises stood when they were last checked, in one sentence."""
    states = ", ".join(f"{row.exercise} {row.state}" for row in lab_rows(release, entries))
    return f"When you last ran the checks: {states}. An answer changed since is checked anew."
