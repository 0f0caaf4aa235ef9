"""Lecture 01: seven searches on the table, by regret and by how often they find a rare cell."""

from collections.abc import Sequence
from functools import cache, partial
from itertools import product
from typing import Any

from claims.estimates import curve, estimates
from claims.lecture01 import BUDGETS, SEEDS, SETTINGS, TUNING_SEEDS
from claims.tuning import tune, values_at
from course_lib.core import History, Search, compare
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

RANDOM = "random search"
BUDGET = 200
SHARE = 0.001
Settings = dict[str, Any]


def grid(**choices: Sequence[Any]) -> list[Settings]:
    """All combinations of the choices."""
    return [dict(zip(choices, values, strict=True)) for values in product(*choices.values())]


CANDIDATES: dict[str, tuple[Any, list[Settings]]] = {
    RANDOM: (random_search, [{}]),
    "evolution": (regularized_evolution, grid(population=(10, 30, 60), tournament=(3, 10))),
    "local search": (local_search, [{}]),
    "Metropolis": (metropolis, grid(temperature=(0.001, 0.003, 0.01, 0.03))),
    "controller": (reinforce, SETTINGS),
    "Q-learning": (q_learning, grid(replay=(20, 100), learning_rate=(0.01, 0.1))),
    "successive halving": (
        successive_halving,
        grid(candidates=(8, 16, 32), fidelities=((1, 2, 4, 8), (2, 4, 8), (4, 8))),
    ),
}


@cache
def tuned() -> dict[str, Settings]:
    """For each search the settings that find most, on seeds of their own."""
    table = digits201()
    best = {}
    for name, (search, settings) in CANDIDATES.items():
        searches: list[Search] = [partial(search, **own) for own in settings]
        choice = tune(
            searches, table.space, table.measure, budgets=BUDGETS, seeds=TUNING_SEEDS, n_jobs=-1
        )
        best[name] = settings[choice]
    return best


@cache
def histories() -> dict[str, list[History]]:
    """Every tuned search on every seed, with the largest budget."""
    table = digits201()
    searches = {name: partial(CANDIDATES[name][0], **own) for name, own in tuned().items()}
    return compare(
        searches, table.space, table.measure, budget=max(BUDGETS), seeds=SEEDS, n_jobs=-1
    )


def conditions() -> str:
    """How the comparison was made fair."""
    counts = ", ".join(
        f"{len(own)} for {name}" for name, (_, own) in CANDIDATES.items() if len(own) > 1
    )
    return (
        "Settings are the best by the value found, averaged over budgets, on "
        f"{len(TUNING_SEEDS)} other seeds ({counts}; the others have none). A budget counts whole "
        "trainings; successive halving pays for the epochs that it asks for. No budget pays for "
        "the tuning."
    )


def regret() -> dict[str, Any]:
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
    place = BUDGETS.index(BUDGET)
    chance = [row[place] for row in regrets[RANDOM]]
    samples = {
        name: [[row[place] for row in rows], chance]
        for name, rows in regrets.items()
        if name != RANDOM
    }
    return {
        "lecture": "01_rl_nas",
        "statement": "Every search of this lecture finds better cells than random search does "
        f"with {BUDGET} trainings.",
        "prediction": "Before you look: which searches are ahead of random search, and which is "
        "the best of them? Does the order change with the budget?",
        "change_our_mind": "Intervals on the other side of zero: with other seeds, with wider "
        "choices of settings, or on a table of larger networks.",
        "reported": "regret of the best cell so far, in points of the table's validation accuracy: "
        "curves for every search, intervals for its difference from random search at "
        f"{BUDGET} trainings",
        "conditions": conditions(),
        "tuned": tuned(),
        "quantity": f"Regret minus that of random search, points, {BUDGET} trainings",
        "reference": 0.0,
        "above": "More regret than random search",
        "below": "Less regret than random search",
        "undecided": "No difference from random search is shown",
        "architectures": table.space.size,
        "seeds": list(SEEDS),
        "curves": {
            "xlabel": "trainings",
            "ylabel": "regret, points of accuracy",
            "xscale": "log",
            "lines": {name: curve(BUDGETS, rows) for name, rows in regrets.items()},
        },
        **estimates(samples),
    }


def rare_cells() -> dict[str, Any]:
    """How often a search has trained one of the best cells when its budget is spent."""
    table = digits201()
    least = top_value(table, SHARE)
    strings = sum(table.measure(arch).value >= least for arch in table.space)
    hits = {
        name: [[float(values_at(run, table.measure, BUDGETS[-1:])[0] >= least) for run in runs]]
        for name, runs in histories().items()
    }
    chance = 1 - (1 - strings / table.space.size) ** max(BUDGETS)
    return {
        "lecture": "01_rl_nas",
        "statement": "A search that learns meets one of the very best cells more often than "
        "uniform draws do.",
        "prediction": f"Before you look: of {table.space.size:,} strings the best {SHARE:.1%} are "
        f"{strings}. How often has a run met one of them after {max(BUDGETS)} trainings, by "
        "uniform draws and by the best search?",
        "change_our_mind": "An interval on the other side of the line: with other seeds, or once "
        "more seeds per cell say which cells are the best.",
        "reported": "share of runs whose best cell so far is among the best "
        f"{SHARE:.1%} of the strings; the reference, {chance:.2f}, is computed for uniform draws",
        "conditions": conditions(),
        "quantity": f"Share of runs with a top cell after {max(BUDGETS)} trainings",
        "reference": chance,
        "above": "More often than uniform draws",
        "below": "Less often than uniform draws",
        "undecided": "No difference from uniform draws is shown",
        "architectures": table.space.size,
        "seeds": list(SEEDS),
        **estimates(hits, "share"),
    }
