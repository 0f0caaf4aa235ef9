"""Of several notebooks in one hand-in the one that was worked on counts, or none."""

from pathlib import Path

import pytest

from course_lib.teach.grade.handins import HandIn, find_handins
from tests.teach.tiny_release import LAB, RIGHT, WANTED, answered, dump
from tests.teach.zips import zipped

MINE, RELEASED = dump(answered()), dump(answered({}))
OTHERS = dump(answered({**RIGHT, "double": "def double(x):\n    return x + x"}))
NAME = f"{LAB}.ipynb"


def _handed_in(folder: Path, files: dict[str, bytes]) -> HandIn:
    (folder / f"{LAB}-ada-20261120T100000Z.zip").write_bytes(zipped(files))
    (found,) = find_handins(folder, WANTED)
    return found


WHOLE_COURSE = {
    f"automl/labs/{LAB}/{NAME}": RELEASED,
    f"automl/work/{LAB}/{NAME}": MINE,
    f"automl/work/{LAB}/twice.json": b"4",
    f"automl/labs/{LAB}/twice.json": b"old",
    f"automl/solutions/{LAB}/{NAME}": OTHERS,
    **{f"automl/lectures/{n:02}.ipynb": b'{"cells": []}' for n in range(30)},
}


def test_of_a_whole_course_the_worked_on_notebook_counts_with_its_files(tmp_path):
    found = _handed_in(tmp_path, WHOLE_COURSE)
    assert (found.student, found.notebook) == ("ada", MINE)
    assert found.artefacts == {"twice.json": b"4"}
    said = f"automl/work/{LAB}/{NAME} counts, set aside: automl/labs/{LAB}/{NAME}"
    assert any(said in note for note in found.notes)


def test_the_same_course_as_a_folder_is_read_in_the_same_way(tmp_path):
    for name, content in WHOLE_COURSE.items():
        path = tmp_path / "ada" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    (found,) = find_handins(tmp_path, WANTED)
    assert (found.student, found.notebook) == ("ada", MINE)
    assert found.artefacts == {"twice.json": b"4"}


@pytest.mark.parametrize(
    "files",
    [
        {NAME: RELEASED, "homework.ipynb": MINE},
        {NAME: MINE, f"{LAB}-Copy1.ipynb": RELEASED},
        {NAME: MINE, f"{LAB}-Copy1.ipynb": OTHERS},
        {NAME: MINE, f"backup/{NAME}": MINE},
        {f"mine/{NAME}": MINE, "readme.ipynb": b"{}", "lecture.ipynb": b'{"cells": []}'},
        {f"{LAB}_mine.ipynb": MINE, f"{LAB}_mine-checkpoint.ipynb": OTHERS},
        {f"a/{LAB}_mine.ipynb": MINE, f"a/.ipynb_checkpoints/{NAME}": OTHERS},
    ],
)
def test_work_counts_before_a_name_and_the_labs_name_before_others(tmp_path, files):
    found = _handed_in(tmp_path, files)
    assert found.unreadable == ""
    assert found.notebook == MINE


def test_two_different_pieces_of_work_under_the_labs_name_are_refused_by_name(tmp_path):
    found = _handed_in(tmp_path, {f"a/{NAME}": MINE, f"b/{NAME}": OTHERS})
    assert found.student == "ada"
    assert found.unreadable == (
        f"wrong name: 2 different notebooks were worked on, a/{NAME}, b/{NAME}: which one counts?"
    )


def test_of_untouched_notebooks_any_counts(tmp_path):
    found = _handed_in(tmp_path, {f"a/{NAME}": RELEASED, f"b/{NAME}": RELEASED})
    assert found.notebook == RELEASED


def test_an_earlier_release_is_no_work_either(tmp_path):
    old = answered({})
    old.cells[2].source = f"# in three lines\n{old.cells[2].source}"
    files = {f"a/{NAME}": dump(old), f"b/{NAME}": MINE}
    assert _handed_in(tmp_path, files).unreadable.startswith("wrong name")
