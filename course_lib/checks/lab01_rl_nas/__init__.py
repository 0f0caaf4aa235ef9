"""Checks of lab 01: `check.decode(decode)`, `check.hint("decode")`, ... one name per exercise."""

from course_lib.checks.hints import Hints
from course_lib.checks.lab01_rl_nas.acceptance import acceptance
from course_lib.checks.lab01_rl_nas.challenge import HINTS as _HINTS
from course_lib.checks.lab01_rl_nas.challenge import challenge, problem, write_challenge
from course_lib.checks.lab01_rl_nas.decode import decode
from course_lib.checks.lab01_rl_nas.q_backup import q_backup
from course_lib.checks.lab01_rl_nas.reinforce_loss import reinforce_loss
from course_lib.checks.lab01_rl_nas.sample_strings import sample_strings
from course_lib.checks.playground import playground
from course_lib.checks.variants import variant_of

__all__ = [
    "EXERCISES",
    "acceptance",
    "challenge",
    "decode",
    "hint",
    "playground",
    "problem",
    "q_backup",
    "reinforce_loss",
    "sample_strings",
    "variant_of",
    "write_challenge",
]

EXERCISES = (decode, sample_strings, reinforce_loss, q_backup, acceptance)
hint = Hints({one.name: one.hints for one in EXERCISES} | {"challenge": _HINTS}, "my_search")
