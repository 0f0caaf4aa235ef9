"""Many workers in simulated time: asynchronous and synchronous successive halving."""

import heapq
import math
from collections.abc import Sequence, Set
from typing import Any, Protocol

from torch import Generator

from course_lib.core import Measure, Space
from course_lib.core.seam import named
from course_lib.nas.asha import asha_decision
from course_lib.nas.workers import AshaRun, Candidates, Clock, Job, seconds_trained

Rungs = Sequence[dict[int, float]]


class Decision(Protocol):
    """What a free worker trains next, see `asha_decision`."""

    def __call__(
        self, rungs: Rungs, promoted: Sequence[Set[int]], /, *, eta: int
    ) -> tuple[int, int] | None: ...


def asha(
    space: Space,
    measure: Measure,
    rng: Generator,
    *,
    workers: int,
    fidelities: Sequence[int] = (1, 2, 4, 8),
    eta: int = 2,
    trials: float = math.inf,
    until: float = math.inf,
    enough: float = math.inf,
    stragglers: float = 0.0,
    slowness: Sequence[float] = (),
    decide: Decision = asha_decision,
    clock: Clock = seconds_trained,
) -> AshaRun:
    """Asynchronous successive halving: a free worker does what has finished tells it to.

    With a single fidelity this is random search, as every job then is a new candidate's.

    measure: answers at once, as a table does; how long a training takes is said by `clock`.
    trials: how many candidates are drawn at most; until: the time from which on no job begins;
        enough: the value at which no further job begins. At least one of them must be given.
    stragglers, slowness: how uneven the jobs' lengths are, and the workers, see `Candidates`.
    Source: Li et al. 2020, algorithm 2.
    """
    _check(workers, eta, trials, until, enough, slowness)
    drawn = Candidates(
        space, measure, rng, fidelities, stragglers=stragglers, slowness=slowness, clock=clock
    )
    rungs: list[dict[int, float]] = [{} for _ in fidelities]
    promoted: list[set[int]] = [set() for _ in fidelities]
    now, best, idle, jobs = 0.0, -math.inf, list(range(workers)), list[Job]()
    running: list[tuple[float, int]] = []
    while True:
        while idle and now < until and best < enough:
            answer = decide(rungs, promoted, eta=eta)
            if answer is None and len(drawn) >= trials:
                break
            if answer is not None:
                _check_decision(decide, answer, rungs, promoted)
            candidate, rung = answer or (drawn.draw(), 0)
            if rung:
                promoted[rung - 1].add(candidate)
            jobs.append(drawn.job(heapq.heappop(idle), now, candidate, rung))
            heapq.heappush(running, (jobs[-1].end, len(jobs) - 1))
        if not running:
            return AshaRun(jobs, drawn.archs, workers, drawn.fidelities, eta)
        now = running[0][0]
        while running and running[0][0] == now:  # all that ends now is known to who decides now
            job = jobs[heapq.heappop(running)[1]]
            rungs[job.rung][job.candidate] = job.value
            best = max(best, job.value)
            heapq.heappush(idle, job.worker)


def synchronous_halving(
    space: Space,
    measure: Measure,
    rng: Generator,
    *,
    workers: int,
    candidates: int = 16,
    fidelities: Sequence[int] = (1, 2, 4, 8),
    eta: int = 2,
    trials: float = math.inf,
    until: float = math.inf,
    enough: float = math.inf,
    stragglers: float = 0.0,
    slowness: Sequence[float] = (),
    clock: Clock = seconds_trained,
) -> AshaRun:
    """Successive halving by many workers: a rung begins when the last job of the one below ended.

    Who finds no job in a rung waits for its end. Rounds of `candidates` follow each other while
    `trials` allows a whole one; all else as in `asha`. One worker without stragglers does what
    `course_lib.nas.search.successive_halving` does.
    """
    _check(workers, eta, trials, until, enough, slowness)
    if not 1 <= candidates <= trials:
        raise ValueError(
            f"expected 1 <= candidates <= trials (a round is drawn as a whole), got {candidates} "
            f"and {trials}"
        )
    drawn = Candidates(
        space, measure, rng, fidelities, stragglers=stragglers, slowness=slowness, clock=clock
    )
    now, jobs, goes_on = 0.0, list[Job](), True
    while goes_on and len(drawn) + candidates <= trials:
        rung = [drawn.draw() for _ in range(candidates)]
        for k in range(len(drawn.fidelities)):
            done = _one_rung(drawn, rung, k, now, workers, until)
            jobs += done
            goes_on = len(done) == len(rung) and all(job.value < enough for job in done)
            if not goes_on:
                break
            now = max(job.end for job in done)
            done.sort(key=lambda job: job.value, reverse=True)
            rung = [job.candidate for job in done[: max(1, len(done) // eta)]]
    return AshaRun(jobs, drawn.archs, workers, drawn.fidelities, eta)


def _one_rung(
    drawn: Candidates, rung: Sequence[int], k: int, now: float, workers: int, until: float
) -> list[Job]:
    """The jobs of one rung: whoever is free first takes the next, while there is time."""
    free = [(now, worker) for worker in range(workers)]
    done: list[Job] = []
    for candidate in rung:
        start, worker = heapq.heappop(free)
        if start >= until:
            break
        done.append(drawn.job(worker, start, candidate, k))
        heapq.heappush(free, (done[-1].end, worker))
    return done


def _check(
    workers: int, eta: int, trials: float, until: float, enough: float, slowness: Sequence[float]
) -> None:
    if workers < 1 or eta < 2:
        raise ValueError(f"expected workers >= 1 and eta >= 2, got {workers} and {eta}")
    if trials == until == enough == math.inf:
        raise ValueError("nothing ends the run: give trials, until (a time) or enough (a value)")
    if trials < 1 or until <= 0:
        raise ValueError(f"expected trials >= 1 and until > 0, got {trials} and {until}")
    if len(slowness) not in (0, workers):
        raise ValueError(f"slowness must be given for {workers} workers, got {len(slowness)}")


def _check_decision(
    decide: Decision, answer: Any, rungs: Rungs, promoted: Sequence[Set[int]]
) -> None:
    """A promotion that nobody can carry out is named, before it loses anything."""
    name = named("decide", decide)
    if not (isinstance(answer, tuple) and len(answer) == 2):
        raise TypeError(f"{name} returned {answer!r}, expected (candidate, rung) or None")
    candidate, rung = answer
    if not 1 <= rung < len(rungs):
        raise ValueError(f"{name} returned rung {rung}, expected 1 to {len(rungs) - 1}, or None")
    if candidate not in rungs[rung - 1]:
        raise ValueError(
            f"{name} promoted candidate {candidate}, which has not finished rung {rung - 1}"
        )
    if candidate in promoted[rung - 1]:
        raise ValueError(f"{name} promoted candidate {candidate} out of rung {rung - 1} twice")
