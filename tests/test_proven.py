"""What is proven is left out and said so; a proof is noted only by tests that all passed."""

import json
from pathlib import Path

import pytest

from tests.where_time_went import place, table

pytest_plugins = "pytester"

ROOT = Path(__file__).parents[1]
CONFTEST = """
from pathlib import Path
from tests import proven
from tests.proven import pytest_collection_modifyitems, pytest_runtest_logreport
from tests.proven import pytest_sessionfinish
proven.ROOT = Path({root!r})
proven.RECORD = proven.ROOT / "proven.json"
proven.turn = lambda count: count - 1
def pytest_configure(config):
    config.addinivalue_line("markers", "proven(name, *sources): as in the course")
"""
TESTS = """
from pathlib import Path
import pytest
HERE = Path(__file__).parent

@pytest.mark.proven("code", HERE / "code.py")
@pytest.mark.parametrize("number", [0, 1])
def test_code(number):
    assert (HERE / "code.py").read_text() != f"wrong = {number}"

@pytest.mark.proven("last", HERE / "code.py")
def test_last():
    pass
"""


@pytest.fixture
def run(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch):
    """`run(*words)` runs three tests of two names; what became of them, and what is noted."""
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    for variable in ("COURSE_TEST_ALL", "PYTEST_XDIST_WORKER", "PYTEST_ADDOPTS"):
        monkeypatch.delenv(variable, raising=False)
    pytester.makeconftest(CONFTEST.format(root=str(pytester.path)))
    pytester.makepyfile(test_it=TESTS)
    (pytester.path / "proven.json").write_text("{}", encoding="utf-8")
    (pytester.path / "code.py").write_text("right = 1", encoding="utf-8")

    def ran(*words: str) -> tuple[dict[str, int], dict[str, str]]:
        done = pytester.runpytest_subprocess("-rs", *words)
        noted = json.loads((pytester.path / "proven.json").read_text(encoding="utf-8"))
        if "skipped" in (outcomes := done.parseoutcomes()):
            done.stdout.fnmatch_lines(["*2* *proven, not executed*"])
        return {k: v for k, v in outcomes.items() if k in ("passed", "failed", "skipped")}, noted

    return ran


@pytest.mark.parametrize("words", [(), ("-n", "2")], ids=["one process", "two workers"])
def test_what_passed_is_left_out_until_it_changes(run, pytester, monkeypatch, words) -> None:
    outcomes, noted = run(*words)
    assert outcomes == {"passed": 3}
    assert noted.keys() == {"code", "last"}
    assert run(*words) == ({"passed": 1, "skipped": 2}, noted), "the last has its turn"
    (pytester.path / "code.py").write_text("right = 2", encoding="utf-8")
    outcomes, changed = run(*words)
    assert outcomes == {"passed": 3}
    assert not set(changed.values()) & set(noted.values())
    monkeypatch.setenv("COURSE_TEST_ALL", "1")
    assert run(*words) == ({"passed": 3}, changed)


def test_a_part_proves_nothing_and_a_failure_takes_the_proof_away(run, pytester) -> None:
    assert run("-k", "test_code and 1") == ({"passed": 1}, {})
    _, noted = run()
    (pytester.path / "code.py").write_text("wrong = 1", encoding="utf-8")
    outcomes, after = run()
    assert outcomes == {"passed": 2, "failed": 1}
    assert noted.keys() - after.keys() == {"code"}


def test_the_table_sums_by_folder_and_by_lab() -> None:
    names = {
        "tests/browser/test_notebooks.py::test_runs[01_rl_nas]": ("tests/browser", "01"),
        "tests/teach/test_every_lab_graded.py::test_x[lab02_topic]": ("tests/teach", "02"),
        "tests/misconceptions/test_answers.py::test_x[lab03_darts-derive-14]": (
            "tests/misconceptions",
            "03",
        ),
        "tests/nas/test_relax.py::test_x[lecture-12]": ("tests/nas", "rest"),
    }
    assert {name: place(name) for name in names} == names
    seconds = {("a", "01"): 2.0, ("a", "rest"): 3.0, ("b", "01"): 40.0}
    assert [line.split() for line in table(seconds)] == [
        ["seconds", "01", "rest", "all"],
        ["b", "40", "0", "40"],
        ["a", "2", "3", "5"],
        ["all", "42", "3", "45"],
    ]
