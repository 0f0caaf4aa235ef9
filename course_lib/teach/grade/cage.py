"""The words that make bubblewrap build a cage, in which a process sees Python and the course.

Read-only: the system's libraries, this Python environment, course_lib and data/. Writable: an own
/tmp of limited size, with the hand-in's files in it. There is no network, and no gradebook,
solution, other hand-in, home folder or environment variable of the instructor's.
"""

import os
import secrets
import shutil
import sys
from collections.abc import Sequence
from pathlib import Path

import psutil

import course_lib
from course_lib.teach.grade.limits import Limits

WORKING_FOLDER = "/tmp/handin"
LIBRARY = Path(course_lib.__file__).resolve().parent
_SYSTEM = ("/usr", "/bin", "/sbin", "/lib", "/lib32", "/lib64", "/sys/devices/system/cpu")
_SETTINGS = ("ld.so.cache", "alternatives", "fonts", "localtime", "mime.types")
_FIRST_SPARE_USER = 2_000_000
ENVIRONMENT = {
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
    "PYTHONPATH": str(LIBRARY.parent),
    "USER": "student",
}


def spare_user() -> int | None:
    """The number of a user that owns nothing, for root to become; None for everybody else.

    The number is drawn anew: each hand-in's processes are counted by themselves.
    """
    if os.getuid():
        return None
    _, _, numbers = Path("/proc/self/uid_map").read_text(encoding="ascii").split()[:3]
    return _FIRST_SPARE_USER + secrets.randbelow(10**9) if int(numbers) > 2 * 10**9 else None


def cage(limits: Limits, user: int | None, more: Sequence[str] = ()) -> list[str]:
    """The command that makes a cage; it says a word when the cage stands.

    The cage goes when its standard input is closed, as it is when who grades dies.
    """
    words = [str(shutil.which("bwrap")), "--die-with-parent", "--new-session", "--clearenv"]
    if user is None:
        words += ["--unshare-all"]
    else:  # as root without a user namespace: only so can the user be another one
        words += [f"--unshare-{kind}" for kind in ("ipc", "pid", "net", "uts", "cgroup-try")]
    small = ["--size", str(limits.disk), "--perms", "1777", "--tmpfs"]
    words += ["--cap-drop", "ALL", "--hostname", "handin", "--proc", "/proc", "--dev", "/dev"]
    words += [*small, "/dev/shm", "--remount-ro", "/dev", *small, "/tmp"]
    for folder in ("/tmp/home", "/tmp/home/matplotlib", WORKING_FOLDER):
        words += ["--perms", "0777", "--dir", folder]
    parents = {str(parent) for path in _seen() for parent in path.parents}
    for folder in sorted(parents - {"/", "/tmp"}):
        words += ["--perms", "0755", "--dir", folder]  # bwrap would take over a closed one
    for path in _seen():
        words += ["--ro-bind-try", str(path), str(path)]
    for path in font_lists():
        words += ["--ro-bind", str(path), f"/tmp/home/matplotlib/{path.name}"]
    return [*words, *more, "--remount-ro", "/", "--", "/bin/sh", "-c", "echo; exec cat > /dev/null"]


def _seen() -> list[Path]:
    """What exists in the cage, read-only."""
    settings = [Path("/etc") / name for name in _SETTINGS]
    course = [LIBRARY, LIBRARY.parent / "data"]
    prefixes = sorted({Path(sys.prefix), Path(sys.base_prefix)} - {Path("/usr")})
    return [*map(Path, _SYSTEM), *settings, *prefixes, *course]


def font_lists() -> list[Path]:
    """matplotlib's lists of fonts, which it takes seconds to make."""
    home = os.environ.get("MPLCONFIGDIR", Path.home() / ".cache" / "matplotlib")
    return sorted(Path(home).glob("fontlist-*.json"))


def resources(limits: Limits, user: int | None) -> dict[str, int]:
    """Limits that the system itself keeps, by their names in `resource`; threads are processes.

    Of an ordinary user everything that runs already is counted, too.
    """
    own = 0
    if user is None:
        mine = [p for p in psutil.process_iter(["uids", "num_threads"]) if p.info["uids"]]
        own = sum(p.info["num_threads"] or 0 for p in mine if p.info["uids"].real == os.getuid())
    return {
        "RLIMIT_NPROC": own + 4 * limits.processes,
        "RLIMIT_DATA": limits.memory,
        "RLIMIT_FSIZE": limits.disk,
        "RLIMIT_CORE": 0,
    }
