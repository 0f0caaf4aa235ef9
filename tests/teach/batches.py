"""A batch in a process of its own, to be stopped in the middle."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

from tests.teach.hand_ins import LAB, uncaged

COURSE = Path(__file__).resolve().parents[2]
T = TypeVar("T")


def start_grading(course: Path, *words: str) -> subprocess.Popen[str]:
    """`grade` of the course's lab, which hears Ctrl-C (SIGINT)."""
    command = [sys.executable, "-m", "course_lib.teach", "grade", LAB, *words, *uncaged()]
    return subprocess.Popen(
        command,
        cwd=course,
        env={**os.environ, "PYTHONPATH": str(COURSE), "PYTHONWARNINGS": "ignore"},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        preexec_fn=_hears_ctrl_c,
    )


def _hears_ctrl_c() -> None:
    """What runs in the background, as these tests may, is deaf to it."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)


def wait(until: Callable[[], T], seconds: float = 90.0) -> T:
    """What `until` says as soon as it says something."""
    end = time.monotonic() + seconds
    while not (found := until()):
        assert time.monotonic() < end, "it did not happen"
        time.sleep(0.1)
    return found
