"""From an inbox to grading/submitted/: who is in the list, and what is kept for the next run."""

import copy
from pathlib import Path

import pytest

from course_lib.teach.grade.collect import Collected, gather
from course_lib.teach.places import Lab
from tests.teach.tiny_release import LAB, OTHER, RELEASES, RIGHT, answered, dump, place
from tests.teach.zips import zipped

IN_TIME, LATE = "20261120T100000Z", "20261122T100000Z"


@pytest.fixture
def inbox(tmp_path: Path) -> Path:
    folder = tmp_path / "grading/inbox"
    folder.mkdir(parents=True)
    return folder


def _hand_in(inbox: Path, student: str, stamp: str = IN_TIME, answers=None) -> Path:
    path = inbox / f"{LAB}-{student}-{stamp}.zip"
    path.write_bytes(zipped({f"{LAB}.ipynb": dump(answered(answers))}))
    return path


def _gathered(tmp_path: Path, release=RELEASES.today, **more) -> dict[str, Collected]:
    lab = Lab(tmp_path, LAB)
    found = gather(lab, release, tmp_path / "grading/inbox", others=[OTHER], **more)
    return {handin.student: handin for handin in found}


def test_a_class_is_collected_and_another_lab_is_not(tmp_path, inbox):
    for student in ("ada", "bob"):
        _hand_in(inbox, student)
    (inbox / f"{OTHER}-cyd-{IN_TIME}.zip").write_bytes(b"")
    (inbox / "letter.pdf").write_bytes(b"")
    found = _gathered(tmp_path)
    assert found.keys() == {"ada", "bob", "? letter.pdf"}
    assert found["? letter.pdf"].problem.startswith("passed over")
    assert {path.parts[-2] for path in (tmp_path / "grading/submitted").glob("*/*")} == {
        "ada",
        "bob",
    }


def test_what_was_collected_stays_when_the_inbox_is_emptied(tmp_path, inbox):
    path = _hand_in(inbox, "ada")
    before = _gathered(tmp_path)
    path.unlink()
    after = _gathered(tmp_path)
    assert (after["ada"].time, after["ada"].notes) == (before["ada"].time, before["ada"].notes)


def test_the_same_work_handed_in_again_late_changes_nothing(tmp_path, inbox):
    _hand_in(inbox, "ada")
    before = _gathered(tmp_path)["ada"]
    late = _hand_in(inbox, "ada", LATE)
    after = _gathered(tmp_path)["ada"]
    assert after.time == before.time
    assert (
        after.notes[-1] == f"set aside: {late.name} (the same work, which keeps its earlier time)"
    )
    assert not (tmp_path / "grading/originals").exists()


def test_a_test_mended_after_the_hand_ins_accuses_nobody(tmp_path, inbox):
    _hand_in(inbox, "ada")
    _gathered(tmp_path)
    mended = copy.deepcopy(RELEASES.today)
    mended.cells[place(mended, "double_test")].source = "assert double(3) == 6"
    assert _gathered(tmp_path, mended)["ada"].notes == _gathered(tmp_path)["ada"].notes


def test_a_later_hand_in_takes_the_place_and_the_earlier_one_is_kept(tmp_path, inbox):
    _hand_in(inbox, "ada")
    _gathered(tmp_path)
    _hand_in(inbox, "ada", LATE, {**RIGHT, "double": "def double(x):\n    return x + x"})
    found = _gathered(tmp_path)["ada"]
    assert f"set aside: {LAB}-ada-{IN_TIME}.zip (handed in earlier)" in found.notes
    assert list((tmp_path / "grading/originals/ada").iterdir())


def test_ids_that_differ_only_in_case_are_noticed(tmp_path, inbox):
    for student in ("ada", "Ada", "bob"):
        _hand_in(inbox, student)
    found = _gathered(tmp_path)
    odd = [one.student for one in found.values() if "only in case" in " ".join(one.notes)]
    assert odd == ["Ada", "ada"]


def test_a_roster_gives_strangers_their_ids(tmp_path, inbox):
    path = inbox / f"Adams, Anna_11_assignsubmission_file/{LAB}.ipynb"
    path.parent.mkdir()
    path.write_bytes(dump(answered()))
    assert _gathered(tmp_path).keys() == {"Adams_Anna"}
    found = _gathered(tmp_path, roster={"Anna Adams": "aa1"})
    assert found["aa1"].notes == ["noticed: no time stamp, so it counts as in time"]
