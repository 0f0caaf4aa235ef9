"""One status per hand-in, and the exit code of a class."""

from pathlib import Path

import pytest

from course_lib.teach.grade.status import EXIT_CODES, Status, exit_code, status_of


@pytest.mark.parametrize(
    ("problem", "notes", "by_hand", "expected"),
    [
        ("", [], [], (Status.GRADED, "")),
        ("", ["not answered: written"], [], (Status.GRADED, "")),
        ("", ["repaired: x"], [], (Status.REPAIRED, "")),
        ("", ["repaired: x"], ["written", "essay"], (Status.BY_HAND, "written, essay")),
        ("", ["timed out: cell 4"], ["written"], (Status.TIMED_OUT, "cell 4")),
        ("", ["tampered: x: y", "timed out: cell 4"], [], (Status.TAMPERED, "x: y")),
        ("", ["crashed: cell 3", "repaired: x"], [], (Status.CRASHED, "cell 3")),
        ("out of memory: 2 GB", ["repaired: x"], [], (Status.OUT_OF_MEMORY, "2 GB")),
        ("could not be graded: why", [], [], (Status.NOT_GRADED, "why")),
        ("wrong name: expected x", [], [], (Status.UNREADABLE, "wrong name: expected x")),
    ],
)
def test_the_gravest_that_is_known_is_the_status(problem, notes, by_hand, expected):
    assert status_of(problem, notes, by_hand) == expected


def test_a_class_in_order_ends_with_zero_and_each_trouble_has_a_code_of_its_own():
    fine = [status for status in Status if status not in EXIT_CODES]
    assert set(fine) == {Status.GRADED, Status.REPAIRED, Status.BY_HAND, Status.NO_HANDIN}
    assert exit_code(fine) == exit_code([]) == 0
    assert len(set(EXIT_CODES.values()) | {0, 1, 2, 130}) == len(EXIT_CODES) + 4


def test_the_gravest_trouble_gives_the_code():
    order = [status for status in Status if status in EXIT_CODES]
    assert [EXIT_CODES[status] for status in order] == sorted(EXIT_CODES.values())
    assert (
        exit_code([Status.CRASHED, Status.GRADED, Status.TIMED_OUT]) == EXIT_CODES[Status.CRASHED]
    )


def test_the_instructors_page_says_the_codes():
    page = Path(__file__).parents[2].joinpath("INSTRUCTORS.md").read_text(encoding="utf-8")
    assert all(f"\n| {status} | {EXIT_CODES.get(status, 0)} |" in page for status in Status)
