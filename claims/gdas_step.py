"""Lecture 04: what does one operation per edge save?"""

import time

import numpy as np
import torch

from claims.estimates import estimates
from claims.runs import forget, run_seeds
from course_lib.core import make_rng
from course_lib.datasets import cluttered_digits
from course_lib.nas.cells import CellSpace
from course_lib.nas.memory import step_bytes
from course_lib.nas.one_shot import gumbel_straight_through, one_shot_steps, softmax_relax
from course_lib.nas.supernet import Supernet, mixed_op, sampled_op
from course_lib.show.measured import Measured

SEEDS = range(8)
STEPS = 8


def gdas_step() -> Measured:
    """Time and memory of a step of GDAS, and of a single path, relative to a step of DARTS."""
    runs = run_seeds("04_gdas_step", _gdas_step, SEEDS, n_jobs=1)
    forget("04_gdas_step")
    return Measured(
        conditions=f"Five operations per edge, batches of 50, one thread; each of the "
        f"{len(SEEDS)} seeds takes {STEPS} steps of either method in turns.",
        estimates=estimates({label: [[run[label] for run in runs]] for label in runs[0]}),
        reference=1.0,
        seeds=list(SEEDS),
    )


def _gdas_step(seed: int) -> dict[str, float]:
    seconds = [0.0, 0.0]
    task, space = cluttered_digits(train=500, valid=500, test=1), CellSpace()
    nets = [Supernet(space, rng=make_rng(seed), mixed_op=op) for op in (mixed_op, sampled_op)]
    searches = [
        one_shot_steps(net, task.train, task.valid, make_rng(seed), relax=relax)
        for net, relax in zip(nets, (softmax_relax, gumbel_straight_through), strict=True)
    ]
    for search in searches:
        next(search)  # what is made at the first step is not a step's cost
    for _ in range(STEPS):
        for method, search in enumerate(searches):
            started = time.process_time()
            next(search)
            seconds[method] += time.process_time() - started
    x, rng = task.train.x[:50], make_rng(seed)
    alpha = torch.zeros(space.edges, len(space.operations))
    kept = [
        float(np.mean([step_bytes(net, x, relax(alpha, rng, tau=1.0)) for _ in range(STEPS)]))
        for net, relax in zip(nets, (softmax_relax, gumbel_straight_through), strict=True)
    ]
    return {"time of a step": seconds[1] / seconds[0], "activation memory": kept[1] / kept[0]}
