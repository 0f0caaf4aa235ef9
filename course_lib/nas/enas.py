"""ENAS: a controller writes architectures, shared weights say at once how good they are.

The controller and its loss are those of lecture 01. What changes is the answer to a question: no
training of its own, but one batch of validation images through the supernet (Pham et al. 2018).
"""

from typing import cast

import torch
from torch import Generator, Tensor

from course_lib.core import Log, Space
from course_lib.core.seam import expect_shape, named
from course_lib.core.threads import one_thread
from course_lib.datasets import Images
from course_lib.nas.controller import (
    Controller,
    PolicyLoss,
    choice_probabilities,
    reinforce_loss,
    sample_strings,
)
from course_lib.nas.sharing import (
    batch_accuracy,
    batches,
    check_split,
    cosine,
    per_epoch,
    shared_sgd,
    shared_step,
)
from course_lib.nas.supernet import Supernet


def enas(
    net: Supernet,
    train: Images,
    valid: Images,
    rng: Generator,
    *,
    loss: PolicyLoss = reinforce_loss,
    epochs: int = 30,
    batch: int = 50,
    learning_rate: float = 0.1,
    weight_decay: float = 5e-4,
    controller_steps: int = 20,
    architectures: int = 10,
    controller_learning_rate: float = 0.01,
    baseline_decay: float = 0.9,
    entropy_weight: float = 0.005,
    hidden: int = 32,
) -> tuple[Controller, Log]:
    """Take turns: a pass over the training images for the weights, steps for the controller.

    First every training batch moves the weights of one architecture that the controller draws; the
    controller stands still. Then, `controller_steps` times, the controller moves and the weights
    stand still, see `controller_step`.

    The net is trained in place; with `sampled_op` only the drawn path is computed. The log has an
    entry per epoch: epoch, train_loss, reward (means), entropy (of the controller's strings, in
    nats), probabilities (decisions, choices), see `choice_probabilities`. To choose an
    architecture, draw some from the controller and compare them with `InheritedAccuracy`.
    Source: Pham et al. 2018, sec. 2.2.
    """
    check_split(train, valid)
    for name, count in (
        ("epochs", epochs),
        ("batch", batch),
        ("controller_steps", controller_steps),
    ):
        if count < 1:
            raise ValueError(f"{name} must be at least 1, got {count}")
    controller = Controller(cast(Space, net.space), rng, hidden=hidden)
    adam = torch.optim.Adam(controller.parameters(), lr=controller_learning_rate, fused=True)
    sgd = shared_sgd(net, learning_rate, weight_decay)
    own, held = batches(train, batch, rng), batches(valid, batch, rng)
    steps, log = per_epoch(train, batch), Log()
    baseline: float | None = None
    for epoch in range(epochs):
        train_losses, rewards = [], []
        with one_thread():
            for step in range(epoch * steps, (epoch + 1) * steps):
                sgd.param_groups[0]["lr"] = cosine(learning_rate, step, epochs * steps)
                train_losses.append(weight_step(controller, net, sgd, *next(own), rng))
            for _ in range(controller_steps):
                reward = controller_step(
                    controller,
                    adam,
                    net,
                    *next(held),
                    rng,
                    baseline=baseline,
                    loss=loss,
                    architectures=architectures,
                    entropy_weight=entropy_weight,
                )
                baseline = _average(baseline, reward, baseline_decay)
                rewards.append(reward)
            tokens, _, entropy = sample_strings(controller, 100, rng)
            log.append(
                epoch=epoch + 1,
                train_loss=sum(train_losses) / len(train_losses),
                reward=sum(rewards) / len(rewards),
                entropy=entropy.mean(),
                probabilities=choice_probabilities(controller, tokens),
            )
    return controller, log


def weight_step(
    controller: Controller,
    net: Supernet,
    sgd: torch.optim.Optimizer,
    x: Tensor,
    y: Tensor,
    rng: Generator,
) -> float:
    """One step of one drawn architecture's weights on a training batch; its loss before it."""
    with torch.no_grad():
        tokens, _, _ = sample_strings(controller, 1, rng)
    net.train()
    return shared_step(net, sgd, net.space.one_hot(tuple(tokens[0].tolist())), x, y)


def controller_step(
    controller: Controller,
    adam: torch.optim.Optimizer,
    net: Supernet,
    x: Tensor,
    y: Tensor,
    rng: Generator,
    *,
    baseline: float | None,
    loss: PolicyLoss = reinforce_loss,
    architectures: int = 10,
    entropy_weight: float = 0.005,
) -> float:
    """One policy-gradient step on a validation batch; the mean reward of the drawn architectures.

    The reward is the batch's accuracy with inherited weights and the batch's own statistics.
    Descended is loss(log_prob, reward, baseline) - entropy_weight mean(entropy). Without a
    baseline, in the first step, nothing moves. Of the net nothing changes, running statistics
    included.
    """
    tokens, log_prob, entropy = sample_strings(controller, architectures, rng)
    reward = log_prob.new_tensor(
        [batch_accuracy(net, net.space.one_hot(tuple(string)), x, y) for string in tokens.tolist()]
    )
    if baseline is not None:
        objective = expect_shape(
            named("loss", loss), loss(log_prob, reward, baseline), (), "did you forget .mean()?"
        )
        adam.zero_grad()
        torch.autograd.backward(objective - entropy_weight * entropy.mean())
        adam.step()
    return reward.mean().item()


def _average(old: float | None, new: float, decay: float) -> float:
    return new if old is None else decay * old + (1 - decay) * new
