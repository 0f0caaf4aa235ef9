"""Lecture 01: does a controller trained by REINFORCE find better networks than luck does?"""

from collections.abc import Mapping, Sequence
from functools import partial
from itertools import product
from typing import Any

from claims.tuning import tune
from course_lib.core import History, Measure, Search, Space, compare, make_rng
from course_lib.core.statistics import Interval, bootstrap_interval, difference, probability_of_win
from course_lib.nas.controller import reinforce
from course_lib.nas.search import random_search
from course_lib.nas.table import digits201

BUDGETS = (25, 50, 100, 200, 500)
SEEDS = range(1000, 1050)
TUNING_SEEDS = range(20)
SETTINGS: list[dict[str, Any]] = [
    {"batch": batch, "learning_rate": rate, "entropy_weight": weight}
    for batch, rate, weight in product((5, 10), (0.003, 0.01, 0.03, 0.1), (0.0, 0.005))
]


def controller_vs_random() -> dict[str, Any]:
    """Controller and random search on the digits201 table, 50 seeds, equal numbers of questions.

    The controller is tuned first, on seeds of its own.
    """
    table = digits201()
    candidates: list[Search] = [partial(reinforce, **setting) for setting in SETTINGS]
    best = tune(
        candidates, table.space, table.measure, budgets=BUDGETS, seeds=TUNING_SEEDS, n_jobs=-1
    )
    searches = {"controller": candidates[best], "random search": random_search}
    return {
        "lecture": "01_rl_nas",
        "statement": "A controller that learns from the networks it tried finds a better network "
        "than random search with the same number of trainings.",
        "prediction": "Before you look: at which of these budgets is the controller ahead, "
        "and by how many points of test accuracy?",
        "change_our_mind": "An interval on the other side of zero, or one that holds zero where a "
        "difference is shown now: with other seeds, when the tuning has to be paid for, or on a "
        "table of larger networks.",
        "reported": "test accuracy of the network with the best validation accuracy so far",
        "conditions": "The controller's batch, learning rate and entropy weight are the best of "
        f"{len(SETTINGS)} settings, by validation accuracy on {len(TUNING_SEEDS)} other seeds. Its "
        "budget does not pay for this tuning; random search has nothing to tune.",
        "tuned": SETTINGS[best],
        "architectures": table.space.size,
        **duel(searches, table.space, table.measure, budgets=BUDGETS, seeds=SEEDS, n_jobs=-1),
    }


def duel(
    searches: Mapping[str, Search],
    space: Space,
    measure: Measure,
    *,
    budgets: Sequence[int],
    seeds: Sequence[int],
    n_jobs: int = 1,
) -> dict[str, Any]:
    """Two searches at every budget: means, difference (first - second) and P(first wins).

    The searches ask unit-cost questions and know no budget, so that one run at the largest budget
    contains the runs at all smaller ones. The intervals of one quantity hold at all budgets
    together with 95 %: each has level 1 - 0.05 / number of budgets (Bonferroni).
    """
    level = 1 - 0.05 / len(budgets)
    runs = compare(searches, space, measure, budget=max(budgets), seeds=seeds, n_jobs=n_jobs)
    samples = {
        name: {str(budget): [reported(run, budget) for run in histories] for budget in budgets}
        for name, histories in runs.items()
    }
    rows = [{"budget": budget, **statistics(samples, str(budget), level)} for budget in budgets]
    return {
        "n": len(seeds),
        "seeds": list(seeds),
        "level": level,
        "rows": rows,
        "samples": samples,
    }


def reported(history: History, budget: int) -> float:
    """Test accuracy of the trial that has the best value among the first `budget`."""
    return float(history[:budget].best().info["test_accuracy"])


def statistics(
    samples: Mapping[str, Mapping[str, Sequence[float]]], budget: str, level: float
) -> dict[str, Any]:
    """The intervals of one budget, from the samples alone: anybody can compute them again."""
    (first, one), (second, two) = ((name, own[budget]) for name, own in samples.items())
    return {
        first: as_json(bootstrap_interval(one, make_rng(0), level=level)),
        second: as_json(bootstrap_interval(two, make_rng(0), level=level)),
        "difference": as_json(difference(one, two, make_rng(0), level=level)),
        "win": as_json(probability_of_win(one, two, make_rng(0), level=level)),
    }


def as_json(interval: Interval) -> dict[str, float]:
    return {
        "mean": interval.estimate,
        "low": interval.low,
        "high": interval.high,
        "level": interval.level,
    }
