"""Downloads as platforms and computers make them: everybody's work under the own name, once."""

import unicodedata
from pathlib import Path

import pytest

from course_lib.teach.grade.collect import _move_aside
from course_lib.teach.grade.handins import HandIn, find_handins
from course_lib.teach.grade.roster import Member, by_name
from course_lib.teach.grade.whose import in_roster
from tests.teach.tiny_release import LAB, WANTED, answered, dump
from tests.teach.zips import zipped

TIME = "20261120T100000Z"
NOTEBOOK = dump(answered())
OTHER_WORK = dump(answered({"double": "def double(x):\n    return 3 * x"}))
ROSTER = {"Jörg Müller": "jm1", "Zoë O'Neill": "zo2", "Mary-Ann Li": "ml3"}
ATTEMPT = "attempt_2026-11-20-10-00-00"


def zipped_by_a_mac(name: str, content: bytes) -> bytes:
    """An archive whose names are UTF-8 and do not say so."""
    placeholder = "x" * len(name.encode())
    return zipped({placeholder: content}).replace(placeholder.encode(), name.encode())


def found_in(folder: Path, files: dict[str, bytes | None], roster=ROSTER) -> list[HandIn]:
    """What is found among the files; None makes an empty folder."""
    for name, content in files.items():
        path = folder / name
        (path if content is None else path.parent).mkdir(parents=True, exist_ok=True)
        if content is not None:
            path.write_bytes(content)
    return find_handins(folder, WANTED, roster)


def students(handins: list[HandIn]) -> list[str | None]:
    assert [handin.unreadable for handin in handins if handin.unreadable] == []
    return sorted(str(handin.student) for handin in handins)


TWO = {
    "Canvas keeps accents and apostrophes": {
        f"müllerjörg_11_21_{LAB}.ipynb": NOTEBOOK,
        "o'neillzoë_LATE_12_22_hw.ipynb": OTHER_WORK,
    },
    "Canvas drops them": {
        f"mullerjorg_11_21_{LAB}.ipynb": NOTEBOOK,
        f"oneillzoe_12_22_{LAB}.ipynb": OTHER_WORK,
    },
    "Google Classroom": {
        f"Jörg Müller - {LAB}.ipynb": NOTEBOOK,
        f"Zoë O'Neill - {LAB}.ipynb": OTHER_WORK,
    },
    "Google Drive": {
        f"{LAB}-20261120T101010Z-001.zip": zipped(
            {
                f"{LAB}/Jörg Müller - {LAB}.ipynb": NOTEBOOK,
                f"{LAB}/Zoë O'Neill - {LAB}.ipynb": OTHER_WORK,
            }
        )
    },
    "Microsoft Teams": {
        f"Submitted files/Jörg Müller/{LAB}/Version 1/{LAB}.ipynb": NOTEBOOK,
        f"Submitted files/Zoë O'Neill/{LAB}/Version 2/{LAB}.ipynb": OTHER_WORK,
    },
    "Moodle with texts typed into the form": {
        f"Jörg Müller_11_assignsubmission_file_/{LAB}.ipynb": NOTEBOOK,
        "Jörg Müller_11_assignsubmission_onlinetext_/onlinetext.html": b"<p>done",
        f"Zoë O'Neill_12_assignsubmission_file_/{LAB}.ipynb": OTHER_WORK,
    },
    "Blackboard with its receipts": {
        f"Lab 90_jm1_{ATTEMPT}.txt": b"Name: Joerg",
        f"Lab 90_jm1_{ATTEMPT}_{LAB}.ipynb": NOTEBOOK,
        f"Lab 90_zo2_{ATTEMPT}.txt": b"Name: Zoe",
        f"Lab 90_zo2_{ATTEMPT}_hw.ipynb": OTHER_WORK,
    },
    "copies of copies": {
        f"{LAB}-jm1 - Copy.zip": zipped({f"{LAB}.ipynb": NOTEBOOK}),
        f"{LAB.upper()}-zo2-{TIME} (2).zip": zipped({f"{LAB}.ipynb": OTHER_WORK}),
    },
}


@pytest.mark.parametrize("form", ["NFC", "NFD"])
@pytest.mark.parametrize("kind", TWO)
def test_two_students_are_told_apart_by_the_roster_however_accents_are_written(
    tmp_path, kind, form
):
    files = {unicodedata.normalize(form, name): content for name, content in TWO[kind].items()}
    assert students(found_in(tmp_path, files)) == ["jm1", "zo2"]


def test_an_archive_made_on_a_mac_keeps_the_accents_in_its_names(tmp_path):
    name = f"Jörg Müller_11_assignsubmission_file_/{LAB}.ipynb"
    assert students(found_in(tmp_path, {"all.zip": zipped_by_a_mac(name, NOTEBOOK)})) == ["jm1"]


def test_what_a_mac_adds_to_an_archive_is_not_looked_at(tmp_path):
    added = {f"__MACOSX/._{LAB}.ipynb": b"\0\5", ".DS_Store": b"x"}
    files = {f"{LAB}-ada-{TIME}.zip": zipped({**added, f"{LAB}.ipynb": NOTEBOOK})}
    (found,) = found_in(tmp_path, files)
    assert (found.student, found.notes, found.unreadable) == ("ada", (), "")


@pytest.mark.parametrize("inside", [{}, {f"__MACOSX/._{LAB}.ipynb": b"\0\5"}])
def test_an_archive_without_files_has_a_row_with_the_reason(tmp_path, inside):
    (found,) = found_in(tmp_path, {f"{LAB}-ada-{TIME}.zip": zipped(inside)})
    assert (found.student, found.unreadable) == ("ada", "an empty archive")


def test_an_empty_folder_has_a_row_where_students_folders_lie(tmp_path):
    files = {
        **dict.fromkeys(("ada", "week 3/bob", "eve/x/y")),
        f"week 3/cyd/{LAB}.ipynb": NOTEBOOK,
        f"week 3/dan/{LAB}.ipynb": OTHER_WORK,
    }
    found = {one.student: one.unreadable for one in found_in(tmp_path, files)}
    empty = dict.fromkeys(("ada", "bob", "eve"), "an empty folder")
    assert found == empty | {"cyd": "", "dan": ""}


def test_an_empty_folder_in_a_hand_in_is_no_hand_in(tmp_path):
    files = {"ada/figures": None, f"ada/{LAB}.ipynb": NOTEBOOK}
    assert students(found_in(tmp_path, files)) == ["ada"]


def test_a_folder_that_cannot_be_read_keeps_nobody_else_from_being_read(tmp_path, monkeypatch):
    iterdir = Path.iterdir

    def closed(path):
        if path.name == "ada":
            raise PermissionError(13, "Permission denied")
        return iterdir(path)

    monkeypatch.setattr(Path, "iterdir", closed)
    files = {f"all/{one}/{LAB}.ipynb": NOTEBOOK for one in ("ada", "bob", "cyd")}
    found = found_in(tmp_path, files)
    said = {one.student: one.unreadable for one in found}
    assert said == {None: "the folder cannot be read: Permission denied", "bob": "", "cyd": ""}


def test_a_text_typed_into_the_form_alone_is_a_hand_in_that_cannot_be_read(tmp_path):
    files = {"Jörg Müller_11_assignsubmission_onlinetext_/onlinetext.html": b"<p>mine"}
    (found,) = found_in(tmp_path, files)
    assert (found.student, found.unreadable[:17]) == ("jm1", "no notebook in it")


def test_of_two_students_of_one_name_neither_gets_the_others_work(tmp_path):
    people = by_name({key: Member(key, "Anna Li") for key in ("al1", "al2")})
    files = {f"Anna Li_{n}_assignsubmission_file_/{LAB}.ipynb": NOTEBOOK for n in (11, 12)}
    assert students(found_in(tmp_path / "plain", files, people)) == ["Anna_Li_11", "Anna_Li_12"]
    stamped = {
        f"Anna Li_{n}_assignsubmission_file_/{LAB}-al{n - 10}-{TIME}.ipynb": NOTEBOOK
        for n in (11, 12)
    }
    assert students(found_in(tmp_path / "stamped", stamped, people)) == ["al1", "al2"]


def test_a_name_in_one_word_that_two_people_may_have_says_nothing():
    assert in_roster("annalee", {"Anna Lee": "a1", "Ann Alee": "a2"}) is None
    assert in_roster("leeanna", {"Anna Lee": "a1", "Ann Alee": "a2"}) == "a1"


def test_what_is_moved_aside_never_goes_into_what_was_moved_before(tmp_path):
    for number in (1, 2, 3):
        folder = tmp_path / "submitted/ada" / LAB
        folder.mkdir(parents=True)
        (folder / "work").write_text(str(number), encoding="utf-8")
        if number == 3:
            (tmp_path / "originals/ada" / f"{LAB}-1").rename(tmp_path / "elsewhere")
        _move_aside(folder)
    kept = {p.parent.name: p.read_text("utf-8") for p in tmp_path.glob("originals/ada/*/work")}
    assert kept == {f"{LAB}-1": "3", f"{LAB}-2": "2"}
