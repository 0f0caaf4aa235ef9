"""Lecture 02: what does the supergraph cost in memory, and what a single path?"""

import torch

from claims.estimates import curve, estimates
from course_lib.core import make_rng
from course_lib.nas.cells import OPERATIONS, CellSpace
from course_lib.nas.memory import step_bytes
from course_lib.nas.supernet import Supernet, mixed_op, sampled_op
from course_lib.show.measured import Curves, Measured

SEEDS = range(20)
BATCH = 50


def memory() -> Measured:
    """Bytes that a training step keeps: mixture against single path, by number of operations."""
    runs = [_memory(seed) for seed in SEEDS]
    counts = list(range(1, len(OPERATIONS) + 1))
    lines = {
        name: curve(counts, [[kept / 1e6 for kept in run[name]] for run in runs])
        for name in ("all operations mixed", "one operation per edge")
    }
    samples = {
        f"{count} operation{'s'[: count > 1]}": [
            [
                run["all operations mixed"][count - 1] / run["one operation per edge"][count - 1]
                for run in runs
            ]
        ]
        for count in counts
    }
    return Measured(
        conditions=f"Batches of {BATCH} images. Each of the {len(SEEDS)} seeds draws an "
        "order in which the five operations join, and a path for each number of operations.",
        estimates=estimates(samples),
        reference=1.0,
        seeds=list(SEEDS),
        curves=Curves("operations per edge", "activations kept, megabytes", lines),
    )


def _memory(seed: int) -> dict[str, list[int]]:
    """Bytes kept with 1, 2, ..., 5 operations per edge."""
    rng = make_rng(seed)
    order = [OPERATIONS[i] for i in torch.randperm(len(OPERATIONS), generator=rng).tolist()]
    x = torch.randn(BATCH, 1, 12, 12, generator=rng)
    kept: dict[str, list[int]] = {"all operations mixed": [], "one operation per edge": []}
    for count in range(1, len(OPERATIONS) + 1):
        space = CellSpace(order[:count])
        net = Supernet(space, rng=rng).train()
        even = torch.full((space.edges, count), 1 / count)
        path = space.one_hot(space.sample(rng))
        for own, op, weights in zip(
            kept.values(), (mixed_op, sampled_op), (even, path), strict=True
        ):
            net.mixed_op = op
            own.append(step_bytes(net, x, weights))
    return kept
