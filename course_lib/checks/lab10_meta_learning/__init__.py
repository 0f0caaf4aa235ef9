"""Checks of lab 10: `check.inner_loop(inner_loop)`, `check.hint("reptile_step")`, ... one each."""

from course_lib.checks.hints import Hints
from course_lib.checks.lab10_meta_learning.challenge import HINTS as _HINTS
from course_lib.checks.lab10_meta_learning.challenge import (
    challenge,
    few_shot_accuracy,
    write_challenge,
)
from course_lib.checks.lab10_meta_learning.hypergradient import hypergradient
from course_lib.checks.lab10_meta_learning.inner_loop import inner_loop
from course_lib.checks.lab10_meta_learning.maml_objective import maml_objective
from course_lib.checks.lab10_meta_learning.reptile_step import reptile_step
from course_lib.checks.lab10_meta_learning.sample_episode import sample_episode
from course_lib.checks.playground import playground
from course_lib.checks.variants import variant_of

__all__ = [
    "EXERCISES",
    "challenge",
    "few_shot_accuracy",
    "hint",
    "hypergradient",
    "inner_loop",
    "maml_objective",
    "playground",
    "reptile_step",
    "sample_episode",
    "variant_of",
    "write_challenge",
]

EXERCISES = (sample_episode, inner_loop, maml_objective, reptile_step, hypergradient)
hint = Hints({one.name: one.hints for one in EXERCISES} | {"challenge": _HINTS}, "meta_learn")
