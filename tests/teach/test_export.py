"""Exported grade books of platforms: filled in, and otherwise left as they were."""

import pytest

from course_lib.teach.grade.export import fill_in
from course_lib.teach.grade.report import Row
from course_lib.teach.grade.status import Status

LAB = "lab01_rl_nas"


def row(student: str, points: float | None, name: str = "") -> Row:
    waits = ["written"] if points is None else []
    return Row(student, Status.GRADED, name=name, raw=points or 0.0, by_hand=waits)


ROWS = [
    row("ada", 87.5, "Ada Lovelace"),
    row("b.noether", 90.0, "Emmy Noether"),
    row("carl", None, "Carl Gauß"),
    Row("dora", Status.NO_HANDIN, name="Dora"),
]
CANVAS = """\
Student,ID,SIS User ID,SIS Login ID,Section,lab01 rl nas (4711),Lab 02 (4712),Final Score
,,,,,Manual Posting,,(read only)
    Points Possible,,,,,100.00,100.00,(read only)
"Lovelace, Ada",101,007,ada,AutoML,,55.00,55.00
"Noether, Emmy",102,008,b.noether,"AutoML, ""two"" of it",3.00,,
"Gauß, Carl",103,009,carl,AutoML,12.00,,
"Student, Test",104,,0a1b,AutoML,,,
"""
MOODLE = (
    "\ufeffVorname;Nachname;ID-Nummer;E-Mail-Adresse;Aufgabe: Lab 01 (Punkte);Kurs (Punkte)\r\n"
    "Ada;Lovelace;0017;ada@uni.example;-;1,50\r\n"
    "Emmy;Noether;0018;b.noether@uni.example;7,25;\r\n"
)
WORKSHEET = """\
"Identifier","Full name","Email address","Status","Grade","Maximum Grade"
"Participant 31","Ada Lovelace","x1@uni.example","Submitted","","100.00"
"Participant 32","Emmy Noether","x2@uni.example","Submitted","","100.00"
"""
APART = "First name,Last name,ID\nEmmy,Noether,x\nAda,Lovelace,y\n"


def filled(tmp_path, text: str, rows=ROWS) -> tuple[str, list[str]]:
    path = tmp_path / "export.csv"
    path.write_bytes(text.encode())
    found = fill_in(path, LAB, rows)
    assert path.read_bytes() == text.encode(), "the exported file itself stays"
    return found.content.decode(), found.said


def test_canvas_keeps_its_identity_columns_its_order_and_its_other_numbers(tmp_path):
    text, said = filled(tmp_path, CANVAS)
    expected = CANVAS.replace("007,ada,AutoML,,", "007,ada,AutoML,87.5,")
    assert text == expected.replace(',3.00,,\n"Gauß', ',90,,\n"Gauß')
    assert said == ["without final points, left as it was: carl"]


def test_moodle_keeps_separator_mark_line_ends_and_decimal_comma(tmp_path):
    text, _ = filled(tmp_path, MOODLE)
    assert text == MOODLE.replace(";-;1,50", ";87,5;1,50").replace("7,25", "90")


def test_a_worksheet_of_one_assignment_gets_its_grades_by_the_names_in_the_roster(tmp_path):
    text, _ = filled(tmp_path, WORKSHEET)
    lines = text.splitlines()
    assert lines[1] == "Participant 31,Ada Lovelace,x1@uni.example,Submitted,87.5,100.00"
    assert lines[2].endswith(",Submitted,90,100.00")


def test_first_and_last_names_may_stand_apart_and_a_new_column_is_added(tmp_path):
    text, said = filled(tmp_path, APART)
    assert text == f"First name,Last name,ID,{LAB}\nEmmy,Noether,x,90\nAda,Lovelace,y,87.5\n"
    assert said == []


@pytest.mark.parametrize(
    "name", [LAB, "Lab 01 (4711)", "Assignment: Lab 1 (Real)", "lab01 rl nas (4711)"]
)
def test_the_column_that_names_the_lab_takes_the_points(tmp_path, name):
    head = f"id,Lab 10 (1),{name},Lab 011"
    assert filled(tmp_path, f"{head}\nada,,,\n", ROWS[:1])[0] == f"{head}\nada,,87.5,\n"


def test_who_is_not_in_the_file_is_said(tmp_path):
    assert filled(tmp_path, "id,x\nada,1\n")[1] == ["not in export.csv: b.noether"]


def test_of_two_people_of_one_name_neither_is_guessed_at(tmp_path):
    twins = [row("ada", 1.0, "Ada Lovelace"), row("ada2", 2.0, "Ada Lovelace"), ROWS[1]]
    text, said = filled(tmp_path, WORKSHEET, twins)
    assert "Submitted,,100.00" in text
    assert said == ["not in export.csv: ada, ada2"]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "holds no table"),
        ("id,name\n", "holds no table"),
        ("ID,Name\n7,Nobody\n", "names none of the students: .* found ID, Name"),
        ("id,Lab 01,lab01 again\nada,,\n", "several columns for lab01_rl_nas"),
    ],
)
def test_what_cannot_be_understood_is_refused_with_what_was_expected(tmp_path, text, message):
    with pytest.raises(ValueError, match=message):
        filled(tmp_path, text)
