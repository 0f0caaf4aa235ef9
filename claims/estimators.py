"""Lecture 04: biased but of low variance?"""

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor
from torch.nn import functional as F

from claims.estimates import curve, estimates
from claims.runs import forget, run_seeds
from course_lib.core import make_rng
from course_lib.datasets import cluttered_digits
from course_lib.nas.cells import CellSpace
from course_lib.nas.estimators import (
    Quality,
    corner_probabilities,
    corners,
    exact_from,
    quality,
    reparametrised,
)
from course_lib.nas.one_shot import (
    gumbel_softmax_sample,
    gumbel_straight_through,
    one_shot_search,
    single_level,
)
from course_lib.nas.relax import Relax
from course_lib.nas.supernet import Supernet, mixed_op
from course_lib.show.measured import Curves, Measured

SEEDS = range(5)
TAUS = (0.1, 0.3, 1.0, 3.0)
DRAWS = 200
EPOCHS = 4
CHOICES = ("skip_connect", "nor_conv_1x1", "nor_conv_3x3")
RELAXED: dict[str, Relax] = {
    "relaxed": gumbel_softmax_sample,
    "straight-through": gumbel_straight_through,
}


def estimators() -> Measured:
    """Bias and spread of gradient estimators on a supernet's loss, over the temperature."""
    runs = run_seeds("04_estimators", _estimators, SEEDS)
    lines = {
        f"{kind}, {part}": curve(TAUS, [run[f"{kind}, {part}"] for run in runs])
        for kind in RELAXED
        for part in ("bias", "spread")
    }
    lines |= {
        kind: curve(TAUS, [[run[kind]] * len(TAUS) for run in runs])
        for kind in ("score function, spread", "with baseline, spread")
    }
    samples = {
        f"{count} draw{'s'[: count > 1]}, tau = {tau:g}": [
            [error_ratio(run, "relaxed", place, "with baseline", count) for run in runs]
        ]
        for count in (1, 100)
        for place, tau in enumerate(TAUS)
    }
    forget("04_estimators")
    return Measured(
        conditions=f"The loss is a supernet's cross-entropy on one batch of 50 images, six "
        f"edges with {len(CHOICES)} operations, all {len(CHOICES) ** 6} paths enumerated for the "
        "exact gradient and for the score function, whose baseline is the exact expected loss. "
        f"The supernet was trained for {EPOCHS} epochs on relaxed samples (tau = 1), then held "
        f"fixed; alpha is drawn anew, standard normal. {DRAWS} relaxed draws per temperature.",
        estimates=estimates(samples),
        seeds=list(SEEDS),
        curves=Curves("temperature", "relative to the exact gradient", lines, "log", "log"),
        runs=runs,
    )


def _estimators(seed: int) -> dict[str, Any]:
    """Everything relative to the exact gradient's length; per temperature where it matters."""
    loss = supernet_loss(seed)
    logits = torch.randn(6, len(CHOICES), generator=make_rng(100 + seed))
    z = corners(logits)
    with torch.no_grad():
        losses = loss(z)
    exact = exact_from(logits, z, losses)
    length = float(exact.norm())
    expected = float(corner_probabilities(logits, z) @ losses)
    answer: dict[str, Any] = {
        "score function, spread": score_spread(logits, z, losses, 0.0) / length,
        "with baseline, spread": score_spread(logits, z, losses, expected) / length,
    }
    for kind, relax in RELAXED.items():
        found = [relaxed_quality(logits, loss, exact, relax, tau, seed) for tau in TAUS]
        answer[f"{kind}, bias"] = [one.bias / length for one in found]
        answer[f"{kind}, spread"] = [one.sd / length for one in found]
    return answer


def relaxed_quality(
    logits: Tensor,
    loss: Callable[[Tensor], Tensor],
    exact: Tensor,
    relax: Relax,
    tau: float,
    seed: int,
) -> Quality:
    rng = make_rng(200 + seed)
    draws = [
        reparametrised(logits, loss, rng, samples=10, relax=relax, tau=tau)
        for _ in range(DRAWS // 10)
    ]
    return quality(torch.cat(draws), exact)


def score_spread(logits: Tensor, z: Tensor, losses: Tensor, baseline: float) -> float:
    """Standard deviation of one score-function estimate, exactly: summed over all paths."""
    chance = corner_probabilities(logits, z)
    draws = (losses - baseline)[:, None] * (z - logits.softmax(-1)).flatten(1)
    mean = chance @ draws
    return float((chance @ (draws - mean).square().sum(1)) ** 0.5)


def error_ratio(run: dict[str, Any], relaxed: str, place: int, unbiased: str, draws: int) -> float:
    """log10 of the root mean squared errors of a mean of so many draws, relaxed / unbiased."""
    bias, spread = run[f"{relaxed}, bias"][place], run[f"{relaxed}, spread"][place]
    error = (bias**2 + spread**2 / draws) ** 0.5
    return float(torch.tensor(error / (run[f"{unbiased}, spread"] / draws**0.5)).log10())


def supernet_loss(seed: int) -> Callable[[Tensor], Tensor]:
    """Cross-entropy on one batch as a function of mixture weights (samples, edges, operations)."""
    task = cluttered_digits(test=1)
    net = Supernet(CellSpace(CHOICES), rng=make_rng(seed), mixed_op=mixed_op)
    one_shot_search(
        net,
        task.train,
        task.valid,
        make_rng(seed),
        relax=gumbel_softmax_sample,
        alpha_gradient=single_level,
        epochs=EPOCHS,
    )
    net.train().requires_grad_(False)
    x, y = task.valid.x[:50], task.valid.y[:50]

    def loss(z: Tensor) -> Tensor:
        return torch.stack([F.cross_entropy(net(x, weights), y) for weights in z])

    return loss
