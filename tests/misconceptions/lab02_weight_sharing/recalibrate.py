"""Answers to `recalibrate`."""

import copy
from collections.abc import Callable
from typing import Any

import numpy as np
import torch
from torch import nn
from torch.nn import functional as F


def _norms(net):
    return [module for module in net.modules() if isinstance(module, nn.BatchNorm2d)]


def _calibrator(
    *,
    reset: bool = True,
    momentum: float | None = None,
    restore: bool = True,
    source: Callable[..., Any] = lambda train, valid: train,
    path: Callable[..., Any] = lambda net, arch: arch,
    size: Callable[..., Any] = lambda batch, n: batch,
    train_mode: bool = True,
    eval_mode: bool = True,
    early: bool = False,
    judged: Callable[..., Any] = lambda train, valid: valid,
    answer: Callable[..., Any] = lambda right: right.double().mean().item(),
) -> Callable[..., Any]:
    """A right recalibration unless a part is exchanged."""

    def recalibrate(net, arch, train, valid, *, batch=250):
        images = judged(train, valid)

        def score():
            return answer(net(images.x, arch).argmax(1) == images.y)

        before = [norm.momentum for norm in _norms(net)]
        net.eval()
        with torch.no_grad():
            first = score() if early else None
            for norm in _norms(net):
                if reset:
                    norm.reset_running_stats()
                norm.momentum = momentum
            net.train(train_mode)
            fed = source(train, valid)
            for x in fed.x.split(size(batch, len(fed.x))):
                net(x, path(net, arch))
            if eval_mode:
                net.eval()
            found = first if early else score()
        if restore:
            for norm, value in zip(_norms(net), before, strict=True):
                norm.momentum = value
        return found

    return recalibrate


def calibrate_by_counting(net, arch, train, valid, *, batch=250):
    """Right: momenta 1, 1/2, 1/3, ... and statistics forgotten by hand; a numpy number."""
    kept = {norm: norm.momentum for norm in _norms(net)}
    net.train()
    with torch.inference_mode():
        for k in range(len(train.x) // batch):
            for norm in kept:
                norm.momentum = 1 / (k + 1)
            net(train.x[k * batch : (k + 1) * batch], arch)
    for norm, momentum in kept.items():
        norm.momentum = momentum
    net.train(False)
    with torch.no_grad():
        scores = torch.cat([net(x, arch) for x in valid.x.split(7)])
    return np.mean((scores.argmax(1) == valid.y).numpy())


def calibrate_on_a_copy(net, arch, train, valid, *, batch=250):
    """Right: a copy passes the images, its statistics are loaded; a tensor of shape ()."""
    copied = copy.deepcopy(net)
    for norm in _norms(copied):
        norm.reset_running_stats()
        norm.momentum = None
    copied.train()
    for x in torch.split(train.x, batch):
        copied(x, arch)
    net.load_state_dict(copied.state_dict())
    net.eval()
    return (net(valid.x, arch).argmax(1) == valid.y).float().mean()


def calibrate_and_learn(net, arch, train, valid, *, batch=250):
    optimizer = torch.optim.SGD(net.parameters(), lr=0.01)
    for x, y in zip(train.x.split(batch), train.y.split(batch), strict=True):
        optimizer.zero_grad()
        F.cross_entropy(net(x, arch), y).backward()
        optimizer.step()
    return _calibrator()(net, arch, train, valid, batch=batch)


def calibrate_returns_in_training_mode(net, arch, train, valid, *, batch=250):
    found = _calibrator()(net, arch, train, valid, batch=batch)
    net.train()
    return found


def calibrate_forgets_return(net, arch, train, valid, *, batch=250):
    _calibrator()(net, arch, train, valid, batch=batch)


def _other_path(net, arch):
    return tuple((choice + 1) % 3 for choice in arch)


def calibrate_forgets_by_none(net, arch, train, valid, *, batch=250):
    found = _calibrator()(net, arch, train, valid, batch=batch)
    for norm in _norms(net):
        norm.running_mean = None
    return found


def calibrate_with_usual_momentum(net, arch, train, valid, *, batch=250):
    found = _calibrator()(net, arch, train, valid, batch=batch)
    for norm in _norms(net):
        norm.momentum = 0.1
    return found


def calibrate_restores_mode(net, arch, train, valid, *, batch=250):
    mode = net.training
    found = _calibrator()(net, arch, train, valid, batch=batch)
    net.train(mode)
    return found


def calibrate_whitens(net, arch, train, valid, *, batch=250):
    """The images are changed in place."""
    found = _calibrator()(net, arch, train, valid, batch=batch)
    valid.x.sub_(valid.x.mean())
    return found


def calibrate_expects_affine(net, arch, train, valid, *, batch=250):
    for norm in _norms(net):
        norm.weight.requires_grad_(True)
    return _calibrator()(net, arch, train, valid, batch=batch)


def calibrate_only_norms(net, arch, train, valid, *, batch=250):
    """Right: only the normalisations train; batches by index; the share in numpy."""
    before = [(norm, norm.momentum) for norm in _norms(net)]
    net.eval()
    for norm, _ in before:
        norm.reset_running_stats()
        norm.momentum = None
        norm.train()
    with torch.no_grad():
        for first in range(0, len(train.x), batch):
            net(train.x[first : first + batch], arch)
    for norm, momentum in before:
        norm.eval()
        norm.momentum = momentum
    with torch.no_grad():
        return float(np.mean(net(valid.x, arch).numpy().argmax(1) == valid.y.numpy()))


def only_scored(net: Any, arch: Any, train: Any, valid: Any, *, batch: int = 250) -> float:
    net.eval()
    return float((net(valid.x, arch).argmax(1) == valid.y).double().mean())


def mean_of_batches(right):
    """The last batch is smaller."""
    parts = right.double().split(10)
    return sum(part.mean().item() for part in parts) / len(parts)


WRONG = [
    (_calibrator(source=lambda train, valid: valid), "come from the validation images"),
    (_calibrator(eval_mode=False), "training mode is left on"),
    (_calibrator(reset=False), "not reset"),
    (_calibrator(reset=False, momentum=0.1), "not reset"),
    (_calibrator(momentum=0.1), "momentum instead of the plain mean"),
    (_calibrator(train_mode=False), "not recalibrated at all"),
    (_calibrator(size=lambda batch, n: n), "pass as one batch"),
    (_calibrator(path=_other_path), "another path than arch"),
    (calibrate_and_learn, "weights are changed"),
    (_calibrator(restore=False), "momentum is not put back"),
    (_calibrator(judged=lambda train, valid: train), "accuracy is that of the training images"),
    (_calibrator(early=True), "before the recalibration"),
    (_calibrator(answer=lambda right: right.sum().item()), "classified rightly"),
    (_calibrator(answer=lambda right: right), "expected"),
    (_calibrator(answer=mean_of_batches), "classified rightly"),
    (_calibrator(momentum=1.0), "momentum instead of the plain mean"),
    (calibrate_returns_in_training_mode, "comes back in training mode"),
    (calibrate_forgets_return, "`return` missing"),
    (calibrate_forgets_by_none, "the mean in normalisation"),
    (calibrate_with_usual_momentum, "momentum is not put back"),
    (calibrate_restores_mode, "comes back in training mode"),
    (calibrate_whitens, "changes its arguments"),
    (calibrate_expects_affine, "NoneType"),
]
RIGHT = [calibrate_on_a_copy, calibrate_by_counting, calibrate_only_norms]
POINTLESS = (only_scored, lambda *_, **__: 0.5)
PARTICULAR = {
    "momentum is not put back": {"weights, settings and images stay"},
    "changes its arguments": {"weights, settings and images stay"},
    "before the recalibration": {"validation images are only scored"},
}
EQUIVALENT = {
    "line 12: zip(norms, momenta, strict=True) -> zip(norms, momenta)": ("one length"),
    "line 14: right.double().mean().item() -> right.double().mean()": (
        "a tensor of shape () is a number, too"
    ),
}
