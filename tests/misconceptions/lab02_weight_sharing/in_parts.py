"""Answers to `sharing_epoch` and `kendall_tau`, right unless a part is exchanged."""

from collections.abc import Callable
from typing import Any

import numpy as np
import torch
from torch.nn import functional as F


def trainer(
    *,
    draw: Callable[..., Any] = lambda space, rng, _: space.sample(rng),
    loss: Callable[..., Any] = F.cross_entropy,
    clear: Callable[..., Any] = lambda optimizer: optimizer.zero_grad(),
    step: Callable[..., Any] = lambda optimizer: optimizer.step(),
    tell: Callable[..., Any] = lambda arch, value: (arch, value.item()),
    train: bool = True,
    listed: bool = False,
) -> Callable[..., Any]:
    """A right epoch unless a part is exchanged."""

    def sharing_epoch(net, space, batches, optimizer, rng):
        if train:
            net.train()
        told = []
        for k, (x, y) in enumerate(list(batches) if listed else batches):
            arch = draw(space, rng, k)
            value = loss(net(x, arch), y)
            clear(optimizer)
            value.backward()
            step(optimizer)
            told.append(tell(arch, value))
        return told

    return sharing_epoch


def signs(x):
    return np.sign(x[:, None] - x[None, :])


def tau_b(x, y):
    return (signs(x) * signs(y)).sum() / np.sqrt(np.abs(signs(x)).sum() * np.abs(signs(y)).sum())


def both(x, rng):
    index = torch.randint(len(x), (len(x),), generator=rng).numpy()
    return index, index


def ends(taus, level, tau):
    return np.quantile(taus, [(1 - level) / 2, (1 + level) / 2])


def ranker(
    *,
    tau: Callable[..., Any] = tau_b,
    resampled: Callable[..., Any] | None = None,
    index: Callable[..., Any] = both,
    ends: Callable[..., Any] = ends,
) -> Callable[..., Any]:
    """A right tau and interval unless a part is exchanged."""

    def kendall_tau(x, y, rng, *, level=0.95, resamples=1000):
        taus = []
        for _ in range(resamples):
            one, two = index(x, rng)
            taus.append((resampled or tau)(x[one], y[two]))
        low, high = ends(np.array(taus), level, tau(x, y))
        return tau(x, y), low, high

    return kendall_tau


def naive(scores, y):
    """Cross-entropy that overflows with large logits."""
    p = scores.exp() / scores.exp().sum(1, keepdim=True)
    return -p[torch.arange(len(y)), y].log().mean()
