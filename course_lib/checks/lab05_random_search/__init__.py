"""Checks of lab 05: `check.promoted(promoted)`, `check.hint("promoted")`, ... one per exercise."""

from course_lib.checks.hints import Hints
from course_lib.checks.lab05_random_search.bootstrap_difference import bootstrap_difference
from course_lib.checks.lab05_random_search.evolution_step import evolution_step
from course_lib.checks.lab05_random_search.promoted import promoted
from course_lib.checks.playground import playground
from course_lib.checks.variants import variant_of

__all__ = [
    "EXERCISES",
    "bootstrap_difference",
    "evolution_step",
    "hint",
    "playground",
    "promoted",
    "variant_of",
]

EXERCISES = (promoted, evolution_step, bootstrap_difference)
hint = Hints({one.name: one.hints for one in EXERCISES})
