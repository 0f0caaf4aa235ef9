"""Checks of lab 04: `check.sample_gumbel(sample_gumbel)`, `check.hint("sample_gumbel")`, ..."""

from course_lib.checks.hints import Hints
from course_lib.checks.lab04_gumbel.bias_and_variance import bias_and_variance
from course_lib.checks.lab04_gumbel.challenge import challenge, problem
from course_lib.checks.lab04_gumbel.gdas_edge import gdas_edge
from course_lib.checks.lab04_gumbel.gumbel_max_sample import gumbel_max_sample
from course_lib.checks.lab04_gumbel.gumbel_softmax_sample import gumbel_softmax_sample
from course_lib.checks.lab04_gumbel.sample_gumbel import sample_gumbel
from course_lib.checks.lab04_gumbel.straight_through import straight_through
from course_lib.checks.playground import playground
from course_lib.checks.variants import variant_of

__all__ = [
    "EXERCISES",
    "bias_and_variance",
    "challenge",
    "gdas_edge",
    "gumbel_max_sample",
    "gumbel_softmax_sample",
    "hint",
    "playground",
    "problem",
    "sample_gumbel",
    "straight_through",
    "variant_of",
]

EXERCISES = (
    sample_gumbel,
    gumbel_max_sample,
    gumbel_softmax_sample,
    straight_through,
    bias_and_variance,
    gdas_edge,
)
hint = Hints({one.name: one.hints for one in (*EXERCISES, challenge)})
