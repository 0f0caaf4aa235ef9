"""The pages that students get back, each written only when it would show something else."""

import hashlib
import shutil
from functools import cached_property
from importlib.metadata import version
from pathlib import Path
from typing import Any

from nbgrader.converters import GenerateFeedback
from traitlets.config import Config

from course_lib.teach.grade.exchange import put_beside_page
from course_lib.teach.grade.nbgrading import convert
from course_lib.teach.places import Lab

_HERE = Path(__file__).parent
_TEMPLATE = _HERE / "pages" / "feedback_page"
_RENDERERS = [_HERE / f"{name}.py" for name in ("feedback", "formulas", "safe_html", "scores")]


class Pages:
    """The feedback pages of one lab."""

    def __init__(self, config: Config, lab: Lab) -> None:
        self._config, self._lab = config, lab

    def write(self, student: str, graded: Path, points: str, before: str) -> str:
        """Write a student's page, unless it is the one that `before` tells of; what to tell next.

        graded: the graded notebook. points: what else the page shows.
        """
        content = hashlib.sha256(graded.read_bytes() + points.encode()).hexdigest()
        if not before or before != self._told(student, content):
            _write_page(self._config, self._lab.name, student, self._folder(student))
        return self._told(student, content)

    def withdraw(self, student: str) -> None:
        """Remove the page of an earlier hand-in, which the latest one has replaced."""
        shutil.rmtree(self._folder(student), ignore_errors=True)

    def _told(self, student: str, content: str) -> str:
        """Hash of the page and of all that it rests on; '' if there is no page."""
        page = self._folder(student) / f"{self._lab.name}.html"
        if not page.is_file():
            return ""
        return hashlib.sha256(f"{self._look} {content} ".encode() + page.read_bytes()).hexdigest()

    def _folder(self, student: str) -> Path:
        return self._lab.root / "grading" / "feedback" / student / self._lab.name

    @cached_property
    def _look(self) -> str:
        """Hash of what all pages rest on: the course's settings, the template, what renders it."""
        template = sorted(path for path in _TEMPLATE.rglob("*") if path.is_file())
        digest = hashlib.sha256(f"{version('nbgrader')} {version('nbconvert')}".encode())
        for path in (self._lab.root / "nbgrader_config.py", *_RENDERERS, *template):
            digest.update(path.read_bytes())
        return digest.hexdigest()


def shown(notebook: Any) -> str:
    """What a page shows of the gradebook's notebook: points, penalty and comments."""
    points = sorted(
        (grade.name, grade.score, grade.max_score, grade.needs_manual_grade, grade.manual_score)
        for grade in notebook.grades
    )
    comments = sorted((comment.name, comment.comment) for comment in notebook.comments)
    return repr((notebook.late_submission_penalty, points, comments))


def _write_page(config: Config, lab: str, student: str, folder: Path) -> None:
    """Write a feedback page into the folder, with what the exchange asks for.

    nbgrader copies every file beside the graded notebook to the page, those too that the student's
    code has written there, which may be the hidden tests or a link to solutions/.
    """
    config.GenerateFeedback.force = True
    convert(GenerateFeedback, config, lab=lab, student=student)
    for path in folder.iterdir():
        if path.is_dir() and not path.is_symlink():
            shutil.rmtree(path)
        elif path.name != f"{lab}.html":
            path.unlink()
    put_beside_page(folder.parents[2] / "submitted" / student / lab, folder)
