"""How `gdas_edge` goes wrong, and what the known mistakes draw and send back."""

from collections.abc import Callable

from torch import Generator, Tensor

from course_lib.checks.chance import alike, counted, fits, nearest
from course_lib.checks.lab04.maximum_mistakes import gumbel
from course_lib.checks.wrong import Misconception
from course_lib.core import make_rng

ALL_COMPUTED = Misconception(
    "all operations are computed",
    "Choose first, then call the chosen operation alone: that is where GDAS saves time and memory.",
)
SOFT_FORWARD = Misconception(
    "the output is a mixture",
    "GDAS sends one operation's output forward; only the gradient is soft.",
)
WEIGHTED = Misconception(
    "the output is weighted with the probability",
    "Forward, the weight of the chosen operation is exactly 1: straight-through.",
)
TWO_NOISES = Misconception(
    "the choice and its weight use different noise",
    "The weight of the operation that was called is 0: keep the relaxed sample that made the "
    "choice, and take the weight from it.",
)
DETACHED = Misconception(
    "the logits get no gradient",
    "Multiply the output with a weight of value 1 that carries the gradient of the relaxed sample.",
)
ONLY_CHOSEN = Misconception(
    "only the chosen logit gets a gradient",
    "The chosen weight is an entry of a softmax, which depends on all logits.",
)
SIGN = Misconception(
    "the gradient has the wrong sign",
    "1 + soft - soft, the *last* one detached.",
)
CONSTANT = Misconception(
    "the largest logit is always chosen",
    "Without noise only one operation ever learns: draw with Gumbel noise.",
)
SHARED = Misconception(
    "one draw is shared over the edges",
    "Every edge draws noise of its own from rng.",
)
UNIFORM = Misconception(
    "operations are drawn uniformly",
    "The logits decide how likely an operation is: softmax(logits).",
)
TEMPERED = Misconception(
    "the temperature changes how likely an operation is",
    "tau divides the sum of logits and noise, so that the largest entry is the same at every tau; "
    "dividing one of the two, or drawing from softmax(logits / tau), is something else.",
)
FROZEN = Misconception(
    "the operation learns nothing",
    "Do not detach its output: the network's weights learn through it.",
)
NO_TAU = Misconception(
    "the gradient forgets the temperature",
    "The soft weights are softmax((logits + noise) / tau).",
)
PLAIN = Misconception(
    "the gradient is that of softmax(logits), without the noise of the draw",
    "The soft weights are those of the relaxed sample, with the same noise that chose.",
)
LOG = Misconception(
    "the gradient is that of log soft",
    "soft / soft.detach() has the gradient of a logarithm; 1 + soft - soft.detach() that of soft.",
)
REDRAWN = Misconception(
    "choice and gradient use different noise",
    "Draw once for each edge: the same noise decides and is differentiated.",
)

Weights = Callable[[Tensor, Generator, float], Tensor]
_DRAWS: tuple[tuple[Misconception, Weights], ...] = (
    (UNIFORM, lambda x, rng, tau: gumbel(x.shape, rng)),
    (TEMPERED, lambda x, rng, tau: x / tau + gumbel(x.shape, rng)),
    (TEMPERED, lambda x, rng, tau: x + gumbel(x.shape, rng) / tau),
)


def known_draws(counts: Tensor, logits: Tensor, tau: float) -> Misconception | None:
    """The known way of drawing that gives these counts."""
    if int((counts > 0).sum()) == 1:
        return CONSTANT
    rng, many = make_rng(0), logits.expand(200_000, -1)
    known = ((m, lambda f=score: f(many, rng, tau).argmax(-1)) for m, score in _DRAWS)
    return nearest(known, lambda drawn: fits(counts, counted(drawn, len(logits)) / len(drawn)))


def known_gradient(scaled: Tensor, logits: Tensor, tau: float) -> Misconception | None:
    """The known weight whose slope in the chosen logit, times tau, is distributed like this."""
    scaled = scaled.double().round(decimals=6)  # where all are equal, roundings would differ
    rng, many = make_rng(0), logits.double().expand(50_000, -1)
    sums = many + gumbel(many.shape, rng)
    chosen = sums.argmax(-1, keepdim=True)

    def of(soft: Tensor) -> Tensor:
        return soft.gather(-1, chosen)[:, 0]

    def slope(soft: Tensor) -> Tensor:
        return of(soft) * (1 - of(soft))

    again = many + gumbel(many.shape, rng)
    known = (
        (PLAIN, lambda: tau * slope(many.softmax(-1))),
        (PLAIN, lambda: slope((many / tau).softmax(-1))),
        (NO_TAU, lambda: tau * slope(sums.softmax(-1))),
        (LOG, lambda: 1 - of((sums / tau).softmax(-1))),
        (REDRAWN, lambda: slope((again / tau).softmax(-1))),
    )
    return nearest(known, lambda others: alike(scaled, others.double().round(decimals=6)))
