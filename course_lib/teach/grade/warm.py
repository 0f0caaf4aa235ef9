"""The zygote of this process, from the grading side: started once, asked for every kernel."""

import atexit
import json
import shutil
import socket
import subprocess
import sys
import tempfile
from dataclasses import asdict
from pathlib import Path
from threading import Lock

from course_lib.teach.grade.cage import ENVIRONMENT, font_lists
from course_lib.teach.grade.request import Request

MODULE = "course_lib.teach.grade.zygote"
"""Runs on Linux only, so it is not imported here."""
_STARTING = Lock()
_started: list["Zygote"] = []


class Zygote:
    """A running `course_lib.teach.grade.zygote`; it ends when this process does.

    It sees no environment variable and no folder of the instructor's, for kernels inherit what
    it has in memory.
    """

    def __init__(self) -> None:
        self._home = tempfile.TemporaryDirectory(prefix="g-")
        for path in font_lists():
            shutil.copy(path, self._home.name)
        own = dict.fromkeys(("HOME", "IPYTHONDIR", "MPLCONFIGDIR"), self._home.name)
        self._requests, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        with theirs:
            self._process = subprocess.Popen(
                [sys.executable, "-P", "-m", MODULE],
                stdin=theirs.fileno(),
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                cwd=Path("/"),
                env=ENVIRONMENT | own,
                start_new_session=True,
            )

    def ask(self, request: Request, cage: int, answers: socket.socket) -> None:
        """Ask for a kernel in the cage that a process is in, given by its handle."""
        text = json.dumps(asdict(request)).encode()
        socket.send_fds(self._requests, [text], [cage, answers.fileno()])

    def lives(self) -> bool:
        """Whether it can be asked."""
        return self._process.poll() is None

    def close(self) -> None:
        """End the zygote; no kernel is needed any more."""
        self._requests.close()
        self._process.wait()
        self._home.cleanup()


def zygote() -> Zygote:
    """The zygote of this process."""
    with _STARTING:
        if not _started or not _started[-1].lives():
            _started.append(Zygote())
            atexit.register(_started[-1].close)
        return _started[-1]
