"""Honest training of one network: learn on train, compare on valid, look at test once, last."""

import hashlib
import math
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import islice
from typing import Protocol

import torch
from torch import Generator, Tensor, nn
from torch.nn import functional as F

from course_lib.core import Arch, Trial, make_rng
from course_lib.core.seam import expect_shape, named
from course_lib.core.threads import one_thread
from course_lib.datasets import Augment, Images, ImageTask

EPOCHS = 8
_EVALUATION_BATCH = 250


@dataclass(frozen=True)
class TrainResult:
    """What one training gave.

    curve: validation accuracy after each epoch. test_accuracy: after the last.
    parameters: numbers that were learnt.
    flops: floating-point operations for one image, a multiplication and an addition counting two.
    seconds: processor time of training and evaluation.
    """

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
    batch: int = 50,
    learning_rate: float = 0.1,
    momentum: float = 0.9,
    weight_decay: float = 5e-4,
    augment: Augment | None = None,
    channels_last: bool = True,
) -> TrainResult:
    """Train in place by SGD with Nesterov momentum on cross-entropy; the recipe of digits201.

    In step t = 0, ..., T - 1 the step size is learning_rate * (1 + cos(pi t / T)) / 2 (Loshchilov
    and Hutter 2017, eq. 5, without restarts). Each epoch goes through `task.train` once, in an
    order drawn from `rng`; a last batch that is not full is left out.

    network: (batch, channels, height, width) -> class scores (batch, classes); left in evaluation
        mode, on the device where it was.
    stop_after: stop after so many epochs of the schedule made for `epochs` epochs.
    augment: changes each training batch before it is learnt, such as `cutout`, drawing from `rng`.
    channels_last: kernels lie in memory with their channels last, and stay so: they are convolved
        faster. False sums in the order in which digits201 was made, the same but for rounding.
    """
    last = epochs if stop_after is None else stop_after
    if not 1 <= last <= epochs:
        raise ValueError(f"expected 1 <= stop_after <= epochs, got {last} of {epochs} epochs")
    started = time.process_time()
    if channels_last:
        network.to(memory_format=torch.channels_last)
    optimizer = torch.optim.SGD(
        network.parameters(),
        lr=learning_rate,
        momentum=momentum,
        nesterov=True,
        weight_decay=weight_decay,
        fused=True,
    )
    curve: list[float] = []
    for batches in islice(_epochs(task.train, batch, rng), last):
        network.train()
        for step, (x, y) in enumerate(batches):
            progress = (len(curve) + step / len(batches)) / epochs
            optimizer.param_groups[0]["lr"] = learning_rate * (1 + math.cos(math.pi * progress)) / 2
            if augment is not None:
                x = expect_shape(named("augment", augment), augment(x, rng), tuple(x.shape))
            sgd_step(network, optimizer, x, y)
        curve.append(accuracy(network, task.valid))
    test_accuracy = accuracy(network, task.test)
    seconds = time.process_time() - started
    parameters = sum(weight.numel() for weight in network.parameters())
    return TrainResult(tuple(curve), test_accuracy, parameters, flops(network, task), seconds)


def sgd_step(network: nn.Module, optimizer: torch.optim.Optimizer, x: Tensor, y: Tensor) -> None:
    """One step down the gradient of the cross-entropy on one batch."""
    device = _device(network)
    loss = F.cross_entropy(network(x.to(device)), y.to(device))
    optimizer.zero_grad()
    torch.autograd.backward(loss)
    optimizer.step()


def _epochs(images: Images, batch: int, rng: Generator) -> Iterator[list[tuple[Tensor, Tensor]]]:
    """For ever: the full batches of a fresh random order."""
    count = len(images)
    batch = min(batch, count)
    while True:
        order = torch.randperm(count, generator=rng)[: count - count % batch]
        yield [(images.x[chosen], images.y[chosen]) for chosen in order.view(-1, batch)]


@torch.inference_mode()
def accuracy(network: nn.Module, images: Images) -> float:
    """The share of images classified rightly, the network in evaluation mode."""
    network.eval()
    device = _device(network)
    right = 0
    for start in range(0, len(images), _EVALUATION_BATCH):
        part = slice(start, start + _EVALUATION_BATCH)
        scores = network(images.x[part].to(device))
        right += int((scores.argmax(1) == images.y[part].to(device)).sum())
    return right / len(images)


@torch.inference_mode()
def flops(network: nn.Module, task: ImageTask) -> int:
    """Floating-point operations for one image of the task, as torch counts them.

    Convolutions (our pooling is one) and matrix products count, sums and normalisations do not.
    """
    from torch.utils.flop_counter import FlopCounterMode

    network.eval()
    with FlopCounterMode(display=False) as counter:
        network(task.valid.x[:1].to(_device(network)))
    return int(counter.get_total_flops())


def _device(network: nn.Module) -> torch.device:
    return next(network.parameters()).device


def training_rng(identity: object, seed: int) -> Generator:
    """The generator of one training, a different one for every (text of identity, seed)."""
    digest = hashlib.sha256(f"{seed}: {identity}".encode()).digest()
    return make_rng(int.from_bytes(digest[:6], "big"))


class BuildsNetworks(Protocol):
    """A space whose architectures become networks."""

    def build(self, arch: Arch, /, *, rng: Generator) -> nn.Module: ...


class TrainingMeasure:
    """A measure that really trains: value is the validation accuracy after `fidelity` epochs.

    identity: what names the network of an architecture. Architectures of one identity get the same
        weights and order of images, so that `CellSpace.canonical` without `channels_last` gives the
        table's own numbers.

    It trains on one thread, as the table's builder does: several would sum in another order.

    A full answer costs 1, one after `fidelity` of `epochs` epochs fidelity / epochs. `info` holds
    test_accuracy, parameters, flops and seconds.
    """

    def __init__(
        self,
        space: BuildsNetworks,
        task: ImageTask,
        *,
        seed: int = 0,
        epochs: int = EPOCHS,
        identity: Callable[[Arch], object] = str,
        channels_last: bool = True,
    ) -> None:
        self.space = space
        self.task = task
        self.seed = seed
        self.epochs = epochs
        self.identity = identity
        self.channels_last = channels_last

    def __call__(self, arch: Arch, fidelity: int | None = None, /) -> Trial:
        rng = training_rng(self.identity(arch), self.seed)
        with one_thread():
            network = self.space.build(arch, rng=rng)
            result = train(
                network,
                self.task,
                rng,
                epochs=self.epochs,
                stop_after=fidelity,
                channels_last=self.channels_last,
            )
        info = {
            "test_accuracy": result.test_accuracy,
            "parameters": result.parameters,
            "flops": result.flops,
            "seconds": result.seconds,
        }
        return Trial(arch, result.curve[-1], len(result.curve) / self.epochs, info=info)
