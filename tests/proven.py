"""Expensive tests run when what they rest on has changed, and else one of them in turn.

`@pytest.mark.proven(name, *sources)` stands on a test that may take its time. It is skipped, and
reported as "proven, not executed", if tests/proven.json holds the proof of these sources, and all
that they reach (`course_lib.teach.build.proof`), as it was when all tests of that name last
passed. A run that executes them writes its proof there, or takes it away if they fail; commit it
with the change. At every commit another one has its turn; COURSE_TEST_ALL=1 (`make test-all`)
executes them all.
"""

import json
import os
import subprocess
from collections import Counter
from pathlib import Path

import pytest

from course_lib.teach.build.proof import proof

ROOT = Path(__file__).parents[1]
RECORD = ROOT / "tests" / "proven.json"
LEFT_OUT = "proven, not executed (COURSE_TEST_ALL=1 executes it)"
"""One reason for all, so that pytest's summary says it once per file."""

_passed: Counter[str] = Counter()
_executed: dict[str, tuple[str, int, list[str]]] = {}
_failed: set[str] = set()


def everything() -> bool:
    """Whether this run leaves nothing out."""
    return os.environ.get("COURSE_TEST_ALL") == "1"


def turn(count: int) -> int:
    """Which of `count` things runs at this commit, proven or not."""
    command = ["git", "rev-list", "--count", "HEAD"]
    try:
        done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    except OSError:  # no git
        return 0
    return int(done.stdout or 0) % count


def recorded() -> dict[str, str]:
    """{name: proof} of the last run that passed."""
    found: dict[str, str] = json.loads(RECORD.read_text(encoding="utf-8"))
    return found


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    marked = [(item, mark) for item in items if (mark := item.get_closest_marker("proven"))]
    tests = Counter(mark.args[0] for _, mark in marked)
    names, known = sorted(tests), recorded()
    in_turn = names[turn(len(names))] if names else ""
    proofs = {sources: proof(ROOT, *sources) for sources in {mark.args[1:] for _, mark in marked}}
    for item, mark in marked:
        name, *sources = mark.args
        now = proofs[tuple(sources)]
        places = [str(path.relative_to(ROOT)) for path in sources]
        item.user_properties.append(("proven", [name, now, tests[name], places]))
        if known.get(name) == now and name != in_turn and not everything():
            item.add_marker(pytest.mark.skip(reason=LEFT_OUT))


def pytest_runtest_logreport(report: pytest.TestReport) -> None:
    """Count what passed; under pytest-xdist the main process is told of every worker's tests."""
    for key, value in report.user_properties:
        if key == "proven" and report.failed:
            _failed.add(str(value[0]))
        elif key == "proven" and report.passed and report.when == "call":
            name, now, tests, places = value
            _passed[name] += 1
            _executed[name] = (now, tests, places)


def pytest_sessionfinish() -> None:
    if "PYTEST_XDIST_WORKER" in os.environ:
        return
    before = recorded()
    after = {name: known for name, known in before.items() if name not in _failed}
    for name, (now, tests, places) in _executed.items():
        unchanged = proof(ROOT, *(ROOT / place for place in places)) == now
        if _passed[name] == tests and name not in _failed and unchanged:
            after[name] = now
    if after != before:
        text = json.dumps(after, indent=1, sort_keys=True)
        RECORD.write_text(f"{text}\n", encoding="utf-8")
