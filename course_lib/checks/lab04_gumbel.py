"""Checks of lab 04: `check.sample_gumbel(sample_gumbel)`, `check.hint("sample_gumbel")`, ..."""

from course_lib.checks.engine import Exercise
from course_lib.checks.hints import Hints
from course_lib.checks.lab04 import challenge as _challenge
from course_lib.checks.lab04 import edge as _edge
from course_lib.checks.lab04 import maximum as _maximum
from course_lib.checks.lab04 import noise as _noise
from course_lib.checks.lab04 import quality as _quality
from course_lib.checks.lab04 import relaxed as _relaxed
from course_lib.checks.lab04 import sections
from course_lib.checks.lab04 import through as _through
from course_lib.checks.lab04.challenge import problem
from course_lib.checks.playground import playground
from course_lib.checks.variants import variant_of

__all__ = [
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

LAB = "lab04_gumbel"

sample_gumbel = Exercise(
    LAB,
    "sample_gumbel",
    sections.INVERSE,
    ("course_lib.nas.relax:sample_gumbel",),
    _noise.LAWS,
    (
        "Set u = exp(-exp(-g)) and solve for g. Which two functions undo the two exponentials, and "
        "where do the minus signs go?",
        "torch.rand(shape, generator=rng) draws u from [0, 1): every entry on its own. What is "
        "log(0)?",
        "Draw u in torch.float64, keep it off 0 with .clamp(min=torch.finfo(u.dtype).tiny), "
        "and return -log(-log(u)), in float32 if you like.",
    ),
    basic="the closed distribution function",
)

gumbel_max_sample = Exercise(
    LAB,
    "gumbel_max_sample",
    sections.MAX,
    ("course_lib.nas.relax:gumbel_max_sample",),
    _maximum.LAWS,
    (
        "Every entry of logits gets a noise number of its own; the largest sum in a row wins.",
        "gumbel_noise(logits.shape, rng) has the shape of logits. The choices are the last axis.",
    ),
    basic="frequencies are softmax(logits)",
)

gumbel_softmax_sample = Exercise(
    LAB,
    "gumbel_softmax_sample",
    sections.SOFTMAX,
    ("course_lib.nas.relax:gumbel_softmax_sample",),
    _relaxed.LAWS,
    (
        "It is the last exercise with a softmax where the argmax was, and a temperature in it.",
        "Divide the *sum* of logits and noise by tau, then softmax over the last axis.",
        'The first line refuses what cannot be divided by: `if tau <= 0: raise ValueError("...")`.',
    ),
    basic="two choices: the closed distribution",
)

straight_through = Exercise(
    LAB,
    "straight_through",
    sections.THROUGH,
    ("course_lib.nas.relax:straight_through",),
    _through.LAWS,
    (
        "x - x.detach() has the value 0. What is its gradient?",
        "Make the one-hot vector first: torch.nn.functional.one_hot(soft.argmax(-1), "
        "soft.shape[-1]). It holds integers and has no gradient.",
        "Add to it something of value 0 that has the gradient of soft.",
    ),
    basic="a loss sees the hard value, soft gets its gradient",
)

bias_and_variance = Exercise(
    LAB,
    "bias_and_variance",
    sections.ESTIMATORS,
    ("course_lib.nas.estimators:exact_gradient", "course_lib.nas.estimators:quality"),
    _quality.LAWS,
    (
        "torch.eye(choices, dtype=logits.dtype) holds all corners of the simplex, one in each "
        "row: f of it gives the cost of every choice.",
        "J = p @ costs with p = softmax(logits). Its gradient is p * (costs - J); autograd gives "
        "the same.",
        "Bias is estimates.mean(0) minus that. Variance: per entry over the samples, divided by "
        "samples - 1, then added up over the entries.",
    ),
    basic="bias = mean estimate - exact gradient",
)

gdas_edge = Exercise(
    LAB,
    "gdas_edge",
    sections.GDAS,
    ("course_lib.nas.relax:gumbel_straight_through", "course_lib.nas.supernet:sampled_op"),
    _edge.LAWS,
    (
        "Draw a relaxed sample of the logits. The index of its largest entry says which operation "
        "to call, and only that one.",
        "The output must be multiplied by a weight whose value is 1 and whose gradient is that of "
        "the sample's largest entry.",
        "weight = 1 + soft[k] - soft[k].detach(), or the entry k of straight_through(soft). The "
        "same noise must choose and be differentiated: draw once.",
    ),
    basic="one operation is computed, its output comes out",
)

challenge = Exercise(
    LAB,
    "challenge",
    sections.TEMPERATURE,
    (),
    _challenge.LAWS,
    _challenge.HINTS,
    seconds=60.0,
)

_EXERCISES = (
    sample_gumbel,
    gumbel_max_sample,
    gumbel_softmax_sample,
    straight_through,
    bias_and_variance,
    gdas_edge,
    challenge,
)
hint = Hints({e.name: e.hints for e in _EXERCISES})
