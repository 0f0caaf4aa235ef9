"""Lecture 02: do shared weights rank architectures as training does, and what does sharing cost?"""

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

import torch
from scipy import stats

from claims.estimates import curve, estimates, forget, run_seeds
from course_lib.core import Arch, Trial, make_rng
from course_lib.core.threads import one_thread
from course_lib.datasets import ImageTask, cluttered_digits
from course_lib.nas.cells import OPERATIONS, CellSpace
from course_lib.nas.memory import activation_bytes
from course_lib.nas.one_shot import one_shot_search, uniform_one_hot
from course_lib.nas.supernet import (
    InheritedAccuracy,
    Subnet,
    Supernet,
    batch_statistics,
    mixed_op,
    sampled_op,
)
from course_lib.nas.table import Table, digits201
from course_lib.nas.training import accuracy

SEEDS = range(10)
EPOCHS = 40
SAMPLE = 50
CALIBRATION = 500
MEMORY_SEEDS = range(20)
BATCH = 50


def supernet_ranking() -> dict[str, Any]:
    """Kendall's tau between inherited and stand-alone accuracy, over seeds of the supernet."""
    name = "02_supernet_ranking"
    table = digits201()
    runs = run_seeds(name, _ranking, SEEDS)
    samples = {label: [[run[label] for run in runs]] for label in runs[0]}
    forget(name)
    return {
        "lecture": "02_weight_sharing",
        "statement": "A supernet trained on uniformly drawn paths ranks architectures as training "
        "each of them would.",
        "prediction": "Before you look: how large is Kendall's tau over the whole space, and how "
        "large among the best tenth, where a search must choose? Which statistics of batch "
        "normalisation do you take?",
        "change_our_mind": "An interval that lies on the other side of zero: with longer training, "
        "a larger network, or architectures that differ more.",
        "reported": "Kendall's tau-b between the validation accuracy with shared weights and the "
        "table's test accuracy",
        "conditions": f"The supernet was trained for {EPOCHS} epochs; its seed also draws which "
        f"{SAMPLE} architectures are compared, out of {table.space.size:,}, and out of the tenth "
        "with the highest validation accuracy in the table. The last two rows put an "
        "architecture's own training, judged on validation images, in the place of the supernet: "
        "no supernet can be expected to do better.",
        "quantity": "Kendall's tau",
        "reference": 0.0,
        "above": "The ranking agrees with the table",
        "below": "The ranking is turned round",
        "undecided": "No agreement is shown",
        "architectures": table.space.size,
        "seeds": list(SEEDS),
        **estimates(samples),
    }


def _ranking(seed: int) -> dict[str, float]:
    """Per way to judge and scope, the tau of one supernet."""
    table, task = digits201(), cluttered_digits(test=1)
    net = trained_supernet(table, task, seed, EPOCHS)
    return ranking(net, task, table, seed, SAMPLE)


def trained_supernet(table: Table, task: ImageTask, seed: int, epochs: int) -> Supernet:
    """A supernet over the table's space, trained on uniformly drawn paths."""
    net = Supernet(table.space, rng=make_rng(seed), mixed_op=sampled_op)
    one_shot_search(
        net,
        task.train,
        task.valid,
        make_rng(seed),
        relax=uniform_one_hot,
        alpha_gradient=None,
        epochs=epochs,
    )
    return net


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


def memory() -> dict[str, Any]:
    """Bytes that a training step keeps: mixture against single path, by number of operations."""
    runs = [_memory(seed) for seed in MEMORY_SEEDS]
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
    return {
        "lecture": "02_weight_sharing",
        "statement": "The memory of a step on the whole supergraph grows with the number of "
        "operations per edge; that of a single path does not.",
        "prediction": "Before you look: how many times the memory of one path does the supergraph "
        "with five operations need? Five times?",
        "change_our_mind": "A ratio whose interval reaches down to one with five operations: with "
        "activations that are computed again instead of kept, say.",
        "reported": "memory that one forward pass keeps for the backward pass",
        "conditions": f"Batches of {BATCH} images. Each of the {len(MEMORY_SEEDS)} seeds draws an "
        "order in which the five operations join, and a path for each number of operations.",
        "quantity": "memory of the mixture / memory of a path",
        "reference": 1.0,
        "above": "The mixture needs more",
        "below": "The mixture needs less",
        "undecided": "No difference is shown",
        "seeds": list(MEMORY_SEEDS),
        "curves": {
            "xlabel": "operations per edge",
            "ylabel": "activations kept, megabytes",
            "lines": lines,
        },
        **estimates(samples),
    }


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
            own.append(kept_bytes(net, x, weights))
    return kept


def kept_bytes(net: Supernet, x: torch.Tensor, weights: torch.Tensor) -> int:
    """Activations that a step on these weights keeps, gradients of the weights included."""
    leaf = weights.clone().requires_grad_()
    besides = [x, leaf, *net.parameters(), *net.buffers()]
    with one_thread():
        return activation_bytes(lambda: net(x, leaf).sum(), besides=besides)
