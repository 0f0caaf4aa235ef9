"""Lecture 05: all searches side by side: wins, regret, and the trainings that an answer costs."""

from collections.abc import Mapping, Sequence
from functools import partial

import numpy as np

from claims.estimates import estimates
from claims.searches import (
    BUDGETS,
    CANDIDATES,
    RANDOM,
    Candidates,
    Settings,
    best_settings,
    conditions,
    grid,
    run_all,
    tuned,
)
from claims.single_answers import SingleAnswer, shared_weights
from claims.tuning import values_at
from course_lib.core import History, Measure, make_rng
from course_lib.core.compare import Run
from course_lib.core.statistics import probability_of_win
from course_lib.nas.progressive import progressive_search
from course_lib.nas.table import digits201
from course_lib.show.measured import Curve, Curves, Measured, Samples

SEEDS = range(2000, 2050)
NEAR = 0.5
"""Points of the table's validation accuracy below its best: near enough."""
MORE: Candidates = {"progressive search": (progressive_search, grid(beam=(2, 4, 8, 16)))}

Runs = Mapping[str, Sequence[Run]]
Regrets = Mapping[str, Sequence[Sequence[float]]]


def side_by_side() -> Measured:
    """Every search on seeds that neither the tuning nor lecture 01 has seen."""
    settings = tuned() | {name: best_settings(name, MORE) for name in MORE}
    candidates = CANDIDATES | MORE
    runs = run_all({n: partial(candidates[n][0], **own) for n, own in settings.items()}, SEEDS)
    table = digits201()
    best = table.best().value
    near = {
        name: [trainings_to(whole(run), table.measure, best - NEAR / 100) for run in own]
        for name, own in runs.items()
    }
    lost = regrets(runs, table.measure, best)
    return measured(lost, near, settings, shared_weights(runs[RANDOM]))


def measured(
    lost: Regrets,
    near: Mapping[str, Sequence[float | None]],
    settings: Mapping[str, Settings],
    single: Mapping[str, SingleAnswer],
) -> Measured:
    """Wins as curves, trainings to a near enough answer as rows, all single values in `runs`.

    single: what searches found that give one answer at one cost: dots, and in no row.
    """
    table = digits201()
    least = table.best().value - NEAR / 100
    return Measured(
        conditions=f"{conditions(CANDIDATES | MORE)} The seeds are new to tuning and to lecture "
        f"01. {_never(near)} {' '.join(one.said for one in single.values())}",
        estimates=estimates(against_random(near)),
        seeds=list(SEEDS),
        settings={
            "architectures": table.space.size,
            "near": NEAR,
            "most": max(BUDGETS),
            "strings": sum(table.measure(arch).value >= least for arch in table.space),
            "tuned": dict(settings),
            "single": {name: one.kept for name, one in single.items()},
        },
        curves=Curves(
            "trainings",
            "probability of less regret\nthan random search",
            win_curves(lost) | {name: one.dot for name, one in single.items()},
            xscale="log",
        ),
        runs=[
            {n: {"regret": lost[n][seed], "trainings": near[n][seed]} for n in lost}
            for seed in range(len(lost[RANDOM]))
        ],
    )


def regrets(runs: Runs, measure: Measure, best: float) -> Regrets:
    """Per search and seed, points of accuracy that the incumbent at each budget lacks."""
    return {
        name: [[100 * (best - value) for value in values_at(run, measure, BUDGETS)] for run in own]
        for name, own in runs.items()
    }


def whole(run: Run) -> History:
    """The run with the largest budget."""
    return run if isinstance(run, History) else run[max(BUDGETS)]


def trainings_to(history: History, measure: Measure, least: float) -> float | None:
    """What was paid when the incumbent's full value first was `least` or more; None: never."""
    incumbent = -np.inf
    for trial, paid in zip(history, np.cumsum(history.costs), strict=True):
        if trial.value > incumbent:
            incumbent = trial.value
            if measure(trial.arch).value >= least:
                return float(paid)
    return None


def against_random(near: Mapping[str, Sequence[float | None]]) -> Samples:
    """Per search but the random one, its trainings and random search's; never: the most."""
    capped = {n: [max(BUDGETS) if t is None else t for t in own] for n, own in near.items()}
    return {n: [own, capped[RANDOM]] for n, own in capped.items() if n != RANDOM}


def win_curves(lost: Regrets) -> dict[str, Curve]:
    """Per search but the random one, the probability of less regret than it has, by budget."""
    return {name: _wins(lost[RANDOM], own) for name, own in lost.items() if name != RANDOM}


def _wins(luck: Sequence[Sequence[float]], own: Sequence[Sequence[float]]) -> Curve:
    found = [
        probability_of_win(theirs, ours, make_rng(0))
        for theirs, ours in zip(np.transpose(luck), np.transpose(own), strict=True)
    ]
    columns = [[getattr(one, key) for one in found] for key in ("estimate", "low", "high")]
    return Curve(list(BUDGETS), *columns)


def _never(near: Mapping[str, Sequence[float | None]]) -> str:
    """In words: how many runs of every search never came near enough."""
    counts = ", ".join(f"{name} {list(own).count(None)}" for name, own in near.items())
    return (
        f"A run that does not come within {NEAR:g} points counts {max(BUDGETS)} trainings "
        f"({counts} of {len(near[RANDOM])} runs); searches that plan did so for {max(BUDGETS)}."
    )
