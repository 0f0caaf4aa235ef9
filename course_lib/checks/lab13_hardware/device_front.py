"""`device_front`: beside the definition, point by point, on devices that disagree."""

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor

from course_lib.checks.ask import Ask
from course_lib.checks.engine import Exercise
from course_lib.checks.lab13_hardware import sections
from course_lib.checks.lab13_hardware.points import by_definition, drawn
from course_lib.checks.laws import CHANGED
from course_lib.checks.values import kind
from course_lib.checks.variants import seeded
from course_lib.checks.wrong import Wrong, mistake

Beats = Callable[[Tensor, Tensor], Tensor]
"""(n, 1, 1 + devices) and (1, n, 1 + devices), smaller is better -> who beats whom."""


def _front_by(
    beats: Beats = lambda one, other: (one <= other).all(2) & (one < other).any(2),
    *,
    accuracy_sign: float = -1.0,
    latency_of: Callable[[Tensor], Tensor] = lambda latency: latency,
) -> Callable[..., Tensor]:
    """A right answer with one part exchanged."""

    def device_front(accuracy: Tensor, latency: Tensor) -> Tensor:
        points = torch.cat([accuracy_sign * accuracy[:, None], latency_of(latency)], 1)
        return ~beats(points[:, None], points[None]).any(0)

    return device_front


def _combined(join: Callable[[Tensor], Tensor]) -> Callable[..., Tensor]:
    """A front for each device, joined."""

    def device_front(accuracy: Tensor, latency: Tensor) -> Tensor:
        fronts = [_front_by()(accuracy, one[:, None]) for one in latency.T]
        return join(torch.stack(fronts))

    return device_front


def _first_of_equals(accuracy: Tensor, latency: Tensor) -> Tensor:
    points = torch.cat([accuracy[:, None], latency], 1)
    same = (points[:, None] == points[None]).all(2)
    earlier = torch.ones(len(points), len(points), dtype=torch.bool).tril(-1)
    return _front_by()(accuracy, latency) & ~(same & earlier).any(1)


MISTAKES = (
    mistake(
        "a single device is enough to be beaten",
        "Whoever is slower on one device may be faster on another: an architecture is beaten only "
        "by one that is at least as good in everything.",
        _front_by(lambda one, other: (one < other).any(2)),
        _front_by(
            lambda one, other: (one[..., 0] <= other[..., 0]) & (one < other)[..., 1:].any(2)
        ),
        _combined(lambda fronts: fronts.all(0)),
    ),
    mistake(
        "the front of any device is enough",
        "An architecture on the front of no single device may still be beaten by nobody on all of "
        "them; and on ties one device's front holds points that are beaten.",
        _combined(lambda fronts: fronts.any(0)),
    ),
    mistake(
        "equal points are removed",
        "Two architectures that agree in everything do not beat each other: beaten means worse in "
        "something.",
        _front_by(lambda one, other: _others((one <= other).all(2))),
        _first_of_equals,
    ),
    mistake(
        "beaten only by who is better in everything",
        "At least as good in all, and better in a single one, be it the accuracy or a device, is "
        "enough.",
        _front_by(lambda one, other: (one < other).all(2)),
        _front_by(lambda one, other: (one[..., 0] < other[..., 0]) & (one <= other).all(2)),
        _front_by(lambda one, other: (one <= other).all(2) & (one < other)[..., 1:].any(2)),
    ),
    mistake(
        "accuracy is minimised, or latency maximised",
        "More accuracy is better, less latency is: turn the sign of one of them before you "
        "compare. Or are rows and columns of the comparison exchanged, so that who beats somebody "
        "is taken for who is beaten?",
        _front_by(accuracy_sign=1.0),
        _front_by(latency_of=lambda latency: -latency),
        _front_by(accuracy_sign=1.0, latency_of=lambda latency: -latency),
    ),
    mistake(
        "nobody is left",
        "Does each one beat itself? At least as good in everything is not enough: beaten is who "
        "is worse in something.",
        _front_by(lambda one, other: (one <= other).all(2)),
    ),
    mistake(
        "one number is made of all devices",
        "A sum, a mean, the slowest or the first device forgets who is fast where: every column "
        "of `latency` counts by itself. Their units need not even be the same.",
        _front_by(latency_of=lambda latency: latency.sum(1, keepdim=True)),
        _front_by(latency_of=lambda latency: latency.amax(1, keepdim=True)),
        _front_by(latency_of=lambda latency: latency[:, :1]),
        _front_by(latency_of=lambda latency: latency[:, :2]),
        _front_by(latency_of=lambda latency: latency[:, -1:]),
    ),
    CHANGED,
)


def _others(beats: Tensor) -> Tensor:
    """Nobody beats itself."""
    return beats & ~torch.eye(len(beats), dtype=torch.bool)


def asked(ask: Ask, accuracy: Tensor, latency: Tensor) -> list[int]:
    """The places of those on the front."""
    answer: Any = ask(accuracy, latency)
    if type(answer) is not Tensor:
        raise Wrong(f"the answer is {kind(answer)}, expected a bool tensor of shape (n,)")
    if answer.dtype is not torch.bool or answer.shape != accuracy.shape:
        got = f"{answer.dtype}, shape {tuple(answer.shape)}"
        raise Wrong(f"the answer is of {got}; expected torch.bool, shape {tuple(accuracy.shape)}")
    return [i for i, on in enumerate(answer.tolist()) if on]


def probe(ask: Ask, variant: int) -> list[Any]:
    """Fronts of points with ties and copies on three devices, and of pairs on one."""
    rng = seeded(variant, 7)
    kinds: tuple[dict[str, int], ...] = (
        {},
        {"levels": 4},
        {"levels": 3, "copies": 3},
        {"twins": 4},
    )
    told = [asked(ask, *drawn(rng, 10, 3, **kind)) for kind in kinds for _ in range(4)]
    return told + [asked(ask, *drawn(rng, 2, 1)) for _ in range(6)]


def _told(i: int, accuracy: Tensor, latency: Tensor) -> str:
    listed = ", ".join(f"{x:.4g}" for x in latency[i].tolist())
    return f"architecture {i} (accuracy {float(accuracy[i]):.4g}, latencies {listed})"


def _require(ask: Ask, accuracy: Tensor, latency: Tensor) -> None:
    expected = by_definition(accuracy, latency)
    found = asked(ask, accuracy, latency)
    n, devices = latency.shape
    told = f"of {n} architectures on {devices} device{'s' * (devices > 1)}"
    if missing := sorted(set(expected) - set(found)):
        one = _told(missing[0], accuracy, latency)
        raise Wrong(f"{told} {one} is beaten by nobody, and is missing on your front")
    if extra := sorted(set(found) - set(expected)):
        points = torch.cat([-accuracy[:, None], latency], 1)
        own = points[extra[0]]
        beaten = (points <= own).all(1) & (points < own).any(1)
        one, other = (_told(i, accuracy, latency) for i in (extra[0], int(beaten.int().argmax())))
        raise Wrong(f"{told} {one} is on your front, and {other} beats it")


def definition(ask: Ask, variant: int) -> None:
    """Beside the definition, on one device and on several, whose units differ."""
    rng = seeded(variant)
    for n, devices in ((8, 1), (10, 2), (20, 3), (80, 5), (30 + variant % 9, 4)):
        _require(ask, *drawn(rng, n, devices))


def ties(ask: Ask, variant: int) -> None:
    """Where some quantities are equal, one that is better in a single one beats the other."""
    rng = seeded(variant, 10)
    for n, devices, levels in ((12, 1, 3), (16, 2, 3), (25, 3, 4), (30, 3, 2), (40, 2, 6)):
        _require(ask, *drawn(rng, n, devices, levels=levels))
        _require(ask, *drawn(rng, n, devices, twins=n // 2))


def copies(ask: Ask, variant: int) -> None:
    """Equal points stay together, or go together; a single point, and many equal ones, stay."""
    rng = seeded(variant, 20)
    for n, devices, same in ((8, 2, 4), (12, 3, 6), (15, 1, 5)):
        _require(ask, *drawn(rng, n, devices, copies=same))
    for n in (1, 2, 6):
        accuracy, latency = drawn(rng, 1, 3)
        _require(ask, accuracy.expand(n).clone(), latency.expand(n, 3).clone())


def many(ask: Ask, variant: int) -> None:
    """A thousand architectures, in single precision too."""
    rng = seeded(variant, 30)
    accuracy, latency = drawn(rng, 1000, 3, levels=12, copies=20)
    points = torch.cat([-accuracy[:, None], latency], 1)
    on = [not bool(((points <= p).all(1) & (points < p).any(1)).any()) for p in points]
    expected = [i for i, stays in enumerate(on) if stays]
    for given in ((accuracy, latency), (accuracy.float(), latency.float())):
        found = asked(ask, *given)
        if found != expected:
            said = f"{len(found)} of 1,000 architectures are on the front, expected "
            wrong = len(set(found) ^ set(expected))
            raise Wrong(f"{said}{len(expected)}; {wrong} of 1,000 are on the wrong side")


def untouched(ask: Ask, variant: int) -> None:
    """Accuracies and latencies stay as they are."""
    accuracy, latency = drawn(seeded(variant, 40), 12, 3)
    before = accuracy.clone(), latency.clone()
    asked(ask, accuracy, latency)
    for name, now, then in zip(("accuracy", "latency"), (accuracy, latency), before, strict=True):
        if not torch.equal(now, then):
            raise Wrong(f"{name} is not the same after the call", CHANGED)


device_front = Exercise(
    lab="lab13_hardware",
    name="device_front",
    section=sections.SEARCHING,
    library=("course_lib.hardware.latency_search:device_front",),
    laws={
        "nobody beats them, by the definition": definition,
        "ties: better in one is enough": ties,
        "equal points all stay": copies,
        "a thousand architectures": many,
        "the arguments stay as they are": untouched,
    },
    mistakes=MISTAKES,
    probe=probe,
    hints=(
        "Write first: when does architecture i beat architecture j? Two conditions, one with "
        "`all`, one with `any`.",
        "points = torch.cat([-accuracy[:, None], latency], 1): now less is better in every column.",
        "points[:, None] <= points[None] compares all pairs at once: (n, n, 1 + devices). "
        "`.all(2)` says at least as good; the same with < and `.any(2)` says better in one.",
        "On the front is who is beaten by nobody: ~beats.any(0), if beats[i, j] says that i beats "
        "j.",
    ),
    basic="nobody beats them, by the definition",
)
