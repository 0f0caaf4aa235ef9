"""How `discretization` goes wrong, and what the known mistakes answer."""

import math
from collections.abc import Callable, Sequence
from typing import Any

import torch
from torch import Tensor

from course_lib.checks.guard import seeded
from course_lib.checks.values import kind
from course_lib.checks.wrong import Misconception

BITS = Misconception(
    "bits instead of nats",
    "Nats come from the natural logarithm: an even mixture of K has log K.",
)
SIGN = Misconception(
    "the sign of the entropy",
    "Entropy is not negative: -sum_k p_k log p_k.",
)
MEAN = Misconception(
    "the mean over the operations instead of the sum",
    "Entropy sums p log p over the operations of an edge.",
)
RELATIVE = Misconception(
    "the entropy is divided by that of an even mixture",
    "A useful number, but not in nats: leave log K out.",
)
AXIS = Misconception(
    "softmax over the wrong axis",
    "Each row of alpha is one edge: its weights sum to 1 over the operations, dimension 1.",
)
TOTAL = Misconception(
    "one entropy instead of one per edge",
    "Sum over the operations of each edge, not over the edges.",
)
PERPLEXITY = Misconception(
    "the exponential of the entropy",
    "That counts operations (perplexity). Asked is the entropy itself.",
)
LOGITS_ENTROPY = Misconception(
    "alphas are taken for log-probabilities",
    "Alphas become log-probabilities through log_softmax.",
)
ZERO = Misconception(
    "0 log 0 is nan",
    "A weight that has become 0 adds nothing. torch.special.entr knows that p log p goes to 0; so "
    "does p * log_softmax(alpha), which stays finite.",
)
FLIPPED = Misconception(
    "path minus mixture",
    "The gap is what deciding costs: the mixture's accuracy minus the path's. It may be negative.",
)
ABSOLUTE = Misconception(
    "the sign of the gap is lost",
    "A path may be better than its mixture: no absolute value, no clamp at 0.",
)
OF_ALPHA = Misconception(
    "the mixture is asked with alphas instead of weights",
    "The network expects weights whose rows sum to 1: softmax first.",
)
SOFT_PATH = Misconception(
    "the path keeps the weight of the mixture",
    "A path is one-hot: the chosen operation counts 1, all others 0.",
)
COLUMN = Misconception(
    "one edge per operation instead of one operation per edge",
    "argmax over dimension 1: each row of the path holds a single 1.",
)
SHARE = Misconception(
    "the gap is divided by the mixture's accuracy",
    "The gap is the difference of two accuracies.",
)
ONE_SIDE = Misconception(
    "only one of the two accuracies",
    "Ask `accuracy` twice: with the weights of the mixture, and with those of the path.",
)

EntropyFormula = Callable[[Tensor], Tensor]
KNOWN_ENTROPY: Sequence[tuple[Misconception, EntropyFormula]] = (
    (BITS, lambda alpha: entropies(alpha) / math.log(2)),
    (SIGN, lambda alpha: -entropies(alpha)),
    (MEAN, lambda alpha: entropies(alpha) / alpha.shape[1]),
    (RELATIVE, lambda alpha: entropies(alpha) / math.log(alpha.shape[1])),
    (AXIS, lambda alpha: torch.special.entr(alpha.softmax(0)).sum(1)),
    (PERPLEXITY, lambda alpha: entropies(alpha).exp()),
    (LOGITS_ENTROPY, lambda alpha: -(alpha.softmax(1) * alpha).sum(1)),
)


def entropies(alpha: Tensor) -> Tensor:
    """By scipy, which shares no code with torch."""
    from scipy.stats import entropy

    return torch.from_numpy(entropy(alpha.softmax(1).numpy(), axis=1))


class Accuracy:
    """What a supernet could answer: a number in (0, 1) for any weights (edges, operations).

    slope: how much better mixtures (positive) or paths (negative) do, by their squared length.
    """

    def __init__(self, edges: int, operations: int, variant: int, slope: float) -> None:
        rng = seeded(variant, 61)
        self.taste = torch.randn(edges, operations, generator=rng, dtype=torch.float64)
        self.slope = slope

    def __call__(self, weights: Any) -> float:
        if type(weights) is not Tensor or weights.shape != self.taste.shape:
            got = tuple(weights.shape) if isinstance(weights, Tensor) else kind(weights)
            raise ValueError(
                f"accuracy expects weights {tuple(self.taste.shape)}, one row per edge, got {got}"
            )
        weights = weights.detach().double()
        score = 0.3 * (self.taste * weights).sum() - self.slope * weights.square().sum()
        return float(torch.sigmoid(score))


def gaps(accuracy: Accuracy, alpha: Tensor) -> list[tuple[Misconception, float]]:
    """What known mistakes answer."""
    p = alpha.softmax(1)
    path = torch.nn.functional.one_hot(p.argmax(1), alpha.shape[1])
    column = torch.zeros_like(p).scatter(0, p.argmax(0, keepdim=True), 1.0)
    mixture, decided = accuracy(p), accuracy(path)
    return [
        (FLIPPED, decided - mixture),
        (ABSOLUTE, abs(mixture - decided)),
        (ABSOLUTE, max(mixture - decided, 0.0)),
        (OF_ALPHA, accuracy(alpha) - decided),
        (AXIS, accuracy(alpha.softmax(0)) - decided),
        (SOFT_PATH, mixture - accuracy(p * path)),
        (COLUMN, mixture - accuracy(column)),
        (SHARE, (mixture - decided) / mixture),
        (ONE_SIDE, mixture),
        (ONE_SIDE, decided),
        (ONE_SIDE, 1 - mixture),
    ]
