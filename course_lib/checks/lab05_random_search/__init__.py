"""Checks of lab 05: `check.promoted(promoted)`, `check.hint("promoted")`, ... one per exercise."""

from course_lib.checks.hints import Hints
from course_lib.checks.lab05_random_search.asha_decision import asha_decision
from course_lib.checks.lab05_random_search.bootstrap_difference import bootstrap_difference
from course_lib.checks.lab05_random_search.challenge import CHALLENGE as _CHALLENGE
from course_lib.checks.lab05_random_search.challenge import HINTS as _HINTS
from course_lib.checks.lab05_random_search.evolution_step import evolution_step
from course_lib.checks.lab05_random_search.expected_best import expected_best
from course_lib.checks.lab05_random_search.predecessors import predecessors
from course_lib.checks.lab05_random_search.promoted import promoted
from course_lib.checks.playground import playground
from course_lib.checks.variants import variant_of

__all__ = [
    "EXERCISES",
    "asha_decision",
    "bootstrap_difference",
    "challenge",
    "evolution_step",
    "expected_best",
    "hint",
    "playground",
    "predecessors",
    "problem",
    "promoted",
    "variant_of",
    "write_challenge",
]

EXERCISES = (
    promoted,
    asha_decision,
    evolution_step,
    expected_best,
    bootstrap_difference,
    predecessors,
)
hint = Hints({one.name: one.hints for one in EXERCISES} | {"challenge": _HINTS}, "my_search")
write_challenge = _CHALLENGE.write
challenge = _CHALLENGE.judge
problem = _CHALLENGE.problem
