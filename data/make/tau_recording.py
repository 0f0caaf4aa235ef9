"""data/recordings/tau.json: the pairs behind the demo of Kendall's tau.

A supernet over the space of the digits201 table is trained on uniformly drawn paths; 200
architectures are judged with its weights in three ways, and the table says what their own training
gave.
"""

from collections.abc import Callable
from pathlib import Path

import torch

from course_lib.core import Arch, make_rng
from course_lib.datasets import ImageTask, cluttered_digits
from course_lib.nas.supernet import (
    InheritedAccuracy,
    Subnet,
    Supernet,
    batch_statistics,
    sampled_op,
)
from course_lib.nas.table import digits201
from course_lib.nas.training import accuracy
from course_lib.nas.uniform_paths import train_on_uniform_paths
from course_lib.show.nas.tau_demo import RECORDING
from course_lib.show.recordings import Run, write_recording


def judges(net: Supernet, task: ImageTask) -> dict[str, Callable[[Arch], float]]:
    """Three ways to judge a path; what training accumulated is lost once another is asked."""
    accumulated = InheritedAccuracy(net, task.train, task.valid, calibrate=None)
    recalibrated = InheritedAccuracy(net, task.train, task.valid)

    def batch(arch: Arch) -> float:
        with batch_statistics(net):
            return accuracy(Subnet(net, net.space.one_hot(arch)), task.valid)

    return {
        "accumulated": lambda arch: accumulated(arch).value,
        "batch": batch,
        "recalibrated": lambda arch: recalibrated(arch).value,
    }


def record_tau(
    *, epochs: int = 60, architectures: int = 200, task: ImageTask | None = None
) -> Path:
    """Train, judge, write data/recordings/tau.json; about two minutes on one core."""
    table, rng = digits201(), make_rng(0)
    task = task or cluttered_digits(test=1)
    net = Supernet(table.space, rng=rng, mixed_op=sampled_op)
    train_on_uniform_paths(net, task, rng, epochs=epochs)
    drawn = {table.space.sample(rng) for _ in range(2 * architectures)}
    archs = sorted(drawn)
    order = torch.randperm(len(archs), generator=rng)[:architectures].tolist()
    archs = [archs[place] for place in order]
    runs = []
    for name, judge in judges(net, task).items():
        values = [round(judge(arch), 4) for arch in archs]
        truth = [round(table.measure(arch).value, 4) for arch in archs]
        names = {"inherited": values, "stand_alone": truth, "architectures": archs}
        runs.append(Run(name, {"epochs": epochs}, names, []))
    return write_recording(RECORDING, runs[::-1])
