"""A builder that is killed loses nothing that was finished, and trains nothing twice."""

import os
import signal
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import pytest

from data.make.checkpoint import Checkpoint
from data.make.digits201 import alone, build
from tests.data_make.tiny import CHECKPOINT, TINY, results


def test_building_again_leaves_the_file_alone(whole: Path) -> None:
    before = (whole / "digits201.npz").stat()
    build(TINY, whole, progress=False)
    assert (whole / "digits201.npz").stat() == before


def test_a_second_builder_is_refused_and_harms_nothing(whole: Path) -> None:
    before = (whole / CHECKPOINT).read_bytes()
    with alone(whole / CHECKPOINT.parent), pytest.raises(RuntimeError, match="another builder"):
        build(TINY, whole, progress=False)
    assert (whole / CHECKPOINT).read_bytes() == before
    build(TINY, whole, progress=False)


def test_a_kill_in_the_middle_of_writing_loses_only_that_line(whole: Path, tmp_path: Path) -> None:
    content = (whole / CHECKPOINT).read_bytes()
    last = content.rstrip(b"\n").rfind(b"\n") + 1
    path = tmp_path / CHECKPOINT
    path.parent.mkdir()
    expected = dict(list(results(whole).items())[:-1])
    for length in range(last, len(content)):
        path.write_bytes(content[:length])
        assert results(tmp_path) == expected
        assert path.read_bytes() == content[:last]
    build(TINY, tmp_path, progress=False)
    assert results(tmp_path) == results(whole)


def test_a_killed_builder_goes_on_where_it_was(whole: Path, tmp_path: Path) -> None:
    program = (
        "from pathlib import Path; from course_lib.nas.plan import *; "
        "from data.make.digits201 import build; "
        f"build({TINY!r}, Path({str(tmp_path)!r}), progress=False)"
    )
    process = subprocess.Popen([sys.executable, "-c", program])
    path = tmp_path / CHECKPOINT
    while process.poll() is None and (not path.exists() or path.read_bytes().count(b"\n") < 5):
        time.sleep(0.01)
    os.kill(process.pid, signal.SIGKILL)
    process.wait()
    saved = results(tmp_path)
    assert len(saved) >= 4
    assert saved.items() <= results(whole).items()
    build(TINY, tmp_path, progress=False)
    assert results(tmp_path) == results(whole)


def test_nothing_is_trained_twice(whole: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> None:
        raise AssertionError("trained again")

    monkeypatch.setattr("data.make.digits201.trained", refuse)
    build(TINY, whole, progress=False)


def test_another_recipe_or_a_damaged_line_is_refused(whole: Path, tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="holds trainings by another recipe"):
        Checkpoint(whole / CHECKPOINT, replace(TINY, epochs=3).recipe)
    lines = (whole / CHECKPOINT).read_text(encoding="utf-8").splitlines()
    for damaged in ("{", '{"form":"x"}', "[]"):
        path = tmp_path / "trainings.jsonl"
        path.write_text("\n".join([lines[0], damaged, *lines[1:], ""]), encoding="utf-8")
        with pytest.raises(ValueError, match="line 2 is damaged"):
            Checkpoint(path, TINY.recipe)
