"""The class on a page: its numbers are those of the rows, and it loads and runs nothing foreign."""

import csv
import io
import re
from dataclasses import replace

import pytest
from nbformat.v4 import new_code_cell, new_notebook, new_output

from course_lib.checks.panel import Panel
from course_lib.checks.result import Finding, Outcome
from course_lib.checks.wrong import mistake
from course_lib.teach.grade.class_numbers import (
    commonest,
    exercise_means,
    histogram,
    mistakes,
    status_counts,
)
from course_lib.teach.grade.class_page import class_page
from course_lib.teach.grade.report import Row, to_csv
from course_lib.teach.grade.status import Status

MOST = {"double_test": 8.0, "written": 2.0}


def graded(student: str, double: float, written: float | None, **more) -> Row:
    scores = {"double_test": double, "written": written}
    waits = ["written"] if written is None else []
    status = Status.BY_HAND if waits else Status.GRADED
    return Row(student, status, scores=scores, raw=double + (written or 0), by_hand=waits, **more)


ROWS = [
    graded("ada", 8, 2, name="Ada Lovelace", section="A"),
    graded("bob", 4, 0, penalty=1.0),
    graded("carl", 8, None),
    Row("dora", Status.CRASHED, "the kernel died", notes=["noticed: <script>alert(1)</script>"]),
    Row("? x.zip", Status.UNREADABLE, "not a notebook"),
    Row("eve", Status.NO_HANDIN),
]


def test_every_final_total_is_counted_once():
    bars = histogram(ROWS, 10)
    assert [bar.said for bar in bars] == ["0", "0", "0", "1", "0", "0", "0", "0", "0", "1"]
    assert bars[-1].label == "9 to 10"


def test_the_mean_of_an_exercise_is_over_those_who_have_points_in_it():
    double, written = exercise_means(ROWS, MOST)
    assert (double.label, double.said) == ("double", "6.7 of 8 (n = 3)")
    assert double.share == pytest.approx(20 / 3 / 8)
    assert written.said == "1.0 of 2 (n = 2)"


def test_the_commonest_mistake_comes_first_and_counts_students():
    bars = commonest({"ada": [("f", "a"), ("f", "a")], "bob": [("f", "a")], "carl": [("f", "b")]})
    assert [(bar.label, bar.said, bar.share) for bar in bars] == [
        ("f: a", "2", 1.0),
        ("f: b", "1", 0.5),
    ]


def test_mistakes_are_read_from_the_panels_of_the_tests_alone():
    slip = mistake("the sign < is flipped", "Look at the sign.")
    finding = Finding("a law", Outcome.FAILED, "is wrong", slip)
    html = Panel("lab", "double", "section", 8.0, (finding,))._repr_html_()
    shown = [new_output("execute_result", {"text/html": html})]
    test = new_code_cell("check(double)", outputs=shown)
    test.metadata["nbgrader"] = {"grade": True, "grade_id": "double_test"}
    play = new_code_cell("print", outputs=shown)
    found = mistakes(new_notebook(cells=[play, test]))
    assert found == [("double", "the sign < is flipped")]


def test_every_row_stands_on_the_page_with_its_status_and_no_false_zero():
    page = class_page("lab90_tiny", ROWS, MOST, {})
    lines = {
        row.student: re.search(rf'id="row-{re.escape(row.student)}".*?</tr>', page, re.S)[0]
        for row in ROWS
    }
    for row in ROWS:
        assert f"</i> {row.status}" in lines[row.student]
    assert "Ada Lovelace" in lines["ada"]
    assert 'href="feedback/ada/lab90_tiny/lab90_tiny.html"' in lines["ada"]
    assert "8+?" in lines["carl"]
    assert ">?</td>" in lines["carl"]
    for student in ("dora", "? x.zip", "eve"):
        assert ">0</td>" not in lines[student]
        assert "href" not in lines[student]
    assert status_counts(ROWS)[0] == ("graded", 2)


def test_the_page_loads_nothing_and_runs_nothing_that_a_student_wrote():
    page = class_page("lab90_tiny", ROWS, MOST, {"ada": [("f", "<img src=x>")]})
    assert not re.findall(
        r"https?:|<link|@import|src=|url\(", page.replace("&lt;img src=x&gt;", "")
    )
    assert page.count("<script") == 1
    assert "&lt;script&gt;alert(1)" in page


def test_it_is_readable_by_keyboard_and_screen_readers():
    page = class_page("lab90_tiny", ROWS, MOST, {})
    assert 'lang="en"' in page
    assert "prefers-color-scheme: dark" in page
    assert page.count("<button") == 4 + 1 + len(MOST) + 1
    assert page.count('<th scope="row">') >= len(ROWS)
    assert 'role="region" aria-labelledby="grades" tabindex="0"' in page


def test_names_and_sections_have_a_column_only_where_a_roster_gives_them():
    nobody = [replace(row, name="", section="") for row in ROWS]
    for rows, absent in ((ROWS, set()), (nobody, {"name", "section"})):
        page = class_page("lab90_tiny", rows, MOST, {})
        titles = re.findall(r'<button type="button">(\w+)</button>', page)
        assert {"name", "student", "section", "status"} - set(titles) == absent
        head, *lines = re.findall(r"<tr.*?</tr>", page[page.index('class="grades"') :], re.S)
        cells = {len(re.findall(r"<t[hd]\b", line)) for line in (head, *lines)}
        assert len(cells) == 1
        assert all(line.count('<th scope="row">') == 1 for line in lines)


def test_an_exam_says_how_each_test_is_judged_and_other_classes_say_nothing_of_it():
    ways = {"double_test": "data, 1 of 4 cases inside"}
    exam = [replace(row, ways=ways) if row.scores else row for row in ROWS]
    page, plain = (class_page("lab90_tiny", rows, MOST, {}) for rows in (exam, ROWS))
    assert page.count("exam: data, 1 of 4 cases inside") == 1
    assert "exam" not in plain.lower()
    table, without = (
        list(csv.DictReader(io.StringIO(to_csv(rows, MOST)))) for rows in (exam, ROWS)
    )
    assert {row["student"]: row["exam"] for row in table} == {
        row.student: "double_test: data, 1 of 4 cases inside" if row.scores else "" for row in ROWS
    }
    assert "exam" not in without[0]
