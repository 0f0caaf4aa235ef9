"""The table of written answers: what is filled in comes back, and only that."""

from types import SimpleNamespace

import pytest

from course_lib.teach.grade.hand_table import Answer, Given, read_table, take_over, to_table

ANSWERS = [
    Answer("ada", "written", 10, 'It is "linear",\nis it not?', "abc", name="Ada"),
    Answer("bob", "written", 10, "=HYPERLINK(1)", "def", 7.5, "well"),
]
TABLE = to_table(ANSWERS).decode("utf-8-sig")


def read(tmp_path, text: str) -> list[Given]:
    path = tmp_path / "lab_written.csv"
    path.write_bytes(text.encode())
    return read_table(path)


def test_an_untouched_table_says_nothing_and_there_need_not_be_one(tmp_path):
    assert read(tmp_path, TABLE) == []
    assert read_table(tmp_path / "none.csv") == []


@pytest.mark.parametrize("number", ["8.5", "8,5"])
def test_points_that_were_filled_in_or_changed_come_back(tmp_path, number):
    text = TABLE.replace(",10,,,", f',10,,"{number}",').replace("7.5,7.5", "7.5,6")
    ada, bob = read(tmp_path, text)
    assert (ada.student, ada.cell, ada.identity, ada.points) == ("ada", "written", "abc", 8.5)
    assert (bob.points, bob.comment) == (6, None)
    assert ada.place.endswith("line 3"), "an answer may have several lines"


def test_a_comment_alone_can_be_changed(tmp_path):
    (bob,) = read(tmp_path, TABLE.replace(",well,", ',"well, and more",'))
    assert (bob.points, bob.comment) == (None, "well, and more")


def test_a_text_cannot_act_in_a_spreadsheet():
    assert ",'=HYPERLINK(1)," in TABLE


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("points", "marks", "lacks the columns points"),
        ("7.5,7.5", "7.5,good", "'good' is no number of points"),
        ("HYPERLINK(1),def", "HYPERLINK(1),", "the id of the text is missing"),
    ],
)
def test_a_mistake_is_named(tmp_path, old, new, message):
    with pytest.raises(ValueError, match=message):
        read(tmp_path, TABLE.replace("well", "good work").replace(old, new))


def given(points: float, identity: str = "abc") -> Given:
    return Given("line 2", "ada", "written", identity, points, None)


def test_points_are_entered_for_the_text_that_was_read():
    grade = SimpleNamespace(max_score=10.0, manual_score=None, needs_manual_grade=True)
    comment = SimpleNamespace(manual_comment="from the formgrader")
    assert "another text" in take_over(given(8, "xyz"), grade, comment, {"written": "abcdef"})
    assert grade.manual_score is None
    for points in (-1, 11):
        with pytest.raises(ValueError, match=f"{points} points of 10"):
            take_over(given(points), grade, comment, {"written": "abcdef"})
    assert take_over(given(8), grade, comment, {"written": "abcdef"}) == ""
    assert (grade.manual_score, grade.needs_manual_grade) == (8, False)
    assert comment.manual_comment == "from the formgrader"
