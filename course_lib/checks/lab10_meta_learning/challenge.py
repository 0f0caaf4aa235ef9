"""The challenge of lab 10: a start for glyphs, handed in as a small file of weights.

It is judged on episodes of scripts that nobody trained on: 5 ways, 1 shot. The judge adapts by
gradient steps of the rates that are in the file, and asks about each query by itself.
"""

from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from torch import Generator

from course_lib.checks.artefact import Artefact
from course_lib.checks.lab10_meta_learning.sections import GLYPHS
from course_lib.checks.lab10_meta_learning.start_file import (
    WAYS,
    Start,
    load_start,
    save_start,
    start_of,
)
from course_lib.checks.result import Result
from course_lib.checks.variants import seeded
from course_lib.core.statistics import Interval
from course_lib.meta.few_shot import FewShotImages

NEEDED = 0.79
"""On scripts that nobody trained on an untrained network reaches 35 to 36 %, nearest neighbour on
pixels 46 %, a network that was trained on all classes at once and learns a new head 76 to 77 %, and
800 steps of MAML, handed in with three inner steps, 82 to 83 % (one training each, judged by
variants 1, 2, 4242 and 4243; 108 s of processor time for MAML, 26 s for the other)."""
FILE = "lab10_glyphs.npz"
EPISODES = 300
HINTS = (
    "Measure before you train: `check.few_shot_accuracy(answer)` on the validation scripts, with a "
    "random start. What does it say when only the head may move?",
    "Training may look like the test: `partial(episode_objective, solve=by_gradient(predict, "
    "adapt))` is an objective for `meta_train`: MAML's, all tasks at once, with the judge's way to "
    "treat queries. `adapt` is `partial(maml.inner_loop, lr=..., steps=...)`.",
    "One inner step of rate 0.4 on all parameters is a good beginning: a step that is large enough "
    "to be worth something. Hand in the rate that you trained with.",
    "8 tasks a step with 5 queries each, and Adam with 3e-3 that is lowered to 0 in the end: 800 "
    "steps reach 80 %. `meta_train` steps no schedule: its `optimizer` is a function of the "
    "weights, which may make a schedule, too, and call adam.register_step_post_hook(lambda *_: "
    "schedule.step()) before it returns adam. Or call `meta_train` again from the theta that it "
    "gave, with a smaller rate. Judged after three inner steps instead of the one that it was "
    "trained with, the same start gains two points.",
)
_ARTEFACT = Artefact(
    "lab10_meta_learning", GLYPHS, "meta_learn", law="a start that serves scripts nobody trained on"
)
Learn = Callable[[FewShotImages, Generator], Any]


def write_challenge(learn: Learn, variant: int, path: str | Path = FILE) -> str:
    """Call `learn(train, rng)` once, write its start, say what was written."""
    from course_lib.meta.glyphs import glyphs

    path = Path(path)

    def start_into_file() -> str:
        start = start_of(learn(glyphs().train, seeded(variant, 300)))
        save_start(path, start)
        load_start(path)
        reached = accuracy(start, glyphs().valid, seeded(variant, 301), episodes=100)
        return f"Wrote {path}: {path.stat().st_size:,} bytes; on validation scripts {reached}."

    return _ARTEFACT.write(path, learn, start_into_file)


def challenge(
    path: str | Path = FILE,
    variants: Sequence[int] = (0,),
    *,
    points: float | None = None,
    needed: float = NEEDED,
) -> Result:
    """All points for a start whose accuracy on unseen scripts reaches `needed`; none otherwise.

    variants: each gives episodes to judge by; the mean counts.
    """
    return _ARTEFACT.judge(Path(path), lambda path: _scored(path, variants, needed), points)


def _scored(path: Path, variants: Sequence[int], needed: float) -> tuple[str, float, float]:
    from course_lib.meta.glyphs import glyphs

    start = load_start(path)
    found = [accuracy(start, glyphs().test, seeded(v, 302)).estimate for v in variants]
    episodes = EPISODES * len(variants)
    what = f"accuracy over {episodes:,} episodes of {WAYS} ways and 1 shot, unseen scripts"
    return what, float(np.mean(found)), needed


def few_shot_accuracy(answer: Any, *, episodes: int = 100, seed: int = 0) -> Interval:
    """Of (theta, rates, steps), on episodes of the validation scripts, with its 95 % interval."""
    from course_lib.meta.glyphs import glyphs

    return accuracy(start_of(answer), glyphs().valid, seeded(seed, 303), episodes=episodes)


def accuracy(
    start: Start, images: FewShotImages, rng: Generator, *, episodes: int = EPISODES
) -> Interval:
    """Adapted by the file's own steps; each query is normalized by the support, not by queries."""
    from course_lib.meta.conv_network import predict
    from course_lib.meta.evaluate import by_gradient, evaluate
    from course_lib.meta.maml import inner_loop

    adapt = partial(inner_loop, lr=start.rates, steps=start.steps)
    solve = by_gradient(predict, adapt)
    return evaluate(solve, start.theta, images, rng, episodes=episodes, ways=WAYS, shots=1)
