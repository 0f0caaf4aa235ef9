"""A batch that is stopped, killed, or in which something kills: the same command goes on."""

import argparse
import contextlib
import re
import shutil
import signal
import subprocess
import tempfile
from pathlib import Path

import psutil
import pytest
from filelock import FileLock
from nbconvert.writers import FilesWriter
from nbformat.v4 import new_code_cell

from course_lib.teach.grade import grade, sandbox
from course_lib.teach.grade.status import EXIT_CODES, Status
from tests.teach.batches import start_grading, wait
from tests.teach.hand_ins import LAB, RIGHT, grade_all, hand_in, rows_of

pytestmark = [pytest.mark.notebooks, pytest.mark.xdist_group("stopped")]
CLASS = ("ada", "bob", "cyd")
WAITS = "import time\ntime.sleep(3)"


def _class(course, first=WAITS):
    for student in CLASS:
        hand_in(course, student, answer=RIGHT, change=lambda n: n.cells.insert(0, _cell(first)))


def _cell(source):
    return new_code_cell(source)


def _kernels(of: int) -> list[psutil.Process]:
    """What keeps kernels, or is one, below a process, however deep."""
    below = psutil.Process(of).children(recursive=True)
    return [p for p in below if re.search("ipykernel_launcher|exec cat", _words(p))]


def _words(process: psutil.Process) -> str:
    with contextlib.suppress(psutil.Error):
        return " ".join(process.cmdline())
    return ""


def _points(course):
    return {student: row["double_test"] for student, row in rows_of(course).items()}


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL])
def test_a_batch_that_is_stopped_goes_on_and_leaves_no_kernel(course, how):
    _class(course)
    running = start_grading(course, "--jobs", "1")
    record = course / "grading/graded.json"
    wait(lambda: record.is_file() and "digest" in record.read_text(encoding="utf-8"))
    kernels = wait(lambda: _kernels(running.pid))
    running.send_signal(how)
    said = running.communicate(timeout=60)[1]
    if how == signal.SIGINT:
        assert running.returncode == 130
        assert said.rstrip().endswith("grade: stopped")
    assert "Traceback" not in said
    assert not psutil.wait_procs(kernels, timeout=20)[1]
    graded = course / f"grading/autograded/ada/{LAB}/{LAB}.ipynb"
    before = graded.stat().st_mtime_ns
    assert grade_all(course) == 0
    assert _points(course) == dict.fromkeys(CLASS, "8")
    assert graded.stat().st_mtime_ns == before, "what was finished did not run again"


def test_a_hand_in_that_kills_its_parent_ends_neither_batch_nor_grades(course, caged):
    _class(course, "import os, signal\nos.kill(os.getppid(), signal.SIGKILL)\nos.kill(1, 9)")
    # its parent lies outside: it hits itself
    assert grade_all(course) == EXIT_CODES[Status.CRASHED]
    assert _points(course) == dict.fromkeys(CLASS, "8")


@pytest.mark.parametrize("then", ["", "\nimport time\ntime.sleep(9)"], ids=["ends", "goes_on"])
def test_without_a_sandbox_it_ends_its_own_kernel_and_loses_the_points_of_that_cell(
    course, monkeypatch, then
):
    short = Path(tempfile.mkdtemp(prefix="t"))  # of the sockets' folders
    monkeypatch.setattr(tempfile, "tempdir", str(short))
    _class(course, f"import os, signal\nos.kill(os.getppid(), signal.SIGKILL){then}")
    assert grade_all(course, "--unsafe-no-sandbox") == EXIT_CODES[Status.CRASHED]
    assert _points(course) == dict.fromkeys(CLASS, "8")
    for row in rows_of(course).values():
        assert row["status"] == "crashed: cell 1: the kernel died (killed); the rest ran without it"
    left = [p for p in psutil.process_iter(["cmdline"]) if str(short) in str(p.info["cmdline"])]
    assert not psutil.wait_procs(left, timeout=20)[1]
    shutil.rmtree(short)


def test_without_a_sandbox_no_kernel_outlives_the_command(course):
    _class(course, "import time\ntime.sleep(60)")
    running = start_grading(course, "--jobs", "1", "--unsafe-no-sandbox")
    kernels = wait(lambda: _kernels(running.pid))
    running.kill()
    running.communicate(timeout=60)
    assert not psutil.wait_procs(kernels, timeout=20)[1]


def test_two_runs_at_once_refuse_each_other(course):
    hand_in(course, "ada", answer=RIGHT)
    with FileLock(course / "grading/.lock"), pytest.raises(ValueError, match="another `grade` is"):
        grade_all(course)
    assert grade_all(course) == 0


def test_without_bubblewrap_nothing_runs_unless_it_is_asked_for(course, monkeypatch, capsys):
    hand_in(course, "ada", answer=RIGHT)
    monkeypatch.setattr(sandbox.shutil, "which", lambda _: None)
    refused = _refusal(course)
    assert "apt-get install bubblewrap" in refused
    assert "read and write your files, the gradebook and the solutions" in refused
    assert not (course / "grading/submitted").exists()
    assert grade_all(course, "--unsafe-no-sandbox") == 0
    assert "WARNING: --unsafe-no-sandbox" in capsys.readouterr().err
    assert _points(course) == {"ada": "8"}


def _refusal(course):
    parser = argparse.ArgumentParser()
    grade.add_arguments(parser)
    with pytest.raises(ValueError, match="there is none") as caught:
        grade.run(parser.parse_args([LAB, "--root", str(course)]))
    return str(caught.value)


def test_a_making_of_the_gradebook_that_was_stopped_begins_again(course):
    (course / "grading").mkdir()
    (course / "grading/gradebook.db.new").write_bytes(b"half")
    hand_in(course, "ada", answer=RIGHT)
    assert grade_all(course) == 0
    assert not (course / "grading/gradebook.db.new").exists()


def test_a_full_disk_is_said_in_a_line_and_costs_nothing(course):
    grading, inbox = course / "grading", course / "inbox"
    _class(course, "1")
    shutil.move(grading / "inbox", inbox)
    shutil.rmtree(grading)
    grading.mkdir()
    small = ["mount", "-t", "tmpfs", "-o", "size=190k", "none", str(grading)]
    if subprocess.run(small, check=False, capture_output=True).returncode:
        pytest.skip("only root can make a small disk")
    try:
        stopped = start_grading(course, "--submissions", str(inbox))
        said = stopped.communicate(timeout=200)[1]
        assert stopped.returncode == 1
        assert "No space" in said.rstrip().splitlines()[-1] or "disk is full" in said
        assert "Traceback" not in said
        subprocess.run(["mount", "-o", "remount,size=60m", str(grading)], check=True)
        assert grade_all(course, "--submissions", str(inbox)) == 0
        assert _points(course) == dict.fromkeys(CLASS, "8")
    finally:
        subprocess.run(["umount", str(grading)], check=False)


def test_a_full_disk_is_no_hand_ins_fault(course, monkeypatch):
    hand_in(course, "ada", answer=RIGHT)

    write = FilesWriter.write

    def full(writer, *parts, **named):
        if "autograded" in writer.build_directory:
            raise OSError(28, "No space left on device")
        return write(writer, *parts, **named)

    monkeypatch.setattr(FilesWriter, "write", full)
    with pytest.raises(OSError, match="goes on where it stopped"):
        grade_all(course)
    monkeypatch.undo()
    assert grade_all(course) == 0
    assert _points(course) == {"ada": "8"}
