"""Shared weights that no preference has shaped: trained on uniformly drawn paths."""

from torch import Generator

from course_lib.core import History, Measure, Oracle, Space
from course_lib.datasets import ImageTask
from course_lib.nas.one_shot import one_shot_search, uniform_one_hot
from course_lib.nas.supernet import Supernet


def train_on_uniform_paths(
    net: Supernet, task: ImageTask, rng: Generator, *, epochs: int
) -> Supernet:
    """Train the weights of `net`, which is returned; every batch takes a path of its own.

    net: with `sampled_op`, so that a step costs one path. Source: Guo et al. 2020 (single
        path one-shot).
    """
    one_shot_search(
        net,
        task.train,
        task.valid,
        rng,
        relax=uniform_one_hot,
        alpha_gradient=None,
        epochs=epochs,
    )
    return net


def random_search_weight_sharing(
    space: Space,
    oracle: Oracle,
    rng: Generator,
    *,
    inherited: Measure,
    paths: int = 100,
    keep: int = 5,
) -> History:
    """Draw paths at random, rank them by shared weights, train the best of them from scratch.

    inherited: the cheap answers, such as `InheritedAccuracy` of a supernet that
        `train_on_uniform_paths` returned. They are not charged: whoever compares adds the
        supernet's own cost.
    paths: how many are drawn and ranked. keep: how many of them, best first, are asked of the
        oracle, each a training of its own; with budget left, new paths are drawn.

    ValueError: keep below 1 or above paths. Source: Li and Talwalkar 2019, section 3.
    """
    if not 1 <= keep <= paths:
        raise ValueError(f"keep must be between 1 and paths, got keep {keep} of {paths} paths")
    with oracle:
        while True:
            drawn = dict.fromkeys(space.sample(rng) for _ in range(paths))
            ranked = sorted(drawn, key=lambda arch: inherited(arch).value, reverse=True)
            for arch in ranked[:keep]:
                oracle(arch)
    return oracle.history
