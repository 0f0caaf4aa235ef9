"""A cage for strangers' code: in bubblewrap a kernel sees Python, the course and nothing else.

Read-only: the system's libraries, this Python environment, course_lib and data/. Writable: an own
/tmp of limited size, with the hand-in's files in it. There is no network, and no gradebook,
solution, other hand-in, home folder or environment variable of the instructor's.
"""

import os
import secrets
import shutil
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import psutil

import course_lib
from course_lib.teach.grade.kernel import Starter
from course_lib.teach.grade.limits import Limits

WORKING_FOLDER = "/tmp/handin"
_LIBRARY = Path(course_lib.__file__).resolve().parent
_BETWEEN = Path(__file__).with_name("between.py")
_SYSTEM = ("/usr", "/bin", "/sbin", "/lib", "/lib32", "/lib64", "/sys/devices/system/cpu")
_SETTINGS = ("ld.so.cache", "alternatives", "fonts", "localtime", "mime.types")
_FIRST_SPARE_USER = 2_000_000
_ENVIRONMENT = {
    "HOME": "/tmp/home",
    "IPYTHONDIR": "/tmp/home/ipython",
    "LANG": "C.UTF-8",
    "MPLBACKEND": "module://matplotlib_inline.backend_inline",
    "MPLCONFIGDIR": "/tmp/home/matplotlib",
    "MKL_NUM_THREADS": "1",
    "NBGRADER_EXECUTION": "autograde",
    "OMP_NUM_THREADS": "1",
    "OPENBLAS_NUM_THREADS": "1",
    "PATH": os.pathsep.join([str(Path(sys.executable).parent), "/usr/bin", "/bin"]),
    "PYDEVD_DISABLE_FILE_VALIDATION": "1",
    "PYTHONDONTWRITEBYTECODE": "1",
    "PYTHONPATH": str(_LIBRARY.parent),
    "USER": "student",
}

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


def check_sandbox() -> None:
    """ValueError, with what to do, where no kernel could run in a sandbox."""
    if shutil.which("bwrap") is None:
        raise ValueError(REFUSED.format(why="the command bwrap is not found"))
    words = [*_cage(Limits(), _spare_user()), sys.executable, "-c", "import ipykernel, course_lib"]
    tried = subprocess.run(words, capture_output=True, text=True, errors="replace", timeout=120)
    if tried.returncode:
        last = (tried.stderr.strip().splitlines() or [f"exit code {tried.returncode}"])[-1]
        raise ValueError(REFUSED.format(why=f"bwrap does not work here ({last})"))


def starter(files: Mapping[str, bytes], limits: Limits, *, sandboxed: bool) -> Starter:
    """What starts a kernel that finds `files` in its working folder."""
    start = _start_caged if sandboxed else _start_free
    return lambda connection: start(connection, files, limits)


def _kernel(connection: Path) -> list[str]:
    quiet = ["--IPKernelApp.log_level=ERROR", "--HistoryManager.hist_file=:memory:"]
    return [sys.executable, "-m", "ipykernel_launcher", "-f", str(connection), *quiet]


def _start_free(
    connection: Path, files: Mapping[str, bytes], _limits: Limits
) -> subprocess.Popen[bytes]:
    """A kernel with the rights of who grades, in a folder beside that of its sockets."""
    folder = connection.parents[1] / "handin"
    folder.mkdir(exist_ok=True)
    for name, content in files.items():
        (folder / name).write_bytes(content)
    wanted = {name: text for name, text in _ENVIRONMENT.items() if "/tmp" not in text}
    between = [sys.executable, "-I", str(_BETWEEN), str(os.getpid())]
    words = [*between, *_kernel(connection)]
    return _popen(words, cwd=folder, env={**os.environ, **wanted})


def _start_caged(
    connection: Path, files: Mapping[str, bytes], limits: Limits
) -> subprocess.Popen[bytes]:
    """A kernel in bubblewrap; it dies with the process that grades."""
    user, sockets = _spare_user(), connection.parent
    if user is not None:
        for path in (sockets, connection):
            os.chown(path, user, user)
    more = ["--perms", "0755", "--dir", str(sockets.parent), "--bind", str(sockets), str(sockets)]
    handles = []
    try:
        for name, content in files.items():
            handle = os.memfd_create("file")
            handles.append(handle)
            with os.fdopen(os.dup(handle), "wb") as file:
                file.write(content)
            os.lseek(handle, 0, os.SEEK_SET)
            more += ["--perms", "0666", "--file", str(handle), f"{WORKING_FOLDER}/{name}"]
        words = [*_cage(limits, user, more), *_kernel(connection)]
        return _popen(words, cwd=Path("/"), env={}, pass_fds=tuple(handles))
    finally:
        for handle in handles:
            os.close(handle)


def _popen(words: list[str], **more: Any) -> subprocess.Popen[bytes]:
    """A process that no key of the terminal reaches, and that says nothing there."""
    nothing = subprocess.DEVNULL
    return subprocess.Popen(
        words, stdin=nothing, stdout=nothing, stderr=nothing, start_new_session=True, **more
    )


def _spare_user() -> int | None:
    """The number of a user that owns nothing, for root to become; None for everybody else.

    The number is drawn anew: each hand-in's processes are counted by themselves.
    """
    if os.getuid():
        return None
    _, _, numbers = Path("/proc/self/uid_map").read_text(encoding="ascii").split()[:3]
    return _FIRST_SPARE_USER + secrets.randbelow(10**9) if int(numbers) > 2 * 10**9 else None


def _cage(limits: Limits, user: int | None, more: Sequence[str] = ()) -> list[str]:
    """The words before a command that put it into the cage."""
    words = [str(shutil.which("bwrap")), "--die-with-parent", "--new-session", "--clearenv"]
    if user is None:
        words += ["--unshare-all", "--cap-drop", "ALL"]
    else:  # as root without a user namespace: only so can the user be another one
        words += [f"--unshare-{kind}" for kind in ("ipc", "pid", "net", "uts", "cgroup-try")]
        words += ["--cap-drop", "ALL", "--cap-add", "CAP_SETUID", "--cap-add", "CAP_SETGID"]
    small = ["--size", str(limits.disk), "--perms", "1777", "--tmpfs"]
    words += ["--hostname", "handin", "--proc", "/proc", "--dev", "/dev"]
    words += [*small, "/dev/shm", "--remount-ro", "/dev", *small, "/tmp"]
    for name, text in _ENVIRONMENT.items():
        words += ["--setenv", name, text]
    for folder in ("/tmp/home", "/tmp/home/matplotlib", WORKING_FOLDER):
        words += ["--perms", "0777", "--dir", folder]
    parents = {str(parent) for path in _seen() for parent in path.parents}
    for folder in sorted(parents - {"/", "/tmp"}):
        words += ["--perms", "0755", "--dir", folder]  # bwrap would take over a closed one
    for path in _seen():
        words += ["--ro-bind-try", str(path), str(path)]
    words += [*_fonts(), *more, "--chdir", WORKING_FOLDER, "--remount-ro", "/", "--"]
    if user is not None:
        words += ["setpriv", f"--reuid={user}", f"--regid={user}", "--clear-groups"]
        words += ["--inh-caps=-all", "--no-new-privs"]
    return [*words, "prlimit", *_resources(limits, user)]


def _seen() -> list[Path]:
    """What exists in the cage, read-only."""
    settings = [Path("/etc") / name for name in _SETTINGS]
    course = [_LIBRARY, _LIBRARY.parent / "data"]
    prefixes = sorted({Path(sys.prefix), Path(sys.base_prefix)} - {Path("/usr")})
    return [*map(Path, _SYSTEM), *settings, *prefixes, *course]


def _fonts() -> list[str]:
    """matplotlib's list of fonts, which it takes seconds to make."""
    home = os.environ.get("MPLCONFIGDIR", Path.home() / ".cache" / "matplotlib")
    lists = sorted(Path(home).glob("fontlist-*.json"))
    made = [["--ro-bind", str(path), f"/tmp/home/matplotlib/{path.name}"] for path in lists]
    return [word for words in made for word in words]


def _resources(limits: Limits, user: int | None) -> list[str]:
    """Limits that the system itself keeps; threads count as processes.

    Of an ordinary user everything that runs already is counted, too.
    """
    own = 0
    if user is None:
        mine = [p for p in psutil.process_iter(["uids", "num_threads"]) if p.info["uids"]]
        own = sum(p.info["num_threads"] or 0 for p in mine if p.info["uids"].real == os.getuid())
    return [
        f"--nproc={own + 4 * limits.processes}",
        f"--data={limits.memory}",
        f"--fsize={limits.disk}",
        "--core=0",
    ]
