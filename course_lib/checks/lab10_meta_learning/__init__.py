"""Checks of lab 10: `check.inner_loop(inner_loop)`, `check.hint("reptile_step")`, ... one each."""

from course_lib.checks.hints import Hints
from course_lib.checks.lab10_meta_learning.inner_loop import inner_loop
from course_lib.checks.playground import playground
from course_lib.checks.variants import variant_of

__all__ = ["EXERCISES", "hint", "inner_loop", "playground", "variant_of"]

EXERCISES = (inner_loop,)
hint = Hints({one.name: one.hints for one in EXERCISES})
