"""A course with one tiny lab and one tiny lecture, graded by the real settings."""

import json
import shutil
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from unittest.mock import patch

import pytest
from nbgrader.api import get_alembic_version

COURSE = Path(__file__).resolve().parents[2]


def _graded(name: str, *, points: int = 0, answer: bool = False) -> str:
    """nbgrader's metadata of a cell, as py:percent writes it."""
    own = {"grade_id": name, "schema_version": 3, "grade": points > 0, "solution": answer}
    return f"nbgrader={json.dumps({**own, 'locked': not answer, 'points': points})}"


LAB = f'''\
# %% [markdown]
# # Doubling

# %%
import math

# %% {_graded("double", answer=True)}
def double(x):
    """Twice x."""
    ### BEGIN SOLUTION
    twice = x + x
    return twice
    ### END SOLUTION

# %% {_graded("double_test", points=8)}
cases = [(1, 2), (0, 0), (5, 10)]
### BEGIN HIDDEN TESTS
cases += [(-4242, -2 * 4242)]
### END HIDDEN TESTS
8 * sum(double(x) == y for x, y in cases) / len(cases)

# %% [markdown] {_graded("written", points=2, answer=True)}
# Doubling is adding a number to itself, and so it is linear.

# %% artefacts=["twice.json"]
print("the end")
'''

LECTURE = """\
# %% [markdown]
# # Counting

# %%
from pathlib import Path
with Path("runs.txt").open("a") as file:
    file.write("run ")

# %%
6 * 7
"""


@pytest.fixture(scope="session", autouse=True)
def _alembic_is_asked_once() -> Iterator[None]:
    """Every new gradebook asks a program for the same number."""
    with patch("nbgrader.api.get_alembic_version", cache(get_alembic_version)):
        yield


@pytest.fixture(scope="session")
def make_course() -> Callable[[Path], Path]:
    """`make_course(root)` writes the tiny course there; nothing in it is built."""

    def make(root: Path) -> Path:
        for folder in ("course_lib", "labs", "lectures", "solutions/lab90_tiny"):
            (root / folder).mkdir(parents=True)
        (root / "pyproject.toml").touch()
        shutil.copy(COURSE / "nbgrader_config.py", root)
        (root / "solutions/lab90_tiny/lab90_tiny.py").write_text(LAB, encoding="utf-8")
        (root / "lectures/90_tiny.py").write_text(LECTURE, encoding="utf-8")
        return root

    return make


@pytest.fixture
def course(make_course: Callable[[Path], Path], tmp_path: Path) -> Path:
    """The folder of a tiny course of one's own."""
    return make_course(tmp_path / "course")


@pytest.fixture(scope="session")
def caged(require) -> None:
    """Student code runs in a sandbox; where the system allows none, the test is not run."""
    require("bwrap", how="apt-get install bubblewrap")
    from tests.teach.hand_ins import no_cage

    if why := no_cage():
        pytest.skip(f"NOT RUN: {why}")
