"""Checks of lab 13: `check.measure(measure)`, `check.hint("lookup_table")`, ... one each."""

from course_lib.checks.hints import Hints
from course_lib.checks.lab13_hardware.challenge import CHALLENGE as _CHALLENGE
from course_lib.checks.lab13_hardware.challenge import HINTS as _HINTS
from course_lib.checks.lab13_hardware.device_front import device_front
from course_lib.checks.lab13_hardware.expected_energy import expected_energy
from course_lib.checks.lab13_hardware.expected_latency import expected_latency
from course_lib.checks.lab13_hardware.latency_reward import latency_reward
from course_lib.checks.lab13_hardware.lookup_table import lookup_table
from course_lib.checks.lab13_hardware.measure import measure
from course_lib.checks.playground import playground
from course_lib.checks.variants import variant_of

__all__ = [
    "EXERCISES",
    "challenge",
    "device_front",
    "expected_energy",
    "expected_latency",
    "hint",
    "latency_reward",
    "lookup_table",
    "measure",
    "playground",
    "problem",
    "variant_of",
    "write_challenge",
]

EXERCISES = (
    measure,
    lookup_table,
    latency_reward,
    expected_latency,
    device_front,
    expected_energy,
)
hint = Hints({one.name: one.hints for one in EXERCISES} | {"challenge": _HINTS}, "my_search")
write_challenge = _CHALLENGE.write
challenge = _CHALLENGE.judge
problem = _CHALLENGE.problem
