"""Lab 07: an answer is not called by the name of a mistake that it does not make."""

from typing import Any

import pytest

from course_lib.checks.engine import Exercise
from course_lib.checks.lab07_amc import bounded_channels, ddpg_targets, episode
from tests.misconceptions.lab07_amc import bounded_channels as bounds
from tests.misconceptions.lab07_amc import ddpg_targets as targets
from tests.misconceptions.lab07_amc import episode as episodes
from tests.misconceptions.rooms import VARIANTS, judged

UP_OR_LESS = [bounds._bounded(least=bounds.each_least(low)) for low in bounds.UNROUNDED]


@pytest.mark.parametrize(
    ("exercise", "answer", "names"),
    [
        *((bounded_channels, answer, {bounds.LEAST}) for answer in UP_OR_LESS),
        (bounded_channels, bounds._bounded(check=False), {bounds.UNREFUSED}),
        (bounded_channels, bounds.rounds_up_unrefused, {bounds.UP}),
        (ddpg_targets, targets.done_as_a_whole, set()),
        (
            episode,
            episodes._told(before=lambda ratios, t: ratios[t - 1] if t else 0),
            {episodes.RATIO},
        ),
        (episode, episodes._told(rewards=episodes.shared_out), {episodes.WHOLE}),
    ],
)
def test_names_are_true(exercise: Exercise, answer: Any, names: set[str]) -> None:
    findings = judged(exercise, answer, VARIANTS).findings
    assert {f.misconception.name for f in findings if f.misconception} == names
