"""Lecture 03: does DARTS collapse, and does stopping early help?"""

from collections.abc import Sequence
from typing import Any

from claims.estimates import curve, estimates
from claims.runs import forget, run_seeds
from course_lib.core import make_rng
from course_lib.datasets import cluttered_digits
from course_lib.nas.cells import CellSpace
from course_lib.nas.one_shot import derive, one_shot_steps
from course_lib.nas.supernet import Supernet, mixed_op
from course_lib.nas.training import TrainingMeasure
from course_lib.show.measured import Curves, Measured

SEEDS, EPOCHS = range(15), 24


def collapse() -> Measured:
    """Skip connections of the derived cell over the epochs of DARTS, and early stopping."""
    runs = run_seeds("03_collapse", _collapse, SEEDS)
    epochs = list(range(1, EPOCHS + 1))
    samples = {
        "skip connections, last - first epoch": [
            [run["skip"][-1] - run["skip"][0] for run in runs]
        ],
        "edges without weights, last - first epoch": [
            [run["weightless"][-1] - run["weightless"][0] for run in runs]
        ],
        "test accuracy (points), stopped early - last epoch": [
            [100 * (run["early"]["test"] - run["late"]["test"]) for run in runs]
        ],
    }
    lines = {
        "skip connections": curve(epochs, [run["skip"] for run in runs]),
        "edges without weights": curve(epochs, [run["weightless"] for run in runs]),
    }
    forget("03_collapse")
    stops = ", ".join(str(run["stop"]) for run in runs)
    return Measured(
        conditions=f"All five operations of NAS-Bench-201, first order, {EPOCHS} epochs. Stopped "
        "early is the cell of the last epoch before two edges are skip connections (epochs "
        f"{stops}).",
        estimates=estimates(samples),
        seeds=list(SEEDS),
        settings={"epochs": EPOCHS},
        curves=Curves("epoch of the search", "edges of the derived cell", lines),
        runs=runs,
    )


def _collapse(seed: int) -> dict[str, Any]:
    """One long search; its cell of every epoch, and two of them trained from scratch."""
    space, task = CellSpace(), cluttered_digits()
    net = Supernet(space, rng=make_rng(seed), mixed_op=mixed_op)
    steps = one_shot_steps(net, task.train, task.valid, make_rng(seed), epochs=EPOCHS)
    cells = [space.names(derive(space, step.alpha)) for step in steps if step.epoch % 1 == 0]
    skips = [cell.count("skip_connect") for cell in cells]
    stop = early(skips)
    measure = TrainingMeasure(space, task, identity=space.canonical)

    def trained(cell: tuple[str, ...]) -> dict[str, Any]:
        trial = measure(tuple(space.operations.index(name) for name in cell))
        return {"cell": space.describe(trial.arch), "test": trial.info["test_accuracy"]}

    return {
        "skip": skips,
        "weightless": [sum("conv" not in name for name in cell) for cell in cells],
        "stop": stop,
        "early": trained(cells[stop - 1]),
        "late": trained(cells[-1]),
    }


def early(skips: Sequence[int]) -> int:
    """The last epoch (from 1) before the derived cell has two skip connections; the last if never.

    Source: Liang et al. 2019 (DARTS+), the criterion.
    """
    return next((max(1, epoch) for epoch, count in enumerate(skips) if count >= 2), len(skips))
