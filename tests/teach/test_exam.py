"""Exam mode through the real command: who cheats in the kernel earns what the data carry."""

import pytest

from course_lib.teach.grade.status import EXIT_CODES, Status
from tests.teach.exam_course import (
    ACCUSED,
    CHALLENGE,
    CHEATS,
    EXERCISES,
    challenge_file,
    cheat,
    exam_course,
    graded,
    hand_in,
    right,
)

pytestmark = [pytest.mark.notebooks, pytest.mark.slow, pytest.mark.xdist_group("exam")]

HALF = {
    "q_backup": """
def q_backup(reward, next_q, terminal, *, discount=1.0):
    return torch.where(terminal, reward, reward + next_q.amax(1))
""",
}


@pytest.fixture(scope="module")
def course(tmp_path_factory, caged):
    root = exam_course(tmp_path_factory.mktemp("exam") / "course")
    file = challenge_file(tmp_path_factory.mktemp("file") / "challenge.json")
    hand_in(root, "ada", right(), file)
    hand_in(root, "files", right() | {"acceptance": CHALLENGE + right()["acceptance"]})
    hand_in(root, "half", right() | HALF)
    hand_in(root, "none", {})
    for name in CHEATS:
        hand_in(root, name, cheat(name))
    return root


@pytest.fixture(scope="module")
def without(course):
    return graded(course, exam=False)


@pytest.fixture(scope="module")
def within(course, without):
    return graded(course, exam=True)


def points(row):
    return [float(row[f"{name}_test"] or 0) for name in EXERCISES]


@pytest.mark.parametrize("name", CHEATS)
def test_a_wrong_answer_that_earns_everything_in_its_kernel_earns_nothing_by_its_data(
    without, within, name
):
    (_, before), (code, after) = without, within
    assert points(before[name])[0] == 16
    assert before[name]["status"] == "graded", before[name]["notes"]
    assert points(after[name])[0] == 0
    assert code == EXIT_CODES[Status.TAMPERED]
    if name in ACCUSED:
        assert after[name]["status"].startswith("tampered: q_backup_test: the data break")
        assert not after[name]["points"]
    else:
        assert after[name]["status"] == "graded"
        assert "q_backup_test: the data carry 0 of 16 points" in after[name]["notes"]
        assert points(after[name]) == [0, 0]


@pytest.mark.parametrize("name", ["ada", "half", "none"])
def test_who_is_honest_earns_the_same(without, within, name):
    (_, before), (_, after) = without, within
    assert points(after[name]) == points(before[name])
    assert after[name]["status"] == "graded"
    assert "data" not in after[name]["notes"]
    assert points(after["ada"]) == [16, 16]
    assert float(after["ada"]["challenge_test"]) == 10
    assert 0 < points(after["half"])[0] < 16


def test_a_challenge_without_a_file_earns_nothing(without, within):
    (_, before), (_, after) = without, within
    assert before["files"]["challenge_test"] == "10"
    assert after["files"]["challenge_test"] == "0"
    assert "the file that was handed in carries 0 of 10 points" in after["files"]["notes"]


def test_a_second_run_runs_nothing_again(course, within, capsys):
    assert graded(course, exam=True) == within
    assert "to run" not in capsys.readouterr().err
