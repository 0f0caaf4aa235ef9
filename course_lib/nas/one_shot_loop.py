"""The loop of one-shot search; `course_lib.nas.one_shot` has the table of methods that it runs."""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import torch
from torch import Generator, Tensor, nn

from course_lib.core import Log
from course_lib.core.steps import Steps, run_to_the_end
from course_lib.core.threads import one_thread
from course_lib.datasets import Images
from course_lib.nas.alpha_step import BatchLoss, alpha_step, frozen
from course_lib.nas.bilevel import AlphaGradient, first_order
from course_lib.nas.derive import entropy
from course_lib.nas.relax import Relax, check_tau, softmax_relax
from course_lib.nas.sharing import batches, check_split, cosine, per_epoch, shared_sgd, shared_step
from course_lib.nas.supernet import Supernet


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
    log_every: int = 10,
    progress: bool = False,
) -> Steps[OneShotStep, tuple[Tensor, Log]]:
    """Alternate: alpha down its gradient, then the weights down theirs on a training batch.

    The supernet is trained in place; at the end there are alpha (edges, operations) and the curves.

    alpha_gradient sees a training and a validation batch; None leaves alpha as it is.
    relax: mixture weights from alpha; alpha_relax: those of the alpha step, if they differ.
    alpha: where the logits start; None draws 0.001 times standard normal numbers.
    tau: temperature at the first and at the last step, linear between.
    xi: step size of the unrolled weights; None takes the weights' step size of the moment.
    log_every: how many steps an entry of the curves covers: epoch, train_loss and valid_loss
        (means), tau, entropy (of softmax(alpha), mean over the edges, in nats), alpha.
    progress: show a bar.

    The weights move by SGD with momentum 0.9 and a cosine from learning_rate to 0, gradients
    clipped at norm 5; alpha by Adam with betas 0.5 and 0.999. Every step of either kind gets a
    seed of its own and every call of relax within it a fresh generator from that seed: a finite
    difference sees frozen noise. The alpha step leaves weights and running statistics alone.
    Source: Liu et al. 2019, algorithm 1.
    """
    check_split(train, valid)
    for end in tau:
        check_tau(end)
    for name, count in (("epochs", epochs), ("batch", batch), ("log_every", log_every)):
        if count < 1:
            raise ValueError(f"{name} must be at least 1, got {count}")
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
    done: list[OneShotStep] = []
    for number in _counted(epochs * steps, progress):
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
        epoch, moved = (number + 1) / steps, logits.detach().clone()
        done.append(OneShotStep(epoch, moved, train_loss, valid_loss, now))
        yield done[-1]
    return done[-1].alpha, _curves(done, log_every)


one_shot_search = run_to_the_end(one_shot_steps, "one_shot_search")


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


def _counted(count: int, progress: bool) -> Iterable[int]:
    if not progress:
        return range(count)
    from tqdm.auto import tqdm

    return tqdm(range(count), desc="steps")


def _curves(steps: Sequence[OneShotStep], every: int) -> Log:
    log = Log()
    for start in range(0, len(steps), every):
        part = steps[start : start + every]
        log.append(
            epoch=part[-1].epoch,
            train_loss=sum(step.train_loss for step in part) / len(part),
            valid_loss=sum(step.valid_loss for step in part) / len(part),
            tau=part[-1].tau,
            entropy=float(entropy(part[-1].alpha.softmax(-1)).mean()),
            alpha=part[-1].alpha,
        )
    return log
