"""One lab in nbgrader's gradebook: registered, graded hand-in by hand-in, penalised, read out."""

import statistics
from collections.abc import Collection, Iterable
from dataclasses import replace
from datetime import timedelta
from functools import cached_property
from pathlib import Path

import nbformat
from nbformat import NotebookNode

from course_lib.teach.build.release import generate, read_lab
from course_lib.teach.grade.by_hand import empty_changed, overridden, settle
from course_lib.teach.grade.collect import Collected
from course_lib.teach.grade.database import CourseBook, make_whole, scored_submission
from course_lib.teach.grade.exam import Exam
from course_lib.teach.grade.execution import Executed, Job
from course_lib.teach.grade.handed_back import Pages, shown
from course_lib.teach.grade.limits import limits_of
from course_lib.teach.grade.nbgrading import course_config
from course_lib.teach.grade.prepare import prepare
from course_lib.teach.grade.record import (
    Entry,
    Record,
    gone,
    handin_digest,
    lab_digest,
    settled,
    texts,
)
from course_lib.teach.grade.replay import score
from course_lib.teach.grade.scores import Scores, entered, naive, scores_of
from course_lib.teach.grade.settings import LabSettings
from course_lib.teach.grade.status import Status
from course_lib.teach.places import Lab

_GUESS = 10.0


class Book(CourseBook):
    """One lab of the course in `lab.root`, entered by a single process; all is below grading/.

    In a `with` the gradebook is opened once.
    """

    def __init__(self, lab: Lab, settings: LabSettings) -> None:
        super().__init__(course_config(lab.root))
        self.lab = lab
        self.settings = settings
        self.grading = lab.root / "grading"
        self.record = Record(self.grading / "graded.json", lab.name)
        self.beside: dict[str, bytes] = {}
        self.pages = Pages(self.config, lab)

    def register(self) -> NotebookNode:
        """Enter the lab, its cells and its due date, and return the notebook of the release.

        ValueError: the source is refused, or has other cells than hand-ins graded before.
        """
        self.grading.mkdir(exist_ok=True)
        make_whole(self.config)
        files = generate(self.lab, self.config, self.settings.hidden_variant)
        release = files.pop(f"{self.lab.name}.ipynb")
        self.beside = files
        with self.open() as book:
            book.update_or_create_assignment(self.lab.name, duedate=naive(self.settings.due))
        notebook: NotebookNode = nbformat.reads(release.decode(), as_version=nbformat.NO_CONVERT)
        return notebook

    @property
    def max_points(self) -> dict[str, float]:
        """The greatest score of every graded cell, in the order of the notebook."""
        with self.open() as book:
            cells = book.find_notebook(self.lab.name, self.lab.name).grade_cells
            points = {cell.name: float(cell.max_score) for cell in cells}
        order = [cell.metadata.get("nbgrader", {}) for cell in self._source.cells]
        return {own["grade_id"]: points[own["grade_id"]] for own in order if own.get("grade")}

    def job(self, student: str, *, sandboxed: bool, exam: Exam | None = None) -> Job:
        """The student's hand-in, ready to run."""
        folder = self.grading / "submitted" / student / self.lab.name
        limits, beside, lab = limits_of(self.config), self.beside, self._source
        return prepare(student, folder, lab, beside, limits, sandboxed=sandboxed, exam=exam)

    def unsettled(self, students: Iterable[str]) -> list[str]:
        """Those whose hand-in has to run: it, the lab or the gradebook is not as it was."""
        entries, scores = self.record.entries(), self.entered()
        return [
            name
            for name in students
            if not settled(entries.get(name), self._digest(name), scores.get(name))
            or not (entries[name].problem or self._graded(name).is_file())
        ]

    def enter(self, handin: Collected, executed: Executed, exam: Exam | None = None) -> None:
        """Enter what came of a hand-in; what kept it from being scored becomes its problem.

        What did not run at all, where no kernel could be started, runs again next time.
        """
        student, problem = handin.student, executed.problem
        before = self.record.entry(student) or Entry("")
        self.record.begin(student)
        notebook = nbformat.reads(executed.notebook, as_version=4)
        said = [] if problem else self._empty_changed(handin, before, texts(notebook))
        self._enter(handin)
        if not problem:
            problem = score(self.config, self.lab.name, student, executed.notebook)
        ran = not executed.problem.startswith(Status.NOT_GRADED)
        digest = self._digest(student) if ran else ""
        ways = dict(exam.ways) if exam else {}
        after = replace(before, digest=digest, problem=problem, ways=ways)
        if not problem:
            scores = self._settle(student)
            after = replace(after, scores=scores, texts=texts(notebook))
        remarks = said if problem else [*executed.remarks, *said]
        minutes = round(executed.seconds / 60, 2)
        self.record.write(student, replace(after, remarks=remarks, minutes=minutes))

    def _empty_changed(self, handin: Collected, before: Entry, now: dict[str, str]) -> list[str]:
        """Take back the points that a person gave to texts which are not these.

        A gradebook that is not the recorded one, an older copy for example, says by the time of
        its hand-in whether it is about these texts.
        """
        with self.open() as book:
            submission = scored_submission(book, self.lab.name, handin.student)
            if submission is None:
                return []
            grades = submission.notebooks[0].grades
            known = before.texts
            if before.scores != entered(grades):
                same = handin.time and submission.timestamp == naive(handin.time)
                known = now if same else {}
            said = empty_changed(grades, known, now)
            book.db.commit()
        return said

    def _settle(self, student: str) -> dict[str, float | None]:
        """What was given by hand does not wait again; the scores that were entered."""
        with self.open() as book:
            grades = book.find_submission(self.lab.name, student).notebooks[0].grades
            settle(grades)
            book.db.commit()
            return entered(grades)

    def entered(self) -> dict[str, dict[str, float | None]]:
        """The scores in the gradebook, by student; what a person gave is left out."""
        with self.open() as book:
            return {
                submission.student_id: entered(submission.notebooks[0].grades)
                for submission in book.assignment_submissions(self.lab.name)
                if submission.notebooks
            }

    def left(self, roster: Collection[str] | None) -> set[str]:
        """Students of earlier runs who take part no longer.

        That is who stands in no roster; without one, who was graded and has been removed from the
        gradebook since.
        """
        if roster is not None:
            folders = (self.grading / "submitted").glob(f"*/{self.lab.name}")
            return {folder.parent.name for folder in folders} - set(roster)
        return gone(self.record.entries(), self.students(), self.entered())

    def usual_seconds(self) -> float:
        """How long a hand-in of this lab usually runs; a guess before the first has run."""
        ran = [60 * entry.minutes for entry in self.record.entries().values() if entry.minutes]
        return statistics.median(ran) if ran else _GUESS

    def problem(self, student: str) -> str:
        """Why the hand-in could not be scored when it was run, '' if it was."""
        entry = self.record.entry(student)
        return entry.problem if entry else ""

    def executed(self, student: str) -> NotebookNode:
        """A graded hand-in's notebook with its outputs."""
        notebook: NotebookNode = nbformat.read(self._graded(student), as_version=4)
        return notebook

    def remarks(self, student: str) -> list[str]:
        """What happened when the hand-in was run, and which points were set by hand."""
        entry = self.record.entry(student) or Entry("")
        with self.open() as book:
            grades = book.find_submission(self.lab.name, student).notebooks[0].grades
            return [*entry.remarks, *overridden(grades, entry.texts)]

    def refresh_penalties(self) -> None:
        """Count the late penalties anew: a score or a date may have changed since autograding."""
        with self.open() as book:
            for submission in book.assignment_submissions(self.lab.name):
                submission.extension = self._extension(submission.student_id)
                late = submission.total_seconds_late
                for notebook in submission.notebooks:
                    lost = self.settings.penalty(submission.student_id, notebook.score, late)
                    notebook.late_submission_penalty = lost or None
            book.db.commit()

    def feedback(self, student: str) -> None:
        """Write the student's feedback page, if it would show something else than it shows."""
        entry = self.record.entry(student) or Entry("")
        with self.open() as book:
            points = shown(book.find_submission(self.lab.name, student).notebooks[0])
        page = self.pages.write(student, self._graded(student), points, entry.page)
        if page != entry.page:
            self.record.write(student, replace(entry, page=page))

    def scores(self, student: str) -> Scores:
        """The scores of a graded hand-in."""
        with self.open() as book:
            return scores_of(book.find_submission(self.lab.name, student))

    def students(self) -> list[str]:
        """All students whom the gradebook knows."""
        with self.open() as book:
            return sorted(student.id for student in book.students)

    def _enter(self, handin: Collected) -> None:
        """The student, the time of the hand-in and the extension, before nbgrader looks at them."""
        with self.open() as book:
            book.update_or_create_student(handin.student)
            book.update_or_create_submission(
                self.lab.name,
                handin.student,
                timestamp=naive(handin.time),
                extension=self._extension(handin.student),
            )

    def _extension(self, student: str) -> timedelta | None:
        due, own = self.settings.due, self.settings.due_for(student)
        return own - due if own and due and own > due else None

    def _graded(self, student: str) -> Path:
        return self.grading / "autograded" / student / self.lab.name / f"{self.lab.name}.ipynb"

    @cached_property
    def _source(self) -> NotebookNode:
        """The instructor's notebook, read once and changed by nobody."""
        return read_lab(self.lab, self.settings.hidden_variant)

    @cached_property
    def _lab_digest(self) -> str:
        settings = self.settings
        return lab_digest(self.lab, settings.hidden_variant, exam=settings.exam)

    def _digest(self, student: str) -> str:
        folder = self.grading / "submitted" / student / self.lab.name
        return handin_digest(self._lab_digest, folder)
