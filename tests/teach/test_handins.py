"""Only the expected files are read, whatever a hand-in looks like; every refusal says why."""

import os
import stat
import zipfile
from datetime import UTC, datetime
from pathlib import Path

import pytest

from course_lib.teach.grade import archives, choose
from course_lib.teach.grade.handins import HandIn, find_handins
from tests.teach.tiny_release import LAB, WANTED
from tests.teach.zips import zipped

NOTEBOOK = f"{LAB}.ipynb"
TIME = datetime(2026, 11, 20, 10, 0, tzinfo=UTC)
STAMP = "2026-11-20 10:00:00 UTC\n"


def _zip(path: Path, files: dict[str, str | bytes]) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(zipped(files))
    return path


def _only(folder: Path) -> HandIn:
    (found,) = find_handins(folder, WANTED)
    return found


@pytest.mark.parametrize(
    "name",
    [
        f"{LAB}-ada-20261120T100000Z.zip",
        f"{LAB}-ada-20261120T100000Z (1).zip",
        f"Lovelace_4711_{LAB}-ada-20261120T100000Z.zip",
        f"{LAB}-ada-20261120T100000Z_4711.zip",
        f"{LAB}-ada.zip",
        f"ada/{LAB}.zip",
        f"Lovelace, Ada_4711_file/{LAB}-ada.zip",
    ],
)
def test_the_zip_of_submit_is_read_under_whatever_name_a_platform_gives_it(tmp_path, name):
    _zip(tmp_path / name, {NOTEBOOK: "{}", "twice.json": "2", "timestamp.txt": STAMP})
    found = _only(tmp_path)
    assert (found.student, found.notebook, found.time) == ("ada", b"{}", TIME)
    assert found.artefacts == {"twice.json": b"2"}
    assert (found.notes, found.unreadable) == ((), "")


def test_a_hand_in_under_another_students_name_counts_for_its_folder_and_is_noted(tmp_path):
    _zip(tmp_path / "mallory" / f"{LAB}-ada-20261120T100000Z.zip", {NOTEBOOK: "{}"})
    found = _only(tmp_path)
    assert (found.student, found.time) == ("mallory", TIME)
    assert found.notes == ("whose is it? The file says ada, the folder says mallory",)


def test_nbgraders_own_layout_and_single_notebooks_are_read(tmp_path):
    folder = tmp_path / "ada" / LAB
    folder.mkdir(parents=True)
    (folder / NOTEBOOK).write_text("{}", encoding="utf-8")
    (folder / "timestamp.txt").write_text(STAMP, encoding="utf-8")
    (tmp_path / f"{LAB}-bob-20261120T100000Z.ipynb").write_text("[]", encoding="utf-8")
    ada, bob = find_handins(tmp_path, WANTED)
    assert (ada.student, ada.notebook, ada.time) == ("ada", b"{}", TIME)
    assert (bob.student, bob.notebook, bob.time) == ("bob", b"[]", TIME)


def test_of_two_times_the_later_counts_and_a_missing_or_odd_one_is_noticed(tmp_path):
    files = {NOTEBOOK: "{}", "timestamp.txt": "2026-11-19 10:00:00 UTC"}
    _zip(tmp_path / "a" / f"{LAB}-ada-20261120T100000Z.zip", files)
    _zip(tmp_path / "b" / f"{LAB}-ada.zip", {NOTEBOOK: "{}"})
    _zip(tmp_path / "c" / f"{LAB}-ada.zip", {NOTEBOOK: "{}", "timestamp.txt": "yesterday"})
    _zip(tmp_path / "d" / f"{LAB}-ada-29991120T100000Z.zip", {NOTEBOOK: "{}"})
    differ, none, odd, future = find_handins(tmp_path, WANTED)
    assert differ.time == TIME
    assert any("different times" in note for note in differ.notes)
    assert none.time is None
    assert any("no time stamp" in note for note in none.notes)
    assert any("holds no time" in note for note in odd.notes)
    assert any("future" in note for note in future.notes)


def test_modules_that_would_shadow_others_and_members_of_other_folders_are_left_out(tmp_path):
    _zip(
        tmp_path / f"{LAB}-ada.zip",
        {
            f"deep/{NOTEBOOK}": "{}",
            "numpy.py": "raise SystemExit",
            "torch.so": b"\0",
            f"__MACOSX/._{NOTEBOOK}": "junk",
            "../../outside.json": "x",
        },
    )
    found = _only(tmp_path)
    assert found.notebook == b"{}"
    assert found.artefacts == {}
    assert any("left out numpy.py, outside.json, torch.so" in note for note in found.notes)
    assert not list(tmp_path.parent.glob("outside.json"))


def test_a_renamed_notebook_is_taken_and_two_of_them_are_not(tmp_path):
    _zip(tmp_path / "a" / f"{LAB}-ada.zip", {f"{LAB} (1).ipynb": "{}"})
    two = {f"{LAB} (1).ipynb": "{}", f"{LAB} (2).ipynb": "{}"}
    _zip(tmp_path / "b" / f"{LAB}-bob.zip", two)
    _zip(tmp_path / "c" / f"{LAB}-cyd.zip", {"readme.txt": "see mail"})
    renamed, both, none = find_handins(tmp_path, WANTED)
    assert renamed.notebook == b"{}"
    assert any("was taken for" in note for note in renamed.notes)
    assert both.unreadable.startswith("wrong name: expected lab90_tiny.ipynb, found")
    assert none.unreadable.startswith("no notebook in it")


def test_nobodys_hand_in_is_reported_as_a_wrong_name(tmp_path):
    (tmp_path / f"{LAB} (1).ipynb").write_text("{}", encoding="utf-8")
    found = _only(tmp_path)
    assert found.student is None
    assert found.unreadable == f"wrong name: expected {LAB}-STUDENT-TIME.zip"


def test_bombs_and_broken_archives_are_refused_without_unpacking(tmp_path, monkeypatch):
    monkeypatch.setattr(choose, "LARGEST", 1000)
    monkeypatch.setattr(archives, "MOST_MEMBERS", 20)
    _zip(tmp_path / "a" / f"{LAB}-ada.zip", {NOTEBOOK: b"\0" * 10**6})
    _zip(tmp_path / "b" / f"{LAB}-bob.zip", {f"{n}.txt": "" for n in range(30)})
    whole = _zip(tmp_path / "c" / f"{LAB}-cyd.zip", {NOTEBOOK: os.urandom(500)}).read_bytes()
    (tmp_path / "c" / f"{LAB}-cyd.zip").write_bytes(whole[: len(whole) // 2])
    damaged = _zip(tmp_path / "d" / f"{LAB}-dan.zip", {NOTEBOOK: os.urandom(500)})
    content = bytearray(damaged.read_bytes())
    content[100:110] = b"0123456789"
    damaged.write_bytes(content)
    bomb, crowd, half, flipped = find_handins(tmp_path, WANTED)
    assert "is larger than" in bomb.unreadable
    assert "holds 30 files, at most 20" in crowd.unreadable
    assert half.unreadable.startswith("not a whole zip file")
    assert "cannot be read" in flipped.unreadable


def test_links_are_not_followed(tmp_path):
    secret = tmp_path / "secret.ipynb"
    secret.write_text("secret", encoding="utf-8")
    inbox = tmp_path / "inbox"
    (inbox / "ada" / LAB).mkdir(parents=True)
    (inbox / "ada" / LAB / NOTEBOOK).symlink_to(secret)
    (inbox / f"{LAB}-bob.ipynb").symlink_to(secret)
    link = zipfile.ZipInfo(NOTEBOOK)
    link.external_attr = (stat.S_IFLNK | 0o777) << 16
    with zipfile.ZipFile(inbox / f"{LAB}-cyd.zip", "w") as archive:
        archive.writestr(link, str(secret))
    for found in find_handins(inbox, WANTED):
        assert found.notebook == b""
        assert found.unreadable
