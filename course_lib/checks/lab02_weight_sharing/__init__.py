"""Checks of lab 02: `check.run_path(run_path)`, `check.hint("run_path")`, ... one per exercise."""

from course_lib.checks.hints import Hints
from course_lib.checks.lab02_weight_sharing.challenge import CHALLENGE as _CHALLENGE
from course_lib.checks.lab02_weight_sharing.challenge import HINTS as _HINTS
from course_lib.checks.lab02_weight_sharing.enas_step import enas_step
from course_lib.checks.lab02_weight_sharing.kendall_tau import kendall_tau
from course_lib.checks.lab02_weight_sharing.recalibrate import recalibrate
from course_lib.checks.lab02_weight_sharing.run_path import run_path
from course_lib.checks.lab02_weight_sharing.sharing_epoch import sharing_epoch
from course_lib.checks.playground import playground
from course_lib.checks.variants import variant_of

__all__ = [
    "EXERCISES",
    "challenge",
    "enas_step",
    "hint",
    "kendall_tau",
    "playground",
    "problem",
    "recalibrate",
    "run_path",
    "sharing_epoch",
    "variant_of",
    "write_challenge",
]

EXERCISES = (run_path, sharing_epoch, recalibrate, kendall_tau, enas_step)
hint = Hints({one.name: one.hints for one in EXERCISES} | {"challenge": _HINTS}, "my_search")
write_challenge = _CHALLENGE.write
challenge = _CHALLENGE.judge
problem = _CHALLENGE.problem
