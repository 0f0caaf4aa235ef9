"""Checks of lab 05: `check.promoted(promoted)`, `check.hint("promoted")`, ... one per exercise."""

from course_lib.checks.hints import Hints
from course_lib.checks.lab05_random_search.asha_decision import asha_decision
from course_lib.checks.lab05_random_search.expected_best import expected_best
from course_lib.checks.lab05_random_search.predecessors import predecessors
from course_lib.checks.playground import playground
from course_lib.checks.variants import variant_of

__all__ = [
    "EXERCISES",
    "asha_decision",
    "expected_best",
    "hint",
    "playground",
    "predecessors",
    "variant_of",
]

EXERCISES = (asha_decision, expected_best, predecessors)
hint = Hints({one.name: one.hints for one in EXERCISES})
