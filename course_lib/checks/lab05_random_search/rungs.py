"""Histories of asynchronous halving, drawn at random or run in simulated time."""

from collections.abc import Callable, Mapping, Sequence, Set
from dataclasses import dataclass
from math import ceil

import torch
from torch import Generator

from course_lib.core import uniform

Decision = tuple[int, int] | None
"""A candidate and the rung in which it trains next; None: a new one."""


@dataclass(frozen=True)
class History:
    """What has finished in each rung, in the order of finishing, and who was promoted out of it."""

    rungs: Sequence[Mapping[int, float]]
    promoted: Sequence[Set[int]]
    eta: int

    def decision(self) -> Decision:
        """Who goes up, by counting for each candidate how many are better."""
        for k in range(len(self.rungs) - 2, -1, -1):
            rung = self.rungs[k]
            for candidate, value in rung.items():
                better = {c for c, v in rung.items() if v > value or (v == value and c < candidate)}
                # it is due, and everybody better has gone
                due = (len(better) + 1) * self.eta <= len(rung)
                if due and candidate not in self.promoted[k] and better <= self.promoted[k]:
                    return candidate, k + 1
        return None

    def nobody_trains_in(self, k: int) -> bool:
        """Whether all that were promoted into a rung have finished there."""
        return k == 0 or len(self.rungs[k]) == len(self.promoted[k - 1])

    def bracket_is_full(self, k: int) -> bool:
        """Whether as many have finished as synchronous halving would wait for."""
        size: int = self.eta ** (len(self.rungs) - 1 - k)
        return len(self.rungs[k]) >= size

    def copied(self) -> tuple[list[dict[int, float]], list[set[int]]]:
        """Rungs and promoted, for somebody who may change them."""
        return list(map(dict, self.rungs)), list(map(set, self.promoted))

    def __str__(self) -> str:
        rungs = zip(self.rungs, self.promoted, strict=True)
        told = [f"rung {k}: {_told(*rung, self.eta)}" for k, rung in enumerate(rungs)]
        return f"eta {self.eta}; {'; '.join(told)}"


def _told(rung: Mapping[int, float], promoted: Set[int], eta: int) -> str:
    """How many finished, and the first of them: a few more than may go on."""
    ranked = sorted(rung, key=lambda c: (-rung[c], c))
    shown = ranked[: len(rung) // eta + 2]
    first = (f"{c} ({rung[c]:.6g}{', promoted' if c in promoted else ''})" for c in shown)
    more = ", ..." if len(ranked) > len(shown) else ""
    return f"{len(rung)} finished{', best first ' if rung else ''}{', '.join(first)}{more}"


def drawn(
    rng: Generator,
    rungs: int,
    *,
    eta: int,
    finished: int = 12,
    share: float = 0.6,
    levels: int | None = None,
    spread: float = 1.0,
) -> History:
    """A history: so many finished in rung 0, and in each rung about so many of the best went on.

    share: of those who are among the best, how many were promoted; and a few that were among them
        earlier. levels: values are rounded to so many, so that there are ties. spread: how far
        values lie apart, about.
    """
    names = torch.randperm(40 + 5 * finished, generator=rng)[:finished].tolist()
    found: list[dict[int, float]] = []
    gone: list[set[int]] = []
    for _ in range(rungs):
        values = [spread * value for value in _values(rng, len(names), levels)]
        rung = dict(zip(names, values, strict=True))
        quota = len(rung) // eta
        ranked = sorted(rung, key=lambda c: (-rung[c], c))
        chance = torch.rand(len(ranked), generator=rng).tolist()
        promoted = {
            c
            for place, (c, p) in enumerate(zip(ranked, chance, strict=True))
            if p < (share if place < quota else 0.3 * share if place < 2 * quota else 0.0)
        }
        found.append(rung)
        gone.append(promoted if len(found) < rungs else set())
        arrived = sorted(promoted)
        order = torch.randperm(len(arrived), generator=rng).tolist()
        names = [arrived[i] for i in order[: len(order) - len(order) // 4]]
    return History(found, gone, eta)


def _values(rng: Generator, count: int, levels: int | None) -> list[float]:
    values = torch.randn(count, generator=rng, dtype=torch.float64) - 1.0
    if levels is not None:
        values = (torch.rand(count, generator=rng, dtype=torch.float64) * levels).floor() - 1.0
    found: list[float] = values.tolist()
    return found


def run(
    rng: Generator, eta: int, rungs: int, ask: Callable[[History], object], *, steps: int = 60
) -> None:
    """Five workers in simulated time; `ask(history)` before each start.

    A start in rung k takes about eta^k hours, one in four four times as long; somebody looks once
    an hour who has finished, so that several may be free at once.
    """
    history = History([{} for _ in range(rungs)], [set() for _ in range(rungs)], eta)
    names = iter(torch.randperm(10 * steps, generator=rng).tolist())
    at_work: list[tuple[int, int, int]] = []
    hour = 0
    for _ in range(steps):
        while len(at_work) == 5:
            hour += 1
            for end, candidate, k in [job for job in at_work if job[0] <= hour]:
                at_work.remove((end, candidate, k))
                history.rungs[k][candidate] = uniform(rng)  # type: ignore[index]
        ask(history)
        decision = history.decision()
        if decision is not None:
            history.promoted[decision[1] - 1].add(decision[0])  # type: ignore[attr-defined]
        candidate, k = decision or (next(names), 0)
        slow = 4.0 if uniform(rng) < 0.25 else 1.0
        at_work.append((hour + ceil(slow * eta**k * (0.5 + uniform(rng))), candidate, k))
