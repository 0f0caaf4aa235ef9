"""The plan of the table digits201: what is trained, one training of it, and what is trained again.

`python -m data.make digits201` carries it out.
"""

from dataclasses import dataclass
from functools import lru_cache
from inspect import signature

import numpy as np
import torch

from course_lib.core import Arch, make_rng
from course_lib.core.threads import one_thread
from course_lib.datasets import ImageTask, cluttered_digits
from course_lib.nas.cells import CellSpace
from course_lib.nas.training import EPOCHS, TrainResult, train, training_rng

SUBSPACE = CellSpace(("skip_connect", "nor_conv_1x1", "nor_conv_3x3"))

Job = tuple[str, int]
"""The text of a form, and a seed."""


@dataclass(frozen=True)
class Plan:
    """What is trained: the forms of `spaces`, each space within the next, in that order.

    train, valid, test: pictures. The `best` forms of the last space and `other` random ones are
    trained with `seeds` seeds, the rest with one.
    """

    spaces: tuple[CellSpace, ...] = (SUBSPACE, CellSpace())
    train: int = 2000
    valid: int = 1000
    test: int = 10_000
    epochs: int = EPOCHS
    best: int = 600
    other: int = 300
    seeds: int = 3

    @property
    def recipe(self) -> dict[str, object]:
        """What two trainings must have in common to be compared."""
        pictures = {"train": self.train, "valid": self.valid, "test": self.test}
        steps = {
            name: parameter.default
            for name, parameter in signature(train).parameters.items()
            if name in ("batch", "learning_rate", "momentum", "weight_decay")
        }
        return {"format": "digits201/2", **pictures, "epochs": self.epochs, **steps}


def chosen_again(first: np.ndarray, plan: Plan) -> tuple[np.ndarray, np.ndarray]:
    """Which networks are trained with further seeds, as indices: the best and some random ones.

    first: (networks,) final values with the first seed.
    """
    best = np.argsort(-first, kind="stable")[: plan.best]
    return best, shuffled(len(first))[: plan.other]


def shuffled(count: int) -> np.ndarray:
    """The indices below count in the order in which forms are trained."""
    return torch.randperm(count, generator=make_rng(201)).numpy()


def trained(job: Job, arch: Arch, plan: Plan) -> tuple[Job, TrainResult, str]:
    """One training, on one thread, and the kind of machine that it ran on."""
    form, seed = job
    rng = training_rng(form, seed)
    with one_thread():
        network = plan.spaces[-1].build(arch, rng=rng)
        task = _pictures(plan.train, plan.valid, plan.test)
        result = train(network, task, rng, epochs=plan.epochs, channels_last=False)
        return job, result, machine()


@lru_cache(maxsize=1)
def _pictures(train: int, valid: int, test: int) -> ImageTask:
    """Rendered once per process."""
    return cluttered_digits(train=train, valid=valid, test=test)


def machine() -> str:
    """What decides the last bits of a training: torch and the instructions that it may use."""
    return f"torch {torch.__version__}, {torch.backends.cpu.get_cpu_capability()}"
