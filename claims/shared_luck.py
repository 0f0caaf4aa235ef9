"""Lecture 05: is random search that shares weights as good as DARTS?"""

from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any

import numpy as np

from claims.darts_vs_random import derived, shared_weights
from claims.estimates import estimates
from claims.luck import points
from claims.runs import forget, run_seeds
from course_lib.datasets import cluttered_digits
from course_lib.nas.table import digits201
from course_lib.show.measured import Measured, read_measured

SEEDS = range(10, 60)
LUCK, DARTS = "shared weights", "DARTS"
MARGIN, COLLAPSED = 1.0, 70.0
"""Points of test accuracy: less than the margin is "as good"; below the other a cell has failed."""

Cells = Mapping[str, Mapping[str, Any]]
"""Method -> "cell", as the table writes it; and what else a run kept."""


def shared_luck() -> Measured:
    """Both on the same seeds: those of lecture 03 with their cells, and new ones."""
    name, before = "05_shared_luck", read_measured("03_darts_vs_random")
    rate = before.settings["tuned"][DARTS]
    new = [seed for seed in SEEDS if seed not in before.seeds]
    runs = [*before.runs, *run_seeds(name, partial(_found, rate=rate), new, n_jobs=1)]
    forget(name)
    return measured(runs, before=len(before.runs), rate=rate)


def measured(runs: Sequence[Cells], *, before: int, rate: float) -> Measured:
    """The claim, of runs in the order of seeds; before: how many of them lecture 03 made."""
    table = digits201()
    luck, darts = (
        np.array([points(table, table.space.parse(run[method]["cell"])) for run in runs])
        for method in (LUCK, DARTS)
    )
    return Measured(
        conditions=f"The first {before} seeds and their settings are lecture 03's (step size of "
        f"alpha {rate:g}). They left the matter open, so that {len(runs) - before} more were run. "
        f"Shared weights ask {_costs(runs[:before])}. {in_words(luck, darts)}",
        estimates=estimates({f"{LUCK} - {DARTS}": [(luck - darts).tolist()]}),
        reference=-MARGIN,
        seeds=list(SEEDS)[: len(runs)],
        settings={"margin": MARGIN, "rate": rate},
        runs=[{method: {"cell": run[method]["cell"]} for method in (LUCK, DARTS)} for run in runs],
    )


def in_words(luck: np.ndarray, darts: np.ndarray) -> str:
    """What a mean does not tell: wins by seed, medians, and how many cells have failed."""
    ahead, behind = int((luck > darts).sum()), int((luck < darts).sum())
    return (
        f"With the same seed {LUCK} end higher {ahead} times, {DARTS} {behind} times of "
        f"{len(luck)}. Median test accuracies are {np.median(luck):.1f} and "
        f"{np.median(darts):.1f} %; below {COLLAPSED:g} % are {int((luck < COLLAPSED).sum())} and "
        f"{int((darts < COLLAPSED).sum())} cells, which the mean feels and the median does not."
    )


def _costs(runs: Sequence[Cells]) -> str:
    seconds = [np.mean([run[method]["seconds"] for run in runs]) for method in (LUCK, DARTS)]
    return f"{seconds[0]:.0f} seconds of processor time, {DARTS} {seconds[1]:.0f}"


def _found(seed: int, *, rate: float) -> dict[str, dict[str, Any]]:
    """The cells of both methods with this seed."""
    table, task = digits201(), cluttered_digits(test=1)
    cells = {
        LUCK: shared_weights(table, task, seed),
        DARTS: derived(DARTS, table, task, seed, rate),
    }
    return {method: {"cell": table.space.describe(arch)} for method, arch in cells.items()}
