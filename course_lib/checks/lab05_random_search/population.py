"""Populations in which every child tells who its parent is, and what a step of evolution did."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from math import comb
from typing import Any

import torch
from torch import Generator, Tensor

from course_lib.checks.ask import Ask
from course_lib.checks.chance import fits
from course_lib.checks.laws import CHANGED
from course_lib.checks.values import kind
from course_lib.checks.variants import seeded
from course_lib.checks.wrong import Wrong
from course_lib.core import Arch, Oracle, Space, Trial

SPACE = Space((4, 3, 1, 5, 4, 2, 4, 3, 4, 4))
"""Ten decisions, one of which leaves no choice."""
FAR = 4
"""In how many decisions those who live differ at least."""


class Measured:
    """Values that look arbitrary; counts how often it is asked, paid or not."""

    def __init__(self) -> None:
        self.asked = 0

    def __call__(self, arch: Arch, fidelity: int | None = None, /) -> Trial:
        self.asked += 1
        return Trial(arch, sum((7 * i + 3) * choice**2 for i, choice in enumerate(arch)) % 97 / 97)


def distance(one: Arch, other: Arch) -> int:
    """In how many decisions two differ."""
    return sum(a != b for a, b in zip(one, other, strict=True))


def population(rng: Generator, size: int, *, low: float = 0.0, levels: int = 0) -> list[Trial]:
    """So many, far from each other, values from low to low + 1, all different, in any order.

    levels: only so many different values.
    """
    archs: list[Arch] = []
    while len(archs) < size:
        arch = SPACE.sample(rng)
        if all(distance(arch, other) >= FAR for other in archs):
            archs.append(arch)
    ranks = torch.randperm(size, generator=rng).tolist()
    values = [low + (rank % levels if levels else rank) / (levels or size) for rank in ranks]
    return [Trial(arch, value) for arch, value in zip(archs, values, strict=True)]


def crowded(rng: Generator) -> list[Trial]:
    """One who is better than all, and everybody who differs from it in one decision."""
    best = SPACE.sample(rng)
    return [Trial(arch, -0.1 * i) for i, arch in enumerate([best, *SPACE.neighbours(best)])]


@dataclass(frozen=True)
class Birth:
    """One step: who lived before and after, what was paid for, and what was measured in all."""

    before: Sequence[Trial]
    after: Sequence[Trial]
    paid: Sequence[Trial]
    measured: int

    @property
    def places(self) -> list[int]:
        """Of each who lives after: the place before, -1 for a new one."""
        before = list(self.before)
        return [before.index(trial) if trial in before else -1 for trial in self.after]

    @property
    def child(self) -> Arch:
        """Whoever was paid for, wherever it stands after."""
        return (self.paid or self.after)[-1].arch

    @property
    def parents(self) -> list[int]:
        """The places before of those from whom the child differs in one decision."""
        return [i for i, t in enumerate(self.before) if distance(t.arch, self.child) == 1]


def asked(ask: Ask, living: Sequence[Trial], rng: Generator, tournament: int) -> Birth:
    """The answer as a list of trials, given a copy of the population."""
    measure = Measured()
    oracle = Oracle(measure, 50)
    answer: Any = ask(list(living), SPACE, oracle, rng, tournament=tournament)
    if type(answer) is not list:
        raise Wrong(f"the answer is {kind(answer)}, expected a list of trials")
    for trial in answer:
        if type(trial) is not Trial:
            raise Wrong(f"the answer is a list with an entry {kind(trial)}, expected trials")
    if len(answer) != len(living):
        raise Wrong(f"{len(living)} lived before, {len(answer)} after: one is born, one dies")
    return Birth(list(living), answer, list(oracle.history), measure.asked)


def untouched(ask: Ask, variant: int) -> None:
    """The list that was handed in holds the same trials, in the same order."""
    rng = seeded(variant, 6)
    for size in (1, 3, 6):
        given = population(rng, size)
        before = list(given)
        ask(given, SPACE, Oracle(Measured(), 50), rng, tournament=2)
        if given != before:
            now = f"holds {len(given)} trials" if len(given) != size else "holds other trials"
            raise Wrong(f"{size} lived; the list that was handed in {now} after the call", CHANGED)


def wins(ask: Ask, living: Sequence[Trial], rng: Generator, tournament: int, births: int) -> Tensor:
    """How often each of those who live was the parent, the lowest value first: (len(living),)."""
    order = sorted(range(len(living)), key=lambda i: living[i].value)
    counts = Counter[int]()
    for _ in range(births):
        counts.update(asked(ask, living, rng, tournament).parents[:1])
    return torch.tensor([counts[i] for i in order])


def told_parents(found: Tensor, expected: Tensor, contestants: int, size: int) -> str:
    """How often each was the parent, and how often it should be, the lowest value first."""
    shares = [
        [round(float(p), 3) for p in each / each.sum().clamp(min=1e-9)]
        for each in (found, expected)
    ]
    lowest = bool(found.any()) and fits(found, expected.flip(0))
    why = ": as if the lowest of a tournament were the parent" if lowest else ""
    return (
        f"{size} live, tournaments of {contestants}: of {int(found.sum())} children the share "
        f"{shares[0]} had these parents, the lowest value first, expected {shares[1]}{why}"
    )


def with_replacement(size: int, contestants: int) -> Tensor:
    """P(i-th from below wins), drawn with replacement."""
    places = torch.arange(size + 1, dtype=torch.float64)
    return ((places / size) ** contestants).diff()


def without_replacement(size: int, contestants: int) -> Tensor:
    below = [comb(i, contestants) for i in range(size + 1)]
    return torch.tensor(below, dtype=torch.float64).diff() / max(below[-1], 1)


def lumped(counts: Tensor, living: Sequence[Trial]) -> Tensor:
    """Summed over those of equal value."""
    values = sorted(trial.value for trial in living)
    groups = {value: group for group, value in enumerate(sorted(set(values)))}
    found = torch.zeros(len(groups), dtype=torch.float64)
    places = torch.tensor([groups[value] for value in values])
    return found.index_add(0, places, counts.double())
