"""What all trainings of shared weights have in common: batches, one step, the step size."""

import math
from collections.abc import Iterator

import torch
from torch import Generator, Tensor, nn
from torch.nn import functional as F

from course_lib.datasets import Images
from course_lib.nas.supernet import Supernet, batch_statistics

CLIP = 5.0
"""The norm at which gradients of shared weights are clipped, as in DARTS."""


def batches(images: Images, batch: int, rng: Generator) -> Iterator[tuple[Tensor, Tensor]]:
    """For ever: full batches (x, y), every image once per pass, in a fresh random order each.

    What a pass leaves over is left out; fewer images than `batch` make one smaller batch.
    """
    count = len(images)
    batch = min(batch, count)
    while True:
        order = torch.randperm(count, generator=rng)[: count - count % batch]
        for chosen in order.view(-1, batch):
            yield images.x[chosen], images.y[chosen]


def per_epoch(images: Images, batch: int) -> int:
    """How many full batches a pass holds, at least 1."""
    return max(1, len(images) // batch)


def shared_sgd(net: Supernet, learning_rate: float, weight_decay: float) -> torch.optim.SGD:
    """SGD with momentum 0.9 on all shared weights, by torch's fused kernel.

    The kernel wants every momentum from the start: 0, which makes a first step the plain one.
    """
    sgd = torch.optim.SGD(
        net.parameters(), lr=learning_rate, momentum=0.9, weight_decay=weight_decay, fused=True
    )
    for weight in net.parameters():
        sgd.state[weight]["momentum_buffer"] = torch.zeros_like(weight)
    return sgd


def shared_step(
    net: Supernet, optimizer: torch.optim.Optimizer, weights: Tensor, x: Tensor, y: Tensor
) -> float:
    """One step of the shared weights down the cross-entropy of one batch; the loss before it.

    weights: (edges, operations), the path or mixture that is trained. Parameters of operations that
    were not computed get no gradient and do not move, not even by momentum or weight decay.
    Gradients are clipped at norm `CLIP`.
    """
    loss = F.cross_entropy(net(x, weights), y)
    optimizer.zero_grad()
    torch.autograd.backward(loss)
    nn.utils.clip_grad_norm_(net.params.values(), CLIP, foreach=True)
    optimizer.step()
    return loss.item()


@torch.no_grad()
def batch_accuracy(net: Supernet, weights: Tensor, x: Tensor, y: Tensor) -> float:
    """The share of one batch that is classified rightly, normalised by the batch's own statistics.

    Nothing of the net changes.
    """
    with batch_statistics(net):
        return float((net(x, weights).argmax(1) == y).float().mean())


def cosine(learning_rate: float, step: int, steps: int) -> float:
    """learning_rate (1 + cos(pi step / steps)) / 2. Source: Loshchilov and Hutter 2017, eq. 5."""
    return learning_rate * (1 + math.cos(math.pi * step / steps)) / 2


def check_split(train: Images, valid: Images) -> None:
    """ValueError where a split is empty, or where both hold pictures of one source (by `index`)."""
    for name, images in (("train", train), ("valid", valid)):
        if len(images) == 0:
            raise ValueError(f"{name} holds no images: expected at least one")
    if train.index is None or valid.index is None:
        return
    shared = torch.isin(valid.index, train.index)
    if shared.any():
        raise ValueError(
            f"train and valid share {int(shared.sum())} pictures, the first with index "
            f"{int(valid.index[shared][0])}: alpha would be judged on what trained the weights; "
            "split the sources before drawing pictures"
        )
