"""A small class through the whole command: every score, status and note is as it must be."""

from dataclasses import replace
from pathlib import Path

import pytest

from course_lib.teach.places import Lab
from tests.classes.__main__ import graded
from tests.classes.compare import differences, read_rows
from tests.classes.generate import DUE, make_class
from tests.teach.whole_class import ROOT, new_course

LAB = "lab05_random_search"
HERE = sorted(Path(__file__).parent.glob("*.py"))

pytestmark = [
    pytest.mark.notebooks,
    pytest.mark.slow,
    pytest.mark.proven(f"a class of {LAB}", Lab(ROOT, LAB).source, *HERE),
]


@pytest.fixture(scope="module")
def course(tmp_path_factory):
    """A fresh clone, twelve hand-ins in its inbox, and what they are worth; graded once."""
    root = new_course(tmp_path_factory.mktemp("class") / "course", LAB)
    expected = make_class(root, LAB, 12, seed=1)
    graded(root, LAB)
    return root, expected


def test_a_class_is_graded_as_the_generator_knows_it(course):
    root, expected = course
    assert differences(expected, read_rows(root, LAB)) == []


def test_nothing_wrong_in_a_list_stays_unnoticed(course):
    root, expected = course
    rows = read_rows(root, LAB)
    one = next(one for one in expected if one.scores)
    changes = (
        replace(one, status="tampered"),
        replace(one, penalty=one.penalty + 0.5),
        replace(one, time=None if one.time else DUE),
        replace(one, notes=(*one.notes, "repaired: nothing")),
        replace(one, scores={name: points + 1 for name, points in one.scores.items()}),
        replace(one, student="somebody"),
    )
    for changed in changes:
        others = [other for other in expected if other is not one]
        assert differences([*others, changed], rows)


def test_the_same_seed_makes_the_same_class_and_a_larger_one_begins_with_it(course, tmp_path):
    root, expected = course
    again = new_course(tmp_path / "course", LAB)
    assert make_class(again, LAB, 6, seed=1)[:-1] == expected[:6]
    inboxes = [
        {
            path.relative_to(folder): path.read_bytes()
            for path in (folder / "grading/inbox").rglob("*")
            if path.is_file() and path.relative_to(folder).name not in ("canvas.zip", "by mail.zip")
        }
        for folder in (root, again)
    ]
    assert inboxes[1].items() <= inboxes[0].items()
