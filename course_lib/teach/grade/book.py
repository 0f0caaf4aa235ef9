"""One lab in nbgrader's gradebook: registered, graded hand-in by hand-in, penalised, read out."""

import hashlib
import json
import shutil
import statistics
from contextlib import AbstractContextManager
from copy import deepcopy
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

import nbformat
from nbformat import NotebookNode
from nbgrader.api import Gradebook
from nbgrader.converters import Autograde, GenerateFeedback
from traitlets.config import Config

from course_lib.teach.build.release import generate, read_lab
from course_lib.teach.build.sources import to_bytes
from course_lib.teach.files import write_atomically
from course_lib.teach.grade.collect import Collected
from course_lib.teach.grade.execution import Executed, Job
from course_lib.teach.grade.gradebook import disk_may_be_full, make_gradebook, open_gradebook
from course_lib.teach.grade.limits import limits_of
from course_lib.teach.grade.nbgrading import NbgraderError, convert, course_config
from course_lib.teach.grade.prepare import prepare
from course_lib.teach.grade.replay import replaying
from course_lib.teach.grade.settings import LabSettings
from course_lib.teach.places import Lab

_GUESS = 10.0


@dataclass
class Scores:
    """What the gradebook says about one hand-in; None is a score that is still to be given."""

    exercises: dict[str, float | None] = field(default_factory=dict)
    by_hand: list[str] = field(default_factory=list)
    unanswered: list[str] = field(default_factory=list)
    penalty: float = 0.0

    @property
    def raw(self) -> float:
        """The points given so far, before the penalty."""
        return sum(points for points in self.exercises.values() if points is not None)


class Book:
    """One lab of the course in `lab.root`, entered by a single process; all is below grading/."""

    def __init__(self, lab: Lab, settings: LabSettings) -> None:
        self.lab = lab
        self.settings = settings
        self.grading = lab.root / "grading"
        self.config: Config = course_config(lab.root)
        self._record = self.grading / "graded.json"
        self._beside: dict[str, bytes] = {}

    def register(self) -> NotebookNode:
        """Enter the lab, its cells and its due date, and return the notebook of the release.

        ValueError: the source is refused, or has other cells than hand-ins graded before.
        """
        self.grading.mkdir(exist_ok=True)
        make_gradebook(self.config.CourseDirectory.db_url)
        files = generate(self.lab, self.config, self.settings.hidden_variant)
        release = files.pop(f"{self.lab.name}.ipynb")
        self._beside = files
        due = self.settings.due and self.settings.due.replace(tzinfo=None)
        with self._open() as book:
            book.update_or_create_assignment(self.lab.name, duedate=due)
        notebook: NotebookNode = nbformat.reads(release.decode(), as_version=nbformat.NO_CONVERT)
        return notebook

    @property
    def max_points(self) -> dict[str, float]:
        """The greatest score of every graded cell, in the order of the notebook."""
        with self._open() as book:
            cells = book.find_notebook(self.lab.name, self.lab.name).grade_cells
            points = {cell.name: float(cell.max_score) for cell in cells}
        order = [cell.metadata.get("nbgrader", {}) for cell in read_lab(self.lab).cells]
        return {own["grade_id"]: points[own["grade_id"]] for own in order if own.get("grade")}

    def job(self, student: str, *, sandboxed: bool) -> Job:
        """The student's hand-in, ready to run."""
        folder = self.grading / "submitted" / student / self.lab.name
        notebook = read_lab(self.lab, self.settings.hidden_variant)
        limits = limits_of(self.config)
        return prepare(student, folder, notebook, self._beside, limits, sandboxed=sandboxed)

    def settled(self, student: str) -> bool:
        """Whether what the student has handed in was run already, and the lab is the same."""
        return self._graded().get(student, {}).get("digest") == self._digest(student)

    def enter(self, handin: Collected, executed: Executed) -> None:
        """Enter what came of a hand-in; what kept it from being scored becomes its problem."""
        self._remember(handin.student, None)
        self._enter(handin)
        problem = executed.problem
        if not problem:
            config = deepcopy(self.config)
            replaying(config, executed.notebook)
            try:
                with disk_may_be_full():
                    convert(Autograde, config, lab=self.lab.name, student=handin.student)
            except NbgraderError as error:
                problem = f"could not be graded: {error}"
        entry = {
            "digest": self._digest(handin.student) if problem == executed.problem else "",
            "problem": problem,
            "remarks": [] if problem else list(executed.remarks),
            "minutes": round(executed.seconds / 60, 2),
        }
        self._remember(handin.student, entry)

    def usual_seconds(self) -> float:
        """How long a hand-in of this lab usually runs; a guess before the first has run."""
        ran = [60 * entry["minutes"] for entry in self._graded().values()]
        return statistics.median(ran) if ran else _GUESS

    def problem(self, student: str) -> str:
        """Why the hand-in could not be scored when it was run, '' if it was."""
        return str(self._graded().get(student, {}).get("problem", ""))

    def remarks(self, student: str) -> list[str]:
        """What happened when the hand-in was run: cells that ran out of time, or crashed."""
        return list(self._graded().get(student, {}).get("remarks", []))

    def refresh_penalties(self) -> None:
        """Count the late penalties anew: a score or a date may have changed since autograding."""
        with self._open() as book:
            for submission in book.assignment_submissions(self.lab.name):
                late = submission.total_seconds_late
                for notebook in submission.notebooks:
                    lost = self.settings.penalty(notebook.score, late)
                    notebook.late_submission_penalty = lost or None
            book.db.commit()

    def feedback(self, student: str) -> None:
        """Write the student's feedback page, and nothing else.

        nbgrader copies every file beside the graded notebook to the page, those too that the
        student's code has written there, which may be the hidden tests or a link to solutions/.
        """
        config = self.config
        config.GenerateFeedback.force = True
        convert(GenerateFeedback, config, lab=self.lab.name, student=student)
        for path in self._feedback(student).iterdir():
            if path.is_dir() and not path.is_symlink():
                shutil.rmtree(path)
            elif path.name != f"{self.lab.name}.html":
                path.unlink()

    def withdraw(self, student: str) -> None:
        """Remove the page of an earlier hand-in, which the latest one has replaced."""
        shutil.rmtree(self._feedback(student), ignore_errors=True)

    def _feedback(self, student: str) -> Path:
        return self.grading / "feedback" / student / self.lab.name

    def scores(self, student: str) -> Scores:
        """The scores of a graded hand-in."""
        with self._open() as book:
            submission = book.find_submission(self.lab.name, student)
            scores = Scores(penalty=float(submission.late_submission_penalty))
            notebook = submission.notebooks[0]
            silent = {c.name for c in notebook.comments if c.auto_comment == "No response."}
            for grade in notebook.grades:
                if grade.name in silent:
                    scores.unanswered.append(grade.name)
                missing = grade.needs_manual_grade and grade.manual_score is None
                scores.exercises[grade.name] = None if missing else float(grade.score)
                if grade.needs_manual_grade:
                    scores.by_hand.append(grade.name)
        return scores

    def students(self) -> list[str]:
        """All students whom the gradebook knows."""
        with self._open() as book:
            return sorted(student.id for student in book.students)

    def _open(self) -> AbstractContextManager[Gradebook]:
        course = self.config.CourseDirectory
        return open_gradebook(course.db_url, course.course_id)

    def _enter(self, handin: Collected) -> None:
        """The student, the time of the hand-in and the extension, before nbgrader looks at them."""
        due, own = self.settings.due, self.settings.due_for(handin.student)
        extension = own - due if own and due else timedelta(0)
        time = handin.time.replace(tzinfo=None) if handin.time else None
        with self._open() as book:
            book.update_or_create_student(handin.student)
            book.update_or_create_submission(
                self.lab.name, handin.student, timestamp=time, extension=extension or None
            )

    def _digest(self, student: str) -> str:
        """What a grade rests on: the hand-in's files and the instructor's notebook."""
        folder = self.grading / "submitted" / student / self.lab.name
        digest = hashlib.sha256(to_bytes(read_lab(self.lab, self.settings.hidden_variant)))
        for path in sorted(folder.iterdir()):
            digest.update(f"\n{path.name} {path.stat().st_size}\n".encode() + path.read_bytes())
        return digest.hexdigest()

    def _graded(self) -> dict[str, dict[str, Any]]:
        """{student: digest of what was run, and what came of it}."""
        try:
            record: dict[str, dict[str, Any]] = json.loads(self._record.read_bytes())[self.lab.name]
        except (OSError, ValueError, KeyError, TypeError):
            return {}
        return {name: entry for name, entry in record.items() if isinstance(entry, dict)}

    def _remember(self, student: str, entry: dict[str, Any] | None) -> None:
        try:
            record = json.loads(self._record.read_bytes())
        except (OSError, ValueError):
            record = {}
        record.setdefault(self.lab.name, {})[student] = entry
        write_atomically(self._record, json.dumps(record, indent=1, sort_keys=True).encode())
