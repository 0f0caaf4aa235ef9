"""Lecture 03: does DARTS beat luck?"""

import time
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any

import numpy as np

from claims.estimates import estimates
from claims.luck import against_luck, points
from claims.runs import forget, run_seeds
from course_lib.core import Arch, Oracle, make_rng
from course_lib.datasets import ImageTask, cluttered_digits
from course_lib.nas.one_shot import derive, gumbel_straight_through, one_shot_search
from course_lib.nas.operations import MixedOp
from course_lib.nas.search import random_search
from course_lib.nas.supernet import InheritedAccuracy, Supernet, mixed_op, sampled_op
from course_lib.nas.table import Table, digits201
from course_lib.nas.training import TrainingMeasure
from course_lib.nas.uniform_paths import train_on_uniform_paths
from course_lib.show.measured import Measured, Samples

SEEDS, TUNING_SEEDS, LUCK_SEEDS = range(10, 30), range(4), range(1000, 1100)
ALPHA_RATES = (0.003, 0.01, 0.03, 0.1)
DARTS_EPOCHS, GDAS_EPOCHS, SHARED_EPOCHS, SHARED_QUESTIONS = 12, 18, 25, 20
GRADIENT_SEARCHES: dict[str, tuple[MixedOp, dict[str, Any]]] = {
    "DARTS": (mixed_op, {"epochs": DARTS_EPOCHS}),
    "GDAS": (
        sampled_op,
        {"epochs": GDAS_EPOCHS, "relax": gumbel_straight_through, "tau": (10.0, 0.1)},
    ),
}


def darts_vs_random() -> Measured:
    """DARTS, GDAS, shared weights with random search and random search alone, at equal cost."""
    name, table = "03_darts_vs_random", digits201()
    rates = _tuned(run_seeds(f"{name}_tuning", _tuning, TUNING_SEEDS))
    runs = run_seeds(name, partial(_search_the_table, rates=rates), SEEDS)
    found = {
        method: [table.space.parse(run[method]["cell"]) for run in runs]
        for method in (*GRADIENT_SEARCHES, "shared weights")
    }
    seconds = {method: _mean_seconds(runs, method) for method in found}
    price = _mean_seconds(runs, "one training")
    trainings = {method: max(1, round(cost / price)) for method, cost in seconds.items()}
    beside = against_luck(table, found, trainings, partial(points, table), LUCK_SEEDS)
    samples = {f"{method} - random search": both for method, both in beside.items()}
    samples["DARTS - shared weights"] = [beside["DARTS"][0], beside["shared weights"][0]]
    forget(name)
    return Measured(
        conditions=f"The table's {table.space.size:,} cells. DARTS (first order) searches for "
        f"{DARTS_EPOCHS} epochs, GDAS for {GDAS_EPOCHS}; shared weights are trained for "
        f"{SHARED_EPOCHS} epochs on uniform paths, then {SHARED_QUESTIONS} random cells are asked. "
        f"On this machine that took {_listed(seconds, '.0f')} seconds of processor time, one "
        f"training {price:.1f}: random search gets the trainings that this time pays "
        f"({_listed(trainings, 'd')}). The step size of alpha ({_listed(rates, 'g')}) is the best "
        f"of {len(ALPHA_RATES)} by validation accuracy on {len(TUNING_SEEDS)} other seeds; nothing "
        f"else was tuned. Better than the median of random search: {_above(beside)} of "
        f"{len(runs)} searches. {_most_frequent(table, found)}",
        estimates=estimates(samples),
        seeds=list(SEEDS),
        settings={"tuned": rates, "trainings": trainings},
        runs=runs,
    )


def _mean_seconds(runs: Sequence[Mapping[str, Mapping[str, Any]]], what: str) -> float:
    return float(np.mean([run[what]["seconds"] for run in runs]))


def derived(method: str, table: Table, task: ImageTask, seed: int, rate: float) -> Arch:
    """The cell that a search by gradient returns with this step size of alpha."""
    mixing, options = GRADIENT_SEARCHES[method]
    net = Supernet(table.space, rng=make_rng(seed), mixed_op=mixing)
    alpha, _ = one_shot_search(
        net, task.train, task.valid, make_rng(seed), alpha_learning_rate=rate, **options
    )
    return derive(table.space, alpha)


def inherited(table: Table, task: ImageTask, seed: int) -> InheritedAccuracy:
    """The cheap answers of shared weights that were trained on uniform paths."""
    net = Supernet(table.space, rng=make_rng(seed), mixed_op=sampled_op)
    train_on_uniform_paths(net, task, make_rng(seed), epochs=SHARED_EPOCHS)
    return InheritedAccuracy(net, task.train, task.valid)


def _tuning(seed: int) -> dict[str, dict[str, float]]:
    """Per method and step size, validation accuracy in the table of what is derived."""
    table, task = digits201(), cluttered_digits(test=1)
    return {
        method: {
            str(rate): table.measure(derived(method, table, task, seed, rate)).value
            for rate in ALPHA_RATES
        }
        for method in GRADIENT_SEARCHES
    }


def _tuned(runs: Sequence[Mapping[str, Mapping[str, float]]]) -> dict[str, float]:
    """Per method, the step size of the highest mean."""
    return {
        method: max(ALPHA_RATES, key=lambda rate: sum(run[method][str(rate)] for run in runs))
        for method in GRADIENT_SEARCHES
    }


def _search_the_table(seed: int, *, rates: Mapping[str, float]) -> dict[str, dict[str, Any]]:
    """Per method, the cell that it found and the seconds that it cost."""
    table, task = digits201(), cluttered_digits(test=1)

    def shared_weights() -> Arch:
        oracle = Oracle(inherited(table, task, seed), SHARED_QUESTIONS)
        return random_search(table.space, oracle, make_rng(seed)).best().arch

    def one_training() -> Arch:
        arch = table.space.sample(make_rng(seed))
        TrainingMeasure(table.space, task, identity=table.space.canonical)(arch)
        return arch

    methods: dict[str, Callable[[], Arch]] = {
        **{name: partial(derived, name, table, task, seed, rate) for name, rate in rates.items()},
        "shared weights": shared_weights,
        "one training": one_training,
    }
    answer = {}
    for name, method in methods.items():
        started = time.process_time()
        cell = table.space.describe(method())
        answer[name] = {"cell": cell, "seconds": time.process_time() - started}
    return answer


def _most_frequent(table: Table, found: Mapping[str, Sequence[Arch]]) -> str:
    """In words: how many networks each method found, and the one that it found most often."""
    parts = []
    for method, archs in found.items():
        networks = [table.space.canonical(arch) for arch in archs]
        times = max(map(networks.count, networks))
        arch = next(
            a for a, own in zip(archs, networks, strict=True) if networks.count(own) == times
        )
        parts.append(
            f"{method} {len(set(networks))} different networks, most often ({times} times) "
            f"{table.space.describe(arch)} with {points(table, arch):.1f} % test accuracy"
        )
    return f"In {len(next(iter(found.values())))} searches each found: {'; '.join(parts)}."


def _above(beside: Samples) -> str:
    """In words: how many searches of each method did better than the median of its luck."""
    counts = {
        method: sum(value > float(np.median(luck)) for value in own)
        for method, (own, luck) in beside.items()
    }
    return _listed(counts, "d")


def _listed(values: Mapping[str, float], form: str) -> str:
    return ", ".join(f"{name} {value:{form}}" for name, value in values.items())
