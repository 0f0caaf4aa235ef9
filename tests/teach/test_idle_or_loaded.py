"""The same verdict on an idle machine and on one that is busy with other things."""

import os
import subprocess
import sys
from contextlib import contextmanager

import pytest
from nbformat.v4 import new_code_cell

from tests.teach.hand_ins import RIGHT, grade_all, hand_in, patient, rows_of

pytestmark = [pytest.mark.notebooks, pytest.mark.slow, pytest.mark.xdist_group("loaded")]

CLASS = {
    "exits": "exit()",
    "quits": "quit",
    "exits_late": "import threading\nthreading.Timer(0.3, exit).start()",
    "dies": "import os\nos._exit(3)",
    "sleeps": "import time\ntime.sleep(2.5)",
    "sleeps_too_long": "import time\ntime.sleep(60)",
    "prints": "for i in range(20_000):\n    print(i)",
    "prints_too_much": "while True:\n    print('x' * 10_000)",
    "computes": "import time\nwhile time.process_time() < 2:\n    pass",
    "computes_too_long": "while True:\n    pass",
    "draws": "import matplotlib.pyplot as plt\nplt.plot([1, 2])\nplt.show()",
    "raises": "raise KeyboardInterrupt",
}


@contextmanager
def busy(processes: int):
    """Meanwhile so many processes compute."""
    loop = [sys.executable, "-c", "while True: pass"]
    running = [subprocess.Popen(loop) for _ in range(processes)]
    try:
        yield
    finally:
        for process in running:
            process.kill()
            process.wait()


def test_a_class_is_graded_alike_on_an_idle_and_on_a_busy_machine(make_course, tmp_path, caged):
    course = patient(make_course(tmp_path / "course"), 4)
    for student, first in CLASS.items():
        hand_in(
            course,
            student,
            answer=RIGHT,
            change=lambda notebook, first=first: notebook.cells.insert(0, new_code_cell(first)),
        )
    code = grade_all(course)
    idle = rows_of(course)
    assert {row["double_test"] for row in idle.values()} == {"8"}
    with busy(os.cpu_count() or 1):
        assert grade_all(course, "--force") == code
    assert rows_of(course) == idle
    said = {student: row["status"].partition(":")[0] for student, row in idle.items()}
    slow = {"sleeps_too_long", "computes_too_long"}
    assert {student for student, word in said.items() if word == "timed out"} == slow
    assert {student for student, word in said.items() if word == "crashed"} == {"dies"}
