"""Meta-training of HALO and its parts on turned odd digits, and adaptation to even ones."""

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any, NamedTuple

import torch
from torch import Generator, Tensor
from torch.optim import Adam, Optimizer

from course_lib.core.meta_train import Objective, Parameters, meta_train
from course_lib.core.rng import randint
from course_lib.hardware.digits_halves import (
    SYMMETRIES,
    Half,
    SmallConvolutions,
    Weights,
    halves,
)
from course_lib.hardware.energy import expected_energy, step_energy
from course_lib.hardware.halo import (
    ALL,
    Adaptation,
    begin,
    detached,
    draw_updates,
    some_gradients,
    take_step,
    unrolled_loss,
)
from course_lib.hardware.hierarchical_optimizer import macs_per_parameter

BATCH, UNROLL, HORIZON, PRETRAINING = 16, 10, 60, 80
ADAM_MACS, MOMENTUM_MACS = 5, 2
"""Multiply-accumulates of a hand-made update, per parameter, about."""


class Adapted(NamedTuple):
    """After every step: test accuracy, and the energy that was spent, in MACs."""

    accuracy: list[float]
    energy: list[float]


class Worlds(NamedTuple):
    """A network, its weights after each symmetry of the odd digits, and both halves."""

    network: SmallConvolutions
    trained: list[Weights]
    odd: Half
    even: Half

    def sample(self, rng: Generator) -> Adaptation:
        """From one symmetry of the odd digits to another; the even ones stay unseen."""
        before = randint(rng, SYMMETRIES)
        after = (before + 1 + randint(rng, SYMMETRIES - 1)) % SYMMETRIES
        return Adaptation(self.network, self.trained[before], self.odd.turned(after))

    @property
    def final(self) -> Adaptation:
        """From the odd digits to the even ones, both upright."""
        return Adaptation(self.network, self.trained[0], self.even)


def worlds(rng: Generator) -> Worlds:
    """Draw the division of the digits and a network, and train it on every symmetry."""
    odd, even = halves(rng)
    network = SmallConvolutions(rng)
    trained = [_pretrained(network, odd.turned(turn), rng) for turn in range(SYMMETRIES)]
    return Worlds(network, trained, odd, even)


def _pretrained(network: SmallConvolutions, half: Half, rng: Generator) -> Weights:
    weights = [vector.requires_grad_() for vector in network.draw(rng)]
    adjust = Adam(weights, lr=0.02)
    for _ in range(PRETRAINING):
        adjust.zero_grad()
        torch.autograd.backward(network.loss(weights, *half.batch(rng, 2 * BATCH)))
        adjust.step()
    return [vector.detach() for vector in weights]


def halo_objective(
    *, shares: Sequence[float] = ALL, flatness: float = 0.0, price: float = 0.0
) -> Objective:
    """What `meta_train` makes small: the unrolled loss, in truncated unrolls of UNROLL steps.

    price: of a step's expected energy as a share of a step's that updates all layers. With it the
        probabilities are learnt, from the entry "shares" of theta (`priced`), and `shares` is not
        used: this course's own extension of HALO.
    """

    def objective(
        theta: Parameters, task: Adaptation, rng: Generator, carry: Any
    ) -> tuple[Tensor, Any]:
        fresh = carry is None or carry.steps >= HORIZON
        running = begin(theta, task) if fresh else carry
        used: Any = theta["shares"].sigmoid() if price else shares
        loss = unrolled_loss(theta, running, rng, steps=UNROLL, shares=used, flatness=flatness)
        if price:
            loss = loss + price * _relative_energy(theta, task.network, used)
        return loss, detached(running)

    return objective


def priced(theta: Parameters) -> Parameters:
    """theta with logits of the probabilities, a half at first, for an objective with a price."""
    return theta | {"shares": torch.zeros(len(ALL))}


def learn_optimizer(
    world: Worlds, objective: Objective, rng: Generator, *, steps: int, learned: Parameters
) -> Parameters:
    """Meta-train from `learned` on adaptations between turned odd digits."""
    theta, _ = meta_train(
        learned, objective, world.sample, rng, steps=steps, optimizer=partial(Adam, lr=1e-3)
    )
    return theta


def layer_costs_of(
    network: SmallConvolutions, per_parameter: float
) -> tuple[list[float], list[float], list[float], list[float]]:
    """Forward, input gradient, weight gradient and update of each layer for a batch, in MACs."""
    forward = network.layer_macs(BATCH)
    return forward, forward, forward, [per_parameter * count for count in network.counts]


def _relative_energy(theta: Parameters, network: SmallConvolutions, shares: Tensor) -> Tensor:
    costs = layer_costs_of(network, macs_per_parameter(theta))
    share: Tensor = expected_energy(list(shares), *costs) / expected_energy(ALL, *costs)
    return share


Change = Callable[[Sequence[Tensor | None]], Weights]
"""From the gradients, None where a layer stays as it is, to the next weights."""


def learned_change(theta: Parameters, task: Adaptation) -> Change:
    """Steps of a learned optimizer."""
    running = begin(theta, task)

    @torch.no_grad()
    def change(gradients: Sequence[Tensor | None]) -> Weights:
        take_step(theta, running, gradients)
        return running.weights

    return change


def hand_made_change(
    task: Adaptation, optimizer: Callable[[Sequence[Tensor]], Optimizer]
) -> Change:
    """Steps of one of torch's optimizers, which leaves alone what has no gradient."""
    weights = [vector.clone() for vector in task.start]
    adjust = optimizer(weights)

    def change(gradients: Sequence[Tensor | None]) -> Weights:
        for vector, gradient in zip(weights, gradients, strict=True):
            vector.grad = gradient
        adjust.step()
        return weights

    return change


def adapt(
    task: Adaptation,
    change: Change,
    rng: Generator,
    *,
    per_parameter: float,
    energy: float,
    shares: Sequence[float] = ALL,
) -> Adapted:
    """Adapt until the energy is spent; test accuracy after every fifth step, and the energy then.

    per_parameter: MACs of an update of one parameter.
    """
    costs = layer_costs_of(task.network, per_parameter)
    weights, found, spent, step = task.start, Adapted([], []), 0.0, 0
    while spent < energy:
        updated = draw_updates(shares, rng)
        gradients = some_gradients(task.network, weights, updated, *task.half.batch(rng, BATCH))
        weights = change(gradients)
        spent, step = spent + step_energy(updated, *costs), step + 1
        if step % 5 == 0:
            found.accuracy.append(task.network.accuracy(weights, task.half.test))
            found.energy.append(spent)
    return found
