"""Lecture 04: does GDAS choose zero because its weights are not trained yet?"""

from typing import Any

from claims.darts_vs_random import GRADIENT_SEARCHES, points
from claims.estimates import estimates, forget, run_seeds
from claims.lecture02 import trained_supernet
from course_lib.core import make_rng
from course_lib.datasets import cluttered_digits
from course_lib.nas.one_shot import derive, one_shot_search
from course_lib.nas.supernet import Supernet, sampled_op
from course_lib.nas.table import digits201

SEEDS = range(30, 42)
HEAD_START, ALPHA_RATE = 12, 0.003


def head_start() -> dict[str, Any]:
    """Zeros of GDAS's cells, with weights trained on uniform paths first and without."""
    name = "04_head_start"
    runs = run_seeds(name, _both, SEEDS)

    def gain(quantity: str) -> list[float]:
        return [run["head start"][quantity] - run["none"][quantity] for run in runs]

    samples = {
        "edges with zero, head start - none": [gain("zeros")],
        "test accuracy (points), head start - none": [gain("points")],
    }
    forget(name)
    return {
        "lecture": "04_gumbel",
        "statement": "GDAS puts zero on edges because its weights are not trained yet: with a head "
        "start on uniform paths it puts fewer.",
        "prediction": "Before you look: does the head start make zeros fewer or more? Is the cell "
        "better?",
        "change_our_mind": "An interval on the other side of zero: with a longer head start, a "
        "larger network, or a validation loss in which hopeless paths weigh less.",
        "reported": "edges of the derived cell that hold zero, and its test accuracy in the table",
        "conditions": f"All five operations, the table's {digits201().space.size:,} cells. Head "
        f"start: {HEAD_START} epochs on uniform paths before alpha moves. Then GDAS as in the "
        f"claim of lecture 03, step size of alpha {ALPHA_RATE}, with the same seed in both.",
        "quantity": "difference, edges or points",
        "reference": 0.0,
        "above": "More",
        "below": "Less",
        "undecided": "No difference is shown",
        "seeds": list(SEEDS),
        "runs": runs,
        **estimates(samples),
    }


def _both(seed: int) -> dict[str, dict[str, Any]]:
    """The cells of one seed, and their zeros."""
    table, task = digits201(), cluttered_digits(test=1)
    starts = {
        "none": Supernet(table.space, rng=make_rng(seed), mixed_op=sampled_op),
        "head start": trained_supernet(table, task, seed, HEAD_START),
    }
    answer = {}
    for start, net in starts.items():
        _, options = GRADIENT_SEARCHES["GDAS"]
        alpha, _ = one_shot_search(
            net, task.train, task.valid, make_rng(seed), alpha_learning_rate=ALPHA_RATE, **options
        )
        arch = derive(table.space, alpha)
        answer[start] = {
            "cell": table.space.describe(arch),
            "zeros": table.space.names(arch).count("none"),
            "points": points(table, arch),
        }
    return answer
