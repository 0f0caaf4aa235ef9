"""A process of which kernels are copies: what a notebook imports is imported already.

It runs no hand-in and knows of none. Asked for a kernel it forks; the copy enters a cage (the
namespaces of a bubblewrap process), gives up every right, and only there becomes a kernel. Beside
each kernel a minder stays outside, which tells what it died of. Linux only.

A request is JSON, a `Request`, with two file handles: the process whose cage is meant, and where
the answers go: {"pid": of the kernel}, then {"code": its exit code}, or {"failed": why}.
"""

import ctypes
import importlib
import json
import os
import random
import resource
import signal
import socket
import sys
from contextlib import suppress

from course_lib.teach.grade.request import Request

_LIBC = ctypes.CDLL(None, use_errno=True)
# sched.h and prctl.h of Linux
_NAMESPACES = 0x00020000 | 0x04000000 | 0x08000000 | 0x20000000 | 0x40000000
"""Mounts, host name, System V queues, processes, network."""
_USERS = 0x10000000
_ADOPT_ORPHANS, _NO_NEW_RIGHTS, _DROP_CAPABILITY = 36, 38, 24
_CAPABILITIES_V3 = 0x20080522


def main() -> None:
    """Serve requests, which come through the standard input, until it is closed."""
    requests = socket.socket(fileno=os.dup(0))
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # nobody waits for minders
    while True:
        text, handles, _, _ = socket.recv_fds(requests, 100_000, 2)
        if not text:
            return
        cage, told = handles
        with socket.socket(fileno=told) as answers:
            _serve(Request(**json.loads(text)), cage, answers)
        os.close(cage)


def _serve(request: Request, cage: int, answers: socket.socket) -> None:
    for name in ("ipykernel.kernelapp", *request.imports):
        with suppress(Exception):  # the notebook will say so itself
            importlib.import_module(name)
    try:
        minder = os.fork()
    except OSError as error:
        answers.send(json.dumps({"failed": str(error)}).encode())
        return
    if minder == 0:
        _mind(request, cage, answers)


def _mind(request: Request, cage: int, answers: socket.socket) -> None:
    """Start the kernel, and tell its exit code; this process never returns."""
    try:
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        _call("prctl", _ADOPT_ORPHANS, 1, 0, 0, 0)
        enters = os.fork()
        if enters == 0:
            _enter(request, cage, answers)
        os.waitpid(enters, 0)
        with suppress(ChildProcessError):
            _, status = os.wait()
            answers.send(json.dumps({"code": os.waitstatus_to_exitcode(status)}).encode())
    finally:
        os._exit(0)


def _enter(request: Request, cage: int, answers: socket.socket) -> None:
    """Go into the cage's namespaces; the next process is in that of processes, too."""
    try:
        _call("setns", cage, _NAMESPACES | (_USERS if request.user is None else 0))
        if kernel := os.fork():
            answers.send(json.dumps({"pid": kernel}).encode())
        else:
            _become_kernel(request)
    except BaseException as error:
        answers.send(json.dumps({"failed": f"{type(error).__name__}: {error}"}).encode())
    finally:
        os._exit(0)


def _become_kernel(request: Request) -> None:
    """Give up everything that the cage does not hold, and run a kernel."""
    code = 1
    try:
        os.setsid()
        os.closerange(0, 100_000)
        for handle in (os.open("/dev/null", os.O_RDWR), 0, 0)[1:]:
            os.dup(handle)
        os.chdir(request.folder)
        os.environ.clear()
        os.environ.update(request.environment)
        for name, limit in request.limits.items():
            resource.setrlimit(getattr(resource, name), (limit, limit))
        _give_up_rights(request.user)
        code = _run_kernel(request.arguments) if request.arguments else 0
    except SystemExit as end:
        code = end.code if isinstance(end.code, int) else int(end.code is not None)
    finally:
        os._exit(code)


def _give_up_rights(user: int | None) -> None:
    capability = 0
    while _LIBC.prctl(_DROP_CAPABILITY, capability, 0, 0, 0) == 0:
        capability += 1
    if user is not None:
        os.setgroups([])
        os.setresgid(user, user, user)
        os.setresuid(user, user, user)
    _call("prctl", _NO_NEW_RIGHTS, 1, 0, 0, 0)
    header = (ctypes.c_uint32 * 2)(_CAPABILITIES_V3, 0)
    _call("capset", header, (ctypes.c_uint32 * 6)())


def _run_kernel(arguments: list[str]) -> int:
    """A kernel as `python -m ipykernel_launcher` starts it."""
    kernels = importlib.import_module("ipykernel.kernelapp")
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    random.seed()
    if numpy := sys.modules.get("numpy"):
        numpy.random.seed()
    sys.argv = ["ipykernel_launcher", *arguments]
    kernels.launch_new_instance()
    return 0


def _call(name: str, *arguments: object) -> None:
    """Call the C library; OSError as Python's own functions raise it."""
    if getattr(_LIBC, name)(*arguments) < 0:
        number = ctypes.get_errno()
        raise OSError(number, f"{name}: {os.strerror(number)}")


if __name__ == "__main__":
    main()
