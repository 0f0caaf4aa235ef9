"""A secret line is found in whatever form it reaches a file; what is public alarms nobody."""

import base64
import gzip
import json

import pytest

from course_lib.teach.build.leaks import leaks, needles
from course_lib.teach.build.markers import Block, Split

PUBLIC = (
    "def loss(log_prob, reward):",
    "    return result",
    "total = log_prob.sum() + reward.sum()",
)
SECRET = (
    "    advantage = reward.detach() - baseline  # known before",
    "    total = log_prob.sum() + reward.sum()",
    "    for x in y:",
    "        z += 1",
    "    return result",
)
LINE = SECRET[0].strip()
WANTED = needles(Split(PUBLIC, (Block("SOLUTION", SECRET),)))


def _cell(**parts) -> bytes:
    cell = {"cell_type": "code", "metadata": {}, "source": [], "outputs": [], **parts}
    return json.dumps({"cells": [cell], "metadata": {}}).encode()


FORMS = {
    "as it is": LINE.encode(),
    "indented, other spaces": b"\t\tadvantage=reward.detach()   -baseline",
    "without its comment": b"advantage = reward.detach() - baseline",
    "with another comment": b"advantage = reward.detach() - baseline # mine",
    "commented out": b"# advantage = reward.detach() - baseline",
    "quoted in markdown": b"> `advantage = reward.detach() - baseline`",
    "in capitals": LINE.upper().encode(),
    "in UTF-16": LINE.encode("utf-16"),
    "a cell's source": _cell(source=["x = 1\n", f"{LINE}\n"]),
    "split over lines": _cell(source=["advantage = reward.detach() \\\n", "    - baseline"]),
    "an output": _cell(outputs=[{"output_type": "stream", "text": [LINE]}]),
    "an HTML output": _cell(
        outputs=[{"data": {"text/html": LINE.replace("-", "&#45;").replace(" ", "&nbsp;")}}]
    ),
    "metadata": _cell(metadata={"note": LINE}),
    "a metadata key": _cell(metadata={LINE: 1}),
    "JSON within JSON": _cell(source=json.dumps({"source": ["a\n", LINE]})),
    "an attachment": _cell(
        attachments={"a.txt": {"text/plain": base64.b64encode(LINE.encode()).decode()}}
    ),
    "wrapped base64": base64.encodebytes(("x = 1\n" * 30 + LINE).encode()),
    "gzip": gzip.compress(LINE.encode()),
    "base64 of gzip": _cell(source=base64.b64encode(gzip.compress(LINE.encode())).decode()),
}


@pytest.mark.parametrize("form", FORMS)
def test_a_secret_line_is_found_in_every_form(form):
    assert SECRET[0] in leaks(WANTED, FORMS[form])


def test_trivial_lines_and_lines_that_students_see_anyway_do_not_count():
    public = "\n".join(PUBLIC)
    assert (
        leaks(WANTED, f"{public}\ny = []\nfor x in y:\n    pass\n    z += 1 # other".encode()) == []
    )


def test_trivial_lines_in_a_row_do_count():
    found = leaks(WANTED, b"x = 1\nfor x in y:\n    z += 1\n    return result\n")
    assert found
    assert all("for x in y:" in text or "z += 1" in text for text in found)


def test_each_line_is_reported_once():
    assert leaks(WANTED, f"{LINE}\n{LINE}".encode()).count(SECRET[0]) == 1


def test_a_binary_file_is_no_alarm():
    assert leaks(WANTED, bytes(range(256)) * 20) == []
