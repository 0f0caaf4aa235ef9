"""Damaged and doctored notebooks: repaired with a note, or refused with a reason."""

import copy
import json

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

from course_lib.teach.build.sources import grade_id, to_bytes
from course_lib.teach.grade.reading import Unreadable
from course_lib.teach.grade.releases import Releases
from course_lib.teach.grade.repair import repair


def _graded(cell, name: str, **own):
    cell.metadata["nbgrader"] = {"grade_id": name, "schema_version": 3, **own}
    return cell


ANSWER = {"grade": False, "solution": True, "locked": False}
TEST = {"grade": True, "solution": False, "locked": True, "points": 8}
WRITTEN = {"grade": True, "solution": True, "locked": False, "points": 2}
RELEASE = new_notebook(
    cells=[
        new_markdown_cell("# Lab"),
        _graded(new_code_cell("def double(x):\n    ..."), "double", **ANSWER),
        _graded(new_code_cell("assert double(2) == 4"), "double_test", **TEST),
        _graded(new_markdown_cell("YOUR ANSWER HERE"), "written", **WRITTEN),
    ]
)
RELEASES = Releases(RELEASE)
MINE = "def double(x):\n    return 2 * x"


def _mine():
    """The release with an answer written into it."""
    notebook = copy.deepcopy(RELEASE)
    notebook.cells[1].source = MINE
    return notebook


def _bytes(notebook) -> bytes:
    return json.dumps(notebook).encode()


def _cells(repaired, name: str):
    return [cell for cell in repaired.notebook.cells if grade_id(cell) == name]


def _whole(repaired) -> None:
    """The laws of every repaired notebook."""
    notebook = repaired.notebook
    nbformat.validate(notebook)
    for original in RELEASE.cells[2:]:
        (cell,) = _cells(repaired, grade_id(original))
        assert (cell.cell_type, cell.metadata) == (original.cell_type, original.metadata)
        if original.metadata.nbgrader.locked:
            assert cell.source == original.source


def test_an_honest_hand_in_keeps_its_answers_and_earns_no_note():
    repaired = repair(_bytes(_mine()), RELEASES)
    _whole(repaired)
    assert repaired.notes == []
    assert _cells(repaired, "double")[0].source == MINE


def test_repairing_is_idempotent():
    once = repair(_bytes(_mine()), RELEASES)
    again = repair(to_bytes(once.notebook), RELEASES)
    assert to_bytes(again.notebook) == to_bytes(once.notebook)
    assert again.notes == []


DAMAGED = {
    "byte order mark": (lambda b: b"\xef\xbb\xbf" + b, "byte order mark"),
    "utf-16": (lambda b: b.decode().encode("utf-16"), "UTF-16"),
    "latin-1": (lambda b: b.replace(b"# Lab", "# Lab é".encode("latin-1")), "Latin-1"),
    "trailing garbage": (lambda b: b + b"\n<html>error 500</html>", "after the end"),
}


@pytest.mark.parametrize("damage", DAMAGED)
def test_damage_around_the_notebook_is_repaired_and_noted(damage):
    change, note = DAMAGED[damage]
    repaired = repair(change(_bytes(_mine())), RELEASES)
    _whole(repaired)
    assert _cells(repaired, "double")[0].source == MINE
    (said,) = repaired.notes
    assert said.startswith("repaired: ")
    assert note in said


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "the file is empty"),
        (_bytes(_mine())[:-200], "not a notebook"),
        (b"[1, 2]", "not a notebook"),
        (b'{"cells": {}}', "not a notebook"),
        (b"[" * 100_000, "nested too deeply"),
        (_bytes(new_notebook(cells=[new_code_cell("1")])), "another notebook"),
    ],
)
def test_what_is_no_notebook_of_this_lab_is_refused_with_the_reason(content, reason):
    with pytest.raises(Unreadable, match=reason):
        repair(content, RELEASES)


def _twice(notebook):
    """Copy the answer's cell below itself and edit the copy."""
    notebook.cells.insert(2, copy.deepcopy(notebook.cells[1]))
    notebook.cells[2].source = MINE + "  # better"


def _copied_stub(notebook):
    notebook.cells.insert(2, copy.deepcopy(RELEASE.cells[1]))


def _rename(notebook):
    notebook.cells[2].source = "assert True"


def _retype(notebook):
    notebook.cells[1] = _graded(new_markdown_cell(MINE), "double", **ANSWER)


def _untest(notebook):
    del notebook.cells[2]


def _skip(notebook):
    notebook.cells[2].metadata["tags"] = ["skip-execution"]


def _enrich(notebook):
    notebook.cells[2].metadata.nbgrader.points = 1000


def _invent(notebook):
    notebook.cells.append(_graded(new_code_cell("100.0"), "bonus", **TEST))


def _odd_cells(notebook):
    notebook.cells.append({"cell_type": "heading", "source": None, "metadata": []})


@pytest.mark.parametrize(
    ("change", "answer", "note"),
    [
        (_twice, MINE + "  # better", "double occurs 2 times"),
        (_copied_stub, MINE, "double occurs 2 times"),
        (_rename, MINE, "noticed: the locked cell double_test was changed"),
        (_retype, MINE, "double was turned into a markdown cell"),
        (_untest, MINE, "the deleted cell double_test was put back"),
        (_skip, MINE, "tampered: 1 cells tagged skip-execution"),
        (_enrich, MINE, None),
        (_invent, MINE, None),
        (_odd_cells, MINE, None),
    ],
)
def test_changed_cells_are_restored_without_losing_the_answer(change, answer, note):
    notebook = _mine()
    change(notebook)
    repaired = repair(_bytes(notebook), RELEASES)
    _whole(repaired)
    (cell,) = _cells(repaired, "double")
    assert cell.source == answer
    assert cell.cell_type == "code"
    assert cell.metadata == RELEASE.cells[1].metadata
    assert _cells(repaired, "bonus") == []
    assert [note in said for said in repaired.notes] == ([True] if note else [])


def test_put_back_cells_stand_where_they_stood():
    notebook = _mine()
    del notebook.cells[2:]
    names = [grade_id(c) for c in repair(_bytes(notebook), RELEASES).notebook.cells]
    assert names[1:4] == ["double", "double_test", "written"]


def test_a_stub_does_not_come_back_over_an_answer_that_was_merged_into_another_cell():
    notebook = _mine()
    notebook.cells[1] = new_code_cell("1 + 1")
    notebook.cells[2].source = f"{MINE}\n{notebook.cells[2].source}"
    repaired = repair(_bytes(notebook), RELEASES)
    _whole(repaired)
    (cell,) = _cells(repaired, "double")
    assert cell.source == MINE


def test_pictures_in_a_written_answer_are_kept():
    notebook = _mine()
    notebook.cells[3].source = "![](attachment:a.png)"
    notebook.cells[3]["attachments"] = {"a.png": {"image/png": "aGk="}}
    (cell,) = _cells(repair(_bytes(notebook), RELEASES), "written")
    assert cell.attachments == {"a.png": {"image/png": "aGk="}}
