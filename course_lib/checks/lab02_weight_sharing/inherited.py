"""What 729 cells inherit from one supernet: data/lab02_inherited.csv.

`python -m course_lib.checks.lab02_weight_sharing.inherited` makes the file again.
"""

import csv
from functools import cache
from pathlib import Path

import torch

from course_lib.core import Arch, make_rng
from course_lib.nas.cells import CellSpace

SPACE = CellSpace(("skip_connect", "nor_conv_1x1", "nor_conv_3x3"))
_FILE = Path(__file__).parents[3] / "data" / "lab02_inherited.csv"


@cache
def inherited() -> dict[Arch, float]:
    """The validation accuracy of every cell of `SPACE` with the supernet's weights."""
    with _FILE.open(newline="", encoding="utf-8") as file:
        return {SPACE.parse(line["cell"]): float(line["accuracy"]) for line in csv.DictReader(file)}


def measure() -> dict[Arch, float]:
    """Train a supernet on uniform paths, ask it for every cell: a few minutes.

    Statistics come from 250 training images, the accuracy from 500 validation images.
    """
    from course_lib.datasets import cluttered_digits
    from course_lib.nas.one_shot import one_shot_search, uniform_one_hot
    from course_lib.nas.supernet import InheritedAccuracy, Supernet, sampled_op

    task = cluttered_digits(test=1)
    net = Supernet(SPACE, rng=make_rng(0), mixed_op=sampled_op)
    one_shot_search(
        net,
        task.train,
        task.valid,
        make_rng(0),
        relax=uniform_one_hot,
        alpha_gradient=None,
        epochs=25,
    )
    judge = InheritedAccuracy(net, task.train.part(slice(250)), task.valid.part(slice(500)))
    return {arch: judge(arch).value for arch in SPACE}


if __name__ == "__main__":
    torch.set_num_threads(1)
    lines = [(SPACE.describe(arch), f"{value:.4f}") for arch, value in measure().items()]
    with _FILE.open("w", newline="", encoding="utf-8") as target:
        csv.writer(target, lineterminator="\n").writerows([("cell", "accuracy"), *lines])
    print(f"wrote {_FILE}")
