"""Lecture 03: does DARTS collapse, are its cells better than random ones?"""

from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
from torch import Generator

from claims.estimates import curve, estimates, forget, run_seeds
from course_lib.core import Arch, make_rng
from course_lib.datasets import cluttered_digits
from course_lib.nas.cells import CellSpace
from course_lib.nas.darts_space import DartsSpace
from course_lib.nas.one_shot import (
    derive,
    discretization_gap,
    one_shot_search,
    one_shot_steps,
)
from course_lib.nas.supernet import Supernet, mixed_op
from course_lib.nas.training import TrainingMeasure

COLLAPSE_SEEDS, COLLAPSE_EPOCHS = range(15), 24
DARTS_SPACE_SEEDS, DARTS_SPACE_EPOCHS = range(10), 6
RANDOM_CELLS = 2


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
