"""AMC's search beside stable-baselines3's DDPG on the same environment, and beside luck.

stable-baselines3 is no dependency of the course: `pip install --no-deps stable-baselines3
cloudpickle`, best with --target into a folder on PYTHONPATH. Without it its rows are left out. It
has the same networks, memory, batch and number of updates, but no truncated noise (here a normal
one of constant width, cut to the interval), no baseline, and a reward at the last step only.
"""

import statistics
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from importlib import import_module
from importlib.util import find_spec

import numpy as np

from bench.timing import Row, alternate
from course_lib.core import Oracle, make_rng
from course_lib.core.threads import one_thread
from course_lib.datasets import cluttered_digits
from course_lib.hardware.amc import amc
from course_lib.hardware.pruning import ActionMap, Pruning, chain_cost, clip, layer_features, share
from course_lib.hardware.ratio_space import RatioSpace
from course_lib.hardware.sliced_accuracy import SlicedAccuracy
from course_lib.hardware.trained_chains import trained_chain
from course_lib.nas.search import random_search

EPISODES, WARMUP, REPETITIONS = 400, 100, 3
Search = Callable[[int], float]
"""seed -> the best reward that was found"""


def amc_rows(
    *, episodes: int = EPISODES, warmup: int = WARMUP, repetitions: int = REPETITIONS
) -> list[Row]:
    """Half the MACs of the small VGG: time and best reward with the paper's map, and luck."""
    pruning = _pruning()
    ours = partial(_ours, pruning, episodes=episodes, warmup=warmup)
    rows: list[Row] = []
    with one_thread():
        if find_spec("stable_baselines3") is not None:
            peer = partial(_stable_baselines, pruning, episodes=episodes, warmup=warmup)
            rows += _beside(ours, peer, episodes, repetitions)
        agent = [ours(seed, act=share) for seed in range(repetitions)]
        luck = [_luck(pruning, seed, episodes) for seed in range(repetitions)]
    rows.append(
        Row(
            what=f"AMC with shares, {episodes} episodes: the best reward",
            against="random search, as many",
            unit="accuracy",
            ours=agent,
            peer=luck,
            goal="not below it",
            met=statistics.fmean(agent) >= statistics.fmean(luck),
        )
    )
    return rows


def _beside(ours: Search, peer: Search, episodes: int, repetitions: int) -> list[Row]:
    """The same runs give the time and, the one that warms up among them, the best rewards."""
    best: dict[Search, list[float]] = {ours: [], peer: []}

    def run(search: Search) -> None:
        best[search].append(search(len(best[search])))

    own, other = alternate(partial(run, ours), partial(run, peer), repetitions)
    ratio = statistics.median(b / a for a, b in zip(own, other, strict=True))
    return [
        Row(
            what=f"AMC, {episodes} episodes on the small VGG",
            against="stable-baselines3's DDPG",
            unit="s",
            ours=own,
            peer=other,
            goal="30 s, and 1.2 times faster",
            met=statistics.median(own) <= 30 and ratio >= 1.2,
        ),
        Row(
            what=f"AMC, {episodes} episodes: the best reward",
            against="stable-baselines3's DDPG",
            unit="accuracy",
            ours=best[ours],
            peer=best[peer],
            goal="at least as good",
            met=statistics.fmean(best[ours]) >= statistics.fmean(best[peer]),
        ),
    ]


def _pruning() -> Pruning:
    chain, network, *_ = trained_chain("vgg", 0)
    task, cost = cluttered_digits(seed=0, test=1), chain_cost(chain)
    judge = SlicedAccuracy(
        chain, network, task.train.part(slice(0, 250)), task.valid.part(slice(0, 500))
    )
    return Pruning(
        layer_features(chain), chain.channels, judge, cost, budget=sum(cost(chain.channels)) / 2
    )


def _ours(
    pruning: Pruning, seed: int, *, episodes: int, warmup: int, act: ActionMap = clip
) -> float:
    history = amc(pruning, make_rng(seed), episodes=episodes, warmup=warmup, act=act)
    return history.best().value


def _luck(pruning: Pruning, seed: int, evaluations: int) -> float:
    space = RatioSpace(pruning, share)
    return random_search(space, Oracle(space.measure, evaluations), make_rng(seed)).best().value


def _stable_baselines(pruning: Pruning, seed: int, *, episodes: int, warmup: int) -> float:
    from course_lib.hardware.pruning_env import PruningEnv

    peer, noise = import_module("stable_baselines3"), "stable_baselines3.common.noise"
    layers = len(pruning.channels)
    rewards: list[float] = []

    def recorded(counts: tuple[int, ...]) -> float:
        rewards.append(pruning.accuracy(counts))
        return rewards[-1]

    agent = peer.DDPG(
        "MlpPolicy",
        PruningEnv(replace(pruning, accuracy=recorded)),
        policy_kwargs={"net_arch": [300, 300]},
        batch_size=64,
        buffer_size=100 * layers,
        learning_starts=warmup * layers,
        tau=0.01,
        gamma=1.0,
        action_noise=import_module(noise).NormalActionNoise(np.zeros(1), np.full(1, 0.3)),
        seed=seed,
        device="cpu",
    )
    agent.learn(episodes * layers)
    return max(rewards)
