"""Lecture 10: what do second derivatives, and an inner loop below the head, gain on glyphs?"""

from functools import partial
from itertools import product

import numpy as np
from torch.nn import functional as F

from claims.estimates import estimates
from claims.runs import forget, run_seeds
from course_lib.core import make_rng
from course_lib.meta.conv_network import conv_network, predict
from course_lib.meta.evaluate import by_gradient, evaluate, inductive, transductive
from course_lib.meta.few_shot import FewShotImages
from course_lib.meta.glyphs import glyphs
from course_lib.meta.maml import inner_loop
from course_lib.meta.recipe import FAMILY, train_few_shot
from course_lib.show.measured import Measured

SEEDS, TUNING_SEEDS = range(10), range(100, 101)
SIZE, CHANNELS, STEPS, EPISODES = 14, (16, 32, 32), 400, 600
INNER, OUTER = (0.1, 0.4, 1.0), (1.5e-3, 4e-3, 1e-2)
CONTEXTS = {"inductive": inductive, "transductive": transductive}


def second_order() -> Measured:
    """Test accuracy of MAML minus that of its first-order approximation."""
    return _beside("first-order MAML")


def anil() -> Measured:
    """Test accuracy of MAML minus that of ANIL."""
    measured = _beside("ANIL")
    forget("10_glyphs")
    return measured


def _beside(other: str) -> Measured:
    """MAML minus the other in points, by seeds; both with the step sizes that suit them best."""
    chosen = {method: _tuned(method) for method in ("MAML", other)}
    runs = {
        method: run_seeds(_name(method), partial(_run, method=method, rates=rates), SEEDS)
        for method, rates in chosen.items()
    }
    samples = {
        f"{context}: MAML - {other}": [
            [
                100 * (one[context] - two[context])
                for one, two in zip(runs["MAML"], runs[other], strict=True)
            ]
        ]
        for context in CONTEXTS
    }
    few = glyphs()
    return Measured(
        conditions=f"5-way 1-shot on images of {SIZE} x {SIZE} pixels, one inner step, {STEPS} "
        f"meta-steps of 8 tasks with 5 queries a class, channels {CHANNELS}. "
        f"{len(few.train.classes)} classes to train on; step sizes chosen on "
        f"{len(few.valid.classes)} others; tested on {len(few.test.classes)} of unseen "
        f"scripts, {EPISODES} episodes, the same for both. In training, queries are normalized "
        "by the support set (inductive).",
        estimates=estimates(samples),
        seeds=list(SEEDS),
        settings={
            "steps": STEPS,
            "episodes": EPISODES,
            "chosen": chosen,
            "accuracy": {
                method: {
                    context: round(100 * float(np.mean([run[context] for run in own])), 1)
                    for context in CONTEXTS
                }
                for method, own in runs.items()
            },
        },
        runs=[dict(zip(runs, pair, strict=True)) for pair in zip(*runs.values(), strict=True)],
    )


def _tuned(method: str) -> dict[str, float]:
    """The inner and the outer step size with the highest accuracy on the validation scripts."""
    grid = [{"inner": inner, "outer": outer} for inner, outer in product(INNER, OUTER)]
    means = []
    for rates in grid:
        run = partial(_run, method=method, rates=rates, split="valid", steps=STEPS // 2)
        runs = run_seeds(f"{_name(method)}_tuning", run, TUNING_SEEDS)
        means.append(np.mean([found["inductive"] for found in runs]))
    return grid[int(np.argmax(means))]


def _name(method: str) -> str:
    return f"10_glyphs_{method.replace(' ', '_').lower()}"


def _run(
    seed: int, *, method: str, rates: dict[str, float], split: str = "test", steps: int = STEPS
) -> dict[str, float]:
    """Accuracy in both kinds of evaluation, after one training."""
    few = glyphs()
    theta, _ = conv_network(make_rng(seed), channels=CHANNELS, size=SIZE)
    adapt = FAMILY[method](partial(inner_loop, lr=rates["inner"]))
    solve = by_gradient(predict, adapt)
    theta, _ = train_few_shot(
        theta, solve, _small(few.train), make_rng(seed), steps=steps, lr=rates["outer"]
    )
    images = _small(few.test if split == "test" else few.valid)
    return {
        name: evaluate(
            by_gradient(predict, adapt, context=context),
            theta,
            images,
            make_rng(1000 + seed),
            episodes=EPISODES,
        ).estimate
        for name, context in CONTEXTS.items()
    }


def _small(images: FewShotImages) -> FewShotImages:
    """Means of 2 x 2 pixels: a quarter of the work."""
    return FewShotImages(F.avg_pool2d(images.images.float() / 255, 2), images.labels)
