"""Checks of lab 01: `check.decode(decode)`, `check.hint("decode")`, ... one name per exercise."""

from course_lib.checks.engine import Exercise
from course_lib.checks.hints import Hints
from course_lib.checks.lab01 import acceptance as _acceptance
from course_lib.checks.lab01 import backup as _backup
from course_lib.checks.lab01 import challenge as _challenge
from course_lib.checks.lab01 import decode as _decode
from course_lib.checks.lab01 import loss as _loss
from course_lib.checks.lab01 import sampling as _sampling
from course_lib.checks.lab01 import sections
from course_lib.checks.playground import playground
from course_lib.checks.variants import variant_of

__all__ = [
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

LAB = "lab01_rl_nas"

write_challenge = _challenge.CHALLENGE.write
challenge = _challenge.CHALLENGE.judge
problem = _challenge.CHALLENGE.problem

decode = Exercise(
    LAB,
    "decode",
    sections.STRING,
    ("course_lib.nas.strings:decode", "course_lib.nas.strings:StringSpace.layers_of"),
    _decode.LAWS,
    (
        "Walk through the string with one pointer. Layer number n takes five decisions (filter "
        "height, filter width, stride height, stride width, count) and then n yes-or-no decisions, "
        "one for each earlier layer.",
        "A decision is an index: space.options['filter height'][arch[i]] is the first layer's "
        "filter height for i = 0. The earlier layers whose anchor is 1 are the tuple of "
        "inputs; if there are none, the layer reads the image.",
        "A layer's input has as many rows as the tallest of the maps that feed it and as many "
        "columns as the widest: smaller maps are padded with zeros.",
        "A convolution with filter k, padding p and stride s turns n rows into "
        "(n + 2 p - k) // s + 1, and p = (k - 1) // 2 here. The output shape is "
        "(count, rows, columns).",
    ),
)

sample_strings = Exercise(
    LAB,
    "sample_strings",
    sections.CONTROLLER,
    ("course_lib.nas.controller:sample_strings",),
    _sampling.LAWS,
    (
        "It is a loop over positions. At each one: ask the controller for logits, draw one token "
        "per string, remember its log-probability, feed the token into the next step.",
        "controller.step(position, previous, state) returns (logits, state). Before the first "
        "token previous is None and the state is controller.start(batch).",
        "log_probs = logits.log_softmax(-1) gives every choice's log-probability; "
        "torch.multinomial(log_probs.exp(), 1, generator=rng) draws; gather picks the entry of the "
        "drawn token. Do not detach the entry that you add up.",
        "For strings with a stop keep a boolean mask `ended`: where it is True, the token is the "
        "stop, and 0 is added to log_prob and entropy (torch.where). Update the mask after using "
        "it: the stop itself is still a decision that counts.",
    ),
    basic="frequencies match probabilities",
)

reinforce_loss = Exercise(
    LAB,
    "reinforce_loss",
    sections.REINFORCE,
    ("course_lib.nas.controller:reinforce_loss",),
    _loss.LAWS,
    (
        "The gradient of the expected reward is the expectation of (reward - baseline) times the "
        "gradient of log p. Which scalar has this as its gradient, up to a sign?",
        "Multiply each string's advantage, reward - baseline, with its log-probability, and take "
        "the mean over the batch.",
        "The optimiser descends, the reward should rise: put a minus in front. And the reward is "
        "only a number: reward.detach().",
    ),
    basic="mean gradient = exact policy gradient",
)

q_backup = Exercise(
    LAB,
    "q_backup",
    sections.Q_LEARNING,
    ("course_lib.nas.q_learning:q_backup",),
    _backup.LAWS,
    (
        "The target is what the choice earned at once, plus what the best next choice promises.",
        "The best next choice of each experience is the maximum along the row: next_q.amax(1). It "
        "counts `discount` times.",
        "Where terminal is True nothing follows: torch.where(terminal, reward, ...).",
    ),
    basic="before the end the best next choice counts",
)

acceptance = Exercise(
    LAB,
    "acceptance",
    sections.METROPOLIS,
    ("course_lib.nas.search:acceptance",),
    _acceptance.LAWS,
    (
        "Detailed balance: pi(x) forward a(x -> y) = pi(y) backward a(y -> x), with pi "
        "proportional to exp(value / temperature). Solve for the ratio of the two acceptances.",
        "The ratio is exp((proposed - value) / temperature) * backward / forward. The larger of "
        "the two acceptances may be 1, so take min(1, ratio).",
        "At a low temperature exp() of an improvement overflows. Add log(backward / forward) to "
        "the exponent, cap the exponent at 0, then take exp. Where backward is 0 the step must not "
        "be taken at all.",
    ),
    basic="detailed balance",
)

_EXERCISES = (decode, sample_strings, reinforce_loss, q_backup, acceptance)
hint = Hints({e.name: e.hints for e in _EXERCISES} | {"challenge": _challenge.HINTS})
