"""Two ways to estimate a gradient through random choices, and the exact one beside them.

On every edge a choice is drawn with probability p = softmax(logits); z holds the one-hot rows and
`loss(z)` says what they cost. Wanted is the gradient of J = E[loss(z)] by the logits.
"""

from collections.abc import Callable
from dataclasses import dataclass
from math import prod

import torch
from torch import Generator, Tensor
from torch.nn.functional import one_hot

from course_lib.core import make_rng
from course_lib.core.seam import expect_shape, named
from course_lib.nas.relax import Relax, gumbel_softmax_sample

Loss = Callable[[Tensor], Tensor]
"""(samples, *logits.shape) -> (samples,): what each sample costs, at the corners or in between."""

MOST_CORNERS = 100_000


def corners(logits: Tensor) -> Tensor:
    """Every combination of choices as one-hot rows: (choices ** edges, *logits.shape).

    logits: (choices,) or (edges, choices). ValueError beyond `MOST_CORNERS` combinations.
    """
    edges, choices = prod(logits.shape[:-1]), logits.shape[-1]
    if choices**edges > MOST_CORNERS:
        raise ValueError(
            f"{choices} choices on {edges} edges make {choices**edges:,} combinations, too many to "
            f"enumerate (at most {MOST_CORNERS:,}): estimate the gradient from samples"
        )
    every = torch.cartesian_prod(*[torch.arange(choices)] * edges).reshape(-1, *logits.shape[:-1])
    return one_hot(every, choices).to(logits.dtype)


def exact_gradient(logits: Tensor, loss: Loss) -> Tensor:
    """sum over all z of p(z) loss(z) grad log p(z), by enumeration: shaped like logits."""
    return exact_from(logits, corners(logits), _answer(loss, corners(logits)))


def exact_from(logits: Tensor, z: Tensor, losses: Tensor) -> Tensor:
    """The same from the losses (corners,) of all `corners(logits)`, where asking them is dear."""
    weights = corner_probabilities(logits, z) * losses.detach()
    scores = z - logits.detach().softmax(-1)
    return (weights @ scores.flatten(1)).reshape(logits.shape)


def corner_probabilities(logits: Tensor, z: Tensor) -> Tensor:
    """p(z) of one-hot rows z, (samples, *logits.shape): (samples,)."""
    log_probs = (z * logits.detach().log_softmax(-1)).flatten(1).sum(1)
    return log_probs.exp()


def expected_loss(logits: Tensor, loss: Loss) -> Tensor:
    """J = sum over all z of p(z) loss(z), by enumeration: a scalar."""
    z = corners(logits)
    return corner_probabilities(logits, z) @ _answer(loss, z).detach()


def score_function(
    logits: Tensor, loss: Loss, rng: Generator, *, samples: int, baseline: float = 0.0
) -> Tensor:
    """One estimate per sample, (loss(z) - baseline) (z - p): (samples, *logits.shape).

    z - p is the gradient of log p(z). Unbiased for every baseline that is fixed beforehand; only
    the corners of the simplex are ever asked for their loss, and no derivative of it.
    Source: Williams 1992 (REINFORCE).
    """
    p = logits.detach().softmax(-1)
    drawn = torch.multinomial(p.reshape(-1, p.shape[-1]), samples, replacement=True, generator=rng)
    z = one_hot(drawn.T.reshape(samples, *p.shape[:-1]), p.shape[-1]).to(p)
    advantage = _answer(loss, z).detach() - baseline
    return advantage.reshape(-1, *[1] * p.ndim) * (z - p)


def reparametrised(
    logits: Tensor,
    loss: Loss,
    rng: Generator,
    *,
    samples: int,
    relax: Relax = gumbel_softmax_sample,
    tau: float = 1.0,
) -> Tensor:
    """One estimate per sample, d loss(relax(logits, noise, tau)) / d logits, shaped as above.

    The loss must be differentiable at the relaxed samples: between the corners, or with
    straight-through at a corner. A soft sample is unbiased for the expected loss of soft samples
    and biased for J; straight-through is biased for both. Source: Jang et al. 2017; Maddison et
    al. 2017.
    """
    rows = logits.detach().expand(samples, *logits.shape).clone().requires_grad_()
    total = _answer(loss, relax(rows, rng, tau=tau)).sum()
    if not total.requires_grad:
        raise ValueError(f"{named('relax', relax)} lets no gradient through to the logits")
    return torch.autograd.grad(total, rows)[0]


@dataclass(frozen=True)
class Quality:
    """How good a one-sample estimator is, judged by many independent estimates.

    bias: length of (mean estimate - exact gradient), without what the noise of n samples adds.
    sd: root of the trace of the covariance of one estimate. exact: length of the exact gradient.
    signal: how much of the exact gradient the mean estimate holds, <mean, exact> / |exact|^2: 1 is
        all of it, 0 is a direction that has nothing to do with it.
    """

    bias: float
    sd: float
    exact: float
    signal: float

    def error(self, samples: int) -> float:
        """Root mean squared error of the mean of so many samples: sqrt(bias^2 + sd^2 / samples)."""
        return float((self.bias**2 + self.sd**2 / samples) ** 0.5)


def quality(estimates: Tensor, exact: Tensor) -> Quality:
    """Bias and spread of estimates (n, *shape), n at least 2, against the exact (*shape)."""
    if len(estimates) < 2 or exact.shape != estimates.shape[1:]:
        raise ValueError(
            "expected estimates (n, *shape) with n at least 2 and an exact gradient (*shape), got "
            f"{tuple(estimates.shape)} and {tuple(exact.shape)}"
        )
    estimates, exact = estimates.double(), exact.double()
    variance = float(estimates.var(0, correction=1).sum())
    mean = estimates.mean(0)
    squared = float((mean - exact).square().sum()) - variance / len(estimates)
    return Quality(
        bias=max(squared, 0.0) ** 0.5,
        sd=variance**0.5,
        exact=float(exact.norm()),
        signal=float((mean * exact).sum() / exact.square().sum()),
    )


def toy_cell(
    edges: int = 6, choices: int = 3, *, output: float = 2.0, seed: int = 3
) -> tuple[Tensor, Loss]:
    """Logits (edges, choices) and a loss: a cell whose output should be near a number.

    On every edge each choice adds a fixed number c to the output, and the loss is
    (sum over edges and choices of z c - output)^2 / edges: it has a value at the corners, where
    each edge has one choice, and between them.
    """
    rng = make_rng(seed)
    contributions = torch.rand(edges, choices, generator=rng, dtype=torch.float64)
    logits = 0.5 * torch.randn(edges, choices, generator=rng, dtype=torch.float64)

    def loss(z: Tensor) -> Tensor:
        return ((z * contributions).flatten(1).sum(1) - output).square() / edges

    return logits, loss


def _answer(loss: Loss, z: Tensor) -> Tensor:
    return expect_shape(named("loss", loss), loss(z), (len(z),), "one number per row is needed")
