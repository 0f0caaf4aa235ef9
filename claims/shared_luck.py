"""Lecture 05: is random search that shares weights as good as DARTS?"""

import time
from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any

import numpy as np

from claims.darts_vs_random import SHARED_QUESTIONS, derived, inherited
from claims.estimates import estimates, interval
from claims.luck import points
from claims.runs import forget, run_seeds
from course_lib.core import Oracle, make_rng
from course_lib.core.statistics import by_pair
from course_lib.datasets import cluttered_digits
from course_lib.nas.table import Table, digits201
from course_lib.nas.uniform_paths import random_search_weight_sharing
from course_lib.show.measured import Measured, read_measured

LUCK, DARTS = "shared weights", "DARTS"
MARGIN = 1.0
"""Points of test accuracy: at most that much worse counts as "as good"."""
FRESH = range(30, 41)
"""Seeds that nobody had looked at when the row without failed cells was added."""
FAILED = 20.0
"""Percent of test accuracy: a cell with less is hardly better than guessing among ten digits."""
KEPT = 5
"""How many paths, best first by shared weights, are kept of a fresh search."""

Kept = Sequence[Mapping[str, Mapping[str, Any]]]
Found = tuple[np.ndarray, np.ndarray]
"""Of shared weights and of DARTS, in the order of the same seeds."""


def shared_luck() -> Measured:
    """Both searches seed by seed: on lecture 03's seeds, and on fresh ones."""
    rate = read_measured("03_darts_vs_random").settings["tuned"][DARTS]
    fresh = run_seeds("05_shared_luck", partial(_both, rate=rate), FRESH)
    forget("05_shared_luck")
    return measured(fresh, FRESH)


def measured(fresh: Kept, seeds: Sequence[int]) -> Measured:
    """What lecture 03 kept, beside what was found on these fresh seeds."""
    first, table = read_measured("03_darts_vs_random"), digits201()
    median = float(np.median([points(table, arch) for arch in table.space]))
    old, new = tested(table, first.runs), tested(table, fresh)
    return Measured(
        conditions=f"The first {len(first.runs)} searches of each kind are lecture 03's; "
        f"{len(fresh)} more ran later, on fresh seeds. Same settings, DARTS's step size of alpha "
        f"tuned on other seeds. {_costs(first.runs)} {in_words(*old, median)} On those seeds the "
        f"row without cells below the median was thought of, where it says {said(*old, median)}; "
        f"the row that is shown is that of the fresh seeds. {in_words(*new, median)}",
        estimates=estimates(rows(old, new, median)),
        reference=-MARGIN,
        settings={
            "margin": MARGIN,
            "median": median,
            "tuned": first.settings["tuned"],
            "first seeds": first.seeds,
            "fresh seeds": list(seeds),
            "first failed": counted(old, FAILED),
            "fresh failed": counted(new, FAILED),
        },
        runs=fresh,
    )


def _both(seed: int, *, rate: float) -> dict[str, dict[str, Any]]:
    """Lecture 03's two searches on one seed: the cells, best first, and the seconds."""
    table, task = digits201(), cluttered_digits(test=1)
    began = time.process_time()
    shared = random_search_weight_sharing(
        table.space,
        Oracle(table.measure, KEPT),
        make_rng(seed),
        inherited=inherited(table, task, seed),
        paths=SHARED_QUESTIONS,
        keep=KEPT,
    )
    middle = time.process_time()
    cell = derived(DARTS, table, task, seed, rate)
    ended = time.process_time()
    return {
        LUCK: {
            "cells": [table.space.describe(trial.arch) for trial in shared],
            "seconds": middle - began,
        },
        DARTS: {"cells": [table.space.describe(cell)], "seconds": ended - middle},
    }


def tested(table: Table, runs: Kept) -> Found:
    """Test accuracy in points of what shared weights found, and of what DARTS found."""
    luck, darts = (
        np.array([points(table, table.space.parse(_answer(run[method]))) for run in runs])
        for method in (LUCK, DARTS)
    )
    return luck, darts


def _answer(found: Mapping[str, Any]) -> str:
    """The cell that a search takes at its word: the only one kept, or the first."""
    cell: str = found["cell"] if "cell" in found else found["cells"][0]
    return cell


def rows(old: Found, new: Found, least: float) -> dict[str, list[list[float]]]:
    """Seed by seed, luck minus DARTS: as found, twice; and failed cells lifted, on fresh seeds."""
    return {
        "all cells as found": [by_pair(*old).tolist()],
        "the same, fresh seeds": [by_pair(*new).tolist()],
        "none below the median, fresh seeds": [lifted(*new, least)],
    }


def lifted(luck: np.ndarray, darts: np.ndarray, least: float) -> list[float]:
    """Seed by seed, luck minus DARTS where no cell counts less than `least`.

    A few failed cells make the plain mean and its interval. This one is kind to whoever fails:
    where luck never falls below `least`, no difference of a seed is larger than as found, so that
    its lower end is a lower end for the plain mean as well.
    """
    values: list[float] = by_pair(np.maximum(luck, least), np.maximum(darts, least)).tolist()
    return values


def counted(found: Found, least: float) -> dict[str, int]:
    """Per search, how many of its cells have less than `least`."""
    return {name: int((own < least).sum()) for name, own in zip((LUCK, DARTS), found, strict=True)}


def said(luck: np.ndarray, darts: np.ndarray, least: float) -> str:
    """In words: the mean and the 95 % interval of the lifted differences."""
    row = interval(lifted(luck, darts, least))
    return f"{row.mean:+.2f} points ({row.low:+.2f} to {row.high:+.2f}, 95 %)"


def in_words(luck: np.ndarray, darts: np.ndarray, least: float) -> str:
    """What a mean does not tell: wins by seed, medians, and how many cells lie below `least`."""
    ahead, behind = int((luck > darts).sum()), int((luck < darts).sum())
    below = [int((own < least).sum()) for own in (luck, darts)]
    return (
        f"With the same seed {LUCK} end higher {ahead} times and {DARTS} {behind} times of "
        f"{len(luck)}; the median cells have {np.median(luck):.1f} and {np.median(darts):.1f} % "
        f"test accuracy. Below the table's median, {least:.1f} %, lie {below[0]} and {below[1]} "
        f"cells, down to {luck.min():.1f} and {darts.min():.1f} %."
    )


def _costs(runs: Kept) -> str:
    seconds = [np.mean([run[method]["seconds"] for run in runs]) for method in (LUCK, DARTS)]
    return (
        f"A search with {LUCK} took {seconds[0]:.0f} seconds of processor time, one with {DARTS} "
        f"{seconds[1]:.0f}."
    )
