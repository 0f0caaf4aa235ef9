"""How `gumbel_max_sample` goes wrong, and what the known mistakes draw."""

from collections.abc import Callable

import torch
from torch import Generator, Tensor

from course_lib.checks.wrong import Misconception

GREEDY = Misconception(
    "the largest logit is taken, no noise",
    "argmax(logits) is always the same. The noise decides: argmax of logits plus noise.",
)
SHARED = Misconception(
    "the rows share their noise",
    "Every entry of logits needs a draw of its own: noise of the shape of logits.",
)
IGNORED = Misconception(
    "the logits are not used",
    "argmax of noise alone is uniform: add the logits.",
)
SOFTMAX_FIRST = Misconception(
    "softmax is taken before the noise is added",
    "The trick adds noise to logits (log-probabilities up to a constant), not to probabilities.",
)
NEGATED = Misconception(
    "the noise is subtracted, or the smallest sum is taken",
    "Gumbel noise has its long tail on the right: add it and take the largest sum.",
)
OTHER_NOISE = Misconception(
    "the noise is not Gumbel noise",
    "With uniform, normal or exponential noise the largest sum does not follow softmax(logits).",
)
MULTIPLIED = Misconception(
    "the noise is multiplied with the logits",
    "Add it.",
)
AXIS = Misconception(
    "argmax over the wrong axis",
    "The choices are the last axis of logits: argmax over -1.",
)
ONE_HOT = Misconception(
    "a one-hot vector instead of an index",
    "Return which choice was drawn, an integer for each row.",
)
INDEX = Misconception(
    "the value of the largest sum instead of its index",
    "`max` gives how much, `argmax` which.",
)

Sampler = Callable[[Tensor, Generator], Tensor]


def uniform(shape: torch.Size, rng: Generator) -> Tensor:
    """u in (0, 1), float64, for simulated mistakes."""
    return torch.rand(shape, generator=rng, dtype=torch.float64).clamp(min=1e-300)


def gumbel(shape: torch.Size, rng: Generator) -> Tensor:
    return -(-uniform(shape, rng).log()).log()


KNOWN: tuple[tuple[Misconception, Sampler], ...] = (
    (IGNORED, lambda x, rng: gumbel(x.shape, rng).argmax(-1)),
    (SOFTMAX_FIRST, lambda x, rng: (x.softmax(-1) + gumbel(x.shape, rng)).argmax(-1)),
    (NEGATED, lambda x, rng: (x - gumbel(x.shape, rng)).argmax(-1)),
    (NEGATED, lambda x, rng: (x + gumbel(x.shape, rng)).argmin(-1)),
    (NEGATED, lambda x, rng: (x - gumbel(x.shape, rng)).argmin(-1)),
    (MULTIPLIED, lambda x, rng: (x * gumbel(x.shape, rng)).argmax(-1)),
    (OTHER_NOISE, lambda x, rng: (x + uniform(x.shape, rng)).argmax(-1)),
    (OTHER_NOISE, lambda x, rng: (x - uniform(x.shape, rng).log()).argmax(-1)),
    (OTHER_NOISE, lambda x, rng: (x + torch.randn(x.shape, generator=rng)).argmax(-1)),
)
