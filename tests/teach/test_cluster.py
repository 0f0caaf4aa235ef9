"""A class on a Dask cluster: the same scores, and none from a worker that is unfit or dies."""

import os
import signal
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import dask
import psutil
import pytest
from dask.distributed import Client, LocalCluster
from nbformat.v4 import new_code_cell

from course_lib.teach.grade import cluster, sandbox
from tests.teach.batches import start_grading, wait
from tests.teach.hand_ins import (
    HIDDEN_FAILS,
    LAB,
    LATE,
    RIGHT,
    SETTINGS,
    grade_all,
    hand_in,
    rows_of,
)

pytestmark = [pytest.mark.notebooks, pytest.mark.xdist_group("cluster")]
WAITS = new_code_cell("import time\ntime.sleep(3)")


@pytest.fixture(scope="module")
def workers() -> Iterator[LocalCluster]:
    """Two workers, each a process of its own; a job whose worker dies is given up at once."""
    with (
        dask.config.set({"distributed.scheduler.allowed-failures": 0}),
        LocalCluster(n_workers=2, threads_per_worker=1, dashboard_address=":0") as made,
    ):
        yield made


def _class(course: Path) -> None:
    hand_in(course, "right", answer=RIGHT, text="It is linear.")
    hand_in(course, "half", answer=HIDDEN_FAILS)
    hand_in(course, "late", answer=RIGHT, stamp=LATE)
    hand_in(course, "untouched")
    hand_in(course, "crash", answer="import os\nos.abort()")
    hand_in(course, "damaged", damage=lambda content: content[:200])
    (course / "grading/labs.toml").write_text(SETTINGS, encoding="utf-8")


def test_scores_and_statuses_are_those_of_this_machine(
    make_course: Callable[[Path], Path], tmp_path: Path, workers: LocalCluster
) -> None:
    here, there = (make_course(tmp_path / name) for name in ("here", "there"))
    for course in (here, there):
        _class(course)
    codes = [grade_all(here), grade_all(there, "--dask", workers.scheduler_address)]
    assert codes[0] == codes[1]
    assert rows_of(here) == rows_of(there)
    assert len(rows_of(there)) == 6
    assert len({row["status"] for row in rows_of(there).values()}) > 2


def test_a_worker_that_dies_costs_no_score(course: Path, workers: LocalCluster) -> None:
    hand_in(course, "ada", answer=RIGHT)
    hand_in(course, "bob", answer=RIGHT, change=lambda n: n.cells.insert(0, WAITS))
    address = workers.scheduler_address
    running = start_grading(course, "--jobs", "1", "--dask", address)
    record = course / "grading/graded.json"
    wait(lambda: record.is_file() and "digest" in record.read_text(encoding="utf-8"))
    with Client(address) as client:
        (busy,) = wait(lambda: [w for w, tasks in client.processing().items() if tasks])
        pids = client.run(os.getpid)
    psutil.Process(pids[busy]).kill()
    said = running.communicate(timeout=120)[1]
    assert running.returncode == 1
    assert "grade: no worker could run bob" in said
    assert "Traceback" not in said
    assert not (course / f"grading/{LAB}.csv").exists()
    assert grade_all(course) == 0
    assert {who: row["double_test"] for who, row in rows_of(course).items()} == {
        "ada": "8",
        "bob": "8",
    }


def test_stopped_with_ctrl_c_what_is_entered_stays(course: Path, workers: LocalCluster) -> None:
    hand_in(course, "ada", answer=RIGHT)
    for student in ("bob", "cyd", "dan"):
        hand_in(course, student, answer=RIGHT, change=lambda n: n.cells.insert(0, WAITS))
    running = start_grading(course, "--dask", workers.scheduler_address)
    record = course / "grading/graded.json"
    wait(lambda: record.is_file() and "digest" in record.read_text(encoding="utf-8"))
    running.send_signal(signal.SIGINT)
    said = running.communicate(timeout=60)[1]
    assert running.returncode == 130
    assert said.rstrip().endswith("grade: stopped")
    assert "Traceback" not in said
    graded = course / f"grading/autograded/ada/{LAB}/{LAB}.ipynb"
    before = graded.stat().st_mtime_ns
    assert grade_all(course, "--dask", workers.scheduler_address) == 0
    assert {row["double_test"] for row in rows_of(course).values()} == {"8"}
    assert graded.stat().st_mtime_ns == before, "what was finished did not run again"


def _refusal(course: Path, address: str) -> str:
    hand_in(course, "ada", answer=RIGHT)
    with pytest.raises(ValueError, match=r".") as caught:
        grade_all(course, "--dask", address)
    assert not (course / "grading/submitted").exists()
    return str(caught.value)


def test_workers_with_another_course_are_refused_by_name(
    course: Path, workers: LocalCluster, monkeypatch: pytest.MonkeyPatch
) -> None:
    here = cluster.fingerprint()
    monkeypatch.setattr(cluster, "fingerprint", lambda: here | {"course_lib": "newer"})
    said = _refusal(course, workers.scheduler_address)
    assert f"course_lib ({here['course_lib']}, not newer) would give other scores" in said
    assert said.count("tcp://") == 2
    assert "numpy" not in said


def test_a_worker_without_this_course_is_refused() -> None:
    """Dask says so where it unpacks what it was sent."""
    with pytest.raises(cluster.UnfitWorker, match=r"tcp://b: this course's code does not run"):
        cluster._refuse_unfit({"tcp://a": None, "tcp://b": ModuleNotFoundError("course_lib")})


def test_a_worker_without_bubblewrap_may_not_grade(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sandbox.shutil, "which", lambda _: None)
    cluster._no_sandbox.cache_clear()
    with pytest.raises(cluster.UnfitWorker, match="apt-get install bubblewrap"):
        cluster.check_worker(cluster.fingerprint(), sandboxed=True)
    cluster.check_worker(cluster.fingerprint(), sandboxed=False)
    cluster._no_sandbox.cache_clear()


def test_where_nobody_answers_the_commands_that_help_are_named(
    course: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cluster, "_PATIENCE", 0.5)
    said = _refusal(course, "tcp://127.0.0.1:9")
    assert "`dask scheduler`" in said
    assert "`dask worker tcp://127.0.0.1:9`" in said


def test_without_dask_the_way_to_get_it_is_named(
    course: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "dask.distributed", None)
    assert '-e ".[dask]"' in _refusal(course, "tcp://127.0.0.1:9")
