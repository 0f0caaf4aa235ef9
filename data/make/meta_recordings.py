"""data/recordings/: a learnt synaptic rule and a trained slow network, for lecture 10."""

from functools import partial
from pathlib import Path
from typing import Any

import torch
from torch import Tensor
from torch.optim import Adam

from course_lib.core import make_rng
from course_lib.core.meta_train import Parameters, meta_train
from course_lib.meta.fast_weights import episodes, recall_objective, slow_network
from course_lib.meta.neuron import (
    delta_rule,
    hebb_rule,
    presentations,
    threshold_functions,
    tuned,
)
from course_lib.meta.synaptic_rule import rule_objective
from course_lib.meta.tasks import Tasks
from course_lib.show.demo import numbers
from course_lib.show.meta.fast_weights_demo import RECORDING as FAST_WEIGHTS
from course_lib.show.meta.synaptic_demo import RECORDING as SYNAPTIC
from course_lib.show.recordings import Run, write_recording

Schedule = tuple[tuple[int, float], ...]


def record_synaptic(*, meta_steps: tuple[int, ...] = (0, 5, 10, 20, 40, 80, 150)) -> Path:
    """Learn a rule on half of the threshold functions of four inputs: ten seconds."""
    rng = make_rng(0)
    patterns, functions = threshold_functions(4)
    order = torch.randperm(len(functions), generator=rng)
    seen, unseen = order[: len(order) // 2], order[len(order) // 2 :]
    theta = {"rule": 0.01 * torch.randn(16, generator=rng)}
    snapshots: list[Tensor] = []

    def noted(theta: Parameters, tasks: Tasks, *more: Any) -> tuple[Tensor, Any]:
        snapshots.append(theta["rule"].detach().clone())
        return rule_objective(theta, tasks, *more)

    theta, _ = meta_train(
        theta,
        noted,
        lambda rng: presentations(patterns, functions[seen], rng, tasks=32),
        rng,
        steps=meta_steps[-1],
        optimizer=partial(Adam, lr=0.02),
    )
    snapshots.append(theta["rule"])
    tasks = presentations(patterns, functions[seen], make_rng(1), tasks=500)
    names = {
        "meta_steps": list(meta_steps),
        "unseen": sorted(unseen.tolist()),
        "delta": tuned(delta_rule, tasks),
        "hebb": tuned(hebb_rule, tasks),
    }
    steps = [{"rule": numbers(snapshots[step])} for step in meta_steps]
    return write_recording(SYNAPTIC, [Run("half of the functions", {}, names, steps)])


def record_fast_weights(*, schedule: Schedule = ((800, 0.02), (400, 0.004))) -> Path:
    """Train a slow network to store and recall three pairs, in (steps, rate): half a minute."""
    rng = make_rng(0)
    theta = slow_network(rng)
    for steps, rate in schedule:
        theta, _ = meta_train(
            theta,
            recall_objective,
            lambda rng: episodes(rng, count=64),
            rng,
            steps=steps,
            optimizer=partial(Adam, lr=rate),
        )
    network = {name: numbers(value) for name, value in theta.items()}
    return write_recording(FAST_WEIGHTS, [Run("three pairs", {}, {}, [network])])
