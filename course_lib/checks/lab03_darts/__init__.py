"""Checks of lab 03: `check.mixed_op(mixed_op)`, `check.hint("derive")`, ... one per exercise."""

from course_lib.checks.hints import Hints
from course_lib.checks.lab03_darts.challenge import HINTS as _HINTS
from course_lib.checks.lab03_darts.challenge import challenge, parameters, write_challenge
from course_lib.checks.lab03_darts.derive import derive
from course_lib.checks.lab03_darts.discretization import discretization
from course_lib.checks.lab03_darts.first_order import first_order
from course_lib.checks.lab03_darts.mixed_op import mixed_op
from course_lib.checks.lab03_darts.second_order import second_order
from course_lib.checks.playground import playground
from course_lib.checks.variants import variant_of

__all__ = [
    "EXERCISES",
    "challenge",
    "derive",
    "discretization",
    "first_order",
    "hint",
    "mixed_op",
    "parameters",
    "playground",
    "second_order",
    "variant_of",
    "write_challenge",
]

EXERCISES = (mixed_op, first_order, second_order, derive, discretization)
hint = Hints({one.name: one.hints for one in EXERCISES} | {"challenge": _HINTS}, "my_network")
