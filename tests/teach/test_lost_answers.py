"""An answer that lost its metadata, or stands elsewhere, is graded or waits with its text found."""

import copy

import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell

from course_lib.teach.build.sources import grade_id, to_bytes
from course_lib.teach.grade.reading import Unreadable
from course_lib.teach.grade.repair import repair
from tests.teach.tiny_release import QUESTION, RELEASES, RIGHT, TEXT, answered, dump, place, sources


def _repaired(notebook):
    """The repaired notebook; repairing it again changes nothing more."""
    once = repair(dump(notebook), RELEASES)
    again = repair(to_bytes(once.notebook), RELEASES)
    assert to_bytes(again.notebook) == to_bytes(once.notebook)
    return once


def _runs(repaired) -> dict[str, object]:
    """What every test cell sees of the function that it tests, when the cells run in order."""
    seen, names = {}, {}
    for cell in repaired.notebook.cells:
        if cell.cell_type == "code" and cell.source.startswith(("def ", "import ", "from ")):
            exec(cell.source, names)
        if (name := grade_id(cell)) in ("double_test", "halve_test"):
            tested = names.get(name.removesuffix("_test"), lambda _: None)
            try:
                seen[name] = tested(8)
            except NotImplementedError:
                seen[name] = "stub"
    return seen


def _bare(notebook, *, ids: bool = True):
    for number, cell in enumerate(notebook.cells):
        cell.metadata.clear()
        cell.id = cell.id if ids else f"new{number}"


def _pasted(notebook, *names):
    for name in names:
        at = place(notebook, name)
        cell = notebook.cells[at]
        new = new_markdown_cell if cell.cell_type == "markdown" else new_code_cell
        notebook.cells[at] = new(cell.source)


def _test_above(notebook):
    test = notebook.cells.pop(place(notebook, "halve_test"))
    notebook.cells.insert(place(notebook, "halve"), test)


def _all_tests_first(notebook):
    for name in ("halve_test", "double_test"):
        notebook.cells.insert(0, notebook.cells.pop(place(notebook, name)))


def _answer_below_its_test(notebook):
    at = place(notebook, "double")
    answer = notebook.cells[at].source
    notebook.cells[at].source = RELEASES.named["double"].source
    notebook.cells.insert(place(notebook, "double_test") + 1, new_code_cell(answer))


def _answer_above_its_stub(notebook):
    at = place(notebook, "double")
    answer = notebook.cells[at].source
    notebook.cells[at].source = RELEASES.named["double"].source
    notebook.cells.insert(at, new_code_cell(answer))


def _answer_at_the_end_and_its_cell_deleted(notebook):
    notebook.cells.append(new_code_cell(notebook.cells.pop(place(notebook, "double")).source))


def _answer_in_its_test(notebook):
    at = place(notebook, "double")
    answer = notebook.cells[at].source
    notebook.cells[at].source = RELEASES.named["double"].source
    test = notebook.cells[place(notebook, "double_test")]
    test.source = f"{answer}\n{test.source}"


def _two_answers_merged(notebook):
    halve = notebook.cells.pop(place(notebook, "halve"))
    notebook.cells[place(notebook, "double")].source += f"\n\n{halve.source}"


def _answer_with_a_test_deleted(notebook):
    del notebook.cells[place(notebook, "double_test")]
    notebook.cells.append(notebook.cells.pop(place(notebook, "double")))


CHANGES = {
    "metadata gone": _bare,
    "metadata and ids gone": lambda notebook: _bare(notebook, ids=False),
    "answer pasted": lambda notebook: _pasted(notebook, "double"),
    "answer and test pasted": lambda notebook: _pasted(notebook, "double", "double_test"),
    "tests pasted": lambda notebook: _pasted(notebook, "double_test", "halve_test"),
    "test above its answer": _test_above,
    "all tests first": _all_tests_first,
    "answer below its test": _answer_below_its_test,
    "answer above its stub": _answer_above_its_stub,
    "answer at the end": _answer_at_the_end_and_its_cell_deleted,
    "answer in its test": _answer_in_its_test,
    "two answers merged": _two_answers_merged,
    "test deleted and answer last": _answer_with_a_test_deleted,
}


@pytest.mark.parametrize("change", CHANGES)
def test_every_test_sees_the_students_function_and_a_note_says_what_was_done(change):
    notebook = answered()
    CHANGES[change](notebook)
    repaired = _repaired(notebook)
    assert _runs(repaired) == {"double_test": 16, "halve_test": 4}
    assert sources(repaired)["written"] == TEXT
    assert repaired.notes
    assert not any("tampered" in note for note in repaired.notes)
    for name in ("double_test", "halve_test"):
        assert sources(repaired)[name] == RELEASES.named[name].source


def test_code_that_is_no_answer_is_left_where_it_stands():
    notebook = answered()
    notebook.cells.insert(3, new_code_cell("def helper(x):\n    return double(x)"))
    repaired = _repaired(notebook)
    assert repaired.notes == []
    assert [cell.source for cell in repaired.notebook.cells] == [
        cell.source for cell in notebook.cells
    ]


def _written_pasted(notebook):
    _pasted(notebook, "written")


def _written_below(notebook):
    at = place(notebook, "written")
    notebook.cells[at] = RELEASES.today.cells[at]
    notebook.cells.insert(at + 1, new_markdown_cell(TEXT))


def _written_above(notebook):
    at = place(notebook, "written")
    notebook.cells[at] = RELEASES.today.cells[at]
    notebook.cells.insert(at, new_markdown_cell(TEXT))


def _written_below_the_question(notebook):
    at = place(notebook, "written")
    notebook.cells[at] = RELEASES.today.cells[at]
    notebook.cells[at - 1].source = f"{QUESTION}\n\n{TEXT}"


def _written_last(notebook):
    at = place(notebook, "written")
    notebook.cells[at] = RELEASES.today.cells[at]
    notebook.cells.append(new_markdown_cell(TEXT))


def _written_last_and_its_cell_deleted(notebook):
    del notebook.cells[place(notebook, "written")]
    notebook.cells.append(new_markdown_cell(TEXT))


def _written_as_code(notebook):
    at = place(notebook, "written")
    notebook.cells[at] = RELEASES.today.cells[at]
    notebook.cells.insert(at + 1, new_code_cell(TEXT))


def _written_bare(notebook):
    _bare(notebook, ids=False)


@pytest.mark.parametrize(
    "change",
    [
        _written_pasted,
        _written_below,
        _written_above,
        _written_below_the_question,
        _written_last,
        _written_last_and_its_cell_deleted,
        _written_as_code,
        _written_bare,
    ],
)
def test_a_written_text_is_found_wherever_it_stands_and_waits_for_a_person(change):
    notebook = answered()
    change(notebook)
    repaired = _repaired(notebook)
    assert sources(repaired)["written"] == TEXT
    assert any("written" in note or "metadata" in note for note in repaired.notes)


def test_a_text_that_was_split_into_two_cells_is_read_as_a_whole():
    notebook = answered()
    at = place(notebook, "written")
    notebook.cells.insert(at + 1, new_markdown_cell("And f(c a) = c f(a)."))
    assert sources(_repaired(notebook))["written"] == f"{TEXT}\n\nAnd f(c a) = c f(a)."


def test_a_text_that_jupyter_split_with_its_metadata_is_read_as_a_whole():
    notebook = answered()
    at = place(notebook, "written")
    notebook.cells.insert(at, copy.deepcopy(notebook.cells[at]))
    notebook.cells[at].source, notebook.cells[at + 1].source = TEXT[:20], TEXT[20:]
    repaired = _repaired(notebook)
    assert sources(repaired)["written"] == f"{TEXT[:20]}\n\n{TEXT[20:]}"
    assert repaired.notes == ["repaired: written occurs 2 times, the texts are put together"]


@pytest.mark.parametrize("text", ["YOUR ANSWER HERE\n", "YOUR ANSWER HERE\r\n\r\n", " ", ""])
def test_an_untouched_question_is_as_released_whatever_the_line_ends(text):
    notebook = answered({**RIGHT, "written": text})
    for cell in notebook.cells:
        cell.source = cell.source.replace("\n", "\r\n")
    repaired = _repaired(notebook)
    assert sources(repaired)["written"] == "YOUR ANSWER HERE"
    assert sources(repaired)["double"] == RIGHT["double"]
    assert repaired.notes == []


def test_a_short_note_elsewhere_is_no_written_answer():
    notebook = answered({})
    notebook.cells.insert(1, new_markdown_cell("# My name"))
    assert sources(_repaired(notebook))["written"] == "YOUR ANSWER HERE"


def test_another_labs_notebook_is_refused_although_some_names_are_the_same():
    notebook = answered()
    for cell in notebook.cells:
        name = grade_id(cell)
        if name not in (None, "setup", "written"):
            cell.metadata.nbgrader.grade_id = f"other_{name}"
    with pytest.raises(Unreadable, match="another notebook"):
        repair(dump(notebook), RELEASES)
