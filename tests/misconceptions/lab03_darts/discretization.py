"""Answers to `discretization`."""

import math
from collections.abc import Callable
from typing import Any

import numpy as np
import torch
from torch.nn import functional as F

from course_lib.nas import derive as derivation


def _discrete(
    *,
    entropy: Callable[..., Any] = lambda alpha: torch.special.entr(alpha.softmax(1)).sum(1),
    mixture: Callable[..., Any] = lambda alpha: alpha.softmax(1),
    path: Callable[..., Any] = lambda alpha: F.one_hot(alpha.argmax(1), alpha.shape[1]),
    gap: Callable[..., Any] = lambda mixture, path: mixture - path,
) -> Callable[..., Any]:
    """A right answer unless a part is exchanged."""

    def discretization(accuracy, alpha):
        return entropy(alpha), gap(accuracy(mixture(alpha)), accuracy(path(alpha)))

    return discretization


def discrete_with_numpy(accuracy, alpha):
    """Right: row by row, in double precision, a one-hot matrix by hand."""
    path, spread = torch.zeros_like(alpha), []
    for e, row in enumerate(alpha.detach().numpy()):
        p = np.exp(row - row.max())
        p = p / p.sum()
        spread.append(-sum(x * math.log(x) for x in p.tolist() if x > 0))
        path[e, int(row.argmax())] = 1.0
    mixture = F.softmax(alpha, dim=-1)
    return torch.tensor(spread), np.float64(accuracy(mixture) - accuracy(path))


def discrete_by_log_softmax(accuracy, alpha):
    """Right: log_softmax stays finite, the gap as a tensor."""
    log_p = alpha.log_softmax(1)
    path = torch.eye(alpha.shape[1], dtype=alpha.dtype)[alpha.max(1).indices]
    gap = accuracy(log_p.exp()) - accuracy(path)
    return -(log_p.exp() * log_p).sum(1), torch.tensor(gap)


def _plain(alpha):
    p = alpha.softmax(1)
    return -(p * p.log()).sum(1)


def _column(alpha):
    return torch.zeros_like(alpha).scatter(0, alpha.softmax(1).argmax(0, keepdim=True), 1.0)


def discrete_calls_library(accuracy, alpha):
    entropies = derivation.entropy(alpha.softmax(1))
    return entropies, _discrete()(accuracy, alpha)[1]


def path_of_ties(alpha):
    """Where two operations are equal, both are taken."""
    return (alpha == alpha.amax(1, keepdim=True)).to(alpha.dtype)


def without_nan(alpha):
    """The whole edge counts 0 as soon as one of its weights is 0."""
    p = alpha.softmax(1)
    return torch.nan_to_num(-(p * p.log()).sum(1))


def clamped(alpha):
    p = alpha.softmax(1)
    return -(p * p.clamp(min=1e-2).log()).sum(1)


def writes_into_alpha(accuracy, alpha):
    entropy, gap = _discrete()(accuracy, alpha)
    alpha.zero_()
    return entropy, gap


WRONG = [
    (
        _discrete(entropy=lambda a: torch.special.entr(a.softmax(1)).sum(1) / math.log(2)),
        "bits instead of nats",
    ),
    (_discrete(entropy=lambda a: -torch.special.entr(a.softmax(1)).sum(1)), "sign of the entropy"),
    (_discrete(entropy=lambda a: torch.special.entr(a.softmax(1)).mean(1)), "the mean over"),
    (
        _discrete(entropy=lambda a: torch.special.entr(a.softmax(1)).sum(1) / math.log(a.shape[1])),
        "divided by that of an even mixture",
    ),
    (_discrete(entropy=lambda a: torch.special.entr(a.softmax(0)).sum(1)), "the wrong axis"),
    (_discrete(entropy=lambda a: torch.special.entr(a.softmax(1)).sum()), "one per edge"),
    (_discrete(entropy=lambda a: torch.special.entr(a.softmax(1)).sum(1).exp()), "exponential"),
    (_discrete(entropy=lambda a: -(a.softmax(1) * a).sum(1)), "taken for log-probabilities"),
    (_discrete(entropy=_plain), "0 log 0 is nan"),
    (_discrete(gap=lambda mixture, path: path - mixture), "path minus mixture"),
    (_discrete(gap=lambda mixture, path: abs(mixture - path)), "sign of the gap is lost"),
    (_discrete(gap=lambda mixture, path: max(0.0, mixture - path)), "sign of the gap is lost"),
    (_discrete(gap=lambda mixture, path: (mixture - path) / mixture), "divided by the mixture"),
    (_discrete(gap=lambda mixture, path: mixture), "only one of the two"),
    (_discrete(mixture=lambda a: a), "asked with alphas instead of weights"),
    (_discrete(mixture=lambda a: a.softmax(0)), "the wrong axis"),
    (
        _discrete(path=lambda a: a.softmax(1) * F.one_hot(a.argmax(1), a.shape[1])),
        "keeps the weight of the mixture",
    ),
    (_discrete(path=_column), "one edge per operation"),
    (_discrete(path=lambda a: a.argmax(1)), "accuracy expects weights"),
    (lambda accuracy, alpha: accuracy(alpha.softmax(1)), "expected the tuple (entropy, gap)"),
    (discrete_calls_library, "library's function is called"),
    (_discrete(path=path_of_ties), "the gap is"),
    (_discrete(entropy=without_nan), "even in two"),
    (_discrete(entropy=clamped), "the entropies are"),
    (writes_into_alpha, "the function changes its arguments"),
]
RIGHT = [_discrete(), discrete_with_numpy, discrete_by_log_softmax]
POINTLESS = (lambda accuracy, alpha: (torch.zeros(len(alpha)), 0.0),)
PARTICULAR = {
    "0 log 0": {"even: log K, decided: 0"},
    "path minus mixture": {"the gap is mixture minus path"},
}
