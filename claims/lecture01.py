"""Lecture 01: does a controller trained by REINFORCE find better networks than luck does?"""

from collections.abc import Mapping, Sequence
from typing import Any

from course_lib.core import History, Measure, Search, Space, compare, make_rng
from course_lib.core.statistics import Interval, bootstrap_interval, difference, probability_of_win
from course_lib.nas.controller import reinforce
from course_lib.nas.search import random_search
from course_lib.nas.table import digits201

BUDGETS = (25, 50, 100, 200, 500)
SEEDS = range(1000, 1050)
"""Seeds that nobody looked at when hyperparameters were chosen."""


def controller_vs_random() -> dict[str, Any]:
    """Controller and random search on the digits201 table, 50 seeds, equal numbers of questions."""
    table = digits201()
    searches: dict[str, Search] = {"controller": reinforce, "random search": random_search}
    return {
        "lecture": "01_rl_nas",
        "statement": "A controller that learns from the networks it tried finds a better network "
        "than random search with the same number of trainings.",
        "prediction": "Before you look: at which of these budgets is the controller ahead, "
        "and by how many points of test accuracy?",
        "change_our_mind": "An interval of the difference on the other side of zero: with other "
        "seeds, with hyperparameters tuned on other seeds, or in a larger space, where good "
        "networks are rare enough that luck seldom meets one.",
        "reported": "test accuracy of the network with the best validation accuracy so far",
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
    contains the runs at all smaller ones.
    """
    runs = compare(searches, space, measure, budget=max(budgets), seeds=seeds, n_jobs=n_jobs)
    samples = {
        name: {str(budget): [reported(run, budget) for run in histories] for budget in budgets}
        for name, histories in runs.items()
    }
    rows = [{"budget": budget, **statistics(samples, str(budget))} for budget in budgets]
    return {"n": len(seeds), "seeds": list(seeds), "rows": rows, "samples": samples}


def reported(history: History, budget: int) -> float:
    """Test accuracy of the trial that has the best value among the first `budget`."""
    return float(history[:budget].best().info["test_accuracy"])


def statistics(samples: Mapping[str, Mapping[str, Sequence[float]]], budget: str) -> dict[str, Any]:
    """The intervals of one budget, from the samples alone: anybody can compute them again."""
    (first, one), (second, two) = ((name, own[budget]) for name, own in samples.items())
    return {
        first: as_json(bootstrap_interval(one, make_rng(0))),
        second: as_json(bootstrap_interval(two, make_rng(0))),
        "difference": as_json(difference(one, two, make_rng(0))),
        "win": as_json(probability_of_win(one, two, make_rng(0))),
    }


def as_json(interval: Interval) -> dict[str, float]:
    return {
        "mean": interval.estimate,
        "low": interval.low,
        "high": interval.high,
        "level": interval.level,
    }
