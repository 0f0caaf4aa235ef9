"""Written answers on a page: all that wait, blind, with rubric and samples, and harmless."""

import json
import re

import pytest

from course_lib.teach.build.questions import Question, questions
from course_lib.teach.build.sources import read_source
from course_lib.teach.grade.hand_page import hand_page, shown
from course_lib.teach.grade.hand_table import COLUMNS, Answer
from course_lib.teach.places import labs
from tests.teach.whole_class import ROOT

RUBRIC = "## 6 Why?\n\n*How it is graded.* 3 points"
ASKED = Question("written", 10, RUBRIC, "**A**, 10 of 10. $x^2$")
ANSWERS = [
    Answer("ada", "written", 10, "It is **linear**: $a < b$.", "9bc", name="Ada Lovelace"),
    Answer("bob", "written", 10, "</script><script>alert(1)</script>", "def", 7.5, "well"),
    Answer("eve", "written", 10, "[me](javascript:alert(1)) ![x](attachment:none.png)", "abc"),
]
PAGE = hand_page("lab90", ANSWERS, {"written": ASKED})


def test_the_data_are_those_of_the_table_and_cannot_end_their_element():
    data = re.findall(r'<script type="application/json" id="data">(.*?)</script>', PAGE, re.S)
    (found,) = map(json.loads, data)
    assert found["columns"] == list(COLUMNS)
    students = [row[0] for row in found["rows"]]
    assert students == ["ada", "eve", "bob"], "those that wait, by their text's hash, then others"


def test_only_the_pages_own_script_runs():
    scripts = re.findall(r"<script([^>]*)>", PAGE)
    nonce = re.search(r"script-src 'nonce-(\w+)'", PAGE)[1]
    assert scripts == [' type="application/json" id="data"', f' nonce="{nonce}"']
    assert "javascript:" not in PAGE.replace(r"javascript:alert(1)) ![x]", "")
    assert not re.findall(r'(?:src|href)="(?!data:image/png|#)', PAGE)


def test_text_is_rendered_rubric_and_samples_stand_beside_it():
    assert "<strong>linear</strong>" in PAGE
    assert 'alt="a &lt; b"' in PAGE
    for words in ("How it is graded.", "10 of 10."):
        assert words in PAGE


@pytest.mark.parametrize("text", ["![x](attachment:none.png)", "<b>", ""])
def test_what_cannot_be_rendered_and_code_are_shown_as_they_are(text):
    assert shown(Answer("a", "b", 1, text, "c", is_code=True)) == (
        f"<pre>{text.replace('<', '&lt;').replace('>', '&gt;')}</pre>"
    )
    assert "<script" not in shown(Answer("a", "b", 1, text, "c"))


@pytest.mark.parametrize("lab", labs(ROOT), ids=lambda lab: lab.name)
def test_every_lab_has_a_question_with_rubric_and_samples(lab):
    (question,) = questions(read_source(lab.source).cells)
    assert (question.name, question.points) == ("written", 10)
    assert question.asked.startswith("## ")
    assert "*How it is graded.*" in question.asked
    assert all(f"Sample {letter}" in question.samples for letter in "ABC")
    assert "###" not in question.samples
