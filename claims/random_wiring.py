"""Lecture 05: is a randomly wired network as good as a searched cell of its size?"""

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from itertools import product
from typing import Any

import numpy as np
from torch import Generator, nn

from claims.estimates import estimates, interval
from claims.runs import forget, run_seeds
from course_lib.core import Arch, make_rng, randint
from course_lib.datasets import ImageTask, cluttered_digits
from course_lib.nas.canonical import Form
from course_lib.nas.random_wiring import barabasi_albert, erdos_renyi, watts_strogatz
from course_lib.nas.table import Table, digits201
from course_lib.nas.training import TrainResult, train, training_rng
from course_lib.nas.wired_network import RandomlyWired, Size, matched_channels
from course_lib.show.measured import Measured

SEEDS, TUNING_SEEDS = range(12), range(1000, 1003)
BEST, NEAR = 4, 0.1
NODES, RATES = (8, 12), (0.05, 0.1, 0.2, 0.4)
MODELS: dict[str, Callable[[int, Generator], Any]] = {
    "Erdős-Rényi": partial(erdos_renyi, p=0.5),
    "Barabási-Albert": partial(barabasi_albert, m=2),
    "Watts-Strogatz": partial(watts_strogatz, k=4, p=0.75),
}
CELL, RANDOM = "best cell", "random cell"
DECK = 1.3
"""By how many points random wiring may be behind: Xie et al. 2019, as the deck quotes them."""


def random_wiring() -> Measured:
    """Randomly wired networks and random cells minus the best cells, all of one size."""
    name = "05_random_wiring"
    tuning = run_seeds(f"{name}_tuning", _tuning, TUNING_SEEDS, n_jobs=1)
    nodes, wired_rate = _highest([run["wired"] for run in tuning], list(product(NODES, RATES)))
    cell_rate = _highest([run[CELL] for run in tuning], RATES)
    runs = run_seeds(
        name,
        partial(_one_size, nodes=nodes, wired_rate=wired_rate, cell_rate=cell_rate),
        SEEDS,
        n_jobs=1,
    )
    samples = {
        f"{other} - {CELL}": [[100 * (run[other] - run[CELL]) for run in runs]]
        for other in (*MODELS, RANDOM)
    }
    over = [100 * (np.mean([run[model] for model in MODELS]) - run[RANDOM]) for run in runs]
    forget(name)
    return Measured(
        conditions=f"The {BEST} cells of highest validation accuracy in the table, each in turn; "
        f"per seed one of them, trained anew, a random cell whose parameters and operations are "
        f"at most {NEAR:.0%} away, and one fresh graph of each model, {nodes} nodes, with "
        f"channels that bring it to the best cell's size (at most "
        f"{max(max(run['apart'].values()) for run in runs):.1%} away). Test accuracy, one recipe; "
        f"chosen by validation accuracy, on {len(TUNING_SEEDS)} other seeds, were the "
        f"step size ({wired_rate:g} of {len(RATES)} for wirings, {cell_rate:g} of {len(RATES)} for "
        f"cells) and nodes (of {len(NODES)}). {_words(runs, over)}",
        estimates=estimates(samples),
        reference=-DECK,
        seeds=list(SEEDS),
        settings={"deck": DECK, "nodes": nodes, "wired_rate": wired_rate, "cell_rate": cell_rate},
        runs=runs,
    )


def _words(runs: Sequence[Mapping[str, Any]], over: Sequence[float]) -> str:
    means = {kind: 100 * np.mean([run[kind] for run in runs]) for kind in (CELL, RANDOM, *MODELS)}
    listed = ", ".join(f"{kind} {mean:.1f}" for kind, mean in means.items())
    row = interval(over)
    return (
        f"Means in percent: {listed}. Mean of the three wirings minus the random cell: "
        f"{row.mean:+.1f} points, 95 % interval {row.low:+.1f} to {row.high:+.1f}."
    )


def _tuning(seed: int) -> dict[str, list[float]]:
    """Validation accuracy with each of the settings, of one model of graphs and of one best cell.

    Each tuning seed has its own model and its own cell.
    """
    table, task, turn = digits201(), cluttered_digits(test=1), seed % len(MODELS)
    arch, model = _best(table)[turn], list(MODELS)[turn]
    size = _size(table, arch)
    wired = [
        _wired(model, nodes, size, task, seed, rate)[0] for nodes, rate in product(NODES, RATES)
    ]
    cells = [_cell(table, arch, task, seed, rate) for rate in RATES]
    trained = {"wired": wired, CELL: cells}
    return {kind: [own.curve[-1] for own in results] for kind, results in trained.items()}


def _highest(scores: Sequence[Sequence[float]], settings: Sequence[Any]) -> Any:
    """The setting of the highest mean; scores: (seeds, settings)."""
    return settings[int(np.argmax(np.mean(scores, axis=0)))]


def _one_size(seed: int, *, nodes: int, wired_rate: float, cell_rate: float) -> dict[str, Any]:
    """Test accuracy of one best cell, and of a random cell and three wirings of its size."""
    table, task = digits201(), cluttered_digits()
    arch = _best(table)[seed % BEST]
    size, other = _size(table, arch), _random_cell(table, arch, make_rng(seed))
    results = {
        CELL: _cell(table, arch, task, seed, cell_rate),
        RANDOM: _cell(table, other, task, seed, cell_rate),
    }
    channels = {}
    for model in MODELS:
        results[model], channels[model] = _wired(model, nodes, size, task, seed, wired_rate)
    sizes = {kind: Size(own.parameters, own.flops) for kind, own in results.items()}
    return {
        **{kind: own.test_accuracy for kind, own in results.items()},
        "cells": [table.space.describe(one) for one in (arch, other)],
        "channels": channels,
        "apart": {model: round(sizes[model].apart(sizes[CELL]), 4) for model in MODELS},
    }


def _best(table: Table) -> list[Arch]:
    """One string for each of the different networks of highest validation accuracy."""
    found: dict[Form, Arch] = {}
    for arch in sorted(table.space, key=lambda arch: -table.measure(arch).value):
        found.setdefault(table.space.canonical(arch), arch)
        if len(found) == BEST:
            break
    return list(found.values())


def _size(table: Table, arch: Arch) -> Size:
    info = table.measure(arch).info
    return Size(int(info["parameters"]), int(info["flops"]))


def _random_cell(table: Table, arch: Arch, rng: Generator) -> Arch:
    """A cell of nearly the same size, drawn from all strings whose cells are."""
    size, own = _size(table, arch), table.space.canonical(arch)
    near = [other for other in table.space if _size(table, other).apart(size) <= NEAR]
    others = [other for other in near if table.space.canonical(other) != own]
    return others[randint(rng, len(others))]


def _cell(table: Table, arch: Arch, task: ImageTask, seed: int, rate: float) -> TrainResult:
    rng = training_rng(table.space.canonical(arch), seed)
    return _trained(table.space.build(arch, rng=rng), task, rng, rate)


def _wired(
    model: str, nodes: int, size: Size, task: ImageTask, seed: int, rate: float
) -> tuple[TrainResult, tuple[int, int]]:
    rng = training_rng(model, seed)
    graph = MODELS[model](nodes, rng)
    channels = matched_channels(graph, size)
    return _trained(RandomlyWired(graph, rng, channels=channels), task, rng, rate), channels


def _trained(network: nn.Module, task: ImageTask, rng: Generator, rate: float) -> TrainResult:
    return train(network, task, rng, learning_rate=rate)
