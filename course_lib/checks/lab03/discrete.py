"""Laws of `discretization`: how undecided a mixture is, and what deciding costs."""

import math
from collections.abc import Sequence

import torch
from torch import Tensor

from course_lib.checks.guard import Ask, seeded
from course_lib.checks.lab03.discrete_mistakes import (
    KNOWN_ENTROPY,
    TOTAL,
    ZERO,
    Accuracy,
    entropies,
)
from course_lib.checks.lab03.discrete_mistakes import gaps as known_gaps
from course_lib.checks.values import number, same, shown, tensor
from course_lib.checks.wrong import Misconception, Wrong


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
        expected = entropies(alpha)
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
    known = [known_gaps(*probe) for probe in probes]
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
        raise Wrong(said, _same_gaps(found, [known_gaps(accuracy, alpha) for alpha in alphas]))
    if not gaps[0] > 1e-6:
        raise Wrong("the mixture is far from its path, and the gap is 0")


LAWS = {
    "the entropy of every edge, in nats": entropy_in_nats,
    "even: log K, decided: 0": ends,
    "the gap is mixture minus path": gap,
    "no gap once all is decided": no_gap_left,
}
