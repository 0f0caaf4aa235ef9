"""A class of attackers, and two honest students among them, through the real command."""

import shutil

import nbformat
import psutil
import pytest

from course_lib.teach.grade.status import EXIT_CODES, Status
from tests.attacks.hand_ins import ATTACKS, NO_POINTS, RIGHT
from tests.teach.hand_ins import LAB, grade_all, hand_in, patient, rows_of, skip_tests

pytestmark = [
    pytest.mark.notebooks,
    pytest.mark.slow,
    pytest.mark.xdist_group("attacks"),
]


@pytest.fixture(scope="module")
def graded(make_course, tmp_path_factory, caged):
    """The course after all hand-ins were graded in one run."""
    course = patient(make_course(tmp_path_factory.mktemp("attacks") / "course"), 3)
    config = course / "nbgrader_config.py"
    config.write_text(
        config.read_text(encoding="utf-8") + "c.Limits.memory = 10**9\n", encoding="utf-8"
    )
    for student in ("honest_ada", "zoe_honest"):
        hand_in(course, student, answer=RIGHT)
    for name, attack in ATTACKS.items():
        change = skip_tests if name == "skips_tests" else attack.change
        hand_in(course, name, answer=attack.answer, change=change, more=attack.files)
    with pytest.MonkeyPatch.context() as patched:
        patched.setenv("INSTRUCTOR", "a secret")
        before = shutil.disk_usage("/").free
        assert grade_all(course) == EXIT_CODES[Status.TAMPERED]
    assert shutil.disk_usage("/").free > before - 10**9
    return course


@pytest.mark.parametrize("student", ["honest_ada", "zoe_honest"])
def test_an_honest_hand_in_beside_them_keeps_its_points(graded, student):
    row = rows_of(graded)[student]
    assert (row["double_test"], row["notes"]) == ("8", "not answered: written")


@pytest.mark.parametrize("name", ATTACKS)
def test_every_attack_ends_in_the_honest_score_and_in_the_right_words(graded, name):
    attack, row = ATTACKS[name], rows_of(graded)[name]
    said = f"{row['status']}; {row['notes']}"
    points = float(row["double_test"]) if row["double_test"] else NO_POINTS
    assert points == attack.points, said
    assert attack.said in said
    assert ("tampered" in said) == ("tampered" in attack.said or name == "skips_tests")


@pytest.mark.parametrize("name", [name for name, attack in ATTACKS.items() if attack.shows])
def test_what_lies_outside_of_the_cage_is_not_there(graded, name):
    path = graded / f"grading/autograded/{name}/{LAB}/{LAB}.ipynb"
    first = nbformat.read(path, as_version=4).cells[0]
    assert "".join(out.get("text", "") for out in first.outputs) == f"{ATTACKS[name].shows}\n"


def test_no_page_is_large_and_no_process_is_left(graded):
    pages = list(graded.glob("grading/feedback/*/*/*.html"))
    assert pages
    assert max(page.stat().st_size for page in pages) < 10**6
    assert not [
        p for p in psutil.process_iter(["cmdline"]) if "987654" in (p.info["cmdline"] or ())
    ]
