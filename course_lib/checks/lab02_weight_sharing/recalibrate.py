"""`recalibrate`: the statistics are the path's own on the training images, no others."""

from typing import Any

import torch

from course_lib.checks import laws
from course_lib.checks.ask import Ask
from course_lib.checks.engine import Exercise
from course_lib.checks.lab02_weight_sharing import sections
from course_lib.checks.lab02_weight_sharing.normed import NormedPath, close
from course_lib.checks.lab02_weight_sharing.recalibrated import (
    BATCH,
    Recalibrated,
    call,
    exchanged_recalibration,
    momentum_of,
    showing,
)
from course_lib.checks.values import apart, number, told_apart
from course_lib.checks.variants import seeded
from course_lib.checks.wrong import Misconception, Wrong, mistake

OTHER_PATH = Misconception(
    "another path than arch is recalibrated",
    "The statistics belong to the path: a normalisation sees other sums on every path.",
)
LEFT_ON = Misconception(
    "training mode is left on while the validation images are scored",
    "net.eval() after the training images: otherwise each validation batch is normalised by "
    "itself, and moves the statistics that you have just measured.",
)
STILL_ON = Misconception(
    "the net comes back in training mode",
    "Leave it in evaluation mode: whoever uses it next would move the statistics.",
)
LEARNED = Misconception(
    "weights are changed",
    "Recalibration measures. No optimizer, no gradient: torch.no_grad().",
)
SETTING = Misconception(
    "momentum is not put back",
    "Whoever trains this net later would get plain means instead of moving ones. Remember each "
    "momentum and put it back.",
)
ON_TRAIN = Misconception(
    "the accuracy is that of the training images",
    "Paths are compared by their accuracy on validation images.",
)
EARLY = Misconception(
    "the accuracy is measured before the recalibration",
    "First the statistics, then the score.",
)
MISTAKES = (
    mistake(
        "the statistics come from the validation images",
        "Whatever is fitted is fitted on training images, statistics too; validation images are "
        "for comparing paths.",
        exchanged_recalibration(source=lambda train, valid: valid),
    ),
    mistake(
        "the old statistics are not reset",
        "What other paths left there would be averaged in: reset_running_stats() of every "
        "normalisation first.",
        exchanged_recalibration(reset=False),
        exchanged_recalibration(reset=False, momentum=0.1),
    ),
    mistake(
        "a moving average with momentum instead of the plain mean",
        "With momentum 0.1 the last batches count most, and part of the start is left. With "
        "momentum = None a normalisation takes the plain mean of all batches since its reset.",
        exchanged_recalibration(momentum=0.1),
        exchanged_recalibration(momentum=1.0),
    ),
    mistake(
        "the statistics are not recalibrated at all",
        "In training mode a pass moves the running statistics, in evaluation mode it does not.",
        exchanged_recalibration(passes=False, reset=False),
        exchanged_recalibration(passes=False),
        part="new",
    ),
    mistake(
        "all training images pass as one batch",
        "Use batches of `batch` images: train.x.split(batch). A real training set has no room in "
        "memory as one.",
        exchanged_recalibration(size=lambda batch, n: n),
    ),
    OTHER_PATH, LEFT_ON, STILL_ON, LEARNED, SETTING, ON_TRAIN, EARLY, laws.CHANGED,
)  # fmt: skip


def _require(done: Recalibrated, batch: int) -> None:
    expected = done.expected(batch)
    pairs = list(zip(done.after, expected, strict=True))
    off = [place for place, (a, b) in enumerate(pairs) if not close([a], [b])]
    if not off:
        return
    (mean, variance), (right_mean, right_variance) = pairs[off[0]]
    other = any(each.training and each.arch != done.arch for each in done.net.passes)
    left_on = done.training_on(done.train) and done.training_on(done.valid)
    means, variances = apart(right_mean, mean), apart(right_variance, variance)
    raise Wrong(
        f"path {done.arch}, {len(done.train)} training images in batches of {batch}: "
        f"normalisation {off[0]} of the path holds mean {means[1]}, variance {variances[1]}; "
        f"expected mean {means[0]}, variance {variances[0]}",
        OTHER_PATH if other else LEFT_ON if left_on else None,
    )


def probe(ask: Ask, variant: int) -> dict[str, Any]:
    """The statistics after a call on a new net, and on one that other paths have used."""
    used = {"new": False, "used": True}
    return {
        name: call(ask, variant, (1, 0), batch=BATCH, used=each).after
        for name, each in used.items()
    }


def statistics(ask: Ask, variant: int) -> None:
    """With one batch of everything: mean and unbiased variance of each normalisation's input."""
    for arch in ((variant % 2, 1), (1, 2), (0, variant % 3)):
        _require(call(ask, variant, arch, batch=4 * BATCH), 4 * BATCH)


def several_batches(ask: Ask, variant: int) -> None:
    """With several batches: the plain mean of the batches' statistics."""
    for arch in ((1, variant % 2), (0, 1)):
        for batch in (BATCH, 2 * BATCH, 1):
            _require(call(ask, variant, arch, batch=batch), batch)


def nothing_left(ask: Ask, variant: int) -> None:
    """Whatever the statistics were before, they are the same afterwards."""
    for arch in ((variant % 2, 0), (2, 1)):
        _require(call(ask, variant, arch, batch=BATCH, used=True), BATCH)


def only_scored(ask: Ask, variant: int) -> None:
    """Validation images pass in evaluation mode, after the others; the answer is their accuracy."""
    for arch, used in (((1, 1), True), ((variant % 2, 0), False), ((0, 2), True)):
        done = call(ask, variant, arch, batch=BATCH, used=used)
        if done.training_on(done.valid):
            said = "validation images passed in training mode"
            raise Wrong(said, LEFT_ON if done.training_on(done.train) else None)
        _require_accuracy(done)
        if done.net.training or any(norm.training for norm in done.net.norms()):
            raise Wrong("after the call the net is in training mode", STILL_ON)


def _require_accuracy(done: Recalibrated) -> None:
    scored = [k for k, each in enumerate(done.net.passes) if showing(each.x, done.valid)]
    fed = [k for k, each in enumerate(done.net.passes) if each.training]
    if scored and fed and max(scored) < max(fed):
        raise Wrong("the validation images passed before the training images", EARLY)
    found = number(done.answer, "the answer")
    expected = done.net.accuracy(done.arch, done.valid, done.after)
    if abs(found - expected) < 1e-6:
        return
    on_train = done.net.accuracy(done.arch, done.train, done.after)
    right, wrong = told_apart(expected, found)
    raise Wrong(
        f"path {done.arch}: {len(done.valid)} validation images, of which the share {right} is "
        f"classified rightly with the statistics that you stored; your answer is {wrong}",
        ON_TRAIN if abs(found - on_train) < 1e-6 else None,
    )


def stay(ask: Ask, variant: int) -> None:
    """Weights, their gradients, each normalisation's momentum, and the images are as before."""
    untouched = NormedPath(seeded(variant))
    done = call(ask, variant, (0, 1), batch=BATCH, settings=True)
    pairs = zip(done.net.named_parameters(), untouched.parameters(), strict=True)
    for (name, after), before in pairs:
        if not torch.equal(after, before) or after.grad is not None or not after.requires_grad:
            raise Wrong(f"{name} is not as before, has a gradient, or wants none", LEARNED)
    for place, norm in enumerate(done.net.norms()):
        if norm.momentum != momentum_of(place):
            raise Wrong(
                f"a normalisation had momentum {momentum_of(place)} before the call and has "
                f"{norm.momentum} after it",
                SETTING,
            )
    if not done.images_stay:
        raise Wrong("the images are not the same after the call", laws.CHANGED)
    if len(done.net.passes) == 0:
        raise Wrong("the net was never called")


recalibrate = Exercise(
    lab="lab02_weight_sharing",
    name="recalibrate",
    section=sections.STATISTICS,
    library=("course_lib.nas.supernet:recalibrate.__wrapped__",),
    laws={
        "the path's statistics of the training images": statistics,
        "the plain mean over the batches": several_batches,
        "nothing of before is left": nothing_left,
        "validation images are only scored": only_scored,
        "weights, settings and images stay": stay,
    },
    mistakes=MISTAKES,
    probe=probe,
    hints=(
        "Three parts: forget the old statistics, let the training images pass, score the "
        "validation images.",
        "[m for m in net.modules() if isinstance(m, nn.BatchNorm2d)] are the normalisations; each "
        "has reset_running_stats() and a momentum. With momentum None it takes plain means.",
        "net.train() and torch.no_grad(), then net(x, arch) for x in train.x.split(batch): a pass "
        "in training mode moves the statistics, and nothing else.",
        "net.eval() before the validation images; put each momentum back; the answer is the share "
        "of net(valid.x, arch).argmax(1) that equals valid.y.",
    ),
    basic="the path's statistics of the training images",
)
