"""What a missing program does to a test: reported as not run, or failed where all is required."""

import sys
from pathlib import Path

import pytest


def test_a_program_that_is_there_is_found(require, monkeypatch: pytest.MonkeyPatch) -> None:
    python = Path(sys.executable)
    monkeypatch.setenv("PATH", str(python.parent))
    assert Path(require("no-such-program", python.name, how="")).name == python.name


def test_a_missing_program_is_reported_with_the_way_to_get_it(
    require, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("COURSE_REQUIRE_ALL", raising=False)
    with pytest.raises(pytest.skip.Exception, match="NOT RUN: lynx-7 is missing: apt-get lynx-7"):
        require("lynx-7", how="apt-get lynx-7")


def test_not_run_is_a_failure_where_everything_is_required(
    require, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COURSE_REQUIRE_ALL", "1")
    with pytest.raises(pytest.fail.Exception, match="NOT RUN: lynx-7 is missing: apt-get lynx-7"):
        require("lynx-7", how="apt-get lynx-7")
