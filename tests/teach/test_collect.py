"""Of several hand-ins the latest readable one is graded, and nothing that was there is lost."""

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest
from nbformat.v4 import new_code_cell, new_notebook

from course_lib.teach.collect import collect
from course_lib.teach.handins import HandIn

LAB = "lab90_tiny"
OWN = {"grade_id": "f", "grade": False, "solution": True, "locked": False, "schema_version": 3}
RELEASE = new_notebook(cells=[new_code_cell("...", metadata={"nbgrader": OWN})])


def _notebook(answer: str) -> bytes:
    return json.dumps(RELEASE).replace("...", answer).encode()


def _hand_in(answer: str, hour: int | None, **parts) -> HandIn:
    time = None if hour is None else datetime(2026, 11, 20, hour, tzinfo=UTC)
    fields = {"notebook": _notebook(answer), "time": time, **parts}
    return HandIn("ada", Path(f"{hour}.zip"), **fields)


def _collect(tmp_path: Path, *handins: HandIn):
    (found,) = collect(handins, RELEASE, LAB, tmp_path / "submitted")
    return found


def _written(tmp_path: Path) -> dict[str, str]:
    folder = tmp_path / "submitted/ada" / LAB
    return {path.name: path.read_text() for path in folder.iterdir()}


@pytest.mark.parametrize("order", [(8, 9, None), (None, 9, 8), (9, None, 8)])
def test_the_latest_counts_whatever_the_order_and_one_without_a_time_is_the_oldest(tmp_path, order):
    found = _collect(tmp_path, *(_hand_in(f"at {hour}", hour) for hour in order))
    assert found.time.hour == 9
    written = _written(tmp_path)
    assert "at 9" in written[f"{LAB}.ipynb"]
    assert written["timestamp.txt"] == "2026-11-20 09:00:00 UTC\n"


def test_an_unreadable_later_one_is_noted_and_the_earlier_one_graded(tmp_path):
    found = _collect(tmp_path, _hand_in("good", 8), _hand_in("cut", 9, notebook=b'{"cells": [{'))
    assert found.problem == ""
    assert "good" in _written(tmp_path)[f"{LAB}.ipynb"]
    (note,) = found.notes
    assert note.startswith("unreadable: not a notebook")
    assert note.endswith("(9.zip)")


def test_with_nothing_readable_there_is_a_problem_and_no_folder(tmp_path):
    found = _collect(tmp_path, _hand_in("", 9, notebook=b""))
    assert found.problem == "unreadable: the file is empty (9.zip)"
    assert not (tmp_path / "submitted").exists()


def test_artefacts_are_written_beside_the_notebook(tmp_path):
    _collect(tmp_path, _hand_in("x", 8, artefacts={"twice.json": b"2"}))
    assert _written(tmp_path).keys() == {f"{LAB}.ipynb", "timestamp.txt", "twice.json"}


def test_what_a_new_hand_in_replaces_is_moved_aside_and_an_equal_one_touches_nothing(tmp_path):
    _collect(tmp_path, _hand_in("first", 8))
    file = tmp_path / "submitted/ada" / LAB / f"{LAB}.ipynb"
    before = file.stat().st_mtime_ns
    _collect(tmp_path, _hand_in("first", 8))
    assert file.stat().st_mtime_ns == before
    assert not (tmp_path / "originals").exists()
    for hour in (9, 10):
        _collect(tmp_path, _hand_in(f"at {hour}", hour))
    kept = sorted((tmp_path / "originals/ada").iterdir())
    texts = [(folder / f"{LAB}.ipynb").read_text() for folder in kept]
    assert ["first" in texts[0], "at 9" in texts[1]] == [True, True]


def test_modules_and_links_in_nbgraders_folder_do_not_stay_there(tmp_path):
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "precious.txt").write_text("stays")
    folder = tmp_path / "submitted/ada" / LAB
    folder.mkdir(parents=True)
    (folder / "numpy.py").write_text("1 / 0")
    (folder / "out").symlink_to(outside)
    _collect(tmp_path, _hand_in("x", 8))
    assert _written(tmp_path).keys() == {f"{LAB}.ipynb", "timestamp.txt"}
    assert (outside / "precious.txt").read_text() == "stays"
    assert (tmp_path / "originals/ada" / f"{LAB}-1" / "numpy.py").is_file()
