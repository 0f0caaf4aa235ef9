"""Lecture 13: HALO beside itself without its parts, and beside optimizers made by hand."""

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

import numpy as np
from torch.optim import SGD, Adam, Optimizer

from claims.estimates import curve, estimates
from claims.runs import forget, run_seeds
from course_lib.core import make_rng
from course_lib.core.meta_train import Parameters
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
META_STEPS, ADAPTATIONS, FLATNESS, PRICE = 100, 3, 1e-3, 1.0
START_RATE = 0.03
ENERGY = 60e6
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


def halo() -> Measured:
    """Test accuracy of HALO minus that of others that spent the same energy, in points."""
    rates = tuned()
    runs = run_seeds("13_halo", partial(_halo, rates=rates), SEEDS, n_jobs=1)
    forget("13_halo")
    place = PLACES.index(round(JUDGED * ENERGY))
    others = [name for name in runs[0] if name != "HALO"]
    return Measured(
        conditions="Three 3x3 convolutions of 6 channels, trained on odd digits, adapted to even "
        f"ones with 200 pictures. {len(SEEDS)} meta-seeds draw digits, network and optimizer, "
        f"which is meta-trained for {META_STEPS} unrolls on turned odd digits; {ADAPTATIONS} "
        f"adaptations each. Energy by formula, judged at {JUDGED * ENERGY / 1e6:g} million MACs. "
        "The rates of Adam and SGD, and the one that the learned optimizers start from, are chosen "
        "on other seeds.",
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
    world = worlds(make_rng(seed))
    start = hierarchical_optimizer(make_rng(seed), learning_rate=START_RATE)
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
    return [float(value) for value in np.mean(found, axis=0)]
