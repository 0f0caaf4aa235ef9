"""Regularized evolution, the search of AmoebaNet: the child joins, the oldest dies."""

from collections.abc import Sequence
from itertools import repeat
from operator import attrgetter
from typing import Any, Protocol

import torch
from torch import Generator

from course_lib.core import History, Oracle, Space, Trial
from course_lib.core.seam import named

_VALUE = attrgetter("value")


class EvolutionStep(Protocol):
    """From a population, oldest first, to the next one; one question is asked."""

    def __call__(
        self,
        living: list[Trial],
        space: Space,
        oracle: Oracle,
        rng: Generator,
        /,
        *,
        tournament: int,
    ) -> list[Trial]: ...


def evolution_step(
    living: Sequence[Trial], space: Space, oracle: Oracle, rng: Generator, *, tournament: int = 10
) -> list[Trial]:
    """The population after one birth and one death, oldest first.

    Of `tournament` contestants, drawn with replacement, the best is the parent; its mutant is asked
    about and joins at the end; the oldest dies, however good it is. `living` stays as it is.

    living: one or more trials, oldest first; tournament at least 1, or ValueError.
    Source: Real et al. 2019, algorithm 1.
    """
    if not living or tournament < 1:
        raise ValueError(
            "a tournament needs a population and one or more contestants, "
            f"got {len(living)} and {tournament}"
        )
    drawn = torch.randint(len(living), (tournament,), generator=rng).tolist()
    parent = max([living[i] for i in drawn], key=_VALUE)
    child = oracle(space.mutate(parent.arch, rng))
    return [*living[1:], child]


def regularized_evolution(
    space: Space,
    oracle: Oracle,
    rng: Generator,
    *,
    population: int = 30,
    tournament: int = 10,
    step: EvolutionStep = evolution_step,
) -> History:
    """Mutate the best of a random tournament; the child joins, the oldest dies.

    population: how many live; the first of them are random, and paid for like all others.
    tournament: how many contestants are drawn, with replacement, to compete for being the parent.
    step: from one population to the next.

    ValueError, after the first answer: at its cost the budget does not pay the first population.
    Source: Real et al. 2019, algorithm 1.
    """
    if population < 1 or tournament < 1:
        raise ValueError(
            f"population and tournament must be at least 1, got {population} and {tournament}"
        )
    living: list[Trial] = []
    with oracle:
        while len(living) < population:
            living.append(oracle(space.sample(rng)))
            if len(living) == 1:
                _check_budget(oracle, living[0].cost, population)
        while True:
            asked = len(oracle.history)
            answer = step(living, space, oracle, rng, tournament=tournament)
            living = _population(step, answer, population)
            if len(oracle.history) == asked:
                raise ValueError(f"{named('step', step)} asked nothing, expected one question")
    return oracle.history


def _check_budget(oracle: Oracle, cost: float, population: int) -> None:
    paid = int(oracle.budget / cost * (1 + 1e-9))  # rounding is no debt
    if paid < population:
        raise ValueError(
            f"the budget of {oracle.budget:g} is smaller than the population: it pays "
            f"{paid} answers at {cost:g} each, the first {population} are "
            "random, and nothing would evolve; raise the budget or take a smaller population"
        )


def _population(step: EvolutionStep, answer: Any, size: int) -> list[Trial]:
    name = named("step", step)
    if not isinstance(answer, list) or not all(map(isinstance, answer, repeat(Trial))):
        kind = type(answer).__name__
        raise TypeError(f"{name} returned {kind}, expected a list of trials, oldest first")
    if len(answer) != size:
        raise ValueError(
            f"{name} returned {len(answer)} trials, expected {size}: one is born, one dies"
        )
    return answer
