"""One call of `recalibrate`, watched."""

from collections.abc import Callable
from dataclasses import dataclass

import torch

from course_lib.checks.ask import Ask
from course_lib.checks.lab02_weight_sharing.normed import (
    NormedPath,
    Statistics,
    averaged,
    pictures_of,
)
from course_lib.checks.variants import seeded
from course_lib.core import Arch
from course_lib.datasets import Images

BATCH = 10


def exchanged_recalibration(
    *,
    source: Callable[[Images, Images], Images] = lambda train, valid: train,
    size: Callable[[int, int], int] = lambda batch, n: batch,
    reset: bool = True,
    momentum: float | None = None,
    passes: bool = True,
) -> Callable[..., float]:
    """An answer to `recalibrate`, right unless a part is exchanged; its accuracy is not compared.

    passes: in training mode.
    """

    def answer(net: NormedPath, arch: Arch, train: Images, valid: Images, *, batch: int) -> float:
        for norm in net.norms():
            if reset:
                norm.reset_running_stats()
            norm.momentum = momentum
        net.train(passes)
        fed = source(train, valid).x
        for x in torch.split(fed, size(batch, len(fed))):
            net(x, arch)
        net.eval()
        return 0.0

    return answer


@dataclass(frozen=True)
class Recalibrated:
    """One call: the net after it, the path's statistics after it, the answer, and whether the
    images that were handed in have stayed as they were."""

    net: NormedPath
    arch: Arch
    train: Images
    valid: Images
    after: Statistics
    answer: object
    images_stay: bool

    def expected(self, batch: int) -> Statistics:
        """The plain mean of what the batches of training images give."""
        parts = [self.net.statistics(self.arch, x) for x in torch.split(self.train.x, batch)]
        return averaged(parts)

    def training_on(self, images: Images) -> list[int]:
        """The passes in training mode that images of these went into."""
        passes = enumerate(self.net.passes)
        return [k for k, each in passes if each.training and showing(each.x, images)]


def showing(x: torch.Tensor, images: Images) -> bool:
    """Whether a batch begins with one of these images."""
    return bool((images.x == x[:1]).flatten(1).all(1).any())


def call(
    ask: Ask, variant: int, arch: Arch, *, batch: int, used: bool = False, settings: bool = False
) -> Recalibrated:
    """Ask for one recalibration.

    used: other paths have left statistics behind, and the net arrives in training mode.
    settings: other momenta than the usual one.
    """
    rng = seeded(variant)
    net = NormedPath(rng)
    train = pictures_of(rng, 4 * BATCH)
    # not so many that the mean of the batches' shares is the share
    valid = pictures_of(rng, 9 * BATCH + 3, shift=-1.5, scale=2.0)
    if used:
        net.use()
    if settings:
        for place, norm in enumerate(net.norms()):
            norm.momentum = momentum_of(place)
    net.train(used)
    given = [Images(images.x.clone(), images.y.clone()) for images in (train, valid)]
    answer = ask(net, arch, *given, batch=batch)
    stay = all(
        torch.equal(after.x, before.x) and torch.equal(after.y, before.y)
        for after, before in zip(given, (train, valid), strict=True)
    )
    return Recalibrated(net, arch, train, valid, net.stored(arch), answer, stay)


def momentum_of(place: int) -> float | None:
    """The momentum of a normalisation that has other settings than the usual ones."""
    return None if place == 1 else 0.2 + 0.05 * place
