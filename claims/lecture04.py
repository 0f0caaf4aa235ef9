"""Lecture 04: biased but of low variance? And what does one operation per edge save?"""

import time
from collections.abc import Callable, Sequence
from typing import Any

import torch
from torch import Tensor
from torch.nn import functional as F

from claims.estimates import curve, estimates, forget, run_seeds
from claims.lecture02 import kept_bytes
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
    one_shot_steps,
    single_level,
    softmax_relax,
)
from course_lib.nas.relax import Relax
from course_lib.nas.supernet import Supernet, mixed_op, sampled_op

SEEDS = range(5)
TAUS = (0.1, 0.3, 1.0, 3.0)
DRAWS = 200
EPOCHS = 4
CHOICES = ("skip_connect", "nor_conv_1x1", "nor_conv_3x3")
RELAXED: dict[str, Relax] = {
    "relaxed": gumbel_softmax_sample,
    "straight-through": gumbel_straight_through,
}
STEP_SEEDS = range(8)
STEPS = 8


def estimators() -> dict[str, Any]:
    """Bias and spread of gradient estimators on a supernet's loss, over the temperature."""
    name = "04_estimators"
    runs = run_seeds(name, _estimators, SEEDS)
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
    forget(name)
    return {
        "lecture": "04_gumbel",
        "statement": "The gradient through relaxed samples is biased, but its variance is so much "
        "lower than the score function's that it is the better estimate.",
        "prediction": "Before you look: at which temperatures is the relaxed gradient closer to "
        "the exact one than the score function with a baseline, with one draw, and with the mean "
        "of a hundred?",
        "change_our_mind": "Intervals on the other side of zero: for other losses, more "
        "operations, or a better baseline.",
        "reported": "length of bias and standard deviation (root of the trace of the covariance) "
        "of one estimate, divided by the length of the exact gradient",
        "conditions": f"The loss is a supernet's cross-entropy on one batch of 50 images, six "
        f"edges with {len(CHOICES)} operations, all {len(CHOICES) ** 6} paths enumerated for the "
        "exact gradient and for the score function, whose baseline is the exact expected loss. "
        f"The supernet was trained for {EPOCHS} epochs on relaxed samples (tau = 1), then held "
        f"fixed; alpha is drawn anew, standard normal. {DRAWS} relaxed draws per temperature.",
        "quantity": "log10 of error of relaxed / error of score function with baseline",
        "reference": 0.0,
        "above": "The score function is closer to the exact gradient",
        "below": "The relaxed gradient is closer",
        "undecided": "Neither is shown to be closer",
        "seeds": list(SEEDS),
        "curves": {
            "xlabel": "temperature",
            "ylabel": "relative to the exact gradient",
            "xscale": "log",
            "yscale": "log",
            "lines": lines,
        },
        "runs": runs,
        **estimates(samples),
    }


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


def gdas_step() -> dict[str, Any]:
    """Time and memory of a step of GDAS, and of a single path, relative to a step of DARTS."""
    name = "04_gdas_step"
    runs = run_seeds(name, _gdas_step, STEP_SEEDS, n_jobs=1)
    samples = {label: [[run[label] for run in runs]] for label in runs[0]}
    forget(name)
    return {
        "lecture": "04_gumbel",
        "statement": "A step of GDAS costs a fraction of a step of DARTS, in time and in memory.",
        "prediction": "Before you look: with five operations per edge, what fraction?",
        "change_our_mind": "A ratio whose interval reaches up to one: with cheaper operations "
        "beside a dearer skeleton, say.",
        "reported": "processor time of a step on alpha and a step on the weights, and memory that "
        "the forward pass of one of them keeps, both relative to DARTS (first order)",
        "conditions": f"Five operations per edge, batches of 50, one thread; each of the "
        f"{len(STEP_SEEDS)} seeds takes {STEPS} steps of either method in turns.",
        "quantity": "GDAS / DARTS",
        "reference": 1.0,
        "above": "GDAS costs more",
        "below": "GDAS costs less",
        "undecided": "No difference is shown",
        "seeds": list(STEP_SEEDS),
        **estimates(samples),
    }


def _gdas_step(seed: int) -> dict[str, float]:
    seconds = [0.0, 0.0]
    task, space = cluttered_digits(train=500, valid=500, test=1), CellSpace()
    nets = [Supernet(space, rng=make_rng(seed), mixed_op=op) for op in (mixed_op, sampled_op)]
    searches = [
        one_shot_steps(net, task.train, task.valid, make_rng(seed), relax=relax)
        for net, relax in zip(nets, (softmax_relax, gumbel_straight_through), strict=True)
    ]
    for search in searches:
        next(search)  # what is made at the first step is not a step's cost
    for _ in range(STEPS):
        for method, search in enumerate(searches):
            started = time.process_time()
            next(search)
            seconds[method] += time.process_time() - started
    x, rng = task.train.x[:50], make_rng(seed)
    alpha = torch.zeros(space.edges, len(space.operations))
    kept = [
        mean([kept_bytes(net, x, relax(alpha, rng, tau=1.0)) for _ in range(STEPS)])
        for net, relax in zip(nets, (softmax_relax, gumbel_straight_through), strict=True)
    ]
    return {"time of a step": seconds[1] / seconds[0], "activation memory": kept[1] / kept[0]}


def mean(values: Sequence[float]) -> float:
    return sum(values) / len(values)
