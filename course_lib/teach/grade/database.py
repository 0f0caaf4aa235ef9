"""nbgrader's gradebook as a file: opened, and made as a whole or not at all."""

from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

from nbgrader.api import Gradebook, MissingEntry
from sqlalchemy.engine import make_url
from sqlalchemy.exc import OperationalError
from traitlets.config import Config

from course_lib.teach.grade.nbgrading import prepared
from course_lib.teach.grade.replay import DISK_FULL, MAKE_ROOM


@contextmanager
def opened(config: Config, url: str = "") -> Iterator[Gradebook]:
    """The course's gradebook, or the one at a url; OSError: the disk is full."""
    course = config.CourseDirectory
    try:
        with prepared(), closing(Gradebook(url or course.db_url, course.course_id)) as book:
            yield book
    except OperationalError as error:
        if any(words in str(error) for words in DISK_FULL):
            raise OSError(MAKE_ROOM) from error
        raise


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


def scored_submission(book: Gradebook, lab: str, student: str) -> Any:
    """The student's submission with its notebook, None if there is none yet."""
    try:
        submission = book.find_submission(lab, student)
    except MissingEntry:
        return None
    return submission if submission.notebooks else None
