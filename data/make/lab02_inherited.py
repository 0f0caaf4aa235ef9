"""data/lab02_inherited.csv: what 729 cells inherit from a supernet, for the challenge of lab 02."""

import csv

from course_lib.core import Arch, make_rng
from course_lib.core.threads import one_thread
from course_lib.datasets import cluttered_digits
from course_lib.nas.plan import SUBSPACE
from course_lib.nas.supernet import InheritedAccuracy, Supernet, sampled_op
from course_lib.nas.uniform_paths import train_on_uniform_paths
from data import FOLDER


def inherited_accuracies() -> dict[Arch, float]:
    """Train a supernet on uniform paths, ask it for every cell of `SUBSPACE`: a few minutes.

    Statistics come from 250 training images, the accuracy from 500 validation images.
    """
    task = cluttered_digits(test=1)
    net = Supernet(SUBSPACE, rng=make_rng(0), mixed_op=sampled_op)
    train_on_uniform_paths(net, task, make_rng(0), epochs=25)
    judge = InheritedAccuracy(net, task.train.part(slice(250)), task.valid.part(slice(500)))
    return {arch: judge(arch).value for arch in SUBSPACE}


def main() -> None:
    """Measure and write the file."""
    with one_thread():
        found = inherited_accuracies()
    path = FOLDER / "lab02_inherited.csv"
    lines = [(SUBSPACE.describe(arch), f"{value:.4f}") for arch, value in found.items()]
    with path.open("w", newline="", encoding="utf-8") as file:
        csv.writer(file, lineterminator="\n").writerows([("cell", "accuracy"), *lines])
    print(f"wrote {path}")
