"""Lecture 03: does DARTS beat luck?"""

import time
from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any

import numpy as np

from claims.estimates import estimates, forget, run_seeds
from claims.lecture02 import trained_supernet
from course_lib.core import Arch, Oracle, make_rng
from course_lib.datasets import ImageTask, cluttered_digits
from course_lib.nas.one_shot import derive, gumbel_straight_through, one_shot_search
from course_lib.nas.operations import MixedOp
from course_lib.nas.search import random_search
from course_lib.nas.supernet import InheritedAccuracy, Supernet, mixed_op, sampled_op
from course_lib.nas.table import Table, digits201
from course_lib.nas.training import TrainingMeasure

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


def darts_vs_random() -> dict[str, Any]:
    """DARTS, GDAS, shared weights with random search and random search alone, at equal cost."""
    name = "03_darts_vs_random"
    table = digits201()
    rates = _tuned(run_seeds(f"{name}_tuning", _tuning, TUNING_SEEDS))
    runs = run_seeds(name, partial(_search_the_table, rates=rates), SEEDS)
    found = {
        method: [table.space.parse(run[method]["cell"]) for run in runs]
        for method in (*GRADIENT_SEARCHES, "shared weights")
    }
    worth = {method: [points(table, arch) for arch in own] for method, own in found.items()}
    seconds = {method: float(np.mean([run[method]["seconds"] for run in runs])) for method in found}
    price = float(np.mean([run["one training"]["seconds"] for run in runs]))
    trainings = {method: max(1, round(cost / price)) for method, cost in seconds.items()}
    luck = {
        method: [_luck(table, seed, budget) for seed in LUCK_SEEDS]
        for method, budget in trainings.items()
    }
    samples = {f"{method} - random search": [own, luck[method]] for method, own in worth.items()}
    samples["DARTS - shared weights"] = [worth["DARTS"], worth["shared weights"]]
    forget(name)
    return {
        "lecture": "03_darts",
        "statement": "DARTS finds a better cell than random search does at the same cost.",
        "prediction": "Before you look: who is ahead, by how many points: DARTS, GDAS, random "
        "search with shared weights, or random search that trains its few networks one by one?",
        "change_our_mind": "An interval on the other side of zero: in a larger space, with another "
        "number of epochs, or in second order.",
        "reported": "test accuracy, in the table, of the cell that a search returns",
        "conditions": f"The table's {table.space.size:,} cells. DARTS (first order) searches for "
        f"{DARTS_EPOCHS} epochs, GDAS for {GDAS_EPOCHS}; shared weights are trained for "
        f"{SHARED_EPOCHS} epochs on uniform paths, then {SHARED_QUESTIONS} random cells are asked. "
        f"On this machine that took {_listed(seconds, '.0f')} seconds of processor time, one "
        f"training {price:.1f}: random search gets the trainings that this time pays "
        f"({_listed(trainings, 'd')}). The step size of alpha ({_listed(rates, 'g')}) is the best "
        f"of {len(ALPHA_RATES)} by validation accuracy on {len(TUNING_SEEDS)} other seeds; nothing "
        f"else was tuned. Better than the median of random search: {_above(worth, luck)} of "
        f"{len(runs)} searches. {_most_frequent(table, found)}",
        "quantity": "difference in test accuracy, points",
        "reference": 0.0,
        "above": "Ahead",
        "below": "Behind",
        "undecided": "No difference is shown",
        "seeds": list(SEEDS),
        "tuned": rates,
        "trainings": trainings,
        "runs": runs,
        **estimates(samples),
    }


def _derived(method: str, table: Table, task: ImageTask, seed: int, rate: float) -> Arch:
    """The cell that a search by gradient returns with this step size of alpha."""
    mixing, options = GRADIENT_SEARCHES[method]
    net = Supernet(table.space, rng=make_rng(seed), mixed_op=mixing)
    alpha, _ = one_shot_search(
        net, task.train, task.valid, make_rng(seed), alpha_learning_rate=rate, **options
    )
    return derive(table.space, alpha)


def _tuning(seed: int) -> dict[str, dict[str, float]]:
    """Per method and step size, validation accuracy in the table of what is derived."""
    table, task = digits201(), cluttered_digits(test=1)
    return {
        method: {
            str(rate): table.measure(_derived(method, table, task, seed, rate)).value
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
    answer: dict[str, dict[str, Any]] = {}
    started = time.process_time()

    def note(method: str, arch: Arch) -> None:
        nonlocal started
        now = time.process_time()
        answer[method] = {"cell": table.space.describe(arch), "seconds": now - started}
        started = now

    for method, rate in rates.items():
        note(method, _derived(method, table, task, seed, rate))
    net = trained_supernet(table, task, seed, SHARED_EPOCHS)
    oracle = Oracle(InheritedAccuracy(net, task.train, task.valid), SHARED_QUESTIONS)
    note("shared weights", random_search(table.space, oracle, make_rng(seed)).best().arch)
    arch = table.space.sample(make_rng(seed))
    TrainingMeasure(table.space, task, identity=table.space.canonical)(arch)
    note("one training", arch)
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


def _above(worth: Mapping[str, Sequence[float]], luck: Mapping[str, Sequence[float]]) -> str:
    """In words: how many searches of each method did better than the median of its luck."""
    counts = {
        method: sum(value > float(np.median(luck[method])) for value in own)
        for method, own in worth.items()
    }
    return _listed(counts, "d")


def _listed(values: Mapping[str, float], form: str) -> str:
    return ", ".join(f"{name} {value:{form}}" for name, value in values.items())


def _luck(table: Table, seed: int, trainings: int) -> float:
    """What random search finds with so many questions to the table."""
    history = random_search(table.space, Oracle(table.measure, trainings), make_rng(seed))
    return points(table, history.best().arch)


def points(table: Table, arch: Arch) -> float:
    """Test accuracy in percent."""
    return 100 * float(table.measure(arch).info["test_accuracy"])
