"""Every hand-in of an inbox is its own, under the right name; nothing is passed over in silence."""

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest

from course_lib.teach.grade import archives
from course_lib.teach.grade.handins import HandIn, find_handins
from tests.teach.tiny_release import LAB, OTHER, WANTED, answered, dump
from tests.teach.zips import zipped

T1, T2 = "20261120T100000Z", "20261121T100000Z"
TIME = datetime(2026, 11, 20, 10, tzinfo=UTC)
NOTEBOOK = dump(answered())
RELEASED = dump(answered({}))


ZIP = zipped({f"{LAB}.ipynb": NOTEBOOK})


def _inbox(folder: Path, files: dict[str, bytes]) -> list[HandIn]:
    for name, content in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    return find_handins(folder, WANTED)


def _students(handins: list[HandIn]) -> list[str | None]:
    assert all(not handin.unreadable for handin in handins), handins
    return sorted(str(handin.student) for handin in handins)


def _unpacked(root: str, inside: dict[str, bytes]) -> dict[str, bytes]:
    return {f"{root}/{name}": content for name, content in inside.items()}


CLASS_OF_TWO = {
    "stamped zips": {f"{LAB}-ada-{T1}.zip": ZIP, f"{LAB}-bob-{T1}.zip": ZIP},
    "stamped notebooks": {f"{LAB}-ada-{T1}.ipynb": NOTEBOOK, f"{LAB}-bob-{T1}.ipynb": NOTEBOOK},
    "names without times": {f"{LAB}-ada.ipynb": NOTEBOOK, f"{LAB}-bob.zip": ZIP},
    "folders of students": {"ada/hw.ipynb": NOTEBOOK, f"bob/{LAB}.ipynb": NOTEBOOK},
    "nbgrader's folders": {f"ada/{LAB}/{LAB}.ipynb": NOTEBOOK, f"bob/{LAB}/{LAB}.ipynb": NOTEBOOK},
    "folders of the lab": {f"{LAB}/ada/{LAB}.ipynb": NOTEBOOK, f"{LAB}/bob/x.ipynb": NOTEBOOK},
    "Moodle's folders": {
        f"Ada L_11_assignsubmission_file/{LAB}-ada-{T1}.zip": ZIP,
        f"Bob B_12_assignsubmission_file_/{LAB}-bob-{T1}.zip": ZIP,
    },
    "unpacked by a browser": {
        f"{LAB}-ada-{T1}/{LAB}.ipynb": NOTEBOOK,
        f"{LAB}-bob-{T1} 2/{LAB}-bob-{T1}/{LAB}.ipynb": NOTEBOOK,
    },
    "Canvas": {f"ada_11_21_{LAB}.ipynb": NOTEBOOK, f"bob_LATE_12_22_{LAB}-1.ipynb": NOTEBOOK},
    "Blackboard": {
        f"{LAB}_ada_attempt_2026-11-20-10-00-00_{LAB}.ipynb": NOTEBOOK,
        f"{LAB}_bob_attempt_2026-11-20-10-00-00_hw.ipynb": NOTEBOOK,
    },
}


@pytest.mark.parametrize("below", ["", "download", "week 3", f"all of {LAB}", "x/y"])
@pytest.mark.parametrize("packed", [False, True], ids=["folder", "archive"])
@pytest.mark.parametrize("kind", CLASS_OF_TWO)
def test_a_class_is_told_apart_wherever_it_lies(tmp_path, kind, below, packed):
    files = CLASS_OF_TWO[kind]
    if packed:
        files = {f"{below or 'AutoML-4711'}.zip": zipped(files)}
    elif below:
        files = _unpacked(below, files)
    assert _students(_inbox(tmp_path, files)) == ["ada", "bob"]


def test_what_a_browser_unpacked_keeps_its_artefact_and_its_time(tmp_path):
    files = {
        f"{LAB}.ipynb": NOTEBOOK,
        "timestamp.txt": b"2026-11-20 10:00:00 UTC\n",
        "twice.json": b"4",
    }
    (found,) = _inbox(tmp_path, _unpacked(f"{LAB}-ada-{T1}", files))
    assert (found.student, found.time, found.artefacts) == ("ada", TIME, {"twice.json": b"4"})
    assert found.notes == ()


def test_a_file_beside_a_stamped_notebook_in_the_students_folder_belongs_to_it(tmp_path):
    (found,) = _inbox(tmp_path, {f"ada/{LAB}-ada-{T1}.ipynb": NOTEBOOK, "ada/twice.json": b"4"})
    assert (found.student, found.artefacts) == ("ada", {"twice.json": b"4"})


def test_strangers_are_named_after_the_platforms_folders(tmp_path):
    names = ("Anna Adams_11", "Jörg Groß_12", "李雷_13")
    files = {f"{name}_assignsubmission_file/{LAB}.ipynb": NOTEBOOK for name in names}
    found = _inbox(tmp_path, files)
    assert _students(found) == ["Anna_Adams", "Jorg_Gross", "participant_13"]
    for handin, name in zip(found, names, strict=True):
        assert f"noticed: named after {name.split('_')[0]!r}" in " ".join(handin.notes)


def test_two_people_of_one_name_or_one_id_are_two_students(tmp_path):
    files = {
        f"Anna Adams_11_file/{LAB}.ipynb": NOTEBOOK,
        f"Anna Adams_12_file/{LAB}.ipynb": NOTEBOOK,
        f"Bert Brown_13_file/{LAB}-eve-{T1}.zip": ZIP,
        f"Cyd Clark_14_file/{LAB}-eve-{T1}.zip": ZIP,
    }
    found = _inbox(tmp_path, files)
    assert _students(found) == ["Anna_Adams_11", "Anna_Adams_12", "Bert_Brown", "Cyd_Clark"]
    assert all("whose is it?" in " ".join(handin.notes) for handin in found)


def test_a_roster_knows_people_and_ids(tmp_path):
    files = {
        f"Adams, Anna_11_file/{LAB}.ipynb": NOTEBOOK,
        f"brownbert_12_22_{LAB}.ipynb": NOTEBOOK,
        f"week3/{LAB}-cyd-{T1}.zip": ZIP,
        f"dan/{LAB}-mallory-{T1}.zip": ZIP,
    }
    _inbox(tmp_path, files)
    roster = {"Anna Adams": "aa1", "Bert Brown": "bb2", "C": "cyd", "Dan": "dan"}
    found = find_handins(tmp_path, WANTED, roster)
    assert _students(found) == ["aa1", "bb2", "cyd", "dan"]


def test_several_hand_ins_in_a_students_folder_are_all_that_students(tmp_path):
    stamps = {f"ada/{LAB}-ada-{T1}.zip": ZIP, f"ada/old/{LAB}-ada-{T2}.zip": ZIP}
    copies = {f"bob/{LAB}.ipynb": NOTEBOOK, f"bob/backup/{LAB}.ipynb": RELEASED}
    handed_on = {f"cyd/{LAB}-cyd-{T1}.zip": ZIP, f"cyd/{LAB}-dan-{T1}.zip": ZIP}
    found = _inbox(tmp_path, stamps | copies | handed_on)
    assert _students(found) == ["ada", "ada", "bob", "cyd", "cyd"]


STRAYS = {
    "ada/homework_final.ipynb": NOTEBOOK,
    f"{LAB}-bob-{T1}.ipynb.txt": NOTEBOOK,
    f"cyd/{LAB}-cyd.ipynb.json": NOTEBOOK,
    "dan/notebook.txt": NOTEBOOK,
    f"{LAB}-eve-{T1}.json": NOTEBOOK,
}
REFUSED = {
    "homework.ipynb": "wrong name: expected",
    "homework.zip": "no notebook in it",
    "notes.pdf": "passed over",
    f"{LAB}-fay-{T1}.7z": "no notebook in it",
    "gus/report.pdf": "no notebook in it",
    f"{LAB}-checkpoint.ipynb": "passed over",
    f"hal/{LAB}-checkpoint.ipynb": "no notebook in it",
    f"{LAB}-ian-{T1}.zip": "no notebook in it",
}


def test_everything_in_the_inbox_has_a_student_or_a_reason(tmp_path):
    empty = dict.fromkeys(REFUSED, b"x") | {f"{LAB}-ian-{T1}.zip": zipped({"a.txt": b""})}
    empty["homework.zip"] = zipped({"a.txt": b""})
    found = {str(handin.origin): handin for handin in _inbox(tmp_path, STRAYS | empty)}
    good = [handin for handin in found.values() if not handin.unreadable]
    assert _students(good) == ["ada", "bob", "cyd", "dan", "eve"]
    assert all("was taken for" in " ".join(handin.notes) for handin in good)
    for name, reason in REFUSED.items():
        handin = found.get(name) or found[name.split("/")[0]]
        assert handin.unreadable.startswith(reason), (name, handin)
    owned = {handin.student for handin in found.values()} - {handin.student for handin in good}
    assert owned == {None, "fay", "gus", "hal", "ian"}


def test_another_labs_files_and_what_computers_write_are_passed_over_quietly(tmp_path):
    files = {
        f"{OTHER}-ada-{T1}.zip": b"not even opened",
        f"ada/{OTHER}.ipynb": NOTEBOOK,
        "ada/twice.json": b"4",
        "bob/lab91 final.ipynb": NOTEBOOK,
        f"cyd/{OTHER}/hw.ipynb": NOTEBOOK,
        ".DS_Store": b"",
        f"{OTHER}/dan/.ipynb_checkpoints/{LAB}-checkpoint.ipynb": NOTEBOOK,
        "__MACOSX/x.ipynb": b"",
    }
    assert _inbox(tmp_path, files) == []


def test_a_hand_in_that_lies_with_another_lab_is_read(tmp_path):
    (found,) = _inbox(tmp_path, {f"{OTHER}/{LAB}-ada-{T1}.zip": ZIP})
    assert (found.student, found.notebook) == ("ada", NOTEBOOK)


def test_a_students_folder_without_files_is_reported(tmp_path):
    (tmp_path / "ada/.ipynb_checkpoints").mkdir(parents=True)
    (tmp_path / "bob").mkdir()
    found = find_handins(tmp_path, WANTED)
    assert {handin.student: handin.unreadable for handin in found} == dict.fromkeys(
        ("ada", "bob"), "an empty folder"
    )


@pytest.mark.parametrize("name", [f"{LAB}-ada-{T1}.zip", f"ada/{LAB}.zip", "ada/hw.zip"])
def test_a_zip_in_a_zip_is_the_students(tmp_path, name):
    inner = zipped({"twice.json": b"4", f"{LAB}.ipynb": NOTEBOOK})
    (found,) = _inbox(tmp_path, {name: zipped({f"again/{LAB}-ada-{T1}.zip": inner})})
    assert (found.student, found.time, found.artefacts) == ("ada", TIME, {"twice.json": b"4"})


def test_archives_of_archives_have_bounds(tmp_path, monkeypatch):
    deep = ZIP
    for _ in range(5):
        deep = zipped({"again.zip": deep})
    monkeypatch.setattr(archives, "MOST_MEMBERS", 20)
    wide = zipped({f"{n}.zip": zipped({f"{m}.txt": b"" for m in range(5)}) for n in range(10)})
    found = _inbox(tmp_path, {f"{LAB}-ada-{T1}.zip": deep, f"{LAB}-bob-{T1}.zip": wide})
    said = [handin.unreadable for handin in found if handin.student == "ada"]
    assert said == ["more than 3 archives inside each other"]
    assert any("at most" in handin.unreadable for handin in found if handin.student == "bob")
    assert {handin.student for handin in found} == {"ada", "bob"}


def test_json_that_is_no_notebook_is_no_hand_in(tmp_path):
    content = json.dumps({"cells": 3}).encode()
    (found,) = _inbox(tmp_path, {"ada/data.json": content[:5]})
    assert found.unreadable.startswith("no notebook in it")
