"""Black-box searches, one screen each: they see an architecture's value and nothing else."""

import math
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass
from numbers import Real
from typing import Any, Protocol

import torch
from torch import Generator, Tensor

from course_lib.core import History, Oracle, Space, Trial, uniform
from course_lib.core.seam import named
from course_lib.core.steps import Steps, run_to_the_end


def random_search(space: Space, oracle: Oracle, rng: Generator) -> History:
    """Draw architectures at random until the budget is spent."""
    with oracle:
        while True:
            oracle(space.sample(rng))
    return oracle.history


class Acceptance(Protocol):
    """The probability with which a Markov chain moves to a proposal."""

    def __call__(
        self,
        value: float,
        proposed: float,
        /,
        *,
        temperature: float,
        forward: float,
        backward: float,
    ) -> float: ...


def acceptance(
    value: float,
    proposed: float,
    *,
    temperature: float,
    forward: float = 1.0,
    backward: float = 1.0,
) -> float:
    """Probability of moving from an architecture of value `value` to one of value `proposed`.

    min(1, exp((proposed - value) / temperature) * backward / forward)

    forward: the probability of proposing this move; backward: of proposing its reverse. With them
    the chain's stationary distribution is proportional to exp(value / temperature), however
    lopsided the proposals are. temperature > 0, in the unit of the values.
    Source: Metropolis et al. 1953; with forward and backward, Hastings 1970.
    """
    _check_temperature(temperature)
    if not forward > 0 or backward < 0:
        raise ValueError(
            f"expected forward > 0 (the move was proposed) and backward >= 0, "
            f"got {forward} and {backward}"
        )
    if backward == 0:
        return 0.0
    log_ratio = (proposed - value) / temperature + math.log(backward / forward)
    return math.exp(min(0.0, log_ratio))


@dataclass(frozen=True)
class ChainStep:
    """One step of a Metropolis chain: where it stood, what was proposed, what came of it."""

    current: Trial
    proposed: Trial
    probability: float
    accepted: bool

    @property
    def state(self) -> Trial:
        """Where the chain stands after the step."""
        return self.proposed if self.accepted else self.current


def metropolis_steps(
    space: Space,
    oracle: Oracle,
    rng: Generator,
    *,
    temperature: float = 0.02,
    accept: Acceptance = acceptance,
) -> Steps[ChainStep, History]:
    """Propose a mutation, move there with probability `accept(...)`, else stay; repeat.

    In the long run the chain visits architectures in proportion to exp(value / temperature). The
    history holds every proposal, taken or not.
    """
    _check_temperature(temperature)
    with oracle:
        current = oracle(space.sample(rng))
        while True:
            proposed = oracle(space.mutate(current.arch, rng))
            answer = accept(
                current.value,
                proposed.value,
                temperature=temperature,
                forward=space.mutation_probability(current.arch, proposed.arch),
                backward=space.mutation_probability(proposed.arch, current.arch),
            )
            probability = _probability(accept, answer)
            step = ChainStep(current, proposed, probability, uniform(rng) < probability)
            yield step
            current = step.state
    return oracle.history


metropolis = run_to_the_end(metropolis_steps, "metropolis")


def regularized_evolution(
    space: Space, oracle: Oracle, rng: Generator, *, population: int = 30, tournament: int = 10
) -> History:
    """Mutate the best of a random tournament; the child joins, the oldest dies.

    population: how many live; the first of them are random, and paid for like all others.
    tournament: how many contestants are drawn, with replacement, to compete for being the parent.
    Source: Real et al. 2019, algorithm 1.
    """
    if population < 1 or tournament < 1:
        raise ValueError(
            f"population and tournament must be at least 1, got {population} and {tournament}"
        )
    living: deque[Trial] = deque()
    with oracle:
        while len(living) < population:
            living.append(oracle(space.sample(rng)))
        while True:
            drawn = torch.randint(population, (tournament,), generator=rng).tolist()
            parent = max((living[i] for i in drawn), key=lambda trial: trial.value)
            living.append(oracle(space.mutate(parent.arch, rng)))
            living.popleft()
    return oracle.history


def local_search(space: Space, oracle: Oracle, rng: Generator) -> History:
    """Move to the first better neighbour; where there is none, start again at random.

    Neighbours (one decision changed) are asked in random order, none twice within one climb.
    Source: White, Nolen and Savani 2021.
    """
    with oracle:
        while True:
            current: Trial | None = oracle(space.sample(rng))
            asked = set()
            while current is not None:
                asked.add(current.arch)
                current = _better_neighbour(current, space, oracle, rng, asked)
    return oracle.history


def _better_neighbour(
    current: Trial, space: Space, oracle: Oracle, rng: Generator, asked: set[tuple[int, ...]]
) -> Trial | None:
    neighbours = space.neighbours(current.arch)
    for index in torch.randperm(len(neighbours), generator=rng).tolist():
        if neighbours[index] not in asked:
            asked.add(neighbours[index])
            trial = oracle(neighbours[index])
            if trial.value > current.value:
                return trial
    return None


def successive_halving(
    space: Space,
    oracle: Oracle,
    rng: Generator,
    *,
    candidates: int = 16,
    fidelities: Sequence[int] = (1, 2, 4, 8),
    eta: int = 2,
) -> History:
    """Train many a little, keep the best 1/eta, train those longer; then take new candidates.

    candidates: how many start each round, drawn at random.
    fidelities: increasing (say, epochs); the oracle charges only what a promotion adds.
    eta: of n that competed, max(1, floor(n / eta)) are promoted.
    Source: Jamieson and Talwalkar 2016.
    """
    if candidates < 1 or eta < 2:
        raise ValueError(f"expected candidates >= 1 and eta >= 2, got {candidates} and {eta}")
    if not fidelities or list(fidelities) != sorted(set(fidelities)):
        raise ValueError(f"fidelities must increase, got {list(fidelities)}")
    with oracle:
        while True:
            rung = [space.sample(rng) for _ in range(candidates)]
            for fidelity in fidelities:
                trials = [oracle(arch, fidelity) for arch in rung]
                trials.sort(key=lambda trial: trial.value, reverse=True)
                rung = [trial.arch for trial in trials[: max(1, len(trials) // eta)]]
    return oracle.history


def _check_temperature(temperature: float) -> None:
    if not temperature > 0:
        raise ValueError(f"temperature must be positive, got {temperature}")


def _probability(accept: Acceptance, answer: Any) -> float:
    name = named("accept", accept)
    if isinstance(answer, Tensor) and answer.shape == ():
        answer = answer.item()
    if not isinstance(answer, Real):
        raise TypeError(f"{name} returned {type(answer).__name__}, expected a probability")
    probability = float(answer)
    if math.isnan(probability):
        raise ValueError(f"{name} returned nan, expected a probability in [0, 1]")
    if not 0 <= probability <= 1:
        raise ValueError(
            f"{name} returned {probability}, expected a probability in [0, 1]; "
            "did you forget min(1, ...)?"
        )
    return probability
