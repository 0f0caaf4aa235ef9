"""Lecture 05: what worker-hours buy, with halving that waits and with halving that does not."""

from collections.abc import Callable, Mapping
from functools import cache, partial
from typing import Any

import numpy as np

from claims.estimates import estimates
from claims.runs import forget, run_seeds
from course_lib.core import Arch, Trial, make_rng
from course_lib.core.statistics import bootstrap_interval
from course_lib.nas.asha import RememberedRanks
from course_lib.nas.asha_run import asha as asynchronous
from course_lib.nas.asha_run import synchronous_halving
from course_lib.nas.cells import CellSpace
from course_lib.nas.table import digits201
from course_lib.nas.workers import AshaRun
from course_lib.show.measured import Measured

SEEDS, TUNING_SEEDS = range(1000, 1050), range(10)
WORKERS, TUNING_WORKERS = (1, 4, 16), 4
NEAR, CAP, STRAGGLERS = 0.005, 12.0, 0.5
RANDOM, ASHA, WAITING = "random search", "ASHA", "synchronous halving"

Options = Mapping[str, Any]
RUNGS: tuple[Options, ...] = (
    {"fidelities": (1, 2, 4, 8), "eta": 2},
    {"fidelities": (2, 4, 8), "eta": 2},
    {"fidelities": (4, 8), "eta": 2},
    {"fidelities": (2, 8), "eta": 4},
)
CANDIDATES: dict[str, list[Options]] = {
    RANDOM: [{"fidelities": (8,)}],
    ASHA: list(RUNGS),
    WAITING: [{**rungs, "candidates": n} for n in (16, 64) for rungs in RUNGS],
}


def asha() -> Measured:
    """Worker-hours until a network is found that is half a point behind the best one."""
    tuning = {name: _tuning_means(name) for name in CANDIDATES}
    tuned = {name: own[int(np.argmin(tuning[name]))] for name, own in CANDIDATES.items()}
    runs = run_seeds("05_asha", partial(_all_hours, settings=tuned), SEEDS)
    hours = {key: [run[key] for run in runs] for key in runs[0]}
    samples = {
        f"{one} - {other}, {_crew(workers)}": [
            [a - b for a, b in zip(*(hours[_key(n, workers)] for n in (one, other)), strict=True)]
        ]
        for one, other in ((ASHA, RANDOM), (WAITING, ASHA))
        for workers in WORKERS
    }
    forget("05_asha")
    return Measured(
        conditions=_conditions(),
        estimates=estimates(samples),
        seeds=list(SEEDS),
        settings={
            "tuned": tuned,
            "tried": {name: list(own) for name, own in CANDIDATES.items()},
            "means of the tried": tuning,
            "cap": CAP,
            "points": 100 * NEAR,
            "means": {key: str(bootstrap_interval(own, make_rng(0))) for key, own in hours.items()},
            "medians": {key: float(np.median(own)) for key, own in hours.items()},
            "not reached": {key: sum(h >= CAP for h in own) for key, own in hours.items()},
        },
        runs=runs,
    )


def _conditions() -> str:
    table = digits201()
    least = table.best().value - NEAR
    near = sum(table.measure(arch).value >= least for arch in table.space)
    return (
        f"Worker-hours paid, idle or not, until a network is trained whose validation accuracy is "
        f"at most {100 * NEAR:g} points below the best of the table; {near} of its "
        f"{table.space.size:,} strings are so good. At most {CAP:g} hours are paid, and "
        "counted where nothing was found. Seconds of the table, in simulated time; a job takes 1 + "
        f"{STRAGGLERS:g} |z| times as long. Differences are taken seed by seed: all are offered "
        f"the same candidates. Rungs are the best of {len(CANDIDATES[ASHA])}, for synchronous "
        f"halving with rounds of 16 or 64, by the mean with {TUNING_WORKERS} workers on "
        f"{len(TUNING_SEEDS)} other seeds, for which nobody pays."
    )


def _tuning_means(name: str) -> list[float]:
    """What each of the settings needs, on seeds of their own."""
    runs = run_seeds(f"05_asha_{name.split()[0]}", partial(_tuning_hours, name=name), TUNING_SEEDS)
    means: list[float] = np.mean(runs, axis=0).tolist()
    return means


def _tuning_hours(seed: int, name: str) -> list[float]:
    return [_hours(seed, name, TUNING_WORKERS, options) for options in CANDIDATES[name]]


def _all_hours(seed: int, settings: Mapping[str, Options]) -> dict[str, float]:
    return {
        _key(name, workers): _hours(seed, name, workers, options)
        for name, options in settings.items()
        for workers in WORKERS
    }


@cache
def _answers() -> dict[tuple[Arch, int], Trial]:
    """The table's, looked up once: runs ask for many thousands of them."""
    table = digits201()
    return {(arch, n): table.measure(arch, n) for arch in table.space for n in (1, 2, 4, 8)}


def _measure(arch: Arch, fidelity: int | None = None) -> Trial:
    return _answers()[arch, fidelity or 8]


def _hours(seed: int, name: str, workers: int, options: Options) -> float:
    """Worker-hours paid until the goal, or the cap."""
    space = CellSpace()
    least = max(_measure(arch).value for arch in space) - NEAR
    run: Callable[..., AshaRun] = (
        synchronous_halving if name == WAITING else partial(asynchronous, decide=RememberedRanks())
    )
    found = run(
        space,
        _measure,
        make_rng(seed),
        workers=workers,
        until=3600 * CAP / workers,
        enough=least,
        stragglers=STRAGGLERS,
        **options,
    )
    return min(CAP, workers * found.reached(least) / 3600)


def _key(name: str, workers: int) -> str:
    return f"{name}, {_crew(workers)}"


def _crew(workers: int) -> str:
    return f"{workers} worker{'s' if workers > 1 else ''}"
