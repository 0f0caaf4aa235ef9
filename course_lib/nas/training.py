"""Honest training of one network: learn on train, compare on valid, look at test once, at the end."""

import hashlib
import math
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

import torch
from torch import Generator, nn
from torch.nn import functional as F

from course_lib.core import Arch, Trial, make_rng
from course_lib.datasets import Images, ImageTask

EPOCHS = 8
_EVALUATION_BATCH = 250


@dataclass(frozen=True)
class TrainResult:
    """curve: validation accuracy after each epoch; flops: of one image, multiply and add apart;
    seconds: processor time of training and evaluation."""

    curve: tuple[float, ...]
    test_accuracy: float
    parameters: int
    flops: int
    seconds: float


def train(
    network: nn.Module,
    task: ImageTask,
    rng: Generator,
    *,
    epochs: int = EPOCHS,
    stop_after: int | None = None,
    batch: int = 100,
    learning_rate: float = 0.2,
    momentum: float = 0.9,
    weight_decay: float = 5e-4,
) -> TrainResult:
    """Train in place by SGD with Nesterov momentum on cross-entropy, the step size a half cosine.

    In step t of T the step size is learning_rate * (1 + cos(pi t / T)) / 2 (Loshchilov and Hutter
    2017, without restarts). Each epoch goes through `task.train` once in an order drawn from
    `rng`; a last batch that is not full is left out.

    stop_after: epochs after which to stop early on the schedule of `epochs` epochs.
    """
    last = epochs if stop_after is None else stop_after
    if not 1 <= last <= epochs:
        raise ValueError(f"expected 1 <= stop_after <= epochs, got {last} and {epochs} epochs")
    started = time.process_time()
    device = next(network.parameters()).device
    x, y = task.train.x.to(device), task.train.y.to(device)
    batch = min(batch, len(y))
    steps = len(y) // batch
    optimizer = torch.optim.SGD(
        network.parameters(),
        lr=learning_rate,
        momentum=momentum,
        nesterov=True,
        weight_decay=weight_decay,
        fused=True,
    )
    curve = []
    for epoch in range(last):
        network.train()
        order = torch.randperm(len(y), generator=rng)[: steps * batch].view(steps, batch)
        for step, chosen in enumerate(order.to(device)):
            progress = (epoch + step / steps) / epochs
            optimizer.param_groups[0]["lr"] = learning_rate * (1 + math.cos(math.pi * progress)) / 2
            optimizer.zero_grad()
            F.cross_entropy(network(x[chosen]), y[chosen]).backward()
            optimizer.step()
        curve.append(accuracy(network, task.valid))
    test_accuracy = accuracy(network, task.test)
    seconds = time.process_time() - started
    parameters = sum(p.numel() for p in network.parameters())
    return TrainResult(tuple(curve), test_accuracy, parameters, flops(network, task), seconds)


@torch.inference_mode()
def accuracy(network: nn.Module, images: Images) -> float:
    """The share of images classified rightly, the network in evaluation mode."""
    network.eval()
    device = next(network.parameters()).device
    batches = zip(images.x.split(_EVALUATION_BATCH), images.y.split(_EVALUATION_BATCH), strict=True)
    right = sum(int((network(x.to(device)).argmax(1) == y.to(device)).sum()) for x, y in batches)
    return right / len(images)


@torch.inference_mode()
def flops(network: nn.Module, task: ImageTask) -> int:
    """Floating-point operations for one image, as torch counts them: convolutions and products."""
    from torch.utils.flop_counter import FlopCounterMode

    network.eval()
    device = next(network.parameters()).device
    with FlopCounterMode(display=False) as counter:
        network(task.valid.x[:1].to(device))
    return int(counter.get_total_flops())


def training_rng(identity: object, seed: int) -> Generator:
    """The generator for one training: of its own for every (text of the identity, seed)."""
    digest = hashlib.sha256(f"{seed}: {identity}".encode()).digest()
    return make_rng(int.from_bytes(digest[:6], "big"))
