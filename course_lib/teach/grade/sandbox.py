"""Starting a kernel for strangers' code: in a cage of its own or, where need be, without one."""

import contextlib
import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from course_lib.teach.grade.cage import (
    ENVIRONMENT,
    WORKING_FOLDER,
    cage,
    resources,
    spare_user,
)
from course_lib.teach.grade.kernel import START, NoKernel, Starter
from course_lib.teach.grade.limits import Limits
from course_lib.teach.grade.request import Request
from course_lib.teach.grade.warm import zygote

_BETWEEN = Path(__file__).with_name("between.py")
UNSAFE = (
    "WARNING: --unsafe-no-sandbox: each notebook runs with your rights. It can read and write your "
    "files, the gradebook and the solutions, and use the network. Grade only hand-ins of people "
    "whom you trust, or do it in a virtual machine or container."
)
REFUSED = (
    "student code runs in a sandbox, and there is none: {why}. Install bubblewrap, for example "
    "with `sudo apt-get install bubblewrap` (Linux only; elsewhere use a virtual machine). With "
    "--unsafe-no-sandbox the notebooks run with your rights: they can read and write your files, "
    "the gradebook and the solutions, and use the network"
)


@dataclass(frozen=True)
class Free:
    """A kernel with the rights of who grades."""

    process: subprocess.Popen[bytes]

    def roots(self) -> list[int]:
        """The processes that, with their children, are the kernel."""
        return [self.process.pid]

    def poll(self) -> int | None:
        """Its exit code, None while it lives; who was sent to death is waited for."""
        if self.process.poll() is None and _doomed(self.process.pid):
            self.process.wait()
        return self.process.poll()

    def wait(self) -> None:
        """Wait until it has ended."""
        self.process.wait()


def _doomed(process: int) -> bool:
    """Whether a process has been sent SIGKILL and is still there; only Linux tells."""
    try:
        told = Path(f"/proc/{process}/status").read_text(encoding="utf-8")
    except OSError:
        return False
    pending = re.findall(r"^(?:Sig|Shd)Pnd:\s*(\w+)$", told, flags=re.M)
    return any(int(signals, 16) & 1 << signal.SIGKILL - 1 for signals in pending)


@dataclass
class Caged:
    """A kernel in a cage; when the process that keeps the cage ends, so does all that is in it."""

    cage: subprocess.Popen[bytes]
    answers: socket.socket
    pid: int = 0
    code: int | None = None
    failed: str = ""

    def roots(self) -> list[int]:
        """The processes that, with their children, are the kernel."""
        return [self.cage.pid, *([self.pid] if self.pid else [])]

    def poll(self) -> int | None:
        """Its exit code, None while it lives."""
        if self.code is None:
            self.answers.settimeout(0)
            with contextlib.suppress(BlockingIOError):
                self.hear()
        return self.code

    def hear(self) -> None:
        """Take in the next word about it."""
        text = self.answers.recv(10_000)
        # no word at all: who should have spoken was killed
        vars(self).update(json.loads(text) if text else {"code": -9})

    def wait(self) -> None:
        """Wait until it has ended."""
        with self.cage:
            self.cage.kill()
        self.answers.close()


def check_sandbox() -> None:
    """ValueError, with what to do, where no kernel could run in a sandbox."""
    if shutil.which("bwrap") is None:
        raise ValueError(REFUSED.format(why="the command bwrap is not found"))
    with tempfile.TemporaryDirectory(prefix="g-") as folder:
        try:
            tried = _enter([], Path(folder), {}, Limits(), ())
        except NoKernel as error:
            raise ValueError(REFUSED.format(why=error)) from error
        tried.wait()


def starter(
    files: Mapping[str, bytes], limits: Limits, imports: Sequence[str] = (), *, sandboxed: bool
) -> Starter:
    """What starts a kernel that finds `files` in its working folder.

    imports: modules that a sandboxed kernel need not import again.
    """
    if not sandboxed:
        return lambda connection: _start_free(connection, files)
    return lambda connection: _enter(
        _arguments(connection), connection.parent, files, limits, imports
    )


def _arguments(connection: Path) -> list[str]:
    quiet = ["--IPKernelApp.log_level=ERROR", "--HistoryManager.hist_file=:memory:"]
    return ["-f", str(connection), *quiet]


def _start_free(connection: Path, files: Mapping[str, bytes]) -> Free:
    """A kernel with the rights of who grades, in a folder beside that of its sockets."""
    folder = connection.parents[1] / "handin"
    folder.mkdir(exist_ok=True)
    for name, content in files.items():
        (folder / name).write_bytes(content)
    wanted = {name: text for name, text in ENVIRONMENT.items() if "/tmp" not in text}
    between = [sys.executable, "-I", str(_BETWEEN), str(os.getpid())]
    words = [*between, sys.executable, "-m", "ipykernel_launcher", *_arguments(connection)]
    environment = {**os.environ, **wanted}
    return Free(_popen(words, cwd=folder, env=environment, stderr=subprocess.DEVNULL))


def _enter(
    arguments: list[str],
    sockets: Path,
    files: Mapping[str, bytes],
    limits: Limits,
    imports: Sequence[str],
) -> Caged:
    """A cage that sees the folder of the sockets, and a kernel in it; it dies with who grades."""
    user = spare_user()
    if user is not None:
        for path in (sockets, *sockets.iterdir()):
            os.chown(path, user, user)
    made, handle = _cage(sockets, files, limits, user)
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    caged = Caged(made, ours)
    most = resources(limits, user)
    request = Request(arguments, WORKING_FOLDER, ENVIRONMENT, most, list(imports), user)
    try:
        with theirs:
            zygote().ask(request, handle, theirs)
        ours.settimeout(START)
        caged.hear()
        if not arguments and caged.pid:
            caged.hear()
        if caged.failed or caged.code:
            raise NoKernel(caged.failed or f"a process in the cage ends with {caged.code}")
    except BaseException as error:
        caged.wait()
        if isinstance(error, OSError):  # also the time-out
            raise NoKernel(f"the process that kernels are copies of: {error}") from error
        raise
    finally:
        os.close(handle)
    return caged


def _cage(
    sockets: Path, files: Mapping[str, bytes], limits: Limits, user: int | None
) -> tuple[subprocess.Popen[bytes], int]:
    """A cage that stands, and a handle of a process in it."""
    more = ["--perms", "0755", "--dir", str(sockets.parent), "--bind", str(sockets), str(sockets)]
    told, tells = os.pipe()
    given = [tells]
    with open(told, "rb") as about:
        try:
            for name, content in files.items():
                given.append(_in_memory(content))
                more += ["--perms", "0666", "--file", str(given[-1]), f"{WORKING_FOLDER}/{name}"]
            words = cage(limits, user, [*more, "--info-fd", str(tells)])
            made = _popen(
                words,
                cwd=Path("/"),
                env={},
                pass_fds=given,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
            )
        finally:
            for handle in given:
                os.close(handle)
        if made.stdout and made.stdout.readline():
            return made, os.pidfd_open(json.load(about)["child-pid"])
        _, said = made.communicate()
        raise NoKernel(f"bwrap does not work here ({said.decode(errors='replace').strip()})")


def _in_memory(content: bytes) -> int:
    """A handle of a file that has no name."""
    handle = os.memfd_create("file")
    with os.fdopen(os.dup(handle), "wb") as file:
        file.write(content)
    os.lseek(handle, 0, os.SEEK_SET)
    return handle


def _popen(words: list[str], **more: Any) -> subprocess.Popen[bytes]:
    """A process that no key of the terminal reaches, and that says nothing there."""
    quiet = {"stdin": subprocess.DEVNULL, "stdout": subprocess.DEVNULL}
    return subprocess.Popen(words, **{**quiet, "start_new_session": True, **more})
