"""The full training on glyphs, kept: MAML's start, and how well all learners did."""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from course_lib.core.meta_train import Parameters
from course_lib.core.statistics import Interval

FILE = Path(__file__).parents[2] / "data" / "recordings" / "glyphs_maml.npz"
CHANNELS = (16, 32, 64, 64)
INNER_LR = 0.4
TEST_STEPS = 3


@dataclass(frozen=True)
class TrainedGlyphs:
    """What the full training gave.

    theta: MAML's start for `conv_network(rng, channels=CHANNELS)`, inner steps of
        INNER_LR: one in training, TEST_STEPS in the test.
    loss: (steps,) its meta-loss. minutes: processor time of each training.
    accuracy: on the test scripts, by method and kind of evaluation.
    """

    theta: Parameters
    loss: NDArray[np.float64]
    minutes: Mapping[str, float]
    accuracy: Mapping[str, Interval]


def trained_glyphs(file: Path = FILE) -> TrainedGlyphs:
    """Read it; ValueError where the file is missing or damaged."""
    try:
        with np.load(file) as arrays:
            report = json.loads(str(arrays["report"]))
            accuracy = {name: _interval(entry) for name, entry in report["accuracy"].items()}
            return TrainedGlyphs(
                {
                    name.removeprefix("theta: "): torch.from_numpy(arrays[name]).float()
                    for name in arrays.files
                    if name.startswith("theta: ")
                },
                arrays["loss"].astype(np.float64),
                report["minutes"],
                accuracy,
            )
    except (OSError, KeyError, TypeError, ValueError) as error:
        raise ValueError(
            f"no usable training in {file} ({error}): copy it from the course's repository; there: "
            "python -m data.make recordings glyphs_maml"
        ) from error


def save_trained(trained: TrainedGlyphs, file: Path = FILE) -> Path:
    """Write a file that `trained_glyphs` reads; weights in half precision."""
    accuracy = {name: asdict(interval) for name, interval in trained.accuracy.items()}
    report = json.dumps({"minutes": dict(trained.minutes), "accuracy": accuracy})
    theta = {f"theta: {name}": value.half().numpy() for name, value in trained.theta.items()}
    loss = trained.loss.astype(np.float32)
    np.savez_compressed(file, allow_pickle=False, report=np.array(report), loss=loss, **theta)
    return file


def _interval(entry: dict[str, Any]) -> Interval:
    """JSON knows no tuples."""
    return Interval(**entry | {"n": tuple(entry["n"])})
