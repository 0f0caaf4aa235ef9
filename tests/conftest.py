"""What all tests share: pictures without a screen, and what happens where a program is missing.

The hooks beside it skip what is proven and say where the time went.
"""

import os
import shutil
import sys
from collections.abc import Iterator
from typing import NoReturn

import pytest
from hypothesis import settings

from tests.proven import (  # noqa: F401
    pytest_collection_modifyitems,
    pytest_runtest_logreport,
    pytest_sessionfinish,
)
from tests.where_time_went import pytest_terminal_summary  # noqa: F401

os.environ["MPLBACKEND"] = "agg"

# No test depends on how busy the machine is. Where everything is required, as in CI, the examples
# are the same every time, so that a change answers for itself alone; elsewhere new ones are tried.
SAME = os.environ.get("COURSE_REQUIRE_ALL") == "1"
settings.register_profile("course", deadline=None, max_examples=50, derandomize=SAME)
settings.load_profile("course")


def pytest_itemcollected(item: pytest.Item) -> None:
    """A file's tests stay together on one worker, since they share fixtures; those of a marked
    group likewise."""
    if not item.get_closest_marker("xdist_group"):
        item.add_marker(pytest.mark.xdist_group(item.nodeid.split("::")[0]))
    if item.config.getoption("loadgroup", default=False):
        _tell_group(item)


def _tell_group(item: pytest.Item) -> None:
    """Put the group behind the test's id, where the scheduler looks for it.

    pytest-xdist 3.8 does so itself, but no longer reaches the ids of pytest 9.2
    (pytest-dev/pytest-xdist#1386): tests of one group ran, and made their fixtures, on all workers.
    """
    group = item.get_closest_marker("xdist_group")
    if group and hasattr(item, "_id"):
        item._id = type(item._id).parse(f"{item.nodeid}@{group.args[0]}")


def _require(*programs: str, how: str) -> str:
    """The path of the first of `programs` that is installed.

    Where there is none the test is reported as not run, with the way to get one (`how`); with
    COURSE_REQUIRE_ALL=1 in the environment it fails instead.
    """
    found = next((path for program in programs if (path := shutil.which(program))), None)
    return found or _not_run(f"{programs[0]} is missing: {how}")


def _not_run(why: str) -> NoReturn:
    """Report the test as not run, or as failed where everything is required."""
    reason = f"NOT RUN: {why}"
    if os.environ.get("COURSE_REQUIRE_ALL") == "1":
        pytest.fail(reason, pytrace=False)
    pytest.skip(reason)


@pytest.fixture(scope="session")
def require():
    """`require("chromium", how="apt-get install chromium")` gives the program's path."""
    return _require


@pytest.fixture(scope="session")
def not_run():
    """`not_run("npm is missing: apt-get install npm")` ends the test, with the way to get it."""
    return _not_run


@pytest.fixture(autouse=True)
def _no_open_figures() -> Iterator[None]:
    yield
    pyplot = sys.modules.get("matplotlib.pyplot")
    if pyplot:
        pyplot.close("all")
