"""Lecture 01: seven searches on the table, by regret and by how often they find a rare cell."""

from collections.abc import Mapping, Sequence
from functools import cache, partial
from itertools import product
from typing import Any

from claims.estimates import curve, estimates
from claims.luck import against_luck
from claims.tuning import incumbents, tune, values_at
from course_lib.core import Search
from course_lib.core.compare import Run, compare_at
from course_lib.nas.controller import reinforce
from course_lib.nas.landscape import top_value
from course_lib.nas.q_learning import q_learning
from course_lib.nas.search import (
    local_search,
    metropolis,
    random_search,
    regularized_evolution,
    successive_halving,
)
from course_lib.nas.table import digits201
from course_lib.show.measured import Curves, Measured

RANDOM = "random search"
BUDGETS, BUDGET = (25, 50, 100, 200, 500), 200
SEEDS, TUNING_SEEDS = range(1000, 1050), range(20)
SHARE = 0.001
Settings = dict[str, Any]
Candidates = dict[str, tuple[Any, list[Settings]]]
"""Name -> a search, and the settings among which it is tuned."""


def grid(**choices: Sequence[Any]) -> list[Settings]:
    """All combinations of the choices."""
    return [dict(zip(choices, values, strict=True)) for values in product(*choices.values())]


CANDIDATES: Candidates = {
    RANDOM: (random_search, [{}]),
    "evolution": (regularized_evolution, grid(population=(10, 30, 60), tournament=(3, 10))),
    "local search": (local_search, [{}]),
    "Metropolis": (metropolis, grid(temperature=(0.001, 0.003, 0.01, 0.03))),
    "controller": (
        reinforce,
        grid(batch=(5, 10), learning_rate=(0.003, 0.01, 0.03, 0.1), entropy_weight=(0.0, 0.005)),
    ),
    "Q-learning": (q_learning, grid(replay=(20, 100), learning_rate=(0.01, 0.1))),
    "successive halving": (
        successive_halving,
        grid(candidates=(8, 16, 32), fidelities=((1, 2, 4, 8), (2, 4, 8), (4, 8))),
    ),
}
PLANNED = frozenset({"Q-learning"})
"""Those that look at their budget: they run once per budget, all others once, and are cut."""


@cache
def tuned() -> dict[str, Settings]:
    """For each search the settings that find most, on seeds of their own."""
    return {name: best_settings(name, CANDIDATES) for name in CANDIDATES}


def best_settings(name: str, candidates: Candidates) -> Settings:
    """Those of this search that find most, averaged over budgets and the tuning's seeds."""
    table, (search, settings) = digits201(), candidates[name]
    searches: list[Search] = [partial(search, **own) for own in settings]
    choice = tune(
        searches,
        table.space,
        table.measure,
        budgets=BUDGETS,
        seeds=TUNING_SEEDS,
        planned=range(len(settings)) if name in PLANNED else (),
        n_jobs=-1,
    )
    return settings[choice]


@cache
def histories() -> dict[str, list[Run]]:
    """Every tuned search on every seed."""
    return run_all({name: partial(CANDIDATES[name][0], **own) for name, own in tuned().items()})


def run_all(
    searches: Mapping[str, Search],
    seeds: Sequence[int] = SEEDS,
    budgets: Sequence[float] = BUDGETS,
    n_jobs: int = -1,
) -> dict[str, list[Run]]:
    """Every search on every seed, so that it may be looked at with each of the budgets."""
    table = digits201()
    return compare_at(
        searches,
        table.space,
        table.measure,
        budgets=budgets,
        seeds=seeds,
        planned=PLANNED & set(searches),
        n_jobs=n_jobs,
    )


def conditions(candidates: Candidates = CANDIDATES) -> str:
    """How the comparison was made fair."""
    counts = ", ".join(
        f"{len(own)} for {name}" for name, (_, own) in candidates.items() if len(own) > 1
    )
    return (
        "Settings are the best by the value found, averaged over budgets, on "
        f"{len(TUNING_SEEDS)} other seeds ({counts}; the others have none). A budget counts whole "
        "trainings; successive halving pays for the epochs that it asks for. No budget pays for "
        f"the tuning. {' and '.join(sorted(PLANNED))} plans with its budget and was run once for "
        "each; all others were run with the largest and looked at on the way."
    )


def regret() -> Measured:
    """How far the incumbent stays behind the table's best, against random search."""
    table = digits201()
    best = table.best().value
    regrets = {
        name: [
            [100 * (best - value) for value in values_at(run, table.measure, BUDGETS)]
            for run in runs
        ]
        for name, runs in histories().items()
    }
    found = {
        name: [incumbents(run, [BUDGET])[0] for run in runs]
        for name, runs in histories().items()
        if name != RANDOM
    }
    samples = against_luck(
        table,
        found,
        dict.fromkeys(found, BUDGET),
        lambda arch: 100 * (best - table.measure(arch).value),
        SEEDS,
    )
    lines = {name: curve(BUDGETS, rows) for name, rows in regrets.items()}
    return Measured(
        conditions=conditions(),
        estimates=estimates(samples),
        seeds=list(SEEDS),
        settings={"budget": BUDGET, "tuned": tuned(), "architectures": table.space.size},
        curves=Curves("trainings", "regret, points of accuracy", lines, xscale="log"),
    )


def rare_cells() -> Measured:
    """How often a search has trained one of the best cells when its budget is spent."""
    table = digits201()
    least = top_value(table, SHARE)
    strings = sum(table.measure(arch).value >= least for arch in table.space)
    hits = {
        name: [[float(values_at(run, table.measure, BUDGETS[-1:])[0] >= least) for run in runs]]
        for name, runs in histories().items()
    }
    size, budget = table.space.size, max(BUDGETS)
    return Measured(
        conditions=conditions(),
        estimates=estimates(hits, "share"),
        reference=(chance := 1 - (1 - strings / size) ** budget),
        seeds=list(SEEDS),
        settings={
            "architectures": size,
            "budget": budget,
            "share": SHARE,
            "strings": strings,
            "chance": chance,
        },
    )
