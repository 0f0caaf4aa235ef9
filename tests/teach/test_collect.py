"""Of several hand-ins the latest readable one is graded, and nothing that was there is lost."""

import json
import os
import zipfile
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path, PurePosixPath

import pytest
from nbformat.v4 import new_code_cell, new_notebook

from course_lib.teach.grade.collect import collect
from course_lib.teach.grade.handins import HandIn, Wanted, collected_before, find_handins
from course_lib.teach.grade.releases import Releases
from course_lib.teach.grade.report import Row, to_csv, to_text
from tests.teach.zips import zipped

LAB = "lab90_tiny"
OWN = {"grade_id": "f", "grade": False, "solution": True, "locked": False, "schema_version": 3}
RELEASE = new_notebook(cells=[new_code_cell("...", metadata={"nbgrader": OWN})])


RELEASES = Releases(RELEASE)
WANTED = Wanted(LAB, RELEASES)


def _notebook(answer: str) -> bytes:
    return json.dumps(RELEASE).replace("...", answer).encode()


def _hand_in(answer: str, hour: int | None, **parts) -> HandIn:
    time = None if hour is None else datetime(2026, 11, 20, hour, tzinfo=UTC)
    fields = {"notebook": _notebook(answer), "time": time, **parts}
    return HandIn("ada", PurePosixPath(f"{hour}.zip"), **fields)


def _collect(tmp_path: Path, *handins: HandIn):
    submitted = tmp_path / "submitted"
    before = collected_before(submitted, WANTED)
    (found,) = collect(handins, before, RELEASES, LAB, submitted)
    return found


def _written(tmp_path: Path) -> dict[str, str]:
    folder = tmp_path / "submitted/ada" / LAB
    return {path.name: path.read_text(encoding="utf-8") for path in folder.iterdir()}


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


def test_hand_ins_of_one_student_from_several_folders_are_noticed(tmp_path):
    one = replace(_hand_in("x", 8), origin=PurePosixPath("one/8.zip"))
    assert _collect(tmp_path, one).notes == []
    assert _collect(tmp_path, one).notes == [], "what was collected before is no second folder"
    other = replace(_hand_in("y", 9), origin=PurePosixPath("two/9.zip"))
    aside, folders = _collect(tmp_path, one, other).notes
    assert aside == "set aside: one/8.zip (handed in earlier)"
    assert folders == "noticed: hand-ins from several folders: one, two"


def test_the_same_work_handed_in_again_keeps_its_earlier_time(tmp_path):
    found = _collect(tmp_path, _hand_in("x", 8), _hand_in("x", 11))
    assert found.time.hour == 8
    assert found.notes == ["set aside: 11.zip (the same work, which keeps its earlier time)"]
    assert _written(tmp_path)["timestamp.txt"] == "2026-11-20 08:00:00 UTC\n"
    found = _collect(tmp_path, _hand_in("x", 8), _hand_in("y", 9), _hand_in("x", 11))
    assert found.time.hour == 8, "the work that counts was there at eight"


def test_the_same_notebook_with_another_file_beside_it_is_other_work(tmp_path):
    file = {"twice.json": b"4"}
    found = _collect(tmp_path, _hand_in("x", 8), _hand_in("x", 11, artefacts=file))
    assert found.time.hour == 11


def test_each_hand_in_that_does_not_count_is_named(tmp_path):
    plain = replace(_hand_in("late thought", None), origin=PurePosixPath("plain.ipynb"))
    found = _collect(tmp_path, _hand_in("x", 7), plain, _hand_in("y", 8))
    assert found.notes == [
        "set aside: 7.zip (handed in earlier)",
        "set aside: plain.ipynb (no time stamp)",
    ]


def test_of_hand_ins_without_a_time_the_last_by_name_counts_and_the_others_are_named(tmp_path):
    names = ("a.ipynb", "b.ipynb")
    handins = [replace(_hand_in(n, None), origin=PurePosixPath(n)) for n in names]
    found = _collect(tmp_path, *handins)
    assert "b.ipynb" in _written(tmp_path)[f"{LAB}.ipynb"]
    assert found.notes == ["set aside: a.ipynb (none has a time, the last by name counts)"]


def test_what_was_graded_before_is_named_when_another_hand_in_takes_its_place(tmp_path):
    _collect(tmp_path, _hand_in("x", 8))
    (note,) = _collect(tmp_path, _hand_in("y", 9)).notes
    assert note.startswith("set aside: what was graded before")


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
    texts = [(folder / f"{LAB}.ipynb").read_text(encoding="utf-8") for folder in kept]
    assert ["first" in texts[0], "at 9" in texts[1]] == [True, True]


def test_modules_and_links_in_nbgraders_folder_do_not_stay_there(tmp_path):
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "precious.txt").write_text("stays", encoding="utf-8")
    folder = tmp_path / "submitted/ada" / LAB
    folder.mkdir(parents=True)
    (folder / "numpy.py").write_text("1 / 0", encoding="utf-8")
    (folder / "out").symlink_to(outside)
    _collect(tmp_path, _hand_in("x", 8))
    assert _written(tmp_path).keys() == {f"{LAB}.ipynb", "timestamp.txt"}
    assert (outside / "precious.txt").read_text(encoding="utf-8") == "stays"
    assert (tmp_path / "originals/ada" / f"{LAB}-1" / "numpy.py").is_file()


def _cell_with(**parts) -> bytes:
    notebook = json.loads(_notebook("x"))
    notebook["cells"].append({"cell_type": "markdown", "metadata": {}, "source": "", **parts})
    return json.dumps(notebook).encode()


def _zip(content: bytes, method: int = zipfile.ZIP_DEFLATED) -> bytes:
    return zipped({f"{LAB}.ipynb": content}, method)


def _name_that_is_not_utf8() -> bytes:
    return zipped({"é.txt": b""}).replace("é.txt".encode(), b"\xff\xff.txt")


def _damaged_lzma() -> bytes:
    whole = _zip(os.urandom(500), zipfile.ZIP_LZMA)
    return whole[:70] + b"\xff" * 200 + whole[270:]


BAD = {
    "attachment.zip": _zip(_cell_with(attachments={"a": 5})),
    "surrogate.zip": _zip(_cell_with(source="\ud800")),
    "picture.zip": _zip(_cell_with(attachments={"\ud800": {"image/png": ""}})),
    "digits.zip": _zip(b'{"cells": [], "nbformat": ' + b"9" * 5000 + b"}"),
    "name.zip": _name_that_is_not_utf8(),
    "lzma.zip": _damaged_lzma(),
}


def test_no_bad_hand_in_keeps_the_others_from_being_graded(tmp_path):
    inbox = tmp_path / "inbox"
    inbox.mkdir()
    for name, content in BAD.items():
        (inbox / f"{LAB}-{name}").write_bytes(content)
    (inbox / f"{LAB}-ada.zip").write_bytes(_zip(_notebook("good")))
    (inbox / f"{LAB}-list.zip").write_bytes(_zip(_cell_with(id=[])))
    (inbox / f"{LAB}-eve-20261399T999999Z.zip").write_bytes(_zip(_notebook("x")))
    (inbox / f"{LAB}-\udcff.zip").write_bytes(_zip(_notebook("x")))
    found = collect(find_handins(inbox, WANTED), [], RELEASES, LAB, tmp_path / "submitted")
    rows = [Row(handin.student, handin.problem, notes=handin.notes) for handin in found]
    assert r"? lab90_tiny-\udcff.zip" in to_csv(rows, {}).encode().decode()
    assert r"? lab90_tiny-\udcff.zip" in to_text(rows, {}).encode().decode()
    problems = {handin.student: handin.problem for handin in found}
    assert (problems.pop("ada"), problems.pop("list")) == ("", "")
    assert "good" in _written(tmp_path)[f"{LAB}.ipynb"]
    assert problems.pop(f"? {LAB}-eve-20261399T999999Z.zip").startswith("wrong name: expected")
    assert problems.pop(f"? {LAB}-\udcff.zip").startswith("wrong name: expected")
    assert problems.keys() == {name.removesuffix(".zip") for name in BAD}
    assert all(problem.startswith("unreadable: ") for problem in problems.values())
    assert not any("Traceback" in problem or "\n" in problem for problem in problems.values())
