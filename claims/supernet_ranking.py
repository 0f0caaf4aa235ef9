"""Lecture 02: do shared weights rank architectures as training does?"""

from collections.abc import Callable, Sequence
from functools import partial

import torch
from scipy import stats

from claims.estimates import estimates
from claims.runs import forget, run_seeds
from course_lib.core import Arch, Trial, make_rng
from course_lib.datasets import ImageTask, cluttered_digits
from course_lib.nas.supernet import (
    InheritedAccuracy,
    Subnet,
    Supernet,
    batch_statistics,
    sampled_op,
)
from course_lib.nas.table import Table, digits201
from course_lib.nas.training import accuracy
from course_lib.nas.uniform_paths import train_on_uniform_paths
from course_lib.show.measured import Measured

SEEDS = range(10)
EPOCHS = 40
SAMPLE = 50
CALIBRATION = 500


def supernet_ranking() -> Measured:
    """Kendall's tau between inherited and stand-alone accuracy, over seeds of the supernet."""
    runs = run_seeds("02_supernet_ranking", _ranking, SEEDS)
    forget("02_supernet_ranking")
    size = digits201().space.size
    return Measured(
        conditions=f"The supernet was trained for {EPOCHS} epochs; its seed also draws which "
        f"{SAMPLE} architectures are compared, out of {size:,}, and out of the tenth "
        "with the highest validation accuracy in the table. The last two rows put an "
        "architecture's own training, judged on validation images, in the place of the supernet: "
        "no supernet can be expected to do better.",
        estimates=estimates({label: [[run[label] for run in runs]] for label in runs[0]}),
        seeds=list(SEEDS),
        settings={"architectures": size},
    )


def _ranking(seed: int) -> dict[str, float]:
    """Per way to judge and scope, the tau of one supernet."""
    table, task = digits201(), cluttered_digits(test=1)
    net = Supernet(table.space, rng=make_rng(seed), mixed_op=sampled_op)
    train_on_uniform_paths(net, task, make_rng(seed), epochs=EPOCHS)
    return ranking(net, task, table, seed, SAMPLE)


def ranking(
    net: Supernet, task: ImageTask, table: Table, seed: int, count: int
) -> dict[str, float]:
    """Tau of every way to judge, over `count` architectures of the space and of its best tenth."""
    archs = {"all": list(table.space), "best tenth": best_tenth(table)}
    rng = make_rng(1000 + seed)
    drawn = {
        scope: [every[i] for i in torch.randperm(len(every), generator=rng)[:count].tolist()]
        for scope, every in archs.items()
    }
    # what training accumulated is judged first: recalibration forgets it
    judges: dict[str, Callable[[Arch], Trial | float]] = {
        "accumulated": InheritedAccuracy(net, task.train, task.valid, calibrate=None),
        "batch": partial(_with_batch_statistics, net, task),
        "recalibrated": InheritedAccuracy(net, task.train.part(slice(CALIBRATION)), task.valid),
        "own training": table.measure,
    }
    answers: dict[str, float] = {}
    for judge, measure in judges.items():
        for scope, own in drawn.items():
            values = [_value(measure(arch)) for arch in own]
            answers[f"{judge}, {scope}"] = tau(values, [_tested(table, arch) for arch in own])
    order = ("recalibrated", "batch", "accumulated", "own training")
    return {f"{judge}, {scope}": answers[f"{judge}, {scope}"] for judge in order for scope in drawn}


def _with_batch_statistics(net: Supernet, task: ImageTask, arch: Arch) -> float:
    with batch_statistics(net):
        return accuracy(Subnet(net, net.space.one_hot(arch)), task.valid)


def _value(answer: Trial | float) -> float:
    return answer.value if isinstance(answer, Trial) else answer


def _tested(table: Table, arch: Arch) -> float:
    return float(table.measure(arch).info["test_accuracy"])


def best_tenth(table: Table) -> list[Arch]:
    """The tenth of the space that has the highest validation accuracy in the table."""
    archs = sorted(table.space, key=lambda arch: table.measure(arch).value, reverse=True)
    return archs[: max(2, len(archs) // 10)]


def tau(one: Sequence[float], other: Sequence[float]) -> float:
    """Kendall's tau-b; 0 where one of the two is constant."""
    value = float(stats.kendalltau(one, other).statistic)
    return value if value == value else 0.0
