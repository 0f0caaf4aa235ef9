"""Laws of `discretization`: how undecided a mixture is, and what deciding costs."""

import math
from collections.abc import Callable, Sequence
from typing import Any

import torch
from torch import Tensor

from course_lib.checks.guard import Ask, seeded
from course_lib.checks.values import kind, number, same, shown, tensor
from course_lib.checks.wrong import Misconception, Wrong

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
    (BITS, lambda alpha: _entropy(alpha) / math.log(2)),
    (SIGN, lambda alpha: -_entropy(alpha)),
    (MEAN, lambda alpha: _entropy(alpha) / alpha.shape[1]),
    (RELATIVE, lambda alpha: _entropy(alpha) / math.log(alpha.shape[1])),
    (AXIS, lambda alpha: torch.special.entr(alpha.softmax(0)).sum(1)),
    (PERPLEXITY, lambda alpha: _entropy(alpha).exp()),
    (LOGITS_ENTROPY, lambda alpha: -(alpha.softmax(1) * alpha).sum(1)),
)


def _entropy(alpha: Tensor) -> Tensor:
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


def _gaps(accuracy: Accuracy, alpha: Tensor) -> list[tuple[Misconception, float]]:
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


def asked(ask: Ask, accuracy: Accuracy, alpha: Tensor) -> tuple[Tensor, float]:
    """The answer, tested to be a pair (entropies (edges,), a number)."""
    answer = ask(accuracy, alpha.clone())
    if type(answer) not in (tuple, list) or len(answer) != 2:
        raise Wrong("the answer is not a pair (entropy, gap)")
    entropy, gap = answer
    if type(entropy) is Tensor and entropy.shape != (len(alpha),) and entropy.ndim == 0:
        raise Wrong(f"the entropy is a single number, expected shape ({len(alpha)},)", TOTAL)
    if type(entropy) is Tensor and bool(entropy.detach().isnan().any()):
        raise Wrong(f"the entropy of alphas {shown(alpha[0])} is nan", ZERO)
    checked = tensor(entropy, (len(alpha),), "the entropy").detach().double()
    return checked, number(gap, "the gap")


def _alpha(variant: int, salt: int, spread: float = 1.0) -> Tensor:
    rng = seeded(variant, salt)
    edges, operations = 4 + variant % 3, 3 + variant % 2
    return spread * torch.randn(edges, operations, generator=rng, dtype=torch.float64)


def _toy(alpha: Tensor, variant: int, slope: float = 0.2) -> Accuracy:
    edges, operations = alpha.shape
    return Accuracy(edges, operations, variant, slope)


def entropy_in_nats(ask: Ask, variant: int) -> None:
    """One entropy per edge, that of the distribution softmax(alpha)."""
    for salt in (71, 72, 73):
        alpha = _alpha(variant, salt)
        found, _ = asked(ask, _toy(alpha, variant), alpha)
        expected = _entropy(alpha)
        if not same(found, expected, scale=10):
            raise Wrong(
                f"the entropies are {shown(found)}, expected {shown(expected)}",
                _recognised(found, alpha),
            )


def _recognised(found: Tensor, alpha: Tensor) -> Misconception | None:
    matches = (m for m, formula in KNOWN_ENTROPY if same(found, formula(alpha), scale=10))
    return next(matches, None)


def ends(ask: Ask, variant: int) -> None:
    """An even mixture of K has log K, a decided edge 0, also where a weight is exactly 0."""
    alpha = torch.zeros_like(_alpha(variant, 74))
    alpha[1, 0], alpha[2, 1], alpha[3] = 1000.0, 1000.0, -1000.0
    expected = torch.full((len(alpha),), math.log(alpha.shape[1]), dtype=torch.float64)
    expected[1] = expected[2] = 0.0
    found, _ = asked(ask, _toy(alpha, variant), alpha)
    if not same(found, expected, scale=10):
        raise Wrong(
            f"edges even, decided, decided, even have entropies {shown(found, 4)}, expected "
            f"{shown(expected, 4)}",
            _recognised(found, alpha),
        )


def gap(ask: Ask, variant: int) -> None:
    """accuracy(weights of the mixture) - accuracy(weights of its path), of either sign."""
    probes = []
    for salt, slope in ((75, 0.2), (76, -0.2), (77, 0.2), (78, -0.2)):
        alpha = _alpha(variant, salt)
        probes.append((_toy(alpha, variant, slope), alpha))
    found = [asked(ask, *probe)[1] for probe in probes]
    known = [_gaps(*probe) for probe in probes]
    for answer, (accuracy, alpha) in zip(found, probes, strict=True):
        path = torch.nn.functional.one_hot(alpha.argmax(1), alpha.shape[1])
        mixture, decided = accuracy(alpha.softmax(1)), accuracy(path)
        if not _close(answer, mixture - decided):
            raise Wrong(
                f"the gap is {answer:.4f}, expected {mixture - decided:.4f}: mixture "
                f"{mixture:.4f}, path {decided:.4f}",
                _same_gaps(found, known),
            )


def _close(found: float, expected: float) -> bool:
    return abs(found - expected) <= 1e-6


def _same_gaps(
    found: Sequence[float], known: Sequence[Sequence[tuple[Misconception, float]]]
) -> Misconception | None:
    """The mistake that gives all these gaps."""
    for row, (mistake, _) in enumerate(known[0]):
        if all(_close(f, values[row][1]) for f, values in zip(found, known, strict=True)):
            return mistake
    return None


def no_gap_left(ask: Ask, variant: int) -> None:
    """Once every edge is decided, the mixture is its path: the gap is 0. It shrinks on the way."""
    alpha = _alpha(variant, 79)
    alpha = alpha + 2 * torch.nn.functional.one_hot(alpha.argmax(1), alpha.shape[1])
    accuracy = _toy(alpha, variant)
    gaps = [abs(asked(ask, accuracy, scale * alpha)[1]) for scale in (0.2, 2.0, 20.0)]
    if gaps[-1] > 1e-6:
        said = f"all edges are decided, and the gap is still {gaps[-1]:.4f}, expected 0"
        alphas = [scale * alpha for scale in (0.2, 2.0, 20.0)]
        found = [asked(ask, accuracy, alpha)[1] for alpha in alphas]
        raise Wrong(said, _same_gaps(found, [_gaps(accuracy, alpha) for alpha in alphas]))
    if not gaps[0] > 1e-6:
        raise Wrong("the mixture is far from its path, and the gap is 0")


LAWS = {
    "the entropy of every edge, in nats": entropy_in_nats,
    "even: log K; decided: 0": ends,
    "the gap is mixture minus path": gap,
    "no gap once all is decided": no_gap_left,
}
