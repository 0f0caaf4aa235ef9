"""Black-box searches, one screen each: they see an architecture's value and nothing else."""

import math
from dataclasses import dataclass
from numbers import Real
from typing import Any, Protocol

import torch
from torch import Generator, Tensor

from course_lib.core import History, Oracle, Space, Trial, uniform
from course_lib.core.seam import named
from course_lib.core.steps import Steps, run_to_the_end
from course_lib.nas.evolution import evolution_step, regularized_evolution
from course_lib.nas.halving import promoted, successive_halving

__all__ = [
    "Acceptance",
    "ChainStep",
    "acceptance",
    "evolution_step",
    "local_search",
    "metropolis",
    "metropolis_steps",
    "promoted",
    "random_search",
    "regularized_evolution",
    "successive_halving",
]


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
