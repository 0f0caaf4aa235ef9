"""Which cells need not run: what is left out changes no score."""

import dis

import pytest
from nbformat.v4 import new_code_cell, new_notebook

from course_lib.teach.build.sources import read_source
from course_lib.teach.idle import idle_cells
from course_lib.teach.places import labs
from tests.teach.whole_class import ROOT


def _answer(source: str, name: str = "answer"):
    own = {"grade_id": name, "grade": False, "solution": True, "locked": False}
    return new_code_cell(source, metadata={"nbgrader": own})


def _idle(*sources, lab=None):
    """The idle ones of some plain cells before an answer, which reads `used` and `find()`."""
    cells = [*map(new_code_cell, sources), _answer("def f():\n    return used, find()")]
    released = new_notebook(cells=[*map(new_code_cell, sources)] if lab is None else lab)
    return idle_cells(new_notebook(cells=cells), released)


@pytest.mark.parametrize(
    "source",
    ["show(1)", "found = 3\nprint(found)", "plot.x(1)", "def helper():\n    used = 1", "1 +\\\n 1"],
)
def test_a_released_cell_that_nothing_reads_need_not_run(source):
    assert _idle(source) == {0}


@pytest.mark.parametrize(
    "source",
    [
        "used = 1",
        "import used",
        "from x import y as find",
        "for used in range(3): pass",
        "def find(): pass",
        "with x as used: pass",
        "def g():\n    global used\n    used = 1",
        "used.x = 1",
        "used[0] = 1",
        "used.append(1)",
        "del used",
        "torch.manual_seed(0)",
        "check.write_challenge(1)",
        "open('x')",
        "exec('used = 1')",
        "%matplotlib inline",
        "!ls",
        "not a cell",
    ],
)
def test_a_cell_runs_that_binds_changes_or_does_something(source):
    assert _idle(source) == set()


def test_what_a_cell_needs_that_runs_needs_to_run_itself():
    assert _idle("first = 1", "second = first", "used = second", "third = first") == {3}


def test_a_changed_cell_runs_and_so_does_what_it_reads():
    made = [new_code_cell("first = 1"), new_code_cell("show(first)")]
    assert _idle("first = 1", "show(first + 1)", lab=made) == set()


def _stored_and_loaded(source):
    """Names of the notebook's own scope, as the compiled code names them."""
    codes, stored, loaded = [compile(source, "cell", "exec")], set(), set()
    for code in codes:
        codes += [inner for inner in code.co_consts if hasattr(inner, "co_code")]
        for step in dis.get_instructions(code):
            if step.opname in ("STORE_NAME", "STORE_GLOBAL") and "__" not in step.argval:
                stored |= {step.argval} if code is codes[0] else set()
            if step.opname in ("LOAD_NAME", "LOAD_GLOBAL"):
                loaded.add(step.argval)
    return stored, loaded


@pytest.mark.parametrize("lab", labs(ROOT), ids=lambda lab: lab.name)
def test_no_compiled_cell_of_a_lab_loads_what_an_idle_cell_stores(lab):
    notebook = read_source(lab.source)
    idle = idle_cells(notebook, notebook)
    code = {n: cell.source for n, cell in enumerate(notebook.cells) if cell.cell_type == "code"}
    stored = {name for n in idle for name in _stored_and_loaded(code[n])[0]}
    loaded = {name for n in code.keys() - idle for name in _stored_and_loaded(code[n])[1]}
    assert idle
    assert not stored & loaded
