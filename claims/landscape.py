"""Lecture 01: what the table says about its space, with how sure it is."""

import numpy as np

from claims.estimates import curve, estimates
from course_lib.core import make_rng
from course_lib.nas.landscape import early_correlation, locality
from course_lib.nas.table import digits201
from course_lib.show.measured import Curves, Measured

GROUPS = 10
SEEDS = range(20)


def early_epochs() -> Measured:
    """Rank correlation of early epochs with the last, among all cells and among the best."""
    table = digits201()
    final = np.nanmean(table.curves[..., -1], axis=1)
    best = np.argsort(final, kind="stable")[-len(final) // 10 :]
    within = {
        name: [early_correlation(table, group).tolist() for group in groups(networks)]
        for name, networks in (("all cells", np.arange(len(final))), ("best tenth", best))
    }
    early = range(1, table.epochs)
    samples = {
        f"epoch {epoch}, {name}": [[row[epoch - 1] for row in rows]]
        for epoch in (1, 2, table.epochs // 2)
        for name, rows in within.items()
    }
    lines = {name: curve(early, [row[:-1] for row in rows]) for name, rows in within.items()}
    return Measured(
        conditions=f"The cells are dealt out into {GROUPS} groups at random, so that the "
        "interval says how much such a number depends on the cells. The best tenth are the cells "
        "with the highest final accuracy; they differ less, so that noise counts more.",
        estimates=estimates(samples),
        over="groups of cells",
        seeds=list(range(GROUPS)),
        settings={"architectures": table.space.size, "epochs": table.epochs},
        curves=Curves("epoch", "correlation with the final order", lines),
    )


def groups(networks: np.ndarray) -> list[np.ndarray]:
    """The networks, dealt out at random."""
    return np.array_split(np.random.default_rng(0).permutation(networks), GROUPS)


def neighbours() -> Measured:
    """Correlation of the accuracies of two cells, by how many edges differ."""
    table = digits201()
    found = [locality(table, make_rng(seed), pairs=2000) for seed in SEEDS]
    samples = {
        f"{distance} of {len(found[0].distances)} edges": [
            [float(one.correlation[place]) for one in found]
        ]
        for place, distance in enumerate(found[0].distances)
    }
    return Measured(
        conditions=f"Each of {len(SEEDS)} draws has {found[0].pairs:,} random pairs; pairs that "
        "are one network by two names are left out. Noise of the seed is in both accuracies, so "
        "the cells themselves are somewhat more alike than that.",
        estimates=estimates(samples),
        over="draws",
        seeds=list(SEEDS),
        settings={"architectures": table.space.size},
    )
