"""What a grade rests on: what changes it runs a hand-in again, and nothing else does."""

import json
from dataclasses import replace

import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

from course_lib.teach.grade.record import (
    Entry,
    Record,
    gone,
    handin_digest,
    lab_digest,
    settled,
    texts,
)
from course_lib.teach.places import Lab
from tests.teach.hand_ins import LAB, SOURCE

CHECK = '"""Compares."""\n\n\ndef same(a, b):\n    return a == b\n'
ENTRY = Entry("d", {"double_test": 8.0, "written": None}, {"written": "t"})


@pytest.fixture
def library(course):
    """The course's own library, with a check that the lab's source imports."""
    (course / "course_lib/checks").mkdir()
    (course / "course_lib/checks/probe.py").write_text(CHECK, encoding="utf-8")
    source = course / SOURCE
    changed = source.read_text(encoding="utf-8").replace(
        "import math", "from course_lib.checks.probe import same"
    )
    source.write_text(changed, encoding="utf-8")
    return course


def digest(course, variant: int = 4242) -> str:
    return lab_digest(Lab(course, LAB), variant, course)


def edit(path, old: str, new: str) -> None:
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new), encoding="utf-8")


@pytest.mark.parametrize(
    ("file", "old", "new"),
    [
        ("course_lib/checks/probe.py", "a == b", "a is b"),
        (SOURCE, "(5, 10)", "(6, 12)"),
        (SOURCE, '"points": 8', '"points": 9'),
        (SOURCE, "-2 * 4242", "-3 * 4242"),
    ],
)
def test_a_change_of_tests_points_or_checks_runs_everything_again(library, file, old, new):
    before = digest(library)
    edit(library / file, old, new)
    assert digest(library) != before


@pytest.mark.parametrize(
    ("file", "old", "new"),
    [
        ("course_lib/checks/probe.py", "    return", "    # compare\n\n    return"),
        (SOURCE, "# # Doubling", "# # Twice"),
    ],
)
def test_comments_in_checks_and_plain_text_run_nothing_again(library, file, old, new):
    before = digest(library)
    edit(library / file, old, new)
    assert digest(library) == before


def test_the_variant_and_each_file_handed_in_count(library, tmp_path):
    assert digest(library, 7) != digest(library)
    folder = tmp_path / "submitted"
    folder.mkdir()
    seen = {handin_digest("lab", folder)}
    for name, content in (("a.ipynb", "1"), ("a.ipynb", "2"), ("b.json", "1")):
        (folder / name).write_text(content, encoding="utf-8")
        seen.add(handin_digest("lab", folder))
    assert len(seen | {handin_digest("other lab", folder)}) == 5


@pytest.mark.parametrize(
    ("entry", "entered", "expected"),
    [
        (ENTRY, ENTRY.scores, True),
        (None, ENTRY.scores, False),
        (replace(ENTRY, digest=""), ENTRY.scores, False),
        (ENTRY, None, False),
        (ENTRY, {**ENTRY.scores, "double_test": 6.0}, False),
        (Entry("d", problem="crashed: it"), None, True),
    ],
)
def test_an_entry_is_trusted_with_the_gradebook_that_it_was_written_for(entry, entered, expected):
    assert settled(entry, "d", entered) is expected
    assert not settled(entry, "e", entered)


def test_entries_come_back_as_written_and_a_begun_one_keeps_its_texts(tmp_path):
    record, other = (Record(tmp_path / "graded.json", lab) for lab in ("lab01", "lab02"))
    record.write("ada", ENTRY)
    other.write("ada", Entry("x"))
    record.begin("ada")
    record.begin("bob")
    assert record.entries() == {"ada": replace(ENTRY, digest="")}
    assert other.entry("ada") == Entry("x")


@pytest.mark.parametrize(
    "content", ["", "[]", "{", '{"lab01": 3}', '{"lab01": {"ada": "an old digest", "bob": {}}}']
)
def test_a_damaged_or_older_file_holds_nothing_and_can_be_written(tmp_path, content):
    record = Record(tmp_path / "graded.json", "lab01")
    record.path.write_text(content, encoding="utf-8")
    assert record.entries() == {}
    record.write("ada", ENTRY)
    assert record.entries() == {"ada": ENTRY}
    assert json.loads(record.path.read_text(encoding="utf-8"))


def test_who_is_missing_was_removed_only_from_the_gradebook_that_was_written():
    other, failed = replace(ENTRY, scores={"double_test": 0.0}), Entry("d", problem="crashed: it")
    entries = {"ada": ENTRY, "bob": other, "carl": failed}
    assert gone(entries, ["bob"], {"bob": other.scores}) == {"ada"}
    assert gone(entries, ["ada", "bob"], {"ada": ENTRY.scores, "bob": other.scores}) == set()
    assert gone(entries, [], {}) == set(), "the gradebook was lost"
    assert gone(entries, ["bob"], {"bob": ENTRY.scores}) == set(), "an older copy"


def test_the_texts_of_answers_that_a_person_grades_are_compared_without_blanks():
    own = {"nbgrader": {"grade": True, "solution": True, "grade_id": "written"}}
    test = new_code_cell("1", metadata={"nbgrader": {"grade": True, "grade_id": "f_test"}})
    one, two, three = (
        texts(new_notebook(cells=[new_markdown_cell(text, metadata=own), test]))
        for text in ("It  is\nlinear. ", "It is linear.", "It is not.")
    )
    assert one == two != three
    assert one.keys() == {"written"}
