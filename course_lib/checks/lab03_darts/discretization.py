"""`discretization`: how undecided a mixture is, and what deciding costs."""

import math
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

import torch
from torch import Tensor
from torch.nn.functional import one_hot

from course_lib.checks.ask import Ask
from course_lib.checks.engine import Exercise
from course_lib.checks.lab03_darts import sections
from course_lib.checks.lab03_darts.toy_accuracy import (
    Accuracy,
    accuracy_for,
    draw_alpha,
    entropy_by_scipy,
    questions,
)
from course_lib.checks.laws import CHANGED
from course_lib.checks.values import number, same, shown, tensor, tuple_of
from course_lib.checks.wrong import Misconception, Wrong, mistake

TOTAL = Misconception(
    "one entropy instead of one per edge",
    "Sum over the operations of each edge, not over the edges.",
)
ZERO = Misconception(
    "0 log 0 is nan",
    "A weight that has become 0 adds nothing. torch.special.entr knows that p log p goes to 0; so "
    "does p * log_softmax(alpha), which stays finite.",
)
entropy_mistake = partial(mistake, part="entropies")
gap_mistake = partial(mistake, part="gaps")


def _entropy(formula: Callable[[Tensor], Tensor]) -> Callable[[Any, Tensor], tuple[Tensor, float]]:
    """An answer with this entropy; its gap is not compared."""
    return lambda accuracy, alpha: (formula(alpha), 0.0)


def _entr(alpha: Tensor) -> Tensor:
    terms: Tensor = torch.special.entr(alpha.softmax(1))
    return terms


def _gap(
    mixture: Callable[[Tensor], Tensor] = lambda alpha: alpha.softmax(1),
    path: Callable[[Tensor], Tensor] = lambda alpha: one_hot(alpha.argmax(1), alpha.shape[1]),
    gap: Callable[[float, float], float] = lambda mixture, path: mixture - path,
) -> Callable[[Any, Tensor], tuple[Tensor, float]]:
    """An answer with one part of the gap exchanged; its entropies are not compared."""
    return lambda accuracy, alpha: (
        torch.zeros(len(alpha)),
        gap(accuracy(mixture(alpha)), accuracy(path(alpha))),
    )


def _column(alpha: Tensor) -> Tensor:
    return torch.zeros_like(alpha).scatter(0, alpha.softmax(1).argmax(0, keepdim=True), 1.0)


MISTAKES = (
    entropy_mistake(
        "bits instead of nats",
        "Nats come from the natural logarithm: an even mixture of K has log K.",
        _entropy(lambda alpha: _entr(alpha).sum(1) / math.log(2)),
    ),
    entropy_mistake(
        "the sign of the entropy",
        "Entropy is not negative: -sum_k p_k log p_k.",
        _entropy(lambda alpha: -_entr(alpha).sum(1)),
    ),
    entropy_mistake(
        "the mean over the operations instead of the sum",
        "Entropy sums p log p over the operations of an edge.",
        _entropy(lambda alpha: _entr(alpha).mean(1)),
    ),
    entropy_mistake(
        "the entropy is divided by that of an even mixture",
        "A useful number, but not in nats: leave log K out.",
        _entropy(lambda alpha: _entr(alpha).sum(1) / math.log(alpha.shape[1])),
    ),
    entropy_mistake(
        "softmax over the wrong axis",
        "Each row of alpha is one edge: its weights sum to 1 over the operations, dimension 1.",
        _entropy(lambda alpha: torch.special.entr(alpha.softmax(0)).sum(1)),
    ),
    entropy_mistake(
        "the exponential of the entropy",
        "That counts operations (perplexity). Asked is the entropy itself.",
        _entropy(lambda alpha: _entr(alpha).sum(1).exp()),
    ),
    entropy_mistake(
        "alphas are taken for log-probabilities",
        "Alphas become log-probabilities through log_softmax.",
        _entropy(lambda alpha: -(alpha.softmax(1) * alpha).sum(1)),
    ),
    gap_mistake(
        "path minus mixture",
        "The gap is what deciding costs: the mixture's accuracy minus the path's. It may be "
        "negative.",
        _gap(gap=lambda mixture, path: path - mixture),
    ),
    gap_mistake(
        "the sign of the gap is lost",
        "A path may be better than its mixture: no absolute value, no clamp at 0.",
        _gap(gap=lambda mixture, path: abs(mixture - path)),
        _gap(gap=lambda mixture, path: max(mixture - path, 0.0)),
    ),
    gap_mistake(
        "the mixture is asked with alphas instead of weights",
        "The network expects weights whose rows sum to 1: softmax first.",
        _gap(mixture=lambda alpha: alpha),
    ),
    gap_mistake(
        "softmax over the wrong axis",
        "Each row of alpha is one edge: its weights sum to 1 over the operations, dimension 1.",
        _gap(mixture=lambda alpha: alpha.softmax(0)),
    ),
    gap_mistake(
        "the path keeps the weight of the mixture",
        "A path is one-hot: the chosen operation counts 1, all others 0.",
        _gap(path=lambda alpha: alpha.softmax(1) * one_hot(alpha.argmax(1), alpha.shape[1])),
    ),
    gap_mistake(
        "one edge per operation instead of one operation per edge",
        "argmax over dimension 1: each row of the path holds a single 1.",
        _gap(path=_column),
    ),
    gap_mistake(
        "the gap is divided by the mixture's accuracy",
        "The gap is the difference of two accuracies.",
        _gap(gap=lambda mixture, path: (mixture - path) / mixture),
    ),
    gap_mistake(
        "only one of the two accuracies",
        "Ask `accuracy` twice: with the weights of the mixture, and with those of the path.",
        _gap(gap=lambda mixture, path: mixture),
        _gap(gap=lambda mixture, path: path),
        _gap(gap=lambda mixture, path: 1 - mixture),
    ),
    TOTAL,
    ZERO,
    CHANGED,
)


def asked(ask: Ask, accuracy: Accuracy, alpha: Tensor) -> tuple[Tensor, float]:
    """The answer, tested to be a pair (entropies (edges,), a number)."""
    given = alpha.clone()
    entropy, gap = tuple_of(ask(accuracy, given), "entropy", "gap")
    if not torch.equal(given, alpha):
        raise Wrong("alpha is not the same after the call", CHANGED)
    if type(entropy) is Tensor and entropy.shape != (len(alpha),) and entropy.ndim == 0:
        raise Wrong(f"the entropy is a single number, expected shape ({len(alpha)},)", TOTAL)
    if type(entropy) is Tensor and len(row := entropy.detach().isnan().nonzero()):
        raise Wrong(f"the entropy of alphas {shown(alpha[int(row[0, 0])])} is nan", ZERO)
    checked = tensor(entropy, (len(alpha),), "the entropy").detach().double()
    return checked, number(gap, "the gap")


def probe(ask: Ask, variant: int) -> dict[str, list[Any]]:
    """Entropies and gaps of four mixtures."""
    answers = [asked(ask, accuracy, alpha) for accuracy, alpha in questions(variant)]
    return {"entropies": [entropy for entropy, _ in answers], "gaps": [gap for _, gap in answers]}


def entropy_in_nats(ask: Ask, variant: int) -> None:
    """One entropy per edge, that of the distribution softmax(alpha)."""
    for salt, spread in ((71, 1.0), (72, 4.0), (73, 1.0)):
        alpha = draw_alpha(variant, salt, spread)
        found, _ = asked(ask, accuracy_for(alpha, variant), alpha)
        if not same(found, entropy_by_scipy(alpha), scale=10):
            raise Wrong(
                f"the entropies are {shown(found)}, expected {shown(entropy_by_scipy(alpha))}"
            )


def ends(ask: Ask, variant: int) -> None:
    """An even mixture of K has log K, a decided edge 0, also where a weight is exactly 0."""
    alpha = torch.zeros_like(draw_alpha(variant, 74))
    alpha[0, :2], alpha[1, 0], alpha[2, 1], alpha[3] = 1000.0, 1000.0, 1000.0, -1000.0
    expected = torch.full((len(alpha),), math.log(alpha.shape[1]), dtype=torch.float64)
    expected[0], expected[1], expected[2] = math.log(2), 0.0, 0.0
    found, _ = asked(ask, accuracy_for(alpha, variant), alpha)
    if not same(found, expected, scale=10):
        raise Wrong(
            f"edges even in two, decided, decided, even in all have entropies {shown(found, 4)}, "
            f"expected {shown(expected, 4)}"
        )


def gap(ask: Ask, variant: int) -> None:
    """accuracy(weights of the mixture) - accuracy(weights of its path), of either sign; where two
    operations of an edge are equal, either may be its path."""
    for accuracy, alpha in questions(variant):
        choices = [int(k) for k in alpha.argmax(1)]
        _require_gap(ask, accuracy, alpha, [choices])
    tied = alpha.clone()
    tied[0, :2] = tied[0].amax() + 1.0
    _require_gap(ask, accuracy, tied, [[first, *choices[1:]] for first in (0, 1)])


def _require_gap(
    ask: Ask, accuracy: Accuracy, alpha: Tensor, paths: Sequence[Sequence[int]]
) -> None:
    _, found = asked(ask, accuracy, alpha)
    mixture = accuracy(alpha.softmax(1))
    decided = [accuracy(one_hot(torch.tensor(path), alpha.shape[1])) for path in paths]
    if all(abs(found - (mixture - one)) > 1e-6 for one in decided):
        right = " or ".join(f"{mixture - one:.4f}" for one in decided)
        said = " or ".join(f"{one:.4f}" for one in decided)
        raise Wrong(f"the gap is {found:.4f}, expected {right}: mixture {mixture:.4f}, path {said}")


def no_gap_left(ask: Ask, variant: int) -> None:
    """Once every edge is decided, the mixture is its path: the gap is 0. It shrinks on the way."""
    alpha = draw_alpha(variant, 79)
    alpha = alpha + 2 * one_hot(alpha.argmax(1), alpha.shape[1])
    accuracy = accuracy_for(alpha, variant)
    if (left := abs(asked(ask, accuracy, 20 * alpha)[1])) > 1e-6:
        raise Wrong(f"all edges are decided, and the gap is still {left:.4f}, expected 0")
    if not abs(asked(ask, accuracy, 0.2 * alpha)[1]) > 1e-6:
        raise Wrong("the mixture is far from its path, and the gap is 0")


discretization = Exercise(
    lab="lab03_darts",
    name="discretization",
    section=sections.GAP,
    library=("course_lib.nas.derive:entropy", "course_lib.nas.derive:discretization_gap"),
    laws={
        "the entropy of every edge, in nats": entropy_in_nats,
        "even: log K, decided: 0": ends,
        "the gap is mixture minus path": gap,
        "no gap once all is decided": no_gap_left,
    },
    mistakes=MISTAKES,
    probe=probe,
    hints=(
        "p = alpha.softmax(1). The entropy of an edge is -sum_k p_k log p_k, along its row.",
        "Where a weight is 0 its logarithm is infinite. log_softmax(1) of the alphas stays finite, "
        "and 0 times a finite number is 0; torch.special.entr(p) is -p log p with 0 at 0.",
        "The path has a 1 at each row's argmax: torch.nn.functional.one_hot(alpha.argmax(1), "
        "alpha.shape[1]). The gap is accuracy(p) - accuracy(path).",
    ),
)
