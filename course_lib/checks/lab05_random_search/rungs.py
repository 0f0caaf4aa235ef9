"""Histories of asynchronous halving, drawn at random or run in simulated time."""

from collections.abc import Callable, Mapping, Sequence, Set
from dataclasses import dataclass
from math import ceil

import torch
from torch import Generator

from course_lib.checks.values import told_apart
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

    def story(self, found: Decision) -> str:
        """Of the rungs that a decision is about: how many finished, and who is next there."""
        right = self.decision()
        levels = {d[1] - 1 for d in (right, found) if d and 0 < d[1] < len(self.rungs)}
        told = [self._told(k) for k in sorted(levels or range(len(self.rungs) - 1), reverse=True)]
        return f"eta {self.eta}, {len(self.rungs)} rungs; {'; '.join(told) or 'one rung alone'}"

    def _ranked(self, k: int) -> list[int]:
        rung = self.rungs[k]
        return sorted(rung, key=lambda c: (-rung[c], c))

    def _told(self, k: int) -> str:
        """The first three of a rung that were not promoted, with their places and values."""
        rung, quota = self.rungs[k], len(self.rungs[k]) // self.eta
        waiting = [c for c in self._ranked(k) if c not in self.promoted[k]][:3]
        values = told_apart(*(rung[c] for c in waiting), digits=3)
        next_ = ", ".join(
            f"{c} (place {self._ranked(k).index(c) + 1}, value {value})"
            for c, value in zip(waiting, values, strict=True)
        )
        said = (
            f"rung {k}: {len(rung)} finished, floor({len(rung)} / {self.eta}) = {quota} may go up"
        )
        if not quota:
            return said
        return f"{said}, {f'not promoted yet are {next_}' if waiting else 'all were promoted'}"

    def objection(self, found: Decision) -> str:
        """Why a wrong decision is wrong, in a few words."""
        right = self.decision()
        if found is None:
            return "somebody may go up"
        candidate, to = found
        if right is not None and candidate == right[0]:
            return f"{candidate} goes up out of rung {right[1] - 1}"
        if not 0 < to < len(self.rungs):
            top = f"rung {len(self.rungs) - 1} is the top one, out of it nobody goes up"
            return top if to > 0 else "a rung to go up into is 1 or more; a new candidate is None"
        k, quota = to - 1, len(self.rungs[to - 1]) // self.eta
        if candidate not in self.rungs[k]:
            return f"{candidate} has not finished in rung {k}"
        if candidate in self.promoted[k]:
            return f"{candidate} was promoted out of rung {k} already"
        place = self._ranked(k).index(candidate) + 1
        if place > quota:
            return f"{candidate} has place {place} in rung {k}, of which {quota} may go up"
        if right is not None and right[1] > to:
            return f"rung {right[1] - 1} comes before rung {k}"
        return f"{candidate} is not the first of those who wait in rung {k}"


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
