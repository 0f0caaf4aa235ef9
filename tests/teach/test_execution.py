"""What a hand-in does to itself and to nothing else: `execute` on notebooks of a few cells."""

import multiprocessing
import pickle
import subprocess

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_notebook

from course_lib.teach.grade.execution import Job, execute
from course_lib.teach.grade.limits import Limits, limits_of
from course_lib.teach.grade.nbgrading import course_config
from course_lib.teach.grade.sandbox import Free
from course_lib.teach.grade.status import Status, status_of
from tests.teach.hand_ins import no_cage

pytestmark = pytest.mark.notebooks
LIMITS = Limits(cell=2, notebook=120, output=10**6)
TEST = {"nbgrader": {"grade_id": "t", "grade": True, "solution": False, "points": 8}}


def _run(*cells, **more):
    made = [c if not isinstance(c, str) else new_code_cell(c) for c in cells]
    job = Job("ada", nbformat.writes(new_notebook(cells=made)), sandboxed=not no_cage(), **more)
    executed = execute(pickle.loads(pickle.dumps(job)))
    assert pickle.loads(pickle.dumps(executed)) == executed
    return executed, nbformat.reads(executed.notebook, as_version=4).cells


def _no_kernel(_connection):
    return Free(subprocess.Popen(["false"]))


def _broken(*_):
    raise ZeroDivisionError


def _values(cells):
    return [
        "".join(
            out.data["text/plain"] for out in cell.outputs if out.output_type == "execute_result"
        )
        for cell in cells
    ]


def test_cells_run_in_order_beside_the_files_of_the_hand_in():
    executed, cells = _run(
        "x = open('twice.json').read()", "x + 'b'", files={"twice.json": b"a"}, limits=LIMITS
    )
    assert _values(cells) == ["", "'ab'"]
    assert (executed.problem, executed.remarks) == ("", ())


def test_idle_cells_do_not_run():
    _, cells = _run("x = 1", "x = 2", "x", idle=frozenset({1}), limits=LIMITS)
    assert _values(cells) == ["", "", "1"]


def test_the_cell_at_which_a_kernel_dies_is_the_only_one_that_is_lost():
    executed, cells = _run("import os\nx = 1", "os.abort()", "x + 1", limits=LIMITS)
    assert _values(cells) == ["", "", "2"]
    assert cells[1].outputs[0].output_type == "error"
    assert executed.remarks[0].startswith("crashed: cell 2: the kernel died (abort)")


def test_a_hand_in_that_dies_at_every_cell_has_a_problem_and_no_end():
    executed, _ = _run(*["import os; os._exit(3)"] * 6, limits=LIMITS)
    assert executed.problem == "crashed: the kernel died (exit code 3)"


def test_what_a_stopped_cell_has_started_ends_with_it_and_nothing_else_does():
    starts = "import os, time\n{} = os.fork()\nif not {}:\n    time.sleep(60)\n"
    earlier, later = starts.format("a", "a"), starts.format("b", "b") + "while True:\n    pass"
    executed, cells = _run(earlier, later, "os.waitpid(b, 0)[1], os.kill(a, 0)", limits=LIMITS)
    assert executed.remarks == ("timed out: cell 2: computed for more than 2 s",)
    assert _values(cells) == ["", "", "(9, None)"]


def test_the_whole_notebook_has_an_end():
    slow = "import time; time.sleep(1.5)"
    executed, _ = _run(*[slow] * 9, limits=Limits(cell=10, notebook=6))
    assert executed.problem == "timed out: the notebook ran longer than 6 s"


@pytest.mark.parametrize("shown", ["396", "-1", "float('nan')", "float('inf')"])
def test_a_score_that_no_check_can_give_is_tampering(shown):
    executed, cells = _run(new_code_cell(shown, metadata=TEST), limits=LIMITS)
    assert executed.problem.startswith("tampered: cell 1 (t): ")
    assert cells[0].outputs[0].output_type == "error"


def test_a_value_that_is_no_number_earns_nothing_and_is_no_tampering():
    executed, cells = _run(new_code_cell("'full'", metadata=TEST), limits=LIMITS)
    assert executed.problem == ""
    assert executed.remarks == (
        "noticed: cell 1 (t): its value is not a number, which earns nothing",
    )
    assert cells[0].outputs[0].output_type == "error"


def test_of_a_flood_of_output_the_beginning_is_kept():
    executed, cells = _run("print('x' * 3_000_000)", "while True: print('y')", "3", limits=LIMITS)
    assert _values(cells) == ["", "", "3"]
    assert len(executed.notebook) < 10**6
    assert executed.remarks[0].startswith("too much output: cell 1")


def _compute() -> None:
    while True:
        pass


LOADED = ("exit()", "1", "sum(range(10**7))", "input('x')", "quit", "2")


def test_the_verdict_on_a_busy_machine_is_that_on_an_idle_one():
    idle = _run(*LOADED, limits=LIMITS)
    busy = [multiprocessing.get_context("spawn").Process(target=_compute) for _ in range(6)]
    for one in busy:
        one.start()
    try:
        loaded = _run(*LOADED, limits=LIMITS)
    finally:
        for one in busy:
            one.kill()
            one.join()
    assert _values(idle[1]) == _values(loaded[1]) == ["", "1", "49999995000000", "", "", "2"]
    assert idle[0].remarks == loaded[0].remarks == ()


def test_the_courses_settings_say_the_limits(course):
    assert limits_of(course_config(course)) == Limits(cell=300, notebook=1800)
    with (course / "nbgrader_config.py").open("a", encoding="utf-8") as file:
        file.write("c.Execute.timeout = 9\nc.Limits.memory = 10**9\n")
    assert limits_of(course_config(course)) == Limits(cell=9, notebook=1800, memory=10**9)


@pytest.mark.parametrize(
    ("name", "broken", "said"),
    [
        ("starter", lambda *_, **__: _no_kernel, "no kernel could be started"),
        ("canaries", _broken, "ZeroDivisionError"),
    ],
)
def test_what_is_not_the_hand_ins_fault_is_not_called_unreadable(monkeypatch, name, broken, said):
    monkeypatch.setattr(f"course_lib.teach.grade.execution.{name}", broken)
    executed, _ = _run("1", limits=LIMITS)
    status, words = status_of(executed.problem, executed.remarks, [])
    assert status is Status.NOT_GRADED
    assert said in words
