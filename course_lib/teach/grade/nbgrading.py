"""nbgrader's converters, run from Python with the course's settings; what they log is kept."""

import io
import logging
import os
import sys
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from copy import deepcopy
from pathlib import Path

from nbgrader.converters.base import BaseConverter
from nbgrader.coursedir import CourseDirectory
from sqlalchemy.exc import SAWarning
from traitlets.config import Config
from traitlets.config.loader import PyFileConfigLoader


class NbgraderError(RuntimeError):
    """nbgrader could not process something; `log` holds all that it said."""

    def __init__(self, message: str, log: str) -> None:
        super().__init__(message)
        self.log = log


def course_config(root: Path) -> Config:
    """The settings in `nbgrader_config.py` of the course at `root`."""
    config: Config = PyFileConfigLoader("nbgrader_config.py", path=str(root)).load_config()
    return config


def convert(kind: type[BaseConverter], config: Config, *, lab: str, student: str = "*") -> str:
    """Run one converter on one lab (and one student) and return its log.

    NbgraderError: it failed; the message is the last line of the last traceback in its log.
    """
    config = deepcopy(config)
    config.CourseDirectory.assignment_id = lab
    config.CourseDirectory.student_id = student
    converter = kind(coursedir=CourseDirectory(config=config), config=config)
    log, level, propagate = io.StringIO(), converter.log.level, converter.log.propagate
    handler = logging.StreamHandler(log)
    converter.log.addHandler(handler)
    converter.log.setLevel(logging.INFO)
    converter.log.propagate = False
    try:
        with prepared():
            converter.start()
    except (Exception, SystemExit) as error:
        raise NbgraderError(_reason(log.getvalue()) or str(error), log.getvalue()) from error
    finally:
        converter.log.removeHandler(handler)
        converter.log.setLevel(level)
        converter.log.propagate = propagate
    return log.getvalue()


@contextmanager
def prepared() -> Iterator[None]:
    """What nbgrader's gradebook needs, and the environment as it was afterwards.

    `alembic` must be on PATH when a gradebook is made; every new submission sets off a warning
    about SQLAlchemy's autoflush; after a failure nbgrader leaves its own variables behind.
    """
    before = dict(os.environ)
    scripts = str(Path(sys.executable).parent)
    os.environ["PATH"] = os.pathsep.join([scripts, before.get("PATH", os.defpath)])
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", SAWarning)
            yield
    finally:
        os.environ.clear()
        os.environ.update(before)


def _reason(log: str) -> str:
    """The last line of the last traceback in a log, '' if there is none."""
    _, found, tail = log.rpartition("Traceback (most recent call last):\n")
    lines = tail.splitlines() if found else []
    return next((line for line in lines if line and not line.startswith(" ")), "")
