"""Written answers on a page, grading/LAB_written.html: read, press a key, download the table.

One file that loads nothing and asks no server: what is given stays in the browser's own store until
the table that it makes, LAB_written.csv, is put in the place of the old one and graded again.
"""

import html
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from secrets import token_hex

from jinja2 import Environment, FileSystemLoader

from course_lib.show.style import BLUE
from course_lib.teach.build.questions import Question
from course_lib.teach.grade.feedback import markdown_html
from course_lib.teach.grade.hand_table import COLUMNS, Answer, lines
from course_lib.teach.grade.report import encodable


def hand_page(lab: str, answers: Sequence[Answer], questions: Mapping[str, Question]) -> str:
    """The page as HTML: those that wait first, in an order that says nothing of the students.

    questions: those of the lab, by the name of the answer's cell.
    """
    ordered = sorted(answers, key=lambda one: (one.points is not None, one.cell, one.identity))
    asked = {name: questions[name] for name in dict.fromkeys(one.cell for one in ordered)}
    environment = Environment(
        loader=FileSystemLoader(Path(__file__).parent / "pages"),
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    text = environment.get_template("written.html.j2").render(
        lab=lab,
        answers=[shown(answer) for answer in ordered],
        questions=[
            (q.name, markdown_html(q.asked), markdown_html(q.samples)) for q in asked.values()
        ],
        data=_data({"lab": lab, "columns": COLUMNS, "rows": lines(ordered)}),
        nonce=token_hex(12),
        blue=BLUE,
    )
    return encodable(text)


def shown(answer: Answer) -> str:
    """An answer as harmless HTML; code, and what cannot be rendered, as it was written."""
    plain = f"<pre>{html.escape(answer.text)}</pre>"
    if answer.is_code:
        return plain
    try:
        return markdown_html(answer.text, answer.attachments)
    except Exception:  # a text may lead a renderer to whatever it likes
        return plain


def _data(value: object) -> str:
    """JSON that cannot end the element in which it stands."""
    return json.dumps(value).replace("<", "\\u003c")
