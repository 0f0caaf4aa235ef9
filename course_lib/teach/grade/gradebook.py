"""nbgrader's gradebook, opened; one that is half made or a disk that is full costs nothing."""

from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from nbgrader.api import Gradebook
from sqlalchemy.engine import make_url
from sqlalchemy.exc import OperationalError
from tornado.log import app_log

from course_lib.teach.grade.nbgrading import NbgraderError, prepared

_DISK_FULL = ("database or disk is full", "No space left on device")
_MAKE_ROOM = "the disk is full: make room and run the command again, it goes on where it stopped"


def make_gradebook(url: str) -> None:
    """Make the gradebook if there is none: as a whole or not at all, wherever this is stopped."""
    place = make_url(url)
    if place.database is None or Path(place.database).exists():
        return
    new = Path(f"{place.database}.new")
    new.unlink(missing_ok=True)
    with open_gradebook(f"sqlite:///{new}", ""):
        pass
    new.replace(place.database)


@contextmanager
def open_gradebook(url: str, course_id: str) -> Iterator[Gradebook]:
    """The gradebook; OSError where the disk is full."""
    with disk_may_be_full(), prepared(), _silent(), closing(Gradebook(url, course_id)) as book:
        yield book


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


@contextmanager
def _silent() -> Iterator[None]:
    """nbgrader logs, with a traceback, what it raises."""
    before, app_log.disabled = app_log.disabled, True
    try:
        yield
    finally:
        app_log.disabled = before
