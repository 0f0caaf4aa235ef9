"""HALO: a learned optimizer that is meant to adapt a network with little energy (ECCV 2020).

Three parts: a hierarchical recurrent optimizer, a meta-loss with the squared norm of the
optimizee's gradient, which prefers flat places, and updates of layers at random, the deeper the
more often. Energy is measured afterwards, by `course_lib.hardware.energy`. A price on energy in the
meta-loss, with learnt probabilities, is this course's own extension.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

import torch
from torch import Generator, Tensor

from course_lib.core.meta_train import Parameters
from course_lib.hardware.digits_halves import Half, SmallConvolutions, Weights
from course_lib.hardware.hierarchical_optimizer import (
    LayerState,
    layer_update,
    next_whole,
    start_layer,
    start_whole,
)

RISING = (0.1, 0.3, 0.5)
"""HALO's probabilities of updates for the first, middle and last third of the layers."""
ALL = (1.0, 1.0, 1.0)


class Adaptation(NamedTuple):
    """A task: a network with weights that were trained on other classes, and the new classes."""

    network: SmallConvolutions
    start: Weights
    half: Half


@dataclass
class Running:
    """An adaptation on its way."""

    task: Adaptation
    weights: Weights
    layers: list[LayerState]
    whole: Tensor
    steps: int = 0
    updates: list[list[bool]] = field(default_factory=list)


def begin(theta: Parameters, task: Adaptation) -> Running:
    """Before the first step."""
    layers = [start_layer(theta, len(vector)) for vector in task.start]
    return Running(task, [vector.detach() for vector in task.start], layers, start_whole(theta))


def draw_updates(shares: Tensor | Sequence[float], rng: Generator) -> list[bool]:
    """Which layers are updated in a step: each on its own, with its probability."""
    drawn = torch.rand(len(shares), generator=rng)
    return (drawn < torch.as_tensor(shares).detach()).tolist()


def take_step(
    theta: Parameters,
    running: Running,
    gradients: Sequence[Tensor | None],
    shares: Tensor | None = None,
) -> None:
    """Update the layers that have a gradient; the others and their states stay as they are.

    shares: probabilities to be learnt. An update is multiplied by p / (p as a number): 1, whose
        gradient is an estimate of what the layer's updates are worth.
    """
    updated = [gradient is not None for gradient in gradients]
    for place, gradient in enumerate(gradients):
        if gradient is not None:
            change, running.layers[place] = layer_update(
                theta, gradient, running.layers[place], running.whole
            )
            if shares is not None:
                change = change * shares[place] / shares[place].detach()
            running.weights[place] = running.weights[place] + change
    if any(updated):
        running.whole = next_whole(theta, running.layers, running.whole)
    running.updates.append(updated)
    running.steps += 1


def unrolled_loss(
    theta: Parameters,
    running: Running,
    rng: Generator,
    *,
    steps: int,
    shares: Tensor | Sequence[float] = ALL,
    flatness: float = 0.0,
) -> Tensor:
    """mean_t of L(theta_t) + flatness ||dL / dtheta_t||^2, over steps + 1 places.

    `running` moves on by as many steps. shares: the layers' probabilities to be updated; a tensor
        that requires a gradient is learnt.

    Source: Li et al. 2020 (HALO), the meta-loss, with flatness = lambda_1.
    """
    learnt = shares if isinstance(shares, Tensor) and shares.requires_grad else None
    total = torch.zeros(())
    for step in range(steps + 1):
        weights = [vector if vector.requires_grad else vector.detach().requires_grad_()
                   for vector in running.weights]  # fmt: skip
        loss = running.task.network.loss(weights, *running.task.half.batch(rng))
        found = torch.autograd.grad(loss, weights, create_graph=flatness > 0, retain_graph=True)
        total = total + loss
        if flatness > 0:
            total = total + flatness * torch.stack([each.square().sum() for each in found]).sum()
        if step < steps:
            updated = draw_updates(shares, rng)
            chosen = [each if on else None for each, on in zip(found, updated, strict=True)]
            take_step(theta, running, chosen, learnt)
    return total / (steps + 1)


def detached(running: Running) -> Running:
    """The same place without a graph, from which the next truncated unroll goes on."""
    layers = [
        LayerState(
            state.mean,
            state.square,
            state.log_rate.detach(),
            state.each.detach(),
            state.layer.detach(),
            state.steps,
        )
        for state in running.layers
    ]
    weights = [vector.detach() for vector in running.weights]
    return Running(running.task, weights, layers, running.whole.detach(), running.steps)


def some_gradients(
    network: SmallConvolutions, weights: Weights, updated: Sequence[bool], x: Tensor, y: Tensor
) -> list[Tensor | None]:
    """Gradients of the updated layers; autograd skips all that only the others would need."""
    if not any(updated):
        return [None] * len(weights)
    both = zip(weights, updated, strict=True)
    leaves = [vector.detach().requires_grad_(on) for vector, on in both]
    wanted = [leaf for leaf in leaves if leaf.requires_grad]
    found = iter(torch.autograd.grad(network.loss(leaves, x, y), wanted))
    return [next(found) if on else None for on in updated]
