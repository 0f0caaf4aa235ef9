"""Lecture 05: is random search that shares weights as good as DARTS?"""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from claims.estimates import estimates
from claims.luck import points
from course_lib.nas.table import digits201
from course_lib.show.measured import Measured, read_measured

LUCK, DARTS = "shared weights", "DARTS"
MARGIN = 1.0
"""Points of test accuracy: at most that much worse counts as "as good"."""


def shared_luck() -> Measured:
    """The cells that lecture 03 found, seed by seed: both searches ran on the same seeds."""
    kept, table = read_measured("03_darts_vs_random"), digits201()
    luck, darts = (
        np.array([points(table, table.space.parse(run[method]["cell"])) for run in kept.runs])
        for method in (LUCK, DARTS)
    )
    median = float(np.median([points(table, arch) for arch in table.space]))
    return Measured(
        conditions=f"The {len(kept.runs)} searches of each kind are lecture 03's: same seeds, same "
        f"settings, DARTS's step size of alpha tuned on other seeds. {_costs(kept.runs)} "
        f"{in_words(luck, darts, median)}",
        estimates=estimates(differences(luck, darts, median)),
        reference=-MARGIN,
        seeds=kept.seeds,
        settings={"margin": MARGIN, "median": median, "tuned": kept.settings["tuned"]},
    )


def differences(luck: np.ndarray, darts: np.ndarray, least: float) -> dict[str, list[list[float]]]:
    """Seed by seed, luck minus DARTS: as found, and where no cell counts less than `least`.

    A few failed cells make the first mean and its interval. The second is kind to whoever fails:
    where luck never falls below `least`, no difference of a seed is larger than as found, so that
    its lower end is a lower end for the first as well.
    """
    kind = np.maximum(luck, least) - np.maximum(darts, least)
    return {
        "all cells as found": [(luck - darts).tolist()],
        "none below the median cell": [kind.tolist()],
    }


def in_words(luck: np.ndarray, darts: np.ndarray, least: float) -> str:
    """What a mean does not tell: wins by seed, medians, and how many cells lie below `least`."""
    ahead, behind = int((luck > darts).sum()), int((luck < darts).sum())
    below = [int((own < least).sum()) for own in (luck, darts)]
    return (
        f"With the same seed {LUCK} end higher {ahead} times and {DARTS} {behind} times of "
        f"{len(luck)}; the median cells have {np.median(luck):.1f} and {np.median(darts):.1f} % "
        f"test accuracy. The table's median is {least:.1f} %: below lie {below[0]} and {below[1]} "
        f"cells, down to {luck.min():.1f} and {darts.min():.1f} %. Counted as the median, they no "
        "longer rule the mean."
    )


def _costs(runs: Sequence[Mapping[str, Mapping[str, Any]]]) -> str:
    seconds = [np.mean([run[method]["seconds"] for run in runs]) for method in (LUCK, DARTS)]
    return (
        f"A search with {LUCK} took {seconds[0]:.0f} seconds of processor time, one with {DARTS} "
        f"{seconds[1]:.0f}."
    )
