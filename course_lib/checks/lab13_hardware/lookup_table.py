"""`lookup_table`: exact where a device is additive, and around one reference elsewhere."""

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor

from course_lib.checks.ask import Ask
from course_lib.checks.engine import Exercise
from course_lib.checks.lab13_hardware import sections
from course_lib.checks.lab13_hardware.tables import Device, sample
from course_lib.checks.values import apart, number, tensor, told_apart, tuple_of
from course_lib.checks.variants import seeded
from course_lib.checks.wrong import Misconception, Wrong, mistake
from course_lib.core import Arch
from course_lib.hardware.lookup import LookupTable

Latency = Callable[[Arch], float]


def _exchanged(
    *,
    start: Callable[[Arch], Arch] = lambda reference: reference,
    entry: Callable[[float, float], float] = lambda changed, base: changed - base,
    finish: Callable[[float, Tensor], tuple[float, Tensor]] = lambda base, cost: (base, cost),
    keeps: bool = False,
) -> Callable[..., tuple[float, Tensor]]:
    """A right answer with one part exchanged; keeps: a change stays when the next one is tried."""

    def lookup_table(latency: Latency, reference: Arch, choices: int) -> tuple[float, Tensor]:
        begin = start(reference)
        base = latency(begin)
        cost, arch = torch.zeros(len(begin), choices, dtype=torch.float64), list(begin)
        for p in range(len(begin)):
            for c in range(choices):
                arch[p] = c
                cost[p, c] = entry(latency(tuple(arch)), base)
            if not keeps:
                arch = list(begin)
        return finish(base, cost)

    return lookup_table


def _same_everywhere(latency: Latency, reference: Arch, choices: int) -> tuple[float, Tensor]:
    """An operation's cost is that of a network of nothing else, shared among the positions."""
    n, base = len(reference), latency(reference)
    row = [(latency((c,) * n) - base) / n for c in range(choices)]
    return base, torch.tensor(row, dtype=torch.float64).expand(n, choices).clone()


AGAIN = Misconception(
    "an architecture is measured more than once",
    "The reference is known after its first measurement, and what it costs to leave it as it is "
    "needs none: 0. On a real device a second measurement is another number, and takes time.",
)
MISTAKES = (
    mistake(
        "an entry is a whole latency, not a difference",
        "Whoever sums such entries counts what all architectures share once for every position. "
        "Subtract the latency of the reference.",
        _exchanged(entry=lambda changed, base: changed),
        _exchanged(entry=lambda changed, base: changed, finish=lambda base, cost: (0.0, cost)),
    ),
    mistake(
        "the sign of a difference is wrong",
        "A choice that makes the network slower than the reference has a cost above zero.",
        _exchanged(entry=lambda changed, base: base - changed),
    ),
    mistake(
        "the base is not the latency of the reference",
        "The base is what the reference takes, once: the costs say what changes from there.",
        _exchanged(finish=lambda base, cost: (0.0, cost)),
        _exchanged(finish=lambda base, cost: (len(cost) * base, cost)),
        _exchanged(finish=lambda base, cost: (base / len(cost), cost)),
    ),
    mistake(
        "a change stays while the next position is tried",
        "Each entry compares the reference with an architecture that differs from it in one "
        "position: begin from the reference every time.",
        _exchanged(keeps=True),
    ),
    mistake(
        "the costs of a position do not start from the reference",
        "cost[p, reference[p]] is 0, because nothing changes: neither the cheapest choice nor the "
        "mean of a position does this job.",
        _exchanged(finish=lambda base, cost: (base, cost - cost.amin(1, keepdim=True))),
        _exchanged(finish=lambda base, cost: (base, cost - cost.mean(1, keepdim=True))),
        _exchanged(finish=lambda base, cost: (base, cost - cost[:, :1])),
    ),
    mistake(
        "another architecture takes the place of the reference",
        "Change one position of `reference`, whatever it is: it need not be all zeros.",
        _exchanged(start=lambda reference: (0,) * len(reference)),
    ),
    mistake(
        "an operation costs the same at every position",
        "A layer on large maps is dearer than the same layer on small ones: measure each position "
        "on its own.",
        _same_everywhere,
    ),
    AGAIN,
)


def probe(ask: Ask, variant: int) -> list[Any]:
    """The table of an additive device, and that of another one."""
    told: list[Any] = []
    for salt, bent in enumerate((0.0, 1.5)):
        rng = seeded(variant, 70 + salt)
        base, cost = asked(ask, Device(rng, 3, 4, bent=bent), (1, 3, 2))
        told += [base, cost.detach().double()]
    return told


def asked(ask: Ask, device: Device, reference: Arch) -> tuple[float, Tensor]:
    """The answer as base and cost."""
    answer = ask(device, reference, device.choices)
    if isinstance(answer, LookupTable):
        answer = tuple(answer)
    base, cost = tuple_of(answer, "base", "cost")
    shape = (device.positions, device.choices)
    advice = ": a row for each position, a column for each choice"
    return number(base, "base"), tensor(cost, shape, "cost", advice=advice)


def _require(ask: Ask, device: Device, reference: Arch) -> None:
    base, cost = asked(ask, device, reference)
    right_base, right = device.table(reference)
    allowed = 1e-5 * (right_base + float(right.abs().max()))
    told = f"reference {reference}, {device.choices} choices"
    if not abs(base - right_base) <= allowed:
        expected, found = told_apart(right_base, base)
        raise Wrong(f"{told}: latency(reference) is {expected}, base is {found}")
    if not bool(((cost.detach().double() - right).abs() <= allowed).all()):
        p = int((cost.detach().double() - right).abs().amax(1).argmax())
        expected, found = apart(right[p] / device.unit, cost[p] / device.unit)
        scale = "" if device.unit == 1 else f" times {device.unit:g}"
        raise Wrong(f"{told}: the costs of position {p} are {found}{scale}, expected {expected}")


def differences(ask: Ask, variant: int) -> None:
    """Base and differences, on an additive device; for one position, and for many choices."""
    sizes = ((3, 3), (1, 4), (5, 2), (2, 6 + variant % 3))
    for salt, (positions, choices) in enumerate(sizes):
        rng = seeded(variant, salt)
        device = Device(rng, positions, choices)
        _require(ask, device, sample(rng, positions, choices))


def exact(ask: Ask, variant: int) -> None:
    """On an additive device base + costs is the latency of every architecture, whatever the
    reference."""
    rng = seeded(variant, 10)
    device = Device(rng, 4, 3)
    for reference in ((0, 0, 0, 0), sample(rng, 4, 3), (2, 2, 2, 2)):
        base, cost = asked(ask, device, reference)
        for arch in device.everything():
            predicted = base + sum(float(cost[p, c]) for p, c in enumerate(arch))
            if not abs(predicted - device.of(arch)) <= 1e-4:
                right, found = told_apart(device.of(arch), predicted)
                raise Wrong(
                    f"reference {reference}: {arch} has latency {right}, base + costs is {found}"
                )


def around_the_reference(ask: Ask, variant: int) -> None:
    """On a device where neighbours matter each entry still changes one position of the reference:
    costs may be below zero, and latencies may be in milliseconds or in seconds."""
    for salt, unit in enumerate((1.0, 2e-4, 40.0)):
        rng = seeded(variant, 20 + salt)
        device = Device(rng, 4, 3 + salt, bent=1.5, unit=unit)
        _require(ask, device, sample(rng, 4, 3 + salt))


def once_each(ask: Ask, variant: int) -> None:
    """The reference, and what differs from it in one position: no other, and none twice."""
    for salt, (positions, choices) in enumerate(((4, 3), (1, 5), (3, 1), (2, 2))):
        rng = seeded(variant, 30 + salt)
        device = Device(rng, positions, choices)
        reference = sample(rng, positions, choices)
        asked(ask, device, reference)
        told = f"reference {reference}, {choices} choices"
        for arch, times in device.asked.items():
            if (apart := sum(a != b for a, b in zip(arch, reference, strict=True))) > 1:
                raise Wrong(f"{told}: {arch} was measured, which differs in {apart} positions")
            if times > 1:
                raise Wrong(f"{told}: {arch} was measured {times} times", AGAIN)
        if len(device.asked) != 1 + positions * (choices - 1):
            expected = 1 + positions * (choices - 1)
            said = f"{len(device.asked)} architectures were measured, expected {expected}"
            raise Wrong(f"{told}: {said}")


lookup_table = Exercise(
    lab="lab13_hardware",
    name="lookup_table",
    section=sections.PREDICTING,
    library=(
        "course_lib.hardware.lookup:lookup_table",
        "course_lib.hardware.lookup:single_changes",
        "course_lib.hardware.lookup:measured_table",
    ),
    laws={
        "differences from the reference": differences,
        "exact on an additive device": exact,
        "around the reference where neighbours matter": around_the_reference,
        "no architecture is measured twice": once_each,
    },
    mistakes=MISTAKES,
    probe=probe,
    hints=(
        "First base = latency(reference). Then one entry for each position and choice: what does "
        "the latency become if only this position changes?",
        "The reference with position p set to c is (*reference[:p], c, *reference[p + 1 :]). A "
        "tuple cannot be written into.",
        "cost = torch.zeros(len(reference), choices, dtype=torch.float64); where c is not "
        "reference[p], write latency(...) - base to cost[p, c].",
    ),
    basic="differences from the reference",
)
