"""nbgrader's gradebook as a file: opened, and made as a whole or not at all."""

from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from pathlib import Path
from typing import Any, Self

from nbgrader.api import Gradebook, MissingEntry
from sqlalchemy.engine import make_url
from sqlalchemy.exc import OperationalError
from tornado.log import app_log
from traitlets.config import Config

from course_lib.teach.grade.nbgrading import NbgraderError, prepared

_DISK_FULL = ("database or disk is full", "No space left on device")
_MAKE_ROOM = "the disk is full: make room and run the command again, it goes on where it stopped"


@contextmanager
def opened(config: Config, url: str = "") -> Iterator[Gradebook]:
    """The course's gradebook, or the one at a url; OSError: the disk is full."""
    course = config.CourseDirectory
    book = (url or course.db_url, course.course_id)
    with disk_may_be_full(), prepared(), _silent(), closing(Gradebook(*book)) as gradebook:
        yield gradebook


class CourseBook:
    """The course's gradebook; in a `with` it is opened once, and else for every use anew."""

    def __init__(self, config: Config) -> None:
        self.config = config
        self._run: ExitStack | None = None
        self._kept: Gradebook | None = None

    def __enter__(self) -> Self:
        self._run = ExitStack()
        return self

    def __exit__(self, *_: object) -> None:
        if self._run is not None:
            self._run.close()
        self._run = self._kept = None

    @contextmanager
    def open(self) -> Iterator[Gradebook]:
        """The gradebook as it is now; OSError: the disk is full."""
        if self._run is None:
            with opened(self.config) as gradebook:
                yield gradebook
            return
        if self._kept is None:
            self._kept = self._run.enter_context(opened(self.config))
        with disk_may_be_full():
            self._kept.db.rollback()  # what nbgrader has written since is read anew
            yield self._kept


def make_whole(config: Config) -> None:
    """Make the gradebook if there is none; wherever this is stopped, there is no half of one."""
    url = make_url(config.CourseDirectory.db_url)
    if url.database is None or Path(url.database).exists():
        return
    new = Path(f"{url.database}.new")
    new.unlink(missing_ok=True)
    with opened(config, str(url.set(database=str(new)))):
        pass
    new.replace(url.database)


@contextmanager
def disk_may_be_full() -> Iterator[None]:
    """OSError, with what to do, for a full disk that the database or nbgrader reports."""
    try:
        yield
    except (OperationalError, NbgraderError) as error:
        said = error.log if isinstance(error, NbgraderError) else str(error)
        if any(words in said for words in _DISK_FULL):
            raise OSError(_MAKE_ROOM) from error
        raise


def scored_submission(book: Gradebook, lab: str, student: str) -> Any:
    """The student's submission with its notebook, None if there is none yet."""
    try:
        submission = book.find_submission(lab, student)
    except MissingEntry:
        return None
    return submission if submission.notebooks else None


@contextmanager
def _silent() -> Iterator[None]:
    """nbgrader logs, with a traceback, what it raises."""
    before, app_log.disabled = app_log.disabled, True
    try:
        yield
    finally:
        app_log.disabled = before
