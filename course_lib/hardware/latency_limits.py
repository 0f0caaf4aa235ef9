"""Searches under a limit of latency: the library's own searches, on another space or measure."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace

import torch
from torch import Generator, Tensor

from course_lib.core import Arch, Measure, Space, Trial
from course_lib.core.rng import randint
from course_lib.hardware.latency_search import best_within, latency_reward

_TRIES = 10_000


class LimitedSpace(Space):
    """The architectures of a space that keep a limit: no question is spent on any other.

    fits: whether an architecture keeps it, by a table or a predictor. Every search that draws,
    mutates or asks for neighbours runs on it unchanged: a hard limit by rejection.
    """

    def __init__(self, space: Space, fits: Callable[[Arch], bool]) -> None:
        super().__init__(space.choices, stop=space.stop)
        self.space = space
        self.fits = fits

    @property
    def size(self) -> int:
        """How many architectures keep the limit; all are looked at."""
        return sum(1 for _ in self)

    def __iter__(self) -> Iterator[Arch]:
        return filter(self.fits, self.space)

    def sample(self, rng: Generator) -> Arch:
        """Draw from the space until one fits: its distribution, cut off at the limit.

        ValueError: none of 10,000 draws fits.
        """
        for _ in range(_TRIES):
            arch = self.space.sample(rng)
            if self.fits(arch):
                return arch
        raise ValueError(
            f"none of {_TRIES:,} random architectures keeps the limit: raise it, and see that it "
            "is in the unit of the latencies"
        )

    def mutate(self, arch: Arch, rng: Generator) -> Arch:
        """A neighbour that fits, each as likely; where there is none, a new draw."""
        near = self.neighbours(arch)
        return near[randint(rng, len(near))] if near else self.sample(rng)

    def mutation_probability(self, arch: Arch, other: Arch) -> float:
        """The probability that `mutate(arch, rng)` gives `other`, which some neighbour must be."""
        near = self.neighbours(arch)
        if not near:
            raise ValueError(f"no neighbour of {arch} keeps the limit: a mutation is a new draw")
        return near.count(other) / len(near)

    def neighbours(self, arch: Arch) -> list[Arch]:
        """All architectures that differ from `arch` in one decision and keep the limit."""
        return [other for other in self.space.neighbours(arch) if self.fits(other)]

    def describe(self, arch: Arch) -> str:
        """As the space says it."""
        return self.space.describe(arch)

    def _complaint(self, arch: object) -> str | None:
        found = self.space._complaint(arch)
        if found is None and not self.fits(self.space.validate(arch)):
            return "it does not keep the limit"
        return found


def rewarded(
    measure: Measure,
    latency: Callable[[Arch], float],
    *,
    target: float,
    exponent: float = -0.07,
) -> Measure:
    """The measure whose value is `latency_reward`: a soft limit, for every search.

    Accuracy and latency themselves are the trial's objectives "accuracy" and "latency". Several
    devices: latency gives the largest in units of their limits (`worst_latency`), target=1.
    """

    def reward(arch: Arch, fidelity: int | None = None, /) -> Trial:
        trial = measure(arch) if fidelity is None else measure(arch, fidelity)
        seconds = latency(arch)
        pair = torch.tensor([trial.value, seconds], dtype=torch.float64)
        value = latency_reward(pair[0], pair[1], target=target, exponent=exponent)
        both = {"accuracy": trial.value, "latency": seconds}
        return replace(trial, value=float(value), objectives={**trial.objectives, **both})

    return reward


def chosen_per_device(
    inherited: Measure, archs: Sequence[Arch], latency: Tensor, limits: Tensor
) -> list[Trial]:
    """One supernet, many devices: for each the most accurate of `archs` that keeps its limit.

    inherited: the answers of one trained supernet, asked once per architecture that fits anywhere.
    latency: (archs, devices); limits: (devices,). The trials are in the order of the devices.
    """
    fitting = (latency <= limits).any(1)
    trials = {i: inherited(archs[i]) for i in fitting.nonzero()[:, 0].tolist()}
    accuracy = torch.full((len(archs),), -torch.inf)
    for i, trial in trials.items():
        accuracy[i] = trial.value
    return [trials[i] for i in best_within(accuracy, latency, limits).tolist()]
