"""Lecture 03: are the cells that DARTS derives better than random ones of their size?"""

from typing import Any

import numpy as np
from torch import Generator

from claims.estimates import estimates
from claims.runs import forget, run_seeds
from course_lib.core import Arch, make_rng
from course_lib.datasets import cluttered_digits
from course_lib.nas.darts_space import DartsSpace
from course_lib.nas.one_shot import derive, discretization_gap, one_shot_search
from course_lib.nas.supernet import Supernet, mixed_op
from course_lib.nas.training import TrainingMeasure
from course_lib.show.measured import Measured

SEEDS, EPOCHS = range(10), 6
RANDOM_CELLS = 2


def darts_space() -> Measured:
    """Derived cells of the DARTS space, trained from scratch, against random ones of their size."""
    runs = run_seeds("03_darts_space", _darts_space, SEEDS)
    samples = {
        "derived - random of the same size": [
            [100 * (run["derived"] - np.mean(run["random"])) for run in runs]
        ],
        "mixture - derived, inherited weights": [[100 * run["gap"] for run in runs]],
    }
    forget("03_darts_space")
    return Measured(
        conditions=f"First order, {EPOCHS} epochs, two nodes per cell. Each seed is one search; "
        f"its derived cell and {RANDOM_CELLS} random ones, with a parameter count that is at most "
        "a tenth away, are trained alike.",
        estimates=estimates(samples),
        seeds=list(SEEDS),
        runs=runs,
    )


def _darts_space(seed: int) -> dict[str, Any]:
    """One search and what it derived, beside random cells."""
    space, task, rng = DartsSpace(nodes=2), cluttered_digits(), make_rng(seed)
    net = Supernet(space, rng=rng, mixed_op=mixed_op)
    alpha, _ = one_shot_search(net, task.train, task.valid, rng, epochs=EPOCHS)
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
