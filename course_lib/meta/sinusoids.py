"""MAML's first example: sinusoids, each a task, and the network that learns them."""

import math
from itertools import pairwise

import torch
from torch import Generator, Tensor

from course_lib.core.meta_train import Parameters
from course_lib.meta.maml import Predict
from course_lib.meta.tasks import Tasks

AMPLITUDES, PHASES, INPUTS = (0.1, 5.0), (0.0, math.pi), (-5.0, 5.0)


def sinusoid_tasks(rng: Generator, *, tasks: int = 25, shots: int = 10, queries: int = 10) -> Tasks:
    """Each task a curve y = a sin(x - p), with a ~ U[0.1, 5], p ~ U[0, pi] and x ~ U[-5, 5].

    x and y: (tasks, shots, 1) in the support, (tasks, queries, 1) in the query; no noise. Always
    to answer 0 costs a mean squared error of 4.25. Source: Finn et al. 2017, sec. 5.1.
    """
    for name, count in (("tasks", tasks), ("shots", shots), ("queries", queries)):
        if count < 1:
            raise ValueError(f"{name} must be at least 1, got {count}")
    amplitude = _uniform(rng, AMPLITUDES, tasks, 1, 1)
    phase = _uniform(rng, PHASES, tasks, 1, 1)
    x = _uniform(rng, INPUTS, tasks, shots + queries, 1)
    y = amplitude * torch.sin(x - phase)
    return Tasks(x[:, :shots], y[:, :shots], x[:, shots:], y[:, shots:])


def regressor(rng: Generator, *, hidden: tuple[int, ...] = (40, 40)) -> tuple[Parameters, Predict]:
    """A network of one input and one output, ReLU between its layers: (theta, predict).

    theta: "layer1.weight" (1, 40), "layer1.bias" (40,), ..., "head.weight" (40, 1), "head.bias";
        drawn from U[-b, b] with b = 1 / sqrt(inputs of the layer), as torch.nn.Linear is.
    predict(phi, x): (..., 1) to (..., 1). Source: Finn et al. 2017, sec. 5.1.
    """
    layers = [f"layer{number + 1}" for number in range(len(hidden))]
    theta = {}
    for layer, (width, then) in zip([*layers, "head"], pairwise((1, *hidden, 1)), strict=True):
        bound = 1 / math.sqrt(width)
        theta[f"{layer}.weight"] = _uniform(rng, (-bound, bound), width, then)
        theta[f"{layer}.bias"] = _uniform(rng, (-bound, bound), then)

    def predict(phi: Parameters, x: Tensor) -> Tensor:
        for layer in layers:
            x = torch.relu(x @ phi[f"{layer}.weight"] + phi[f"{layer}.bias"])
        return x @ phi["head.weight"] + phi["head.bias"]

    return theta, predict


def _uniform(rng: Generator, limits: tuple[float, float], *shape: int) -> Tensor:
    low, high = limits
    return low + (high - low) * torch.rand(shape, generator=rng)
