"""Laws of `recalibrate`: the statistics are the path's own on the training images, no others."""

from dataclasses import dataclass

import torch

from course_lib.checks.ask import Ask
from course_lib.checks.lab02.normed import (
    NormedPath,
    Statistics,
    averaged,
    moving,
    pictures_of,
)
from course_lib.checks.lab02.statistics_mistakes import (
    EARLY,
    LEARNED,
    LEFT_ON,
    MOMENTUM,
    NO_RESET,
    NOTHING,
    ON_TRAIN,
    ONE_BATCH,
    OTHER_PATH,
    SETTING,
    STILL_ON,
    VALIDATION,
)
from course_lib.checks.values import number, same, shown
from course_lib.checks.variants import seeded
from course_lib.checks.wrong import Misconception, Wrong
from course_lib.core import Arch
from course_lib.datasets import Images

BATCH = 10


@dataclass(frozen=True)
class Recalibrated:
    """One call: the net after it, the path's statistics before and after, and the answer."""

    net: NormedPath
    arch: Arch
    train: Images
    valid: Images
    before: Statistics
    after: Statistics
    answer: object

    def parts(self, images: Images, batch: int) -> list[Statistics]:
        """The statistics of each batch of images."""
        return [self.net.statistics(self.arch, x) for x in torch.split(images.x, batch)]


def call(
    ask: Ask, variant: int, arch: Arch, *, batch: int, used: bool = False, settings: bool = False
) -> Recalibrated:
    """Ask for one recalibration.

    used: other paths have left statistics behind. settings: other momenta than the usual one.
    """
    rng = seeded(variant)
    net = NormedPath(rng)
    train = pictures_of(rng, 4 * BATCH)
    valid = pictures_of(rng, 9 * BATCH, shift=-1.5, scale=2.0)
    for place, norm in enumerate(net.norms()):
        if used and norm.running_mean is not None and norm.running_var is not None:
            norm.running_mean.fill_(3.0)
            norm.running_var.fill_(20.0)
            norm.num_batches_tracked.fill_(50)  # type: ignore[union-attr]
        if settings:
            norm.momentum = 0.2 + 0.05 * place
    net.eval()
    before = net.stored(arch)
    answer = ask(net, arch, train, valid, batch=batch)
    return Recalibrated(net, arch, train, valid, before, net.stored(arch), answer)


def close(found: Statistics, expected: Statistics) -> bool:
    """Equality of all means and variances."""
    return all(
        same(a, b, scale=10)
        for one, two in zip(found, expected, strict=True)
        for a, b in zip(one, two, strict=True)
    )


def _require(done: Recalibrated, batch: int) -> None:
    expected = averaged(done.parts(done.train, batch))
    if close(done.after, expected):
        return
    place = next(
        i for i, (a, b) in enumerate(zip(done.after, expected, strict=True)) if not close([a], [b])
    )
    (mean, variance), (right_mean, right_variance) = done.after[place], expected[place]
    raise Wrong(
        f"path {done.arch}, {len(done.train)} training images in batches of {batch}: "
        f"normalisation {place} of the path holds mean {shown(mean)}, variance {shown(variance)}; "
        f"expected mean {shown(right_mean)}, variance {shown(right_variance)}",
        recognise(done, batch),
    )


def recognise(done: Recalibrated, batch: int) -> Misconception | None:
    """The known mistake that leads to these statistics."""
    fed = [each for each in done.net.passes if each.training]
    on_valid = [each for each in fed if _from(each.x, done.valid)]
    if any(each.arch != done.arch for each in fed):
        return OTHER_PATH
    if on_valid:
        return VALIDATION if len(on_valid) == len(fed) else LEFT_ON
    if close(done.after, done.before) or not fed:
        return NOTHING
    if close(done.after, averaged(done.parts(done.train, len(done.train)))):
        return ONE_BATCH
    parts, fresh = done.parts(done.train, batch), _fresh(done.before)
    if close(done.after, moving(fresh, parts, 0.1)):
        return MOMENTUM
    if close(done.after, moving(done.before, parts, 0.1)) or _cumulated(done, parts):
        return NO_RESET
    return None


def _from(x: torch.Tensor, images: Images) -> bool:
    return bool((images.x == x[:1]).flatten(1).all(1).any())


def _fresh(like: Statistics) -> Statistics:
    return [(torch.zeros_like(mean), torch.ones_like(variance)) for mean, variance in like]


def _cumulated(done: Recalibrated, parts: list[Statistics], earlier: int = 50) -> bool:
    """Whether the plain mean went on from the old statistics, counted as `earlier` batches."""
    return close(done.after, averaged([*[done.before] * earlier, *parts]))


def statistics(ask: Ask, variant: int) -> None:
    """With one batch of everything: mean and unbiased variance of each normalisation's input."""
    for arch in ((variant % 2, 1), (1, 2), (0, variant % 3)):
        _require(call(ask, variant, arch, batch=4 * BATCH), 4 * BATCH)


def several_batches(ask: Ask, variant: int) -> None:
    """With several batches: the plain mean of the batches' statistics."""
    for arch in ((1, variant % 2), (0, 1)):
        for batch in (BATCH, 2 * BATCH):
            _require(call(ask, variant, arch, batch=batch), batch)


def nothing_left(ask: Ask, variant: int) -> None:
    """Whatever the statistics were before, they are the same afterwards."""
    for arch in ((variant % 2, 0), (2, 1)):
        _require(call(ask, variant, arch, batch=BATCH, used=True), BATCH)


def only_scored(ask: Ask, variant: int) -> None:
    """Validation images pass in evaluation mode, after the others; the answer is their accuracy."""
    for arch in ((1, 1), (variant % 2, 0), (0, 2)):
        done = call(ask, variant, arch, batch=BATCH, used=True)
        passes = done.net.passes
        for each in passes:
            if _from(each.x, done.valid) and each.training:
                raise Wrong("validation images passed in training mode", recognise(done, BATCH))
        _require_accuracy(done)
        if done.net.training or any(norm.training for norm in done.net.norms()):
            raise Wrong("after the call the net is in training mode", STILL_ON)


def _require_accuracy(done: Recalibrated) -> None:
    passes = list(enumerate(done.net.passes))
    scored = [k for k, each in passes if _from(each.x, done.valid)]
    fed = [k for k, each in passes if each.training]
    if scored and fed and max(scored) < max(fed):
        raise Wrong("the validation images passed before the training images", EARLY)
    found = number(done.answer, "the answer")
    expected = done.net.accuracy(done.arch, done.valid, done.after)
    if abs(found - expected) < 1e-6:
        return
    on_train = done.net.accuracy(done.arch, done.train, done.after)
    raise Wrong(
        f"path {done.arch}: {len(done.valid)} validation images, of which {expected:.4g} are "
        f"classified rightly with the statistics that you stored; your answer is {found:.4g}",
        ON_TRAIN if abs(found - on_train) < 1e-6 else None,
    )


def stay(ask: Ask, variant: int) -> None:
    """Weights, their gradients, and each normalisation's momentum are as before."""
    untouched = NormedPath(seeded(variant))
    done = call(ask, variant, (0, 1), batch=BATCH, settings=True)
    pairs = zip(done.net.named_parameters(), untouched.parameters(), strict=True)
    for (name, after), before in pairs:
        if not torch.equal(after, before) or after.grad is not None or not after.requires_grad:
            raise Wrong(f"{name} is not as before, has a gradient, or wants none", LEARNED)
    for place, norm in enumerate(done.net.norms()):
        if norm.momentum != 0.2 + 0.05 * place:
            raise Wrong(
                f"a normalisation had momentum {0.2 + 0.05 * place:.2f} before the call and has "
                f"{norm.momentum} after it",
                SETTING,
            )
    if len(done.net.passes) == 0:
        raise Wrong("the net was never called", NOTHING)


LAWS = {
    "the path's statistics of the training images": statistics,
    "the plain mean over the batches": several_batches,
    "nothing of before is left": nothing_left,
    "validation images are only scored": only_scored,
    "weights and settings stay": stay,
}
