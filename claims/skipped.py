"""Lecture 13: what layers that are not updated save in a step, measured and by the formula."""

from collections.abc import Mapping, Sequence
from itertools import product
from math import prod
from time import process_time

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional as F

from claims.estimates import estimates
from claims.runs import forget, run_seeds
from course_lib.core import make_rng, module_rng
from course_lib.hardware.energy import expected_energy
from course_lib.show.measured import Measured

SEEDS, ROUNDS = range(10), 40
SCHEDULES = {"10-30-50": (0.1, 0.3, 0.5), "30-30-30": (0.3, 0.3, 0.3), "50-30-10": (0.5, 0.3, 0.1)}


def skipped() -> Measured:
    """Percent of a step's processor time that layers without an update save, and the formula."""
    runs = run_seeds("13_skipped", _skipped, SEEDS, n_jobs=1)
    forget("13_skipped")
    ones, free = [1.0] * 3, [0.0] * 3
    formula = {
        name: 100 * (1 - expected_energy(shares, ones, ones, ones, free) / 8)
        for name, shares in SCHEDULES.items()
    }
    return Measured(
        conditions="Forward and backward through three convolutions of 16 channels behind a "
        "frozen stem, 64 pictures of 12 x 12. Each of the eight sets of updated layers is timed "
        f"in {ROUNDS} turns; their 10 % quantiles are weighted by their probabilities; "
        f"{len(SEEDS)} repetitions. By the "
        "formula (equal layers, no cost of the update): "
        + ", ".join(f"{name} saves {value:.1f} %" for name, value in formula.items())
        + ".",
        estimates=estimates({name: [[run[name] for run in runs]] for name in SCHEDULES}),
        over="repetitions",
        seeds=list(SEEDS),
        settings={"formula": {name: round(value, 1) for name, value in formula.items()}},
        runs=runs,
    )


def _skipped(seed: int) -> dict[str, float]:
    """Schedule -> percent of processor time saved, from the times of all eight masks."""
    with module_rng(make_rng(seed)):
        stem, layers = (
            nn.Conv2d(1, 16, 3, padding=1),
            [nn.Conv2d(16, 16, 3, padding=1) for _ in "abc"],
        )
    x, rng = torch.randn(64, 1, 12, 12, generator=make_rng(seed)), make_rng(seed)
    masks = list(product((False, True), repeat=3))
    seconds = np.full((ROUNDS, len(masks)), np.inf)
    for turn in range(ROUNDS):
        for place in torch.randperm(len(masks), generator=rng).tolist():
            seconds[turn, place] = _seconds(stem, layers, x, masks[place])
    lowest = dict(zip(masks, np.quantile(seconds, 0.1, axis=0).tolist(), strict=True))
    dense = lowest[True, True, True]
    return {name: 100 * (1 - _mean(shares, lowest) / dense) for name, shares in SCHEDULES.items()}


def _mean(shares: Sequence[float], seconds: Mapping[tuple[bool, ...], float]) -> float:
    """Over the masks, each with its probability."""
    return sum(
        prod(p if on else 1 - p for p, on in zip(shares, mask, strict=True)) * time
        for mask, time in seconds.items()
    )


def _seconds(stem: nn.Conv2d, layers: list[nn.Conv2d], x: Tensor, mask: tuple[bool, ...]) -> float:
    """Processor seconds of one step that updates the layers of the mask."""
    for layer, on in zip(layers, mask, strict=True):
        layer.requires_grad_(on)
    with torch.no_grad():
        x = F.relu(stem(x))
    begun = process_time()
    for layer in layers:
        x = F.relu(layer(x))
    loss = x.square().mean()
    wanted = [each for layer in layers for each in layer.parameters() if each.requires_grad]
    if wanted:
        torch.autograd.grad(loss, wanted)
    return process_time() - begun
