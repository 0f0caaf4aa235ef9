"""Lecture 07: ratios found by AMC and by others, at equal operations, before and after tuning."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from statistics import fmean as mean
from typing import Any, TypeAlias

from torch import nn

from claims.estimates import estimates
from claims.runs import forget, run_seeds
from course_lib.core import Oracle, make_rng
from course_lib.datasets import Images, ImageTask, cluttered_digits
from course_lib.hardware.amc import amc
from course_lib.hardware.budget import fill_up, uniform_channels
from course_lib.hardware.chain import Chain
from course_lib.hardware.criteria import global_channels, top_channels, weight_scores
from course_lib.hardware.fine_tune import fine_tune
from course_lib.hardware.prune import prune_chain
from course_lib.hardware.pruning import ActionMap, Pruning, chain_cost, clip, layer_features, share
from course_lib.hardware.ratio_space import RatioSpace
from course_lib.hardware.recalibrate import recalibrate
from course_lib.hardware.sliced_accuracy import SlicedAccuracy
from course_lib.hardware.trained_chains import trained_chain
from course_lib.nas.search import random_search, regularized_evolution
from course_lib.show.measured import Measured, Samples

SEEDS = range(10)
EPISODES, WARMUP, POPULATION = 400, 100, 20
CALIBRATION, VALID, TEST = 250, 500, 4000
BUDGET = 0.5
WHEN = ("before", "after")
Found: TypeAlias = dict[str, dict[str, Any]]
"""Method -> what one network gave: channels, MACs, accuracy before and after fine-tuning."""


@dataclass(frozen=True)
class Trained:
    """A trained chain, the pictures that it was trained for, and the problem of pruning it."""

    chain: Chain
    network: nn.Module
    task: ImageTask
    pruning: Pruning

    @property
    def calibration(self) -> Images:
        return self.task.train.part(slice(0, CALIBRATION))


def trained(name: str, seed: int, *, budget: float = BUDGET) -> Trained:
    """budget: as a share of the full network's MACs."""
    chain, network, *_ = trained_chain(name, seed)
    task = cluttered_digits(seed=seed, test=TEST)
    calibration, valid = task.train.part(slice(0, CALIBRATION)), task.valid.part(slice(0, VALID))
    cost = chain_cost(chain)
    channels = tuple(chain.channels[place] for place in chain.free)
    accuracy = SlicedAccuracy(chain, network, calibration, valid)
    pruning = Pruning(
        layer_features(chain), channels, accuracy, cost, budget=budget * sum(cost(channels))
    )
    return Trained(chain, network, task, pruning)


def tuned_accuracy(own: Trained, counts: Sequence[int], seed: int) -> float:
    """Test accuracy after pruning, recalibration and two epochs of fine-tuning."""
    keep = top_channels(weight_scores(own.network), own.chain.tied(counts))
    pruned = prune_chain(own.network, keep)
    recalibrate(pruned, own.calibration)
    task = ImageTask(
        own.task.train, own.task.valid.part(slice(0, 1)), own.task.test, own.task.classes
    )
    return fine_tune(pruned, task, make_rng(seed)).test_accuracy


def compared(seed: int, *, name: str) -> Found:
    """Method -> its channels, filled up, and their test accuracies in percent."""
    own = trained(name, seed)
    before = SlicedAccuracy(own.chain, own.network, own.calibration, own.task.test)
    pruning = own.pruning
    found = {}
    for method, counts in _chosen(own, seed).items():
        filled = fill_up(counts, pruning.channels, pruning.total, budget=pruning.budget)
        found[method] = {
            "channels": filled,
            "MACs": round(pruning.total(filled) / pruning.total(pruning.channels), 4),
            "before": round(100 * before(filled), 3),
            "after": round(100 * tuned_accuracy(own, filled, seed), 3),
        }
    return found


def _chosen(own: Trained, seed: int) -> dict[str, Sequence[int]]:
    pruning = own.pruning
    budget, lowest = pruning.budget, pruning.lowest
    scores = weight_scores(own.network)
    free = [scores[place] for place in own.chain.free]
    return {
        "uniform": uniform_channels(pruning.channels, pruning.total, budget=budget, lowest=lowest),
        "global magnitude": global_channels(free, pruning.total, budget=budget, lowest=lowest),
        "AMC, clip": _by_amc(pruning, clip, seed),
        "AMC, share": _by_amc(pruning, share, seed),
        "random, clip": _by_search(random_search, pruning, clip, seed),
        "random, share": _by_search(random_search, pruning, share, seed),
        "evolution, share": _by_search(
            partial(regularized_evolution, population=POPULATION), pruning, share, seed
        ),
    }


def _by_amc(pruning: Pruning, act: ActionMap, seed: int) -> Sequence[int]:
    history = amc(pruning, make_rng(seed), episodes=EPISODES, warmup=WARMUP, act=act)
    return history.best().arch


def _by_search(search: Any, pruning: Pruning, act: ActionMap, seed: int) -> Sequence[int]:
    space = RatioSpace(pruning, act)
    history = search(space, Oracle(space.measure, EPISODES), make_rng(seed))
    return space.channels(history.best().arch)


def pruned_by_amc() -> Measured:
    """The small VGG at half of its MACs: every method minus fair uniform, in points."""
    return _against_uniform("07_amc", "vgg")


def pruned_unbalanced() -> Measured:
    """The same for a network whose widths alternate between narrow and wide."""
    return _against_uniform("07_balanced", "unbalanced")


def _against_uniform(claim: str, name: str) -> Measured:
    runs = run_seeds(claim, partial(compared, name=name), SEEDS, n_jobs=1)
    full = [100 * trained_chain(name, seed).test_accuracy for seed in SEEDS]
    before, after = (mean([run["uniform"][when] for run in runs]) for when in WHEN)
    samples = differences(runs)
    forget(claim)
    return Measured(
        conditions=f"{len(SEEDS)} networks, each trained on its own rendering of the digits, at "
        f"{BUDGET:.0%} of the MACs; every choice is filled up by the same rule, channel by "
        f"channel. Searches ask {EPISODES} times, AMC's first {WARMUP} being random; the best by "
        f"{VALID} validation pictures is judged on {TEST:,} test pictures, after recalibration on "
        f"{CALIBRATION}, before and after two epochs of fine-tuning. AMC's settings were fixed "
        "beforehand, on other networks. Test accuracy of the full networks "
        f"{mean(full):.1f} %, of fair uniform {before:.1f} % before and {after:.1f} % after "
        "fine-tuning.",
        estimates=estimates(samples),
        seeds=list(SEEDS),
        settings={"episodes": EPISODES, "warmup": WARMUP, "population": POPULATION},
        runs=runs,
    )


def differences(runs: Sequence[Found]) -> Samples:
    """In points: every method minus fair uniform, and AMC minus luck under the same map."""
    pairs = [
        (f"{method}, {when}", method, "uniform", when)
        for when in WHEN
        for method in runs[0]
        if method != "uniform"
    ]
    pairs += [
        (f"AMC minus random, {act}, before", f"AMC, {act}", f"random, {act}", "before")
        for act in ("clip", "share")
    ]
    return {
        label: [[round(run[method][when] - run[other][when], 3) for run in runs]]
        for label, method, other, when in pairs
    }
