"""Lecture 03: does DARTS beat luck, does it collapse, are its cells better than random ones?"""

import time
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np
from torch import Generator

from claims.estimates import curve, estimates, forget, run_seeds
from claims.lecture02 import trained_supernet
from course_lib.core import Arch, Oracle, make_rng
from course_lib.datasets import cluttered_digits
from course_lib.nas.cells import CellSpace
from course_lib.nas.darts_space import DartsSpace
from course_lib.nas.one_shot import (
    derive,
    discretization_gap,
    gumbel_straight_through,
    one_shot_search,
    one_shot_steps,
)
from course_lib.nas.search import random_search
from course_lib.nas.supernet import InheritedAccuracy, Supernet, mixed_op, sampled_op
from course_lib.nas.table import Table, digits201
from course_lib.nas.training import TrainingMeasure

SEEDS = range(10, 15)
DARTS_EPOCHS, GDAS_EPOCHS, SHARED_EPOCHS, SHARED_QUESTIONS = 12, 18, 25, 20
LUCK_SEEDS = range(1000, 1100)
COLLAPSE_SEEDS, COLLAPSE_EPOCHS = range(5), 24
DARTS_SPACE_SEEDS, DARTS_SPACE_EPOCHS = range(5), 6
RANDOM_CELLS = 2


def darts_vs_random() -> dict[str, Any]:
    """DARTS, GDAS, shared weights with random search and random search alone, at equal cost."""
    name = "03_darts_vs_random"
    table = digits201()
    runs = run_seeds(name, _search_the_table, SEEDS)
    found = {method: [run[method]["points"] for run in runs] for method in runs[0]}
    seconds = {
        method: float(np.mean([run[method]["seconds"] for run in runs])) for method in runs[0]
    }
    price = seconds.pop("one training")
    del found["one training"]
    trainings = max(1, round(max(seconds.values()) / price))
    luck = [_luck(table, seed, trainings) for seed in LUCK_SEEDS]
    samples = {f"{method} - random search": [own, luck] for method, own in found.items()}
    samples["DARTS - shared weights"] = [found["DARTS"], found["shared weights"]]
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
        f"On this machine that took {_timed(seconds)} seconds of processor time, one training "
        f"{price:.1f}: random search gets {trainings} trainings, the price of the dearest. The "
        "step size of alpha is the better of 0.01 and 0.03 on one other seed; nothing else was "
        "tuned.",
        "quantity": "difference in test accuracy, points",
        "reference": 0.0,
        "above": "Ahead",
        "below": "Behind",
        "undecided": "No difference is shown",
        "seeds": list(SEEDS),
        "trainings": trainings,
        "runs": runs,
        **estimates(samples),
    }


def _search_the_table(seed: int) -> dict[str, dict[str, float]]:
    """Per method, what it found (points of test accuracy in the table) and what it cost."""
    table, task = digits201(), cluttered_digits(test=1)
    answer: dict[str, dict[str, float]] = {}
    started = time.process_time()

    def note(method: str, points: float) -> None:
        nonlocal started
        answer[method] = {"points": points, "seconds": time.process_time() - started}
        started = time.process_time()

    net = Supernet(table.space, rng=make_rng(seed), mixed_op=mixed_op)
    alpha, _ = one_shot_search(net, task.train, task.valid, make_rng(seed), epochs=DARTS_EPOCHS)
    note("DARTS", points(table, derive(table.space, alpha)))
    net = Supernet(table.space, rng=make_rng(seed), mixed_op=sampled_op)
    alpha, _ = one_shot_search(
        net,
        task.train,
        task.valid,
        make_rng(seed),
        relax=gumbel_straight_through,
        tau=(10.0, 0.1),
        epochs=GDAS_EPOCHS,
    )
    note("GDAS", points(table, derive(table.space, alpha)))
    net = trained_supernet(table, task, seed, SHARED_EPOCHS)
    oracle = Oracle(InheritedAccuracy(net, task.train, task.valid), SHARED_QUESTIONS)
    best = random_search(table.space, oracle, make_rng(seed)).best()
    note("shared weights", points(table, best.arch))
    measure = TrainingMeasure(table.space, task, identity=table.space.canonical)
    measure(table.space.sample(make_rng(seed)))
    note("one training", 0.0)
    return answer


def _luck(table: Table, seed: int, trainings: int) -> float:
    """What random search finds with so many questions to the table."""
    history = random_search(table.space, Oracle(table.measure, trainings), make_rng(seed))
    return points(table, history.best().arch)


def points(table: Table, arch: Arch) -> float:
    """Test accuracy in percent."""
    return 100 * float(table.measure(arch).info["test_accuracy"])


def collapse() -> dict[str, Any]:
    """Skip connections of the derived cell over the epochs of DARTS, and early stopping."""
    name = "03_collapse"
    runs = run_seeds(name, _collapse, COLLAPSE_SEEDS)
    epochs = list(range(1, COLLAPSE_EPOCHS + 1))
    samples = {
        "skip connections, last - first epoch": [
            [run["skip"][-1] - run["skip"][0] for run in runs]
        ],
        "edges without weights, last - first epoch": [
            [run["weightless"][-1] - run["weightless"][0] for run in runs]
        ],
        "test accuracy (points), stopped early - last epoch": [
            [100 * (run["early"]["test"] - run["late"]["test"]) for run in runs]
        ],
    }
    forget(name)
    return {
        "lecture": "03_darts",
        "statement": "The longer DARTS searches, the more edges of its cell become skip "
        "connections; stopping early helps.",
        "prediction": "Before you look: how many of the six edges are skip connections after the "
        f"first epoch and after {COLLAPSE_EPOCHS}? Does the cell that early stopping takes become "
        "the better network?",
        "change_our_mind": "An interval on the other side of zero: with more data, larger "
        "networks, or weights that are decayed more.",
        "reported": "number of edges of the derived cell that hold a skip connection, and that "
        "hold any operation without weights (skip, none, pooling), and test accuracy of derived "
        "cells that were trained from scratch",
        "conditions": f"All five operations of NAS-Bench-201, first order, {COLLAPSE_EPOCHS} "
        "epochs. Stopped early is the cell of the last epoch before two edges are skip connections "
        f"(epochs {_listed(run['stop'] for run in runs)}).",
        "quantity": "difference, edges or points",
        "reference": 0.0,
        "above": "More",
        "below": "Less",
        "undecided": "No difference is shown",
        "seeds": list(COLLAPSE_SEEDS),
        "curves": {
            "xlabel": "epoch of the search",
            "ylabel": "edges of the derived cell",
            "lines": {
                "skip connections": curve(epochs, [run["skip"] for run in runs]),
                "edges without weights": curve(epochs, [run["weightless"] for run in runs]),
            },
        },
        "runs": runs,
        **estimates(samples),
    }


def _collapse(seed: int) -> dict[str, Any]:
    """One long search; its cell of every epoch, and two of them trained from scratch."""
    space, task = CellSpace(), cluttered_digits()
    net = Supernet(space, rng=make_rng(seed), mixed_op=mixed_op)
    steps = one_shot_steps(net, task.train, task.valid, make_rng(seed), epochs=COLLAPSE_EPOCHS)
    cells = [space.names(derive(space, step.alpha)) for step in steps if step.epoch % 1 == 0]
    skips = [cell.count("skip_connect") for cell in cells]
    stop = early(skips)
    measure = TrainingMeasure(space, task, identity=space.canonical)

    def trained(cell: tuple[str, ...]) -> dict[str, Any]:
        trial = measure(tuple(space.operations.index(name) for name in cell))
        return {"cell": space.describe(trial.arch), "test": trial.info["test_accuracy"]}

    return {
        "skip": skips,
        "weightless": [sum("conv" not in name for name in cell) for cell in cells],
        "stop": stop,
        "early": trained(cells[stop - 1]),
        "late": trained(cells[-1]),
    }


def early(skips: Sequence[int]) -> int:
    """The last epoch (from 1) before the derived cell has two skip connections; the last if never.

    Source: Liang et al. 2019 (DARTS+), the criterion.
    """
    return next((max(1, epoch) for epoch, count in enumerate(skips) if count >= 2), len(skips))


def darts_space() -> dict[str, Any]:
    """Derived cells of the DARTS space, trained from scratch, against random ones of their size."""
    name = "03_darts_space"
    runs = run_seeds(name, _darts_space, DARTS_SPACE_SEEDS)
    samples = {
        "derived - random of the same size": [
            [100 * (run["derived"] - np.mean(run["random"])) for run in runs]
        ],
        "mixture - derived, inherited weights": [[100 * run["gap"] for run in runs]],
    }
    forget(name)
    return {
        "lecture": "03_darts",
        "statement": "In the space of DARTS, with a normal and a reduction cell, the cell that the "
        "search derives is better than a random cell of the same size.",
        "prediction": "Before you look: by how many points? And how much accuracy does rounding "
        "the mixture to one cell cost before retraining?",
        "change_our_mind": "An interval on the other side of zero: with longer searches, or more "
        "random cells.",
        "reported": "test accuracy of cells trained from scratch (derived, random), and validation "
        "accuracy with the search's own weights (mixture, derived)",
        "conditions": f"First order, {DARTS_SPACE_EPOCHS} epochs, two nodes per cell. Each seed "
        f"is one search; its derived cell and {RANDOM_CELLS} random ones, with a parameter count "
        "that is at most a tenth away, are trained alike.",
        "quantity": "difference in accuracy, points",
        "reference": 0.0,
        "above": "Ahead",
        "below": "Behind",
        "undecided": "No difference is shown",
        "seeds": list(DARTS_SPACE_SEEDS),
        "runs": runs,
        **estimates(samples),
    }


def _darts_space(seed: int) -> dict[str, Any]:
    """One search and what it derived, beside random cells."""
    space, task, rng = DartsSpace(nodes=2), cluttered_digits(), make_rng(seed)
    net = Supernet(space, rng=rng, mixed_op=mixed_op)
    alpha, _ = one_shot_search(net, task.train, task.valid, rng, epochs=DARTS_SPACE_EPOCHS)
    gap = discretization_gap(net, alpha, task.train, task.valid)
    measure = TrainingMeasure(space, task, seed=seed)
    arch = derive(space, alpha)
    own = measure(arch)
    alike = [measure(other) for other in same_size(space, arch, rng, RANDOM_CELLS)]
    return {
        "cell": space.describe(arch),
        "derived": own.info["test_accuracy"],
        "random": [trial.info["test_accuracy"] for trial in alike],
        "parameters": [trial.info["parameters"] for trial in (own, *alike)],
        "gap": gap.gap,
    }


def same_size(space: DartsSpace, arch: Arch, rng: Generator, count: int) -> list[Arch]:
    """Random architectures whose number of parameters is at most a tenth away."""

    def size(arch: Arch) -> int:
        return sum(weight.numel() for weight in space.build(arch).parameters())

    wanted, found = size(arch), []
    for _ in range(1000):
        other = space.sample(rng)
        if abs(size(other) - wanted) <= wanted / 10:
            found.append(other)
            if len(found) == count:
                return found
    raise RuntimeError(f"among 1,000 random cells only {len(found)} have about {wanted} parameters")


def _listed(values: Iterable[object]) -> str:
    return ", ".join(str(value) for value in values)


def _timed(seconds: Mapping[str, float]) -> str:
    return ", ".join(f"{method} {value:.0f}" for method, value in seconds.items())
