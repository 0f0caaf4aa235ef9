"""Lecture 01: does a controller trained by REINFORCE find better networks than luck does?"""

from functools import partial

from claims.estimates import estimates
from claims.luck import against_luck, points
from claims.searches import BUDGETS, CANDIDATES, SEEDS, TUNING_SEEDS, histories, tuned
from claims.tuning import incumbents
from course_lib.core import make_rng
from course_lib.core.statistics import probability_of_win
from course_lib.nas.table import digits201
from course_lib.show.measured import Measured, Samples


def controller_vs_random() -> Measured:
    """The tuned controller and random search, test accuracy at equal numbers of trainings."""
    table, runs = digits201(), histories()["controller"]
    budgets = {f"{budget} trainings": budget for budget in BUDGETS}
    found = {name: [incumbents(run, [own])[0] for run in runs] for name, own in budgets.items()}
    samples = against_luck(table, found, budgets, partial(points, table), SEEDS)
    return Measured(
        conditions="The controller's batch, learning rate and entropy weight are the best of "
        f"{len(CANDIDATES['controller'][1])} settings, by validation accuracy on "
        f"{len(TUNING_SEEDS)} other seeds. Its budget does not pay for this tuning; random search "
        f"has nothing to tune. {wins(samples)}",
        estimates=estimates(samples),
        seeds=list(SEEDS),
        settings={"tuned": tuned()["controller"], "architectures": table.space.size},
    )


def wins(samples: Samples) -> str:
    """In words: in how many of all pairs of runs the controller ends higher, a tie being half."""
    shares = [
        f"{probability_of_win(own, luck, make_rng(0)).estimate:.0%} after {label}"
        for label, (own, luck) in samples.items()
    ]
    return f"Of all pairs of runs the controller ends higher in {', '.join(shares)}."
