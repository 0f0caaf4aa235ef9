"""Kernels are copies of one process: each is new, owns nothing, and knows of no other."""

import ast
import contextlib
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import psutil
import pytest

from course_lib.teach.grade import sandbox, warm
from course_lib.teach.grade.cage import ENVIRONMENT
from course_lib.teach.grade.kernel import Kernel, KernelEnded
from course_lib.teach.grade.limits import Limits
from course_lib.teach.grade.sandbox import starter
from tests.teach.hand_ins import no_cage

pytestmark = pytest.mark.notebooks
LIMITS = Limits(cell=20)
RIGHTS = """
{name: told.strip() for name, told in (
    line.split(":", 1) for line in open("/proc/self/status") if line.startswith(("Cap", "NoNew"))
)}
"""
NUMBERS = "[random.random(), float(numpy.random.random()), torch.initial_seed()]"
PROCESSES = "sorted(int(name) for name in os.listdir('/proc') if name.isdigit())"


@pytest.fixture
def told():
    """`told(*cells)`: what cells show in a new kernel in a sandbox."""
    if why := no_cage():
        pytest.skip(why)

    def told(*cells, imports=()):
        start = starter({}, LIMITS, imports, sandboxed=True)
        with (
            tempfile.TemporaryDirectory(prefix="g-") as folder,
            Kernel(start, Path(folder) / "k", LIMITS, time.monotonic() + 60) as kernel,
        ):
            outputs = [kernel.run(cell).outputs for cell in cells]
        return [ast.literal_eval(shown[-1].data["text/plain"]) for shown in outputs if shown]

    return told


def test_what_one_kernel_changes_no_other_one_sees(told):
    told("import json, os\njson.loads = None\nos.environ['a'] = 'b'\nopen('/tmp/x', 'w').close()")
    assert told(
        "import json, os\n[json.loads('1'), 'a' in os.environ, os.path.exists('/tmp/x')]"
    ) == [[1, False, False]]


def test_modules_are_there_before_the_first_cell(told):
    loaded = "import sys\n['fractions' in sys.modules, 'colorsys' in sys.modules]"
    assert told(loaded, imports=("fractions", "no_module.of_this_name")) == [[True, False]]


def test_random_numbers_are_drawn_as_in_a_new_process(told):
    cell = f"import random, numpy, torch\n{NUMBERS}"
    imports = ("random", "numpy", "torch")
    (first,), (second,) = told(cell, imports=imports), told(cell, imports=imports)
    assert first[0] != second[0]
    assert first[1] != second[1]
    assert first[2] == second[2]  # torch begins with the same seed in every process


def test_a_kernel_has_no_rights_and_no_way_to_get_any(told):
    (rights,) = told(RIGHTS.strip())
    assert rights.pop("NoNewPrivs") == "1"
    assert len(rights) == 5
    assert {int(held, 16) for held in rights.values()} == {0}


def test_a_kernel_is_nobody_and_leads_its_own_processes(told):
    (user, group, session, own, parent), seen = told(
        "import os\nos.getuid(), os.getpgrp(), os.getsid(0), os.getpid(), os.getppid()", PROCESSES
    )
    assert group == session == own
    assert parent == 0  # it lies outside
    assert user != 0
    assert len(seen) <= 4


def test_nothing_of_who_grades_is_in_a_kernel(told, monkeypatch):
    monkeypatch.setenv("SECRET_OF_THE_INSTRUCTOR", "no")
    environment, places = told(
        "import os\ndict(os.environ)",
        "[os.readlink(f'/proc/self/fd/{n}') for n in range(3)] if os.access('/proc/self/fd', 4)"
        " else ['/dev/null']",
    )
    assert {name: environment[name] for name in ENVIRONMENT} == ENVIRONMENT
    assert "SECRET_OF_THE_INSTRUCTOR" not in environment
    assert "/dev/null" in places


def test_a_zygote_that_was_killed_is_started_again(told):
    assert told("1") == [1]
    killed = warm.zygote()
    for process in psutil.Process().children():
        with contextlib.suppress(psutil.ZombieProcess):
            if warm.MODULE in process.cmdline():
                process.kill()
                process.wait()
    assert told("2") == [2]
    assert warm.zygote() is not killed


@pytest.mark.parametrize(
    ("name", "broken", "why"),
    [
        ("cage", lambda *_: ["sh", "-c", "echo no namespaces >&2; exit 1"], "no namespaces"),
        ("START", 1e-6, "timed out"),
    ],
)
def test_where_none_can_be_started_the_hand_in_is_not_graded(told, monkeypatch, name, broken, why):
    monkeypatch.setattr(sandbox, name, broken)
    with pytest.raises(KernelEnded, match=f"^could not be graded: .*{why}"):
        told("1")


def test_the_command_does_not_import_what_runs_on_linux_only():
    """Without a sandbox it runs elsewhere, too, where there is no `resource` to import."""
    code = (
        "import sys, course_lib.teach.grade.grade, course_lib.teach.grade.execution\n"
        f"assert {warm.MODULE!r} not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", code], check=True, timeout=120)


def test_no_process_is_left_behind(told):
    told("1")
    before = {process.pid for process in psutil.Process(os.getpid()).children(recursive=True)}
    told("import subprocess\nsubprocess.Popen(['sleep', '60']) and 1")
    end = time.monotonic() + 20
    while time.monotonic() < end:
        left = {process.pid for process in psutil.Process(os.getpid()).children(recursive=True)}
        if left <= before:
            break
        time.sleep(0.1)
    assert left <= before
