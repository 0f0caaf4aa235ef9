"""Lecture 04: does GDAS choose zero because its weights are not trained yet?"""

from typing import Any

from claims.darts_vs_random import GRADIENT_SEARCHES
from claims.estimates import estimates
from claims.luck import points
from claims.runs import forget, run_seeds
from course_lib.core import make_rng
from course_lib.datasets import cluttered_digits
from course_lib.nas.one_shot import derive, one_shot_search
from course_lib.nas.supernet import Supernet, sampled_op
from course_lib.nas.table import digits201
from course_lib.nas.uniform_paths import train_on_uniform_paths
from course_lib.show.measured import Measured

SEEDS = range(30, 42)
HEAD_START, ALPHA_RATE = 12, 0.003


def head_start() -> Measured:
    """Zeros of GDAS's cells, with weights trained on uniform paths first and without."""
    runs = run_seeds("04_head_start", _both, SEEDS)
    samples = {
        f"{label}, head start - none": [
            [run["head start"][quantity] - run["none"][quantity] for run in runs]
        ]
        for label, quantity in (("edges with zero", "zeros"), ("test accuracy (points)", "points"))
    }
    forget("04_head_start")
    return Measured(
        conditions=f"All five operations, the table's {digits201().space.size:,} cells. Head "
        f"start: {HEAD_START} epochs on uniform paths before alpha moves. Then GDAS as in the "
        f"claim of lecture 03, step size of alpha {ALPHA_RATE}, with the same seed in both.",
        estimates=estimates(samples),
        seeds=list(SEEDS),
        runs=runs,
    )


def _both(seed: int) -> dict[str, dict[str, Any]]:
    """The cells of one seed, and their zeros."""
    table, task = digits201(), cluttered_digits(test=1)
    starts = {
        name: Supernet(table.space, rng=make_rng(seed), mixed_op=sampled_op)
        for name in ("none", "head start")
    }
    train_on_uniform_paths(starts["head start"], task, make_rng(seed), epochs=HEAD_START)
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
