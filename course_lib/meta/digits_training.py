"""A small real training whose learning rates and weight decays are learnt: digits, by an MLP."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import pairwise
from typing import Any

import numpy as np
import torch
from torch import Generator, Tensor
from torch.nn import functional as F
from torch.optim import Adam

from course_lib.core.log import Log
from course_lib.core.meta_train import Parameters, meta_train
from course_lib.meta.reversible_training import TrainLoss, decay, ravel, train_reversibly

LAYERS = (64, 32, 10)
MOMENTUM = 0.9
RATES = (0.35, 0.5, 0.7, 1.0, 1.4, 2.0, 2.8, 4.0)
DECAYS = (1e-5, 1e-3, 3e-3)
SPLITS = {"train": 200, "valid": 600, "test": 997}


@dataclass(frozen=True)
class Run:
    """What chance decides of a training: weights to start from, (n,), and batches (T, batch)."""

    start: Tensor
    batches: Tensor


class DigitsTraining:
    """Few digits to learn from, an MLP 64-32-10 of tanh units, SGD with momentum 0.9.

    The 1,797 digits of scikit-learn (Alpaydin and Kaynak 1998) are divided by `rng`: 200 to train
    on, 600 for validation, 997 for the test. The loss is cross-entropy; each layer's matrix has a
    weight decay of its own.
    """

    def __init__(self, rng: Generator, *, steps: int = 50, batch: int = 50) -> None:
        from sklearn.datasets import load_digits

        bunch = load_digits()
        x = torch.from_numpy((bunch.data / 8 - 1).astype(np.float32))
        y = torch.from_numpy(bunch.target.astype(np.int64))
        order = torch.randperm(len(y), generator=rng)
        parts = torch.split(order, list(SPLITS.values()))
        self.data = {name: (x[own], y[own]) for name, own in zip(SPLITS, parts, strict=True)}
        self.steps, self.batch = steps, batch
        self.layers = len(LAYERS) - 1
        _, self.named = ravel(initial_weights(rng))

    def draw(self, rng: Generator) -> Run:
        """New weights to start from, and new batches."""
        start, _ = ravel(initial_weights(rng))
        shape = (self.steps, self.batch)
        return Run(start, torch.randint(SPLITS["train"], shape, generator=rng))

    def train(self, run: Run, rates: Tensor, decays: Tensor) -> Tensor:
        """The weights after training, differentiable in rates (T,) and decays (layers,)."""
        momenta = torch.full_like(rates, MOMENTUM)
        return train_reversibly(
            run.start, decays, self.train_loss(run), rates=rates, momenta=momenta
        )

    def train_loss(self, run: Run) -> TrainLoss:
        """(weights, decays, step) -> cross-entropy of the step's batch, and weight decay."""
        x, y = self.data["train"]

        def loss(weights: Tensor, decays: Tensor, step: int) -> Tensor:
            parameters, batch = self.named(weights), run.batches[step]
            matrices = {name: parameters[name] for name in parameters if name.startswith("W")}
            fit = F.cross_entropy(scores(parameters, x[batch]), y[batch])
            return fit + decay(matrices, decays)

        return loss

    def loss(self, weights: Tensor, split: str = "valid") -> Tensor:
        x, y = self.data[split]
        return F.cross_entropy(scores(self.named(weights), x), y)

    def accuracy(self, weights: Tensor, split: str = "valid") -> float:
        x, y = self.data[split]
        return float((scores(self.named(weights), x).argmax(1) == y).float().mean())


def initial_weights(rng: Generator) -> Parameters:
    """Normal, of variance 1 / inputs; biases are zero."""
    parameters = {}
    for layer, (inputs, outputs) in enumerate(pairwise(LAYERS), start=1):
        parameters[f"W{layer}"] = torch.randn(inputs, outputs, generator=rng) / inputs**0.5
        parameters[f"b{layer}"] = torch.zeros(outputs)
    return parameters


def scores(parameters: Parameters, x: Tensor) -> Tensor:
    """The network: (n, 64) -> (n, 10)."""
    hidden = torch.tanh(x @ parameters["W1"] + parameters["b1"])
    return hidden @ parameters["W2"] + parameters["b2"]


def tune(
    training: DigitsTraining,
    runs: Sequence[Run],
    shape: Tensor,
    *,
    rates: Sequence[float] = RATES,
    decays: Sequence[float] = DECAYS,
) -> Parameters:
    """The best of a grid, by the mean validation loss: rate * shape in all steps, one decay.

    shape: (T,), such as ones for a constant rate. Answer: as `learn_schedule` gives it. A training
    that diverges counts as infinitely bad.
    """

    def value(theta: Parameters) -> float:
        try:
            with torch.no_grad():
                return sum(float(validation_loss(theta, run, training=training)[0]) for run in runs)
        except ValueError:
            return float("inf")

    grid = [constant(training, rate, decay) for rate in rates for decay in decays]
    for theta in grid:
        theta["log rates"] += shape.log()
    return min(grid, key=value)


def constant(training: DigitsTraining, rate: float, decay: float) -> Parameters:
    """One rate for all steps and one decay for all layers, as logarithms."""
    return {
        "log rates": torch.full((training.steps,), rate).log(),
        "log decays": torch.full((training.layers,), decay).log(),
    }


def validation_loss(
    theta: Parameters, run: Run, rng: Generator | None = None, carry: Any = None, *,
    training: DigitsTraining,
) -> tuple[Tensor, Any]:  # fmt: skip
    """What `meta_train` makes small: the validation loss after a training with exp(theta)."""
    weights = training.train(run, theta["log rates"].exp(), theta["log decays"].exp())
    return training.loss(weights), carry


def learn_schedule(
    training: DigitsTraining,
    rng: Generator,
    *,
    theta: Parameters | None = None,
    outer: int = 40,
    adam_rate: float = 0.1,
) -> tuple[Parameters, Log]:
    """Learn the logarithms of all rates and decays by Adam; a new start and new batches each time.

    theta: where to begin; rate 0.5 and decay 0.001 if it is not given. The log has "loss".
    Source: Maclaurin et al. 2015, sec. 3 (rates), 3.3 (regularisation).
    """
    theta = constant(training, 0.5, 1e-3) if theta is None else theta

    def adam(values: Iterable[Tensor]) -> Adam:
        return Adam(values, lr=adam_rate)

    objective = partial(validation_loss, training=training)
    return meta_train(theta, objective, training.draw, rng, steps=outer, optimizer=adam)
