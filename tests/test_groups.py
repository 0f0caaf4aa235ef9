"""Tests that share fixtures run on one worker, so that each fixture is made once."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
MARKED = 'pytest.param(n, marks=pytest.mark.xdist_group(f"{n} graded"))'
TESTS = """
import os
from pathlib import Path
import pytest

@pytest.fixture(scope="module", params=[LAB for n in ("one", "two")])
def lab(request):
    with Path(__file__).with_suffix(".txt").open("a") as file:
        file.write(f"{request.param} {os.environ['PYTEST_XDIST_WORKER']}\\n")

def test_a(lab): pass
def test_b(lab): pass
def test_c(lab): pass
"""


def test_a_group_or_a_file_without_groups_stays_on_one_worker(tmp_path: Path) -> None:
    shutil.copy(Path(__file__).with_name("conftest.py"), tmp_path)
    for name, lab in {"marked": MARKED, "plain": "n"}.items():
        text = TESTS.replace("LAB", lab)
        (tmp_path / f"test_{name}.py").write_text(text, encoding="utf-8")
    words = ["-n", "2", "--dist", "loadgroup", "-p", "no:cacheprovider", "-c", os.devnull]
    done = subprocess.run(
        [sys.executable, "-m", "pytest", *words, "--rootdir", str(tmp_path), str(tmp_path)],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    made = {
        name: (tmp_path / f"test_{name}.txt").read_text(encoding="utf-8").split()
        for name in ("marked", "plain")
    }
    assert [sorted(words[::2]) for words in made.values()] == [["one", "two"]] * 2, made
    assert len({*made["plain"][1::2]}) == 1, made
