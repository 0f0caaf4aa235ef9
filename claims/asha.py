"""Lecture 05: what worker-hours buy, with halving that waits and with halving that does not."""

from collections.abc import Callable, Mapping, Sequence
from functools import cache, partial
from typing import Any

import numpy as np

from claims.estimates import estimates
from claims.runs import forget, run_seeds
from course_lib.core import Arch, Trial, make_rng
from course_lib.core.statistics import bootstrap_interval, by_pair
from course_lib.nas.asha import RememberedRanks
from course_lib.nas.asha_run import asha as asynchronous
from course_lib.nas.asha_run import synchronous_halving
from course_lib.nas.cells import CellSpace
from course_lib.nas.table import digits201
from course_lib.nas.workers import AshaRun, slow_workers
from course_lib.show.measured import Measured

SEEDS, TUNING_SEEDS = range(1000, 1050), range(10)
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


def uneven_jobs(workers: int, seed: int) -> Options:
    """Every job is slow by an accident of its own."""
    return {"workers": workers, "stragglers": STRAGGLERS}


def uneven_workers(workers: int, seed: int) -> Options:
    """Some workers are slow, and stay so: the same spread, drawn once per worker."""
    slowness = slow_workers(workers, make_rng(SLOW_SEEDS + seed), spread=STRAGGLERS)
    return {"workers": workers, "slowness": slowness}


SLOW_SEEDS = 10_000
CREWS: dict[str, tuple[int, Callable[[int, int], Options]]] = {
    "1 worker": (1, uneven_jobs),
    "4 workers": (4, uneven_jobs),
    "16 workers": (16, uneven_jobs),
    "16 of fixed speeds": (16, uneven_workers),
}
PLAIN, FEW_AND_MANY, FIXED = list(CREWS)[:3], ["1 worker", "16 workers"], "16 of fixed speeds"
TUNING_CREW = "4 workers"


def asha() -> Measured:
    """Worker-hours until a network is found that is half a point behind the best one."""
    tuning = {name: _tuning_means(name) for name in CANDIDATES}
    tuned = {name: best_of(name, tuning[name]) for name in CANDIDATES}
    same = on_the_same_rungs(tuned, tuning[WAITING])
    runs = run_seeds("05_asha", partial(_all_hours, settings=tuned | same), SEEDS)
    hours = {key: [run[key] for run in runs] for key in runs[0]}
    forget("05_asha")
    return Measured(
        conditions=_conditions(),
        estimates=estimates(differences(hours, tuned)),
        seeds=list(SEEDS),
        settings={
            "tuned": tuned,
            "same rungs": same,
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


def best_of(name: str, means: Sequence[float], fidelities: Sequence[int] | None = None) -> Options:
    """The settings of the smallest mean, of those with these fidelities if any are given."""
    every = zip(means, CANDIDATES[name], strict=True)
    own = [pair for pair in every if fidelities in (None, pair[1]["fidelities"])]
    return min(own, key=lambda pair: pair[0])[1]


def on_the_same_rungs(tuned: Mapping[str, Options], means: Sequence[float]) -> dict[str, Options]:
    """Each kind of halving on the rungs that the other chose: rounds are the best for them.

    means: what each of the settings of the halving that waits needed in the tuning.
    """
    rungs = {key: tuned[WAITING][key] for key in ("fidelities", "eta")}
    return {
        f"{ASHA}, {_said(rungs)}": rungs,
        f"{WAITING}, {_said(tuned[ASHA])}": best_of(WAITING, means, tuned[ASHA]["fidelities"]),
    }


def differences(
    hours: Mapping[str, Sequence[float]], tuned: Mapping[str, Options]
) -> dict[str, list[list[float]]]:
    """Seed by seed, the first search's hours less the second's."""
    either = dict.fromkeys(_said(tuned[owner]) for owner in (ASHA, WAITING))

    def on(rungs: str, name: str) -> str:
        return name if _said(tuned[name]) == rungs else f"{name}, {rungs}"

    contests = [
        *((f"{ASHA} - {RANDOM}", ASHA, RANDOM, crew) for crew in PLAIN),
        *((f"{WAITING} - {ASHA}", WAITING, ASHA, crew) for crew in [*PLAIN, FIXED]),
        *(
            (f"both on {rungs}", on(rungs, WAITING), on(rungs, ASHA), crew)
            for rungs in either
            for crew in [*FEW_AND_MANY, FIXED]
        ),
    ]
    return {
        f"{label}, {crew}": [by_pair(hours[f"{one}, {crew}"], hours[f"{other}, {crew}"]).tolist()]
        for label, one, other, crew in contests
    }


def _said(rungs: Options) -> str:
    return "-".join(map(str, rungs["fidelities"]))


def _conditions() -> str:
    table = digits201()
    least = table.best().value - NEAR
    near = sum(table.measure(arch).value >= least for arch in table.space)
    return (
        f"Worker-hours paid, idle or not, until a network is trained whose validation accuracy is "
        f"at most {100 * NEAR:g} points below the best of the table; {near} of its "
        f"{table.space.size:,} strings are so good. At most {CAP:g} hours are paid, and "
        "counted where nothing was found. Seconds of the table, in simulated time; a job takes 1 + "
        f"{STRAGGLERS:g} |z| times as long, z drawn anew for every job, or, with workers of fixed "
        "speeds, once for every worker. Differences are taken seed by seed: all are offered "
        f"the same candidates. Rungs are the best of {len(CANDIDATES[ASHA])}, for synchronous "
        f"halving with rounds of 16 or 64, by the mean with {TUNING_CREW} on "
        f'{len(TUNING_SEEDS)} other seeds, for which nobody pays; "both on" is synchronous '
        "halving minus ASHA where both have the rungs that one of them chose, halving with the "
        "better rounds for these rungs."
    )


def _tuning_means(name: str) -> list[float]:
    """What each of the settings needs, on seeds of their own."""
    runs = run_seeds(f"05_asha_{name.split()[0]}", partial(_tuning_hours, name=name), TUNING_SEEDS)
    means: list[float] = np.mean(runs, axis=0).tolist()
    return means


def _tuning_hours(seed: int, name: str) -> list[float]:
    return [_hours(seed, TUNING_CREW, options) for options in CANDIDATES[name]]


def _all_hours(seed: int, settings: Mapping[str, Options]) -> dict[str, float]:
    return {
        f"{name}, {crew}": _hours(seed, crew, options)
        for name, options in settings.items()
        for crew in CREWS
    }


@cache
def _answers() -> dict[tuple[Arch, int], Trial]:
    """The table's, looked up once: runs ask for many thousands of them."""
    table = digits201()
    return {(arch, n): table.measure(arch, n) for arch in table.space for n in (1, 2, 4, 8)}


def _measure(arch: Arch, fidelity: int | None = None) -> Trial:
    return _answers()[arch, fidelity or 8]


def _hours(seed: int, crew: str, options: Options) -> float:
    """Worker-hours paid until the goal, or the cap; only halving that waits has rounds."""
    space = CellSpace()
    least = max(_measure(arch).value for arch in space) - NEAR
    run: Callable[..., AshaRun] = (
        synchronous_halving
        if "candidates" in options
        else partial(asynchronous, decide=RememberedRanks())
    )
    workers, unevenness = CREWS[crew]
    found = run(
        space,
        _measure,
        make_rng(seed),
        until=3600 * CAP / workers,
        enough=least,
        **unevenness(workers, seed),
        **options,
    )
    return min(CAP, workers * found.reached(least) / 3600)
