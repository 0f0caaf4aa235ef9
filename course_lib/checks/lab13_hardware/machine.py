"""A machine whose clock moves only when it works: what every call takes is known exactly."""

from collections.abc import Callable
from functools import partial
from typing import Any

import torch
from torch import Generator, Tensor

from course_lib.checks.ask import Ask
from course_lib.checks.values import tensor
from course_lib.checks.wrong import Wrong

COLD = 30.0
"""How many times longer the first calls take."""
MOST = 100_000
"""Calls that no right answer comes near."""


class Machine:
    """n candidates, and the clock that their calls move; keeps a record of both.

    calls: of which candidate; read_before: how often the clock had been read before each.
    cold: so many calls of each candidate take COLD times as long. price: seconds that a reading of
    the clock takes. wobble: by how much the calls of one candidate differ.
    """

    def __init__(
        self, rng: Generator, n: int, *, cold: int = 0, price: float = 0.0, wobble: float = 0.8
    ) -> None:
        self.usual = 10 ** (-3.5 + 1.5 * torch.rand(n, generator=rng, dtype=torch.float64))
        self._wobble = wobble * torch.rand(n, 997, generator=rng, dtype=torch.float64)
        self.cold, self.price, self.readings = cold, price, 0
        self.calls: list[int] = []
        self.read_before: list[int] = []
        self._counts = [0] * n
        self._now = 2e5 + 1e5 * float(torch.rand((), generator=rng))

    @property
    def candidates(self) -> list[Callable[[], object]]:
        """What is measured; a call gives nothing of use."""
        return [partial(self._call, i) for i in range(len(self._counts))]

    def clock(self) -> float:
        self.readings += 1
        now = self._now
        self._now += self.price
        return now

    def seconds(self, i: int, k: int) -> float:
        """What call k = 0, 1, ... of candidate i takes."""
        slow = COLD if k < self.cold else 1.0
        return float(self.usual[i] * (1 + self._wobble[i, k % 997])) * slow

    def _call(self, i: int) -> object:
        if len(self.calls) >= MOST:
            raise RuntimeError(f"{MOST:,} calls and no end: each round calls each candidate once")
        self._now += self.seconds(i, self._counts[i])
        self.calls.append(i)
        self.read_before.append(self.readings)
        self._counts[i] += 1
        return object()

    def samples(self, rounds: int, repeats: int, warmup: int) -> Tensor:
        """What a right answer finds, in whatever order it calls: (rounds, n)."""
        rows = []
        for start in range(warmup, warmup + rounds * repeats, repeats):
            calls = range(start, start + repeats)
            sums = [sum(self.seconds(i, k) for k in calls) for i in range(len(self._counts))]
            rows.append([(each + self.price) / repeats for each in sums])
        return torch.tensor(rows, dtype=torch.float64)


def put(ask: Ask, machine: Machine, rng: Generator, **how: int) -> Any:
    """What the answer gives, whatever it is."""
    return ask(machine.candidates, rng, clock=machine.clock, **how)


def asked(ask: Ask, machine: Machine, rng: Generator, **how: int) -> Tensor:
    """The answer as samples, tested to come from the machine's own clock."""
    n = len(machine.usual)
    found = put(ask, machine, rng, **how)
    if not machine.readings:
        raise Wrong("the clock that was handed in was never asked: read clock(), not another one")
    shape = (how.get("rounds", 40), n)
    advice = ": a row for each round, a column for each candidate"
    return tensor(found, shape, "the answer", advice=advice)


def close(found: Tensor, expected: Tensor, digits: float = 1e-5) -> bool:
    """Whether all seconds are right, each by its own size."""
    error = (found.detach().double() - expected).abs()
    return bool((error <= digits * expected.abs()).all())
