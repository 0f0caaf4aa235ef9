"""The challenge of lab 02: a supernet, handed in as its weights.

It is graded by evaluating it, never by training again: the mean accuracy, on images that nobody has
seen, of twelve cells that inherit their weights from it. It must reach what the plain recipe (the
loop of exercise 2 as the lab calls it) reaches at the same budget in fewer than 5 % of attempts.
"""

import io
import zipfile
from collections.abc import Callable
from functools import partial
from pathlib import Path

import numpy as np
import torch
from torch import Generator, Tensor, nn

from course_lib.checks.guard import is_placeholder, seeded
from course_lib.checks.lab02.plain import threshold
from course_lib.checks.lab02.sections import INHERITED
from course_lib.checks.progress import grading, record
from course_lib.checks.result import Finding, Outcome, Result
from course_lib.checks.wrong import Wrong
from course_lib.core import Arch, BudgetExhausted
from course_lib.datasets import Images, cluttered_digits
from course_lib.nas.cells import CellSpace
from course_lib.nas.supernet import InheritedAccuracy, Supernet, recalibrate, sampled_op

BUDGET = 20_000
CELLS = 12
FILE = "challenge.npz"
LAW = "cells inherit more than from the plain recipe at the same budget"
HINTS = (
    "The budget counts images, not steps: what does a smaller batch buy?",
    "Let the step size fall to 0 over the budget (a cosine), and clip the gradients "
    "(torch.nn.utils.clip_grad_norm_): one batch on one small path is noisy.",
    "A good start: batches of 20, SGD with Nesterov momentum 0.9, step size 0.1 under a cosine, "
    "gradients clipped at norm 5.",
)
_LARGEST = 4_000_000
_UNWRITTEN = "Write my_training first, then run this cell again."
_NO_FILE = f"Write my_training, then run the cell that writes {FILE}, then this one."


class SharedNet(nn.Module):
    """net(x, arch): a path of the supernet; images that pass with gradients on count.

    left: how many images the budget still pays.
    """

    def __init__(self, space: CellSpace, rng: Generator) -> None:
        super().__init__()
        self.space = space
        self.supernet = Supernet(space, rng=rng, mixed_op=sampled_op)
        self.left = BUDGET

    def forward(self, x: Tensor, arch: Arch) -> Tensor:
        if torch.is_grad_enabled():
            if len(x) > self.left:
                raise BudgetExhausted(
                    f"{len(x)} images, but the budget pays only {self.left} more: stop as soon as "
                    "net.left is smaller than your batch"
                )
            self.left -= len(x)
        scores: Tensor = self.supernet(x, self.space.one_hot(arch))
        return scores


Training = Callable[[SharedNet, CellSpace, Images, Generator], object]


class Problem:
    """A variant's fresh supernet, its space and training images; the rest is for grading."""

    def __init__(self, variant: int) -> None:
        self.variant = variant
        self.space = CellSpace(("skip_connect", "nor_conv_1x1", "nor_conv_3x3"))
        self.net = SharedNet(self.space, seeded(variant, 1))
        self.train = cluttered_digits(train=2000, valid=1, test=1, seed=variant).train

    def score(self) -> float:
        """Mean validation accuracy of the variant's cells, statistics from training images."""
        unseen = cluttered_digits(train=1, valid=1000, test=1, seed=10_000 + self.variant).valid
        few = Images(self.train.x[:500], self.train.y[:500])
        calibrate = partial(recalibrate, batch=250)
        measure = InheritedAccuracy(self.net.supernet, few, unseen, calibrate=calibrate)
        rng = seeded(self.variant, 2)
        return float(np.mean([measure(self.space.sample(rng)).value for _ in range(CELLS)]))


def problem(variant: int) -> Problem:
    """What `my_training` gets: `.net`, `.space` and `.train`; `.score()` afterwards, to try it."""
    return Problem(variant)


def write_challenge(training: Training, variant: int, path: str | Path = FILE) -> str:
    """Train the variant's supernet once, write its weights, say what was written.

    While nbgrader grades, a file that was handed in stays as it is. A placeholder writes nothing. A
    training that fails leaves no file, so that an earlier one is not judged in its place.
    """
    path = Path(path)
    if grading() and path.is_file():
        return f"{path} was handed in and is graded as it is."
    if is_placeholder(training):
        return _UNWRITTEN
    task = Problem(variant)
    try:
        training(task.net, task.space, task.train, seeded(variant, 3))
        weights = {name: w.detach().numpy() for name, w in task.net.supernet.named_parameters()}
        if bad := [name for name, w in weights.items() if not np.isfinite(w).all()]:
            raise ValueError(f"{bad[0]} is not finite: the training diverged, take smaller steps")
    except Exception as error:
        if isinstance(error, NotImplementedError) and not error.args:
            return _UNWRITTEN
        path.unlink(missing_ok=True)
        raise
    np.savez(path, variant=np.array(variant), **weights)
    used = BUDGET - task.net.left
    return f"Wrote {path}: weights after {used:,} of {BUDGET:,} images. Score {task.score():.4f}."


def challenge(path: str | Path = FILE, variant: int = 0, *, points: float | None = None) -> Result:
    """All points for weights whose cells reach `threshold()`; none otherwise."""
    finding = Finding(LAW, Outcome.NOT_ATTEMPTED, _NO_FILE)
    if Path(path).is_file():
        try:
            finding = _judged(_read(Path(path), variant), variant)
        except Wrong as wrong:
            finding = Finding(LAW, Outcome.FAILED, wrong.said)
    result = Result("lab02_weight_sharing", "challenge", INHERITED, points, (finding,))
    record(result)
    return result


def _read(path: Path, variant: int) -> dict[str, np.ndarray]:
    """The arrays in the file; Wrong says what is the matter with it. Nothing is unpickled."""
    again = f"run the cell that calls `write_challenge` again to write a new {FILE}"
    try:
        data = path.read_bytes()
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            size = sum(member.file_size for member in archive.infolist())
        if size > _LARGEST:
            raise ValueError(f"it would unpack to {size:,} bytes")
        with np.load(io.BytesIO(data), allow_pickle=False) as arrays:
            found = {name: arrays[name] for name in arrays.files}
        written_for = int(found.pop("variant"))
    except (OSError, ValueError, KeyError, TypeError, EOFError, zipfile.BadZipFile) as error:
        raise Wrong(f"{path.name} is damaged ({error}): {again}") from error
    if written_for != variant:
        raise Wrong(
            f"{path.name} was written for variant {written_for}, and this notebook is variant "
            f"{variant}: {again}"
        )
    return found


def _judged(weights: dict[str, np.ndarray], variant: int) -> Finding:
    task = Problem(variant)
    own = dict(task.net.supernet.named_parameters())
    if weights.keys() != own.keys():
        odd = sorted(weights.keys() ^ own.keys())
        raise Wrong(f"the weights are those of another network: {odd[0]} is missing or too much")
    with torch.no_grad():
        for name, weight in own.items():
            given = weights[name]
            if given.shape != tuple(weight.shape) or given.dtype != np.float32:
                raise Wrong(
                    f"{name} is {given.dtype} of shape {given.shape}, expected float32 of shape "
                    f"{tuple(weight.shape)}"
                )
            if not np.isfinite(given).all():
                raise Wrong(f"{name} holds numbers that are not finite")
            weight.copy_(torch.from_numpy(given))
    score, needed = task.score(), threshold()
    said = f"mean inherited accuracy of {CELLS} cells {score:.4f}, needed {needed:.4f}"
    return Finding(LAW, Outcome.PASSED if score >= needed else Outcome.FAILED, said)
