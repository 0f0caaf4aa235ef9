"""Workers in simulated time: candidates, jobs, and what came of a run."""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import torch
from torch import Generator

from course_lib.core import Arch, Measure, Space, Trial, make_rng, randint

Clock = Callable[[Trial], float]


def seconds_trained(trial: Trial) -> float:
    """The training behind an answer: its cost, times the seconds of a whole training.

    Where `info` has no seconds, a whole training takes one unit of time.
    """
    return trial.cost * float(trial.info.get("seconds", 1.0))


@dataclass(frozen=True)
class Job:
    """A worker trains a candidate on, from the rung below to this one, where it has `value`."""

    worker: int
    start: float
    end: float
    candidate: int
    rung: int
    value: float


@dataclass(frozen=True)
class AshaRun:
    """What the workers did, asynchronously or not.

    jobs: in the order in which they began. archs: of each candidate, in the order of drawing.
    fidelities: of each rung. Times are in the clock's unit, seconds as a rule.
    """

    jobs: list[Job]
    archs: list[Arch]
    workers: int
    fidelities: tuple[int, ...]
    eta: int

    @property
    def elapsed(self) -> float:
        """When the last job ends."""
        return max((job.end for job in self.jobs), default=0.0)

    @property
    def busy(self) -> float:
        """The share of the workers' time in which they train."""
        trained = math.fsum(job.end - job.start for job in self.jobs)
        return trained / (self.workers * self.elapsed) if self.jobs else 0.0

    def incumbent(self) -> list[tuple[float, float]]:
        """(time, value) of every job that ends with a higher value than all that ended before."""
        best: list[tuple[float, float]] = []
        for job in sorted(self.jobs, key=lambda job: (job.end, -job.value)):
            if not best or job.value > best[-1][1]:
                best.append((job.end, job.value))
        return best

    def reached(self, value: float) -> float:
        """When the incumbent is first at least so good; infinity if it never is.

        Times `workers` it is the time of workers that was paid for, idle or not.
        """
        return next((time for time, best in self.incumbent() if best >= value), math.inf)


def slow_workers(workers: int, rng: Generator, *, spread: float) -> list[float]:
    """How many times as long as the clock says every worker takes, for all of its jobs.

    1 + spread * |z|, z standard normal, drawn once per worker: (workers,). What `stragglers` does
    to a job, this does to a worker. ValueError: no worker, or a spread that is no size.
    """
    if workers < 1 or not 0 <= spread < math.inf:
        raise ValueError(
            f"expected workers >= 1 and a finite spread >= 0, got {workers} and {spread}"
        )
    z = torch.randn(workers, generator=rng, dtype=torch.float64)
    slowness: list[float] = (1 + spread * z.abs()).tolist()
    return slowness


class Candidates:
    """Drawn one after the other: a job's value and its length, whoever does it and whenever.

    measure: asked for all fidelities at once, so that one which it lacks is refused at the start.
    stragglers: a job takes 1 + stragglers * |z| times as long as the clock says, z standard
        normal, drawn anew for every job. Which candidates are drawn, and all z, depend on `rng`
        alone: two runs with the same seed differ in what they do with them.
    slowness: how many times as long a job takes with each worker, 1 for all if not said, see
        `slow_workers`.
    Source: Li et al. 2020, appendix A.1, for the stragglers.
    """

    def __init__(
        self,
        space: Space,
        measure: Measure,
        rng: Generator,
        fidelities: Sequence[int],
        *,
        stragglers: float = 0.0,
        slowness: Sequence[float] = (),
        clock: Clock = seconds_trained,
    ) -> None:
        if not fidelities or list(fidelities) != sorted(set(fidelities)):
            raise ValueError(f"fidelities must increase, got {list(fidelities)}")
        if not 0 <= stragglers < math.inf:
            raise ValueError(f"stragglers must be 0 or more, and finite, got {stragglers}")
        if not all(0 < one < math.inf for one in slowness):
            raise ValueError(f"slowness must be positive and finite, got {list(slowness)}")
        self.space, self.measure, self.rng, self.slowness = space, measure, rng, slowness
        self.fidelities, self.stragglers, self.clock = tuple(fidelities), stragglers, clock
        self.archs: list[Arch] = []
        self._noise = make_rng(randint(rng, 2**31))
        self._values: list[list[float]] = []
        self._lengths: list[list[float]] = []

    def __len__(self) -> int:
        return len(self.archs)

    def draw(self) -> int:
        """The number of a new candidate."""
        arch = self.space.sample(self.rng)
        trials = [self.measure(arch, fidelity) for fidelity in self.fidelities]
        ends = [self.clock(trial) for trial in trials]
        added = [end - start for start, end in zip([0.0, *ends], ends, strict=False)]
        if not all(0 < seconds < math.inf for seconds in added):
            raise ValueError(
                f"training {arch} to {self.fidelities} takes {ends}: expected increasing times"
            )
        z = torch.randn(len(ends), generator=self._noise, dtype=torch.float64).tolist()
        self.archs.append(arch)
        self._values.append([trial.value for trial in trials])
        self._lengths.append(
            [
                seconds * (1 + self.stragglers * abs(one))
                for seconds, one in zip(added, z, strict=True)
            ]
        )
        return len(self) - 1

    def job(self, worker: int, start: float, candidate: int, rung: int) -> Job:
        """The candidate's step up to this rung, done by this worker from `start` on."""
        slowness = self.slowness[worker] if self.slowness else 1.0
        end = start + slowness * self._lengths[candidate][rung]
        return Job(worker, start, end, candidate, rung, self._values[candidate][rung])
