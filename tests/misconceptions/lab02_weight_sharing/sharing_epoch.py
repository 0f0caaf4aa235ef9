"""Answers to `sharing_epoch`."""

import itertools
import random

import numpy as np
import torch
from torch import nn
from torch.nn import functional as F

from tests.misconceptions.lab02_weight_sharing.in_parts import naive, trainer


def epoch_edge_by_edge(net, space, batches, optimizer, rng):
    """Right: one randint per edge, gradients cleared after the step, a generator's list."""
    net.train()

    def one(x, y):
        arch = tuple(int(torch.randint(n, (), generator=rng)) for n in space.choices)
        loss = nn.CrossEntropyLoss()(net(x, arch), y)
        torch.autograd.backward(loss)
        optimizer.step()
        for weight in net.parameters():
            weight.grad = None
        return arch, float(loss)

    return [one(x, y) for x, y in batches]


def epoch_with_tensors(net, space, batches, optimizer, rng):
    """Right: the path as a list, the loss as a detached tensor, set_to_none said aloud."""
    net.train(True)
    told = []
    for x, y in batches:
        arch = list(space.sample(rng))
        log_p = net(x, arch).log_softmax(1)
        loss = -log_p[torch.arange(len(y)), y].mean()
        optimizer.zero_grad(set_to_none=True)
        loss.backward()
        optimizer.step()
        told.append([arch, loss.detach()])
    return tuple(told)


def epoch_one_path(net, space, batches, optimizer, rng):
    arch = space.sample(rng)
    return trainer(draw=lambda *_: arch)(net, space, batches, optimizer, rng)


def epoch_all_paths(net, space, batches, optimizer, rng):
    net.train()
    told = []
    for x, y in batches:
        optimizer.zero_grad()
        losses = [F.cross_entropy(net(x, arch), y) for arch in space]
        torch.stack(losses).mean().backward()
        optimizer.step()
        told.append((space.sample(rng), losses[0].item()))
    return told


def epoch_in_turn(net, space, batches, optimizer, rng):
    paths = itertools.cycle(space)
    return trainer(draw=lambda *_: next(paths))(net, space, batches, optimizer, rng)


def epoch_averages_outputs(net, space, batches, optimizer, rng):
    net.train()
    told = []
    for x, y in batches:
        arch = space.sample(rng)
        outputs = [net(x, other) for other in space]
        loss = F.cross_entropy(torch.stack(outputs).mean(0), y)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        told.append((arch, loss.item()))
    return told


def _own_seed(space, rng, k):
    return space.sample(torch.Generator().manual_seed(k))


def _global(space, rng, k):
    return tuple(int(torch.randint(n, ())) for n in space.choices)


def _pythons(space, rng, k):
    return tuple(random.Random(k).randrange(n) for n in space.choices)


def _shared_draw(space, rng, k):
    number = int(torch.randint(min(space.choices), (), generator=rng))
    return (number,) * len(space.choices)


def _mostly_first(space, rng, k):
    arch = space.sample(rng)
    return arch if k % 2 else (0,) * len(arch)


def _keep_zeros(optimizer):
    optimizer.zero_grad(set_to_none=False)


def epoch_step_first(net, space, batches, optimizer, rng):
    """Two passes per batch: the loss is computed anew for the report."""
    net.train()
    told = []
    for x, y in batches:
        arch = space.sample(rng)
        optimizer.zero_grad()
        F.cross_entropy(net(x, arch), y).backward()
        optimizer.step()
        told.append((arch, F.cross_entropy(net(x, arch), y).item()))
    return told


def epoch_only_losses(net, space, batches, optimizer, rng):
    return [loss for _, loss in trainer()(net, space, batches, optimizer, rng)]


def epoch_forgets_return(net, space, batches, optimizer, rng):
    trainer()(net, space, batches, optimizer, rng)


def epoch_own_optimizer(net, space, batches, optimizer, rng):
    """Plain steps of the given size: momentum and weight decay are not asked."""
    own = torch.optim.SGD(net.parameters(), lr=optimizer.param_groups[0]["lr"])
    return trainer()(net, space, batches, own, rng)


def epoch_puts_others_back(net, space, batches, optimizer, rng):
    """Gradients of zeros; what moved off the path is put back, its momentum is not."""
    net.train()
    told = []
    for x, y in batches:
        arch = space.sample(rng)
        loss = F.cross_entropy(net(x, arch), y)
        optimizer.zero_grad(set_to_none=False)
        loss.backward()
        before = {w: w.detach().clone() for w in net.parameters()}
        off = [w for w in net.parameters() if w.grad is None or not w.grad.any()]
        optimizer.step()
        with torch.no_grad():
            for w in off:
                w.copy_(before[w])
        told.append((arch, loss.item()))
    return told


def epoch_freezes(net, space, batches, optimizer, rng):
    """Only the path asks for a gradient, also when the epoch is over."""
    net.train()
    told = []
    for x, y in batches:
        for weight in net.parameters():
            weight.requires_grad_(True)
        arch = space.sample(rng)
        loss = F.cross_entropy(net(x, arch), y)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        for weight in net.parameters():
            weight.requires_grad_(weight.grad is not None)
        told.append((arch, loss.item()))
    return told


def epoch_shuffles(net, space, batches, optimizer, rng):
    """Every path once in each round: the next one is not independent of those before."""
    left = []

    def draw(space, rng, k):
        if not left:
            paths = list(space)
            left.extend(paths[i] for i in torch.randperm(len(paths), generator=rng))
        return left.pop()

    return trainer(draw=draw)(net, space, batches, optimizer, rng)


def _of_six(scores, y):
    return F.cross_entropy(scores, y, reduction="sum") / 6


def epoch_tells_numbers(net, space, batches, optimizer, rng):
    told = trainer()(net, space, batches, optimizer, rng)
    return [(sum(arch), loss) for arch, loss in told]


def epoch_by_logsumexp(net, space, batches, optimizer, rng):
    """Right: cross-entropy by logsumexp, numpy losses, the optimizer clears after its step."""
    net.train()
    told = []
    for x, y in batches:
        arch = space.sample(rng)
        scores = net(x, arch)
        loss = (scores.logsumexp(1) - scores.gather(1, y[:, None])[:, 0]).mean()
        loss.backward()
        optimizer.step()
        optimizer.zero_grad()
        told.append((arch, np.float64(loss.item())))
    return told


WRONG = [
    (epoch_all_paths, "all paths are trained"),
    (epoch_averages_outputs, "all paths are trained"),
    (epoch_one_path, "once per epoch"),
    (epoch_in_turn, "fixed order"),
    (trainer(clear=lambda optimizer: None), "earlier batches are still there"),
    (trainer(clear=_keep_zeros), "set to zero instead of None"),
    (trainer(step=lambda optimizer: None), "weights do not move"),
    (trainer(loss=lambda scores, y: -F.cross_entropy(scores, y)), "loss is climbed"),
    (trainer(loss=lambda scores, y: F.cross_entropy(scores, y, reduction="sum")), "another step"),
    (trainer(train=False), "evaluation mode"),
    (trainer(tell=lambda arch, value: (arch, value)), "keep their graphs"),
    (trainer(draw=_own_seed), "seed of their own"),
    (trainer(draw=_global), "do not come from rng alone"),
    (trainer(draw=_pythons), "seed of their own"),
    (trainer(draw=_shared_draw), "one draw serves all edges"),
    (trainer(draw=_mostly_first), "not all paths are equally likely"),
    (trainer(draw=lambda space, *_: (0,) * len(space.choices)), "not all paths"),
    (epoch_step_first, "not passed once each"),
    (epoch_only_losses, "not a pair (path, loss)"),
    (epoch_forgets_return, "`return` missing"),
    (epoch_own_optimizer, "given optimizer does not take the steps"),
    (epoch_puts_others_back, "leads by the gradients of the path"),
    (epoch_freezes, "frozen and stay so"),
    (epoch_shuffles, "depends on the path of the batch before"),
    (trainer(loss=naive), "tells the loss nan"),
    (trainer(loss=_of_six), "another step"),
    (epoch_tells_numbers, "expected the path"),
]
RIGHT = [epoch_edge_by_edge, epoch_with_tensors, trainer(listed=True), epoch_by_logsumexp]
RIGHT += [trainer(tell=lambda arch, value: (np.array(arch), value.item()))]
POINTLESS = (trainer(step=lambda optimizer: None), lambda *_: [])
PARTICULAR = {
    "set to zero instead of None": {
        "weights off the path rest",
        "the given optimizer takes the steps",
    },
    "once per epoch": {"a fresh uniform path for every batch"},
    "evaluation mode": {"trained, and told"},
    "given optimizer does not": {"the given optimizer takes the steps"},
    "frozen and stay so": {"weights off the path rest"},
}
