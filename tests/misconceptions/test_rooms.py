"""Each exercise has one room of its name on both sides, and keeps to its budget."""

import pytest

from course_lib.checks.engine import Exercise
from tests.misconceptions.rooms import ROOT, exercises, labs

LINES, NAMES = 250, 8
"""The most that an exercise's checks may have: lines in all, and mistakes with a name."""
NAMES_OF_FIRST_LABS = {
    "decode": 14,
    "sample_strings": 22,
    "reinforce_loss": 13,
    "q_backup": 11,
    "acceptance": 16,
    "run_path": 13,
    "sharing_epoch": 16,
    "recalibrate": 13,
    "kendall_tau": 21,
    "enas_step": 20,
    "mixed_op": 11,
    "first_order": 7,
    "second_order": 19,
    "derive": 14,
    "discretization": 18,
    "sample_gumbel": 13,
    "gumbel_max_sample": 12,
    "gumbel_softmax_sample": 17,
    "straight_through": 11,
    "bias_and_variance": 14,
    "gdas_edge": 18,
}
"""Labs 01 to 04 are older than the budget, and keep what they have."""


def rooms(lab: str, side: str) -> set[str]:
    return {path.stem for path in (ROOT / side / lab).glob("*.py")}


@pytest.mark.parametrize("lab", labs())
def test_every_exercise_has_its_room_on_both_sides(lab: str) -> None:
    names = {exercise.name for exercise in labs()[lab]}
    assert names <= rooms(lab, "course_lib/checks")
    assert names <= rooms(lab, "tests/misconceptions")


@pytest.mark.parametrize("exercise", exercises(), ids=lambda e: e.name)
def test_an_exercise_keeps_to_its_budget(exercise: Exercise) -> None:
    room = ROOT / "course_lib/checks" / exercise.lab / f"{exercise.name}.py"
    assert len(room.read_text(encoding="utf-8").splitlines()) <= LINES
    names = {mistake.name for mistake in exercise.mistakes}
    assert len(names) <= NAMES_OF_FIRST_LABS.get(exercise.name, NAMES)


def test_no_name_has_two_pieces_of_advice() -> None:
    for exercise in exercises():
        told = {(mistake.name, mistake.advice) for mistake in exercise.mistakes}
        assert len(told) == len({name for name, _ in told})
