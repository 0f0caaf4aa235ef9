"""Lecture 13: HALO beside itself without its parts, and what skipped layers really save."""

from collections.abc import Callable, Sequence
from functools import partial
from itertools import product
from math import prod
from time import process_time
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional as F
from torch.optim import SGD, Adam, Optimizer

from claims.estimates import curve, estimates
from claims.runs import forget, run_seeds
from course_lib.core import make_rng, module_rng
from course_lib.core.meta_train import Parameters
from course_lib.hardware.energy import expected_energy
from course_lib.hardware.halo import ALL, RISING
from course_lib.hardware.halo_training import (
    ADAM_MACS,
    MOMENTUM_MACS,
    Change,
    Worlds,
    adapt,
    halo_objective,
    hand_made_change,
    learn_optimizer,
    learned_change,
    priced,
    worlds,
)
from course_lib.hardware.hierarchical_optimizer import hierarchical_optimizer, macs_per_parameter
from course_lib.show.measured import Curves, Measured

SEEDS, TUNING = range(10), range(100, 104)
META_STEPS, ADAPTATIONS, FLATNESS, PRICE = 60, 3, 1e-3, 1.0
ENERGY, ROUNDS = 60e6, 40
PLACES = tuple(round(ENERGY * share) for share in (0.1, 0.2, 0.35, 0.5, 0.75, 1.0))
JUDGED = 0.5
RATES = {"Adam": (0.003, 0.006, 0.01, 0.02, 0.03), "SGD, momentum": (0.01, 0.02, 0.03, 0.05)}
HAND_MADE: dict[str, tuple[Callable[..., Optimizer], int]] = {
    "Adam": (Adam, ADAM_MACS),
    "SGD, momentum": (partial(SGD, momentum=0.9), MOMENTUM_MACS),
}
LEARNED: dict[str, dict[str, Any]] = {
    "HALO": {"shares": RISING, "flatness": FLATNESS},
    "without random updates": {"flatness": FLATNESS},
    "without gradient norm": {"shares": RISING},
    "without both": {},
}
EXTENSION = "priced (our extension)"
SCHEDULES = {"10-30-50": RISING, "30-30-30": (0.3, 0.3, 0.3), "50-30-10": (0.5, 0.3, 0.1)}


def halo() -> Measured:
    """Test accuracy of HALO minus that of others that spent the same energy, in points."""
    rates = tuned()
    runs = run_seeds("13_halo", partial(_halo, rates=rates), SEEDS)
    forget("13_halo")
    place = PLACES.index(round(JUDGED * ENERGY))
    others = [name for name in runs[0] if name != "HALO"]
    return Measured(
        conditions="Three 3x3 convolutions of 6 channels, trained on odd digits, adapted to even "
        f"ones with 200 pictures. {len(SEEDS)} meta-seeds draw digits, network and optimizer, which "
        f"is meta-trained for {META_STEPS} unrolls on turned odd digits; {ADAPTATIONS} adaptations "
        f"each. Energy by formula, judged at {JUDGED * ENERGY / 1e6:g} million MACs. The rates of "
        "Adam and SGD are tuned on other seeds.",
        estimates=estimates(
            {
                f"HALO, minus {name}": [
                    [100 * (run["HALO"][place] - run[name][place]) for run in runs]
                ]
                for name in others
            }
        ),
        seeds=list(SEEDS),
        settings={"meta_steps": META_STEPS, "rates": rates},
        curves=Curves(
            "energy, million MACs",
            "test accuracy",
            {
                name: curve([each / 1e6 for each in PLACES], [run[name] for run in runs])
                for name in runs[0]
            },
        ),
        runs=runs,
    )


def tuned() -> dict[str, float]:
    """The rate of each hand-made optimizer with the best mean accuracy where it is judged."""
    place = PLACES.index(round(JUDGED * ENERGY))
    found: dict[str, dict[float, float]] = {name: {} for name in RATES}
    made = [(worlds(make_rng(seed)), seed) for seed in TUNING]
    for name, rates in RATES.items():
        for rate in rates:
            ends = [_by_hand(world, name, rate, ALL, 1000 + seed)[place] for world, seed in made]
            found[name][rate] = float(np.mean(ends))
    return {name: max(each, key=lambda rate: each[rate]) for name, each in found.items()}


def _halo(seed: int, *, rates: dict[str, float]) -> dict[str, list[float]]:
    """Test accuracy at each of PLACES, for each optimizer."""
    world, start = worlds(make_rng(seed)), hierarchical_optimizer(make_rng(seed))
    answers = {}
    for name, parts in LEARNED.items():
        theta = learn_optimizer(
            world, halo_objective(**parts), make_rng(seed), steps=META_STEPS, learned=start
        )
        answers[name] = _learned(world, theta, parts.get("shares", ALL), seed)
    theta = learn_optimizer(
        world,
        halo_objective(flatness=FLATNESS, price=PRICE),
        make_rng(seed),
        steps=META_STEPS,
        learned=priced(start),
    )
    answers[EXTENSION] = _learned(world, theta, theta["shares"].sigmoid().tolist(), seed)
    for name, rate in rates.items():
        answers[name] = _by_hand(world, name, rate, ALL, seed)
    answers["Adam, 10-30-50"] = _by_hand(world, "Adam", rates["Adam"], RISING, seed)
    return answers


def _learned(world: Worlds, theta: Parameters, shares: Sequence[float], seed: int) -> list[float]:
    change = partial(learned_change, theta, world.final)
    return _mean_accuracy(world, change, macs_per_parameter(theta), shares, seed)


def _by_hand(
    world: Worlds, name: str, rate: float, shares: Sequence[float], seed: int
) -> list[float]:
    optimizer, cost = HAND_MADE[name]
    change = partial(hand_made_change, world.final, partial(optimizer, lr=rate))
    return _mean_accuracy(world, change, cost, shares, seed)


def _mean_accuracy(
    world: Worlds, change: Callable[[], Change], cost: float, shares: Sequence[float], seed: int
) -> list[float]:
    """Over adaptations with other batches, at each of PLACES."""
    before = world.network.accuracy(world.final.start, world.even.test)
    found = []
    for repeat in range(ADAPTATIONS):
        rng = make_rng(10_000 * (repeat + 1) + seed)
        ended = adapt(world.final, change(), rng, per_parameter=cost, energy=ENERGY, shares=shares)
        found.append(np.interp(PLACES, [0, *ended.energy], [before, *ended.accuracy]))
    return np.mean(found, axis=0).tolist()


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
        conditions="Forward and backward through three convolutions of 16 channels behind a frozen "
        f"stem, 64 pictures of 12 x 12; every sum of updated layers is timed in turns, the lowest "
        f"of {ROUNDS} turns counts, weighted by its probability; {len(SEEDS)} repetitions. By the "
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
    lowest = np.quantile(seconds, 0.1, axis=0)
    return {
        name: 100
        * (
            1
            - sum(
                prod(p if on else 1 - p for p, on in zip(shares, mask, strict=True)) * time
                for mask, time in zip(masks, lowest.tolist(), strict=True)
            )
            / float(lowest[-1])
        )
        for name, shares in SCHEDULES.items()
    }


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
    if any(mask):
        torch.autograd.grad(
            loss, [p for layer in layers for p in layer.parameters() if p.requires_grad]
        )
    return process_time() - begun
