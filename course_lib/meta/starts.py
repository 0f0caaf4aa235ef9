"""Three starts for sinusoids: learnt by MAML, pretrained on all tasks at once, and random."""

from functools import partial
from pathlib import Path

import numpy as np
import torch
from torch import Generator
from torch.nn import functional as F

from course_lib.core.log import Log
from course_lib.core.meta_train import Objective, Parameters, meta_train
from course_lib.core.rng import make_rng
from course_lib.meta.maml import InnerLoop, Predict, maml_objective
from course_lib.meta.sinusoids import regressor, sinusoid_tasks
from course_lib.meta.transfer import joint_objective

FILE = Path(__file__).parents[2] / "data" / "recordings" / "sinusoids.npz"
SEED = 0


def train_start(
    objective: Objective, rng: Generator, *, steps: int, shots: int = 10
) -> tuple[Parameters, Log]:
    """The start that `meta_train` finds on fresh batches of 25 sinusoids, from `regressor(rng)`.

    Adam with step size 0.001. Source: Finn et al. 2017, sec. 5.1.
    """
    theta, _ = regressor(rng)
    sample = partial(sinusoid_tasks, shots=shots)
    return meta_train(theta, objective, sample, rng, steps=steps)


def maml_on(predict: Predict, inner_loop: InnerLoop) -> Objective:
    """MAML's objective for squared errors."""
    return partial(maml_objective, predict=predict, loss=F.mse_loss, inner_loop=inner_loop)


def joint_on(predict: Predict) -> Objective:
    """Joint training's objective for squared errors."""
    return partial(joint_objective, predict=predict, loss=F.mse_loss)


def sinusoid_starts(file: Path = FILE) -> dict[str, Parameters]:
    """Parameters of `regressor` by the names "MAML", "pretrained" and "random".

    The first two were trained from the third, `python -m data.make recordings sinusoids` does it
    again. ValueError where their file is missing or damaged.
    """
    random, _ = regressor(make_rng(SEED))
    try:
        with np.load(file) as arrays:
            learnt = {
                start: {name: torch.from_numpy(arrays[f"{start}: {name}"]) for name in random}
                for start in ("MAML", "pretrained")
            }
    except (OSError, KeyError, ValueError) as error:
        raise ValueError(
            f"no usable starts in {file} ({error}): copy it from the course's repository; there: "
            "python -m data.make recordings sinusoids"
        ) from error
    return learnt | {"random": random}


def save_starts(starts: dict[str, Parameters], file: Path = FILE) -> Path:
    """Write a file that `sinusoid_starts` reads."""
    arrays = {
        f"{start}: {name}": value.numpy()
        for start, theta in starts.items()
        for name, value in theta.items()
    }
    np.savez_compressed(file, allow_pickle=False, **arrays)
    return file
