"""What students changed is told from what the instructor changed after the release."""

import copy
from pathlib import Path

import pytest

from course_lib.teach.build.sources import grade_id, to_bytes
from course_lib.teach.grade.releases import Releases, kept_releases
from course_lib.teach.grade.repair import Repaired, repair
from tests.teach.tiny_release import RELEASES, RIGHT, answered, dump, place, sources


def _changed(name: str, text: str):
    """A later release with another text in one cell."""
    notebook = copy.deepcopy(RELEASES.today)
    notebook.cells[place(notebook, name)].source = text
    return notebook


def _hand_in(name: str, text: str, releases: Releases = RELEASES) -> Repaired:
    return repair(dump(answered({**RIGHT, name: text})), releases)


def test_every_release_is_kept_once_and_read_again(tmp_path):
    later = _changed("double_test", "assert double(3) == 6")
    assert kept_releases(tmp_path, RELEASES.today).earlier == ()
    assert kept_releases(tmp_path, RELEASES.today).earlier == ()
    assert kept_releases(tmp_path, later).earlier == (RELEASES.today,)
    assert len(list(tmp_path.iterdir())) == 2


def test_the_notebook_that_was_handed_out_is_kept_and_a_damaged_one_is_no_obstacle(tmp_path):
    handed_out = tmp_path / "labs.ipynb"
    handed_out.write_bytes(to_bytes(_changed("halve_test", "assert halve(4) == 2")))
    (tmp_path / "kept").mkdir()
    (tmp_path / "kept/broken.ipynb").write_text("{", encoding="utf-8")
    releases = kept_releases(tmp_path / "kept", RELEASES.today, handed_out)
    assert len(releases.earlier) == 1


def test_a_missing_release_is_no_obstacle(tmp_path):
    assert kept_releases(tmp_path, RELEASES.today, Path("nowhere")).earlier == ()


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("double_test", "cases = [1, 2]\nassert double(2) == 4, 'twice two'"),
        ("setup", "import math\nimport os\nfrom pathlib import Path"),
    ],
)
def test_a_hand_in_made_from_an_earlier_release_was_not_changed_by_its_student(name, text):
    later = Releases(_changed(name, text), (RELEASES.today,))
    repaired = repair(dump(answered()), later)
    assert repaired.notes == []
    assert sources(repaired)[name] == text


def test_a_stub_of_an_earlier_release_is_no_answer():
    later = Releases(_changed("written", "WRITE HERE"), (RELEASES.today,))
    repaired = repair(dump(answered({})), later)
    assert sources(repaired)["written"] == "WRITE HERE"


@pytest.mark.parametrize(
    "text",
    [
        "cases = [1,2]\nassert double(2)==4",
        "cases = [1, 2]  # two\n\nassert (double(2) == 4)",
        "# my comment\ncases = [1, 2]\nassert double(2) == 4",
    ],
)
def test_comments_and_layout_of_a_test_are_no_change(text):
    repaired = _hand_in("double_test", text)
    assert repaired.notes == []
    assert sources(repaired)["double_test"] == RELEASES.named["double_test"].source


@pytest.mark.parametrize("name", ["setup", "double_test"])
def test_lines_added_to_a_locked_cell_are_kept_behind_it_and_are_no_tampering(name):
    text = f"{RELEASES.named[name].source}\nimport operator"
    repaired = _hand_in(name, text)
    cells = repaired.notebook.cells
    at = next(i for i, cell in enumerate(cells) if grade_id(cell) == name)
    assert cells[at].source == RELEASES.named[name].source
    assert cells[at + 1].source == "import operator"
    (note,) = repaired.notes
    assert note.startswith(f"noticed: the locked cell {name} was changed")
    assert "kept behind it" in note


def test_a_test_that_was_replaced_is_the_released_one_again():
    repaired = _hand_in("double_test", "8.0")
    assert sources(repaired)["double_test"] == RELEASES.named["double_test"].source
    (note,) = repaired.notes
    assert "the released one is used" in note


def test_skipping_a_test_is_tampering_and_skipping_a_cell_of_ones_own_is_not():
    notebook = answered()
    notebook.cells[3].metadata["tags"] = ["skip-execution"]
    assert repair(dump(notebook), RELEASES).notes[0].startswith("noticed")
    notebook.cells[place(notebook, "double_test")].metadata["tags"] = ["skip-execution"]
    assert repair(dump(notebook), RELEASES).notes[0].startswith("tampered")


def test_an_exercise_that_is_newer_than_a_hand_in_was_not_deleted_by_its_student():
    before = copy.deepcopy(RELEASES.today)
    before.cells = [cell for cell in before.cells if "halve" not in (grade_id(cell) or "")]
    notebook = copy.deepcopy(before)
    notebook.cells[place(notebook, "double")].source = RIGHT["double"]
    repaired = repair(dump(notebook), Releases(RELEASES.today, (before,)))
    assert repaired.notes == ["noticed: halve_test may be newer than this hand-in and was put back"]
    assert sources(repaired)["halve_test"] == RELEASES.named["halve_test"].source
