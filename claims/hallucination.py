"""Lecture 10: what do hallucinated examples gain on glyphs of unseen scripts?"""

from collections.abc import Mapping
from functools import lru_cache

import torch
from torch import Tensor

from claims.estimates import estimates
from claims.runs import forget, run_seeds
from course_lib.core import make_rng
from course_lib.meta.analogies import (
    by_analogy,
    by_sum,
    class_centroids,
    mine_analogies,
    train_classifier,
    train_on_analogies,
)
from course_lib.meta.embedding import trained_embedding
from course_lib.meta.evaluate import Solve
from course_lib.meta.few_shot import FewShotImages
from course_lib.meta.glyphs import glyphs
from course_lib.meta.hallucinate import (
    Hallucinate,
    accuracies,
    from_noise,
    logistic_regression,
    nearest_mean,
    toward,
    train_end_to_end,
)
from course_lib.show.measured import Measured

SEEDS = range(10)
BASE, CENTROIDS, TOTAL, EPISODES = 300, 5, 10, 600
STEPS = {"analogies": 400, "end to end": 150}
METHODS = (*STEPS, "sum", "shrinkage")
SHOTS = (1, 2, 5)
LEARNERS: Mapping[str, Solve] = {
    "nearest mean": nearest_mean(),
    "logistic regression": logistic_regression(),
}


def hallucination() -> Measured:
    """Accuracy with hallucinated examples minus that without, in points, by seeds."""
    runs = run_seeds("10_hallucination", compared, SEEDS)
    samples = {
        f"{method}, {learner}": [
            [run[f"{learner}, 1"][method] - run[f"{learner}, 1"]["real"] for run in runs]
        ]
        for learner in LEARNERS
        for method in (METHODS if learner == "nearest mean" else STEPS)
    }
    forget("10_hallucination")
    return Measured(
        conditions=f"Glyphs, 5-way, {EPISODES} episodes of unseen scripts a seed, 15 queries a "
        f"class; one embedding, a classifier of all training scripts. For every seed {BASE} random "
        f"classes of these, their {CENTROIDS} centroids each, both generators, and the episodes "
        f"are new. Every class is brought to {TOTAL} examples. Two controls have no generator: "
        "sum adds the difference of two centroids of a base class, shrinkage goes halfway to the "
        "mean of all base features. Step sizes were chosen on validation scripts.",
        estimates=estimates(samples),
        seeds=list(SEEDS),
        settings={"total": TOTAL, "base": BASE, "episodes": EPISODES},
        runs=runs,
    )


def compared(seed: int) -> dict[str, dict[str, float]]:
    """Learner and shots -> accuracy in percent by method, and without ("real")."""
    features, test = _features()
    rng = make_rng(seed)
    names = torch.tensor(features.classes)
    base = features.part(names[torch.randperm(len(names), generator=rng)[:BASE]])
    centroids = class_centroids(base, rng, count=CENTROIDS)
    methods = {
        "analogies": from_analogies(base, centroids, rng),
        "end to end": end_to_end(base, rng),
    }
    controls = {
        "sum": by_sum(centroids),
        "shrinkage": toward(base.images.mean(0).flatten()),
    }
    return {
        f"{learner}, {shots}": {
            name: round(100 * float(found.mean()), 3)
            for name, found in accuracies(
                test,
                methods | controls if learner == "nearest mean" else methods,
                make_rng(1000 + seed),
                solve=solve,
                episodes=EPISODES,
                shots=shots,
                total=TOTAL,
            ).items()
        }
        for learner, solve in LEARNERS.items()
        for shots in (SHOTS if learner == "nearest mean" else SHOTS[:1])
    }


def from_analogies(base: FewShotImages, centroids: Tensor, rng: torch.Generator) -> Hallucinate:
    """Mine, train, and be ready to hallucinate."""
    classifier = train_classifier(base, rng)
    theta, _ = train_on_analogies(
        mine_analogies(centroids), classifier, rng, steps=STEPS["analogies"]
    )
    return by_analogy(theta, centroids)


def end_to_end(base: FewShotImages, rng: torch.Generator) -> Hallucinate:
    """The successor, learnt through the learner's query loss."""
    theta, _ = train_end_to_end(base, rng, steps=STEPS["end to end"], total=TOTAL)
    return from_noise(theta)


@lru_cache(maxsize=1)
def _features() -> tuple[FewShotImages, FewShotImages]:
    """Of the training and of the test scripts."""
    embedding, few = trained_embedding(), glyphs()
    return embedding(few.train), embedding(few.test)
