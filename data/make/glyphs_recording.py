"""data/recordings/glyphs_maml.npz: few-shot learners of glyphs, five minutes of training each."""

import time
from functools import partial
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from course_lib.core import make_rng
from course_lib.core.meta_train import Parameters
from course_lib.core.statistics import Interval
from course_lib.meta.conv_network import conv_network, features, predict
from course_lib.meta.evaluate import Context, Solve, by_gradient, evaluate, inductive, transductive
from course_lib.meta.glyphs import GlyphSplits, glyphs
from course_lib.meta.maml import inner_loop
from course_lib.meta.prototypes import nearest_neighbour, prototypes
from course_lib.meta.recipe import FAMILY, train_few_shot
from course_lib.meta.trained_glyphs import (
    CHANNELS,
    FILE,
    INNER_LR,
    TEST_STEPS,
    TrainedGlyphs,
    save_trained,
)

RECORDING = "glyphs_maml"
METHODS = (*FAMILY, "prototypes")
CONTEXTS = {"inductive": inductive, "transductive": transductive}


def record_glyphs(
    *,
    steps: int = 3000,
    episodes: int = 600,
    methods: tuple[str, ...] = METHODS,
    few: GlyphSplits | None = None,
    file: Path = FILE,
) -> Path:
    """Train the methods by one recipe, and judge them on the test scripts; MAML's start is kept.

    MAML must be the first; the file is whole after every method.
    """
    few = few or glyphs()
    judge = partial(evaluate, images=few.test, episodes=episodes)
    accuracy: dict[str, Interval] = {
        "nearest neighbour": judge(nearest_neighbour(), {}, rng=make_rng(1))
    }
    found = {}
    for name in methods:
        found[name] = _trained(name, few, steps)
        for kind, context in CONTEXTS.items():
            solve = learner(name, context, TEST_STEPS)
            accuracy[f"{name}, {kind}"] = judge(solve, found[name][0], rng=make_rng(1))
        print(name, accuracy[f"{name}, inductive"], f"{found[name][2]:.1f} minutes", flush=True)
        theta, loss, _ = found["MAML"]
        minutes = {done: spent for done, (_, _, spent) in found.items()}
        save_trained(TrainedGlyphs(theta, loss, minutes, accuracy), file)
    return file


def learner(name: str, context: Context, steps: int = 1) -> Solve:
    """A method by its name; with so many inner steps if it has any."""
    if name == "prototypes":
        return prototypes(features, context=context)
    adapt = FAMILY[name](partial(inner_loop, lr=INNER_LR, steps=steps))
    return by_gradient(predict, adapt, context=context)


def _trained(
    name: str, few: GlyphSplits, steps: int
) -> tuple[Parameters, NDArray[np.float64], float]:
    """The weights as the file keeps them, the loss of each step, and minutes of processor time."""
    theta, _ = conv_network(make_rng(0), channels=CHANNELS)
    started = time.process_time()
    theta, log = train_few_shot(
        theta, learner(name, inductive), few.train, make_rng(0), steps=steps, progress=True
    )
    halved = {key: value.half().float() for key, value in theta.items()}
    return halved, log["loss"], (time.process_time() - started) / 60
