"""Shared weights that no preference has shaped: trained on uniformly drawn paths."""

from torch import Generator

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
