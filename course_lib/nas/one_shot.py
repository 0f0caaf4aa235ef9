"""One-shot search: shared weights and architecture logits alpha, trained side by side.

Which method it is, two functions say, and the supernet's `mixed_op`:

method                        relax                    mixed_op    alpha_gradient
uniform paths (Guo 2020)      uniform_one_hot          sampled_op  None
one-shot (Bender 2018)        path_dropout             nonzero_op  None
DARTS (Liu 2019)              softmax_relax            mixed_op    first_order, second_order
SNAS (Xie 2019)               gumbel_softmax_sample    mixed_op    single_level
GDAS (Dong and Yang 2019)     gumbel_straight_through  sampled_op  first_order
ProxylessNAS (Cai 2019)       sampled_path, and        nonzero_op  first_order
                              alpha_relax=binary_paths

Random search with weight sharing (Li and Talwalkar 2019) is the first row and then `random_search`
on `InheritedAccuracy`.
"""

import math
from collections.abc import Iterator
from dataclasses import dataclass

import torch
from torch import Generator, Tensor, nn

from course_lib.core import Log
from course_lib.core.threads import one_thread
from course_lib.datasets import Images
from course_lib.nas.alpha_step import BatchLoss, alpha_step, frozen
from course_lib.nas.bilevel import (
    AlphaGradient,
    exact_second_order,
    first_order,
    second_order,
    single_level,
)
from course_lib.nas.derive import derive, discretization_gap, entropy
from course_lib.nas.relax import (
    Relax,
    binary_paths,
    check_tau,
    gumbel_max_sample,
    gumbel_softmax_sample,
    gumbel_straight_through,
    nonzero_op,
    path_dropout,
    sample_gumbel,
    sampled_path,
    softmax_relax,
    straight_through,
    uniform_one_hot,
)
from course_lib.nas.sharing import batches, check_split, cosine, per_epoch, shared_sgd, shared_step
from course_lib.nas.supernet import Supernet

__all__ = [
    "AlphaGradient",
    "OneShotStep",
    "Relax",
    "binary_paths",
    "derive",
    "discretization_gap",
    "entropy",
    "exact_second_order",
    "first_order",
    "gumbel_max_sample",
    "gumbel_softmax_sample",
    "gumbel_straight_through",
    "nonzero_op",
    "one_shot_search",
    "one_shot_steps",
    "path_dropout",
    "sample_gumbel",
    "sampled_path",
    "second_order",
    "single_level",
    "softmax_relax",
    "straight_through",
    "uniform_one_hot",
]


@dataclass(frozen=True)
class OneShotStep:
    """One step on alpha and one on the weights.

    epoch: how many passes over the training images are done, such as 0.5.
    alpha: (edges, operations) after the step.
    train_loss, valid_loss: cross-entropy of the batch before the weights moved; valid_loss is NaN
        where the alpha gradient did not ask for it.
    """

    epoch: float
    alpha: Tensor
    train_loss: float
    valid_loss: float
    tau: float


def one_shot_search(
    net: Supernet,
    train: Images,
    valid: Images,
    rng: Generator,
    *,
    relax: Relax = softmax_relax,
    alpha_relax: Relax | None = None,
    alpha_gradient: AlphaGradient | None = first_order,
    alpha: Tensor | None = None,
    epochs: int = 15,
    batch: int = 50,
    tau: tuple[float, float] = (1.0, 1.0),
    learning_rate: float = 0.1,
    weight_decay: float = 5e-4,
    alpha_learning_rate: float = 0.03,
    alpha_weight_decay: float = 1e-3,
    xi: float | None = None,
    log_every: int = 10,
    progress: bool = False,
) -> tuple[Tensor, Log]:
    """Train the supernet in place; alpha (edges, operations) and the curves.

    See `one_shot_steps`, of which this takes every step. An entry of the log covers `log_every`
    steps: epoch, train_loss and valid_loss (means), tau, entropy (of softmax(alpha), mean over
    the edges, in nats), alpha.
    """
    steps = one_shot_steps(
        net,
        train,
        valid,
        rng,
        relax=relax,
        alpha_relax=alpha_relax,
        alpha_gradient=alpha_gradient,
        alpha=alpha,
        epochs=epochs,
        batch=batch,
        tau=tau,
        learning_rate=learning_rate,
        weight_decay=weight_decay,
        alpha_learning_rate=alpha_learning_rate,
        alpha_weight_decay=alpha_weight_decay,
        xi=xi,
    )
    if progress:
        from tqdm.auto import tqdm

        steps = iter(tqdm(steps, total=epochs * per_epoch(train, batch), desc="steps"))
    log, waiting = Log(), []
    for step in steps:
        waiting.append(step)
        if len(waiting) == log_every:
            _write(log, waiting)
            waiting = []
    if waiting:
        _write(log, waiting)
    return step.alpha, log


def one_shot_steps(
    net: Supernet,
    train: Images,
    valid: Images,
    rng: Generator,
    *,
    relax: Relax = softmax_relax,
    alpha_relax: Relax | None = None,
    alpha_gradient: AlphaGradient | None = first_order,
    alpha: Tensor | None = None,
    epochs: int = 15,
    batch: int = 50,
    tau: tuple[float, float] = (1.0, 1.0),
    learning_rate: float = 0.1,
    weight_decay: float = 5e-4,
    alpha_learning_rate: float = 0.03,
    alpha_weight_decay: float = 1e-3,
    xi: float | None = None,
) -> Iterator[OneShotStep]:
    """Alternate: alpha down its gradient, then the weights down theirs on a training batch.

    alpha_gradient sees a training and a validation batch; None leaves alpha as it is.
    relax: mixture weights from alpha; alpha_relax: those of the alpha step, if they differ.
    alpha: where the logits start; None draws 0.001 times standard normal numbers.
    tau: temperature at the first and at the last step, linear between.
    xi: step size of the unrolled weights; None takes the weights' step size of the moment.

    The weights move by SGD with momentum 0.9 and a cosine from learning_rate to 0, gradients
    clipped at norm 5; alpha by Adam with betas 0.5 and 0.999. Every step of either kind gets a
    seed of its own and every call of relax within it a fresh generator from that seed: a finite
    difference sees frozen noise. The alpha step leaves weights and running statistics alone.
    Source: Liu et al. 2019, algorithm 1.
    """
    check_split(train, valid)
    for end in tau:
        check_tau(end)
    if epochs < 1 or batch < 1:
        raise ValueError(f"epochs and batch must be at least 1, got {epochs} and {batch}")
    logits = _start(net, alpha, rng)
    sgd = shared_sgd(net, learning_rate, weight_decay)
    adam = torch.optim.Adam(
        [logits],
        lr=alpha_learning_rate,
        betas=(0.5, 0.999),
        weight_decay=alpha_weight_decay,
        fused=True,
    )
    steps = per_epoch(train, batch)
    own, held = batches(train, batch, rng), batches(valid, batch, rng)
    for number in range(epochs * steps):
        share = number / max(1, epochs * steps - 1)
        now = tau[0] + (tau[1] - tau[0]) * share
        sgd.param_groups[0]["lr"] = rate = cosine(learning_rate, number, epochs * steps)
        x, y = next(own)
        if not net.training:
            net.train()
        with one_thread():
            valid_loss = math.nan
            if alpha_gradient is not None:
                mix = frozen(alpha_relax or relax, now, rng)
                losses = BatchLoss(net, x, y, mix), BatchLoss(net, *next(held), mix)
                step_size = rate if xi is None else xi
                alpha_step(adam, logits, alpha_gradient, losses, net, step_size)
                valid_loss = losses[1].value
            weights = frozen(relax, now, rng)(logits.detach())
            train_loss = shared_step(net, sgd, weights.detach(), x, y)
        yield OneShotStep(
            (number + 1) / steps, logits.detach().clone(), train_loss, valid_loss, now
        )


def _start(net: Supernet, alpha: Tensor | None, rng: Generator) -> nn.Parameter:
    shape = (net.space.edges, len(net.space.operations))
    if alpha is None:
        alpha = 1e-3 * torch.randn(shape, generator=rng)
    if alpha.shape != shape:
        raise ValueError(
            f"alpha must have shape {shape}, one row per edge and one column per operation, got "
            f"{tuple(alpha.shape)}"
        )
    return nn.Parameter(alpha.detach().clone())


def _write(log: Log, steps: list[OneShotStep]) -> None:
    last = steps[-1]
    log.append(
        epoch=last.epoch,
        train_loss=sum(step.train_loss for step in steps) / len(steps),
        valid_loss=sum(step.valid_loss for step in steps) / len(steps),
        tau=last.tau,
        entropy=float(entropy(last.alpha.softmax(-1)).mean()),
        alpha=last.alpha,
    )
