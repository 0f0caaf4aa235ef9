"""How `gumbel_softmax_sample` goes wrong, and what the known mistakes draw."""

from collections.abc import Callable

import torch
from torch import Generator, Tensor

from course_lib.checks.lab04.maximum_mistakes import gumbel, uniform
from course_lib.checks.wrong import Misconception

TAU_NOISE = Misconception(
    "the temperature divides the noise only",
    "softmax((logits + noise) / tau): only when both are divided is the largest entry still drawn "
    "with softmax(logits).",
)
TAU_LOGITS = Misconception(
    "the temperature divides the logits only",
    "softmax((logits + noise) / tau): only when both are divided is the largest entry still drawn "
    "with softmax(logits).",
)
NO_TAU = Misconception(
    "the temperature is not used",
    "Divide the sum of logits and noise by tau before the softmax.",
)
MULTIPLIED = Misconception(
    "multiplied by the temperature instead of divided",
    "The colder, the closer to one-hot: small tau must make the differences large.",
)
NO_NOISE = Misconception(
    "there is no noise",
    "Without noise it is an ordinary softmax with a temperature, the same every time.",
)
NEGATED = Misconception(
    "the noise is subtracted",
    "Gumbel noise has its long tail on the right: add it.",
)
OTHER_NOISE = Misconception(
    "the noise is not Gumbel noise",
    "Uniform or normal noise, or a single logarithm, gives another distribution.",
)
SOFTMAX_FIRST = Misconception(
    "softmax is taken before the noise is added",
    "The noise is added to logits, not to probabilities; the softmax comes last.",
)
LOGARITHM = Misconception(
    "the logarithm of the sample (log_softmax)",
    "The weights themselves are wanted: they are positive and sum to 1.",
)
OUTSIDE = Misconception(
    "the temperature divides the result instead of what goes into the softmax",
    "Divide first, then take the softmax: its rows sum to 1.",
)
HARD = Misconception(
    "a one-hot sample",
    "The relaxed sample lies between the corners; making it hard is the next exercise.",
)
AXIS = Misconception(
    "softmax over the wrong axis",
    "The choices are the last axis of logits: softmax over -1.",
)
SHARED = Misconception(
    "the rows share their noise",
    "Every entry of logits needs a draw of its own: noise of the shape of logits.",
)
DETACHED = Misconception(
    "the sample has lost its gradient",
    "This is what the relaxation is for: keep the path from logits to the sample attached.",
)
NOT_REFUSED = Misconception(
    "a temperature that is not positive is not refused",
    'Divided by 0 the sample is nan: `raise ValueError(f"tau must be positive, got {tau}")`.',
)

Sampler = Callable[[Tensor, Generator, float], Tensor]

KNOWN: tuple[tuple[Misconception, Sampler], ...] = (
    (TAU_NOISE, lambda x, rng, tau: (x + gumbel(x.shape, rng) / tau).softmax(-1)),
    (TAU_LOGITS, lambda x, rng, tau: (x / tau + gumbel(x.shape, rng)).softmax(-1)),
    (NO_TAU, lambda x, rng, tau: (x + gumbel(x.shape, rng)).softmax(-1)),
    (MULTIPLIED, lambda x, rng, tau: ((x + gumbel(x.shape, rng)) * tau).softmax(-1)),
    (NEGATED, lambda x, rng, tau: ((x - gumbel(x.shape, rng)) / tau).softmax(-1)),
    (
        SOFTMAX_FIRST,
        lambda x, rng, tau: ((x.softmax(-1) + gumbel(x.shape, rng)) / tau).softmax(-1),
    ),
    (OTHER_NOISE, lambda x, rng, tau: ((x + uniform(x.shape, rng)) / tau).softmax(-1)),
    (OTHER_NOISE, lambda x, rng, tau: ((x - uniform(x.shape, rng).log()) / tau).softmax(-1)),
    (
        OTHER_NOISE,
        lambda x, rng, tau: ((x + torch.randn(x.shape, generator=rng)) / tau).softmax(-1),
    ),
)
