"""`make`: the environment is only ever made by a Python that the course runs on."""

import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
FAKE = """#!/bin/sh
# A Python that answers `-c` with an exit code, and `-m venv` by making an environment.
case "$1" in
    -c) exit {code} ;;
    -m) mkdir -p .venv/bin && touch .venv/bin/python ;;
esac
"""


@pytest.fixture
def make(tmp_path: Path, require: Callable[..., str]) -> Callable[..., tuple[int, str]]:
    """`make(python)` makes .venv with that Python; exit code and what it said."""
    shutil.copy(ROOT / "Makefile", tmp_path)
    program = require("make", how="apt-get install make")

    def run(python: str) -> tuple[int, str]:
        command = [program, ".venv/bin/python", f"PYTHON={python}"]
        done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True)
        return done.returncode, done.stderr

    return run


def fake(path: Path, *, code: int) -> str:
    path.write_text(FAKE.format(code=code), encoding="utf-8")
    path.chmod(0o755)
    return str(path)


def test_an_old_or_missing_python_makes_nothing_and_a_new_one_may_follow(
    tmp_path: Path, make: Callable[..., tuple[int, str]]
) -> None:
    for python in (fake(tmp_path / "old", code=1), str(tmp_path / "missing")):
        code, said = make(python)
        assert code == 2
        assert "needs Python 3.11 or newer" in said
        assert "PYTHON=python3.12" in said
        assert not (tmp_path / ".venv").exists()
    assert make(fake(tmp_path / "new", code=0)) == (0, "")
    assert (tmp_path / ".venv/bin/python").exists()
