"""`evolution_step`: who dies, who is the parent, what the child is and what it costs."""

from collections.abc import Callable
from typing import Any

import torch
from torch import Generator, Tensor

from course_lib.checks.ask import Ask, StudentError
from course_lib.checks.chance import fits, only_rng
from course_lib.checks.engine import Exercise
from course_lib.checks.lab05_random_search import sections
from course_lib.checks.lab05_random_search.population import (
    SPACE,
    Birth,
    Measured,
    asked,
    crowded,
    distance,
    lumped,
    population,
    told_parents,
    untouched,
    wins,
    with_replacement,
    without_replacement,
)  # fmt: skip
from course_lib.checks.laws import CHANGED
from course_lib.checks.variants import seeded
from course_lib.checks.wrong import Misconception, Wrong, mistake
from course_lib.core import BudgetExhausted, Oracle, Trial

BIRTHS = 800
After = Callable[[list[Trial], Trial, int], list[Trial]]


def _step(after: After) -> Callable[..., list[Trial]]:
    """A step that differs in who dies and where the child stands; parent: its place."""

    def evolution_step(
        living: list[Trial], space: Any, oracle: Any, rng: Generator, *, tournament: int
    ) -> list[Trial]:
        drawn = torch.randint(len(living), (tournament,), generator=rng).tolist()
        parent = max(drawn, key=lambda i: living[i].value)
        return after(list(living), oracle(space.mutate(living[parent].arch, rng)), parent)

    return evolution_step


def _without_worst(trials: list[Trial]) -> list[Trial]:
    worst = min(trials, key=lambda trial: trial.value)
    return [trial for trial in trials if trial is not worst]


DECISIONS = Misconception(
    "the child does not differ from its parent in exactly one decision",
    "space.mutate(parent.arch, rng) redraws one decision to another value. Drawing it from all "
    "values may give the old one; a new sample has nothing of its parent.",
)
WHOLE = Misconception(
    "the tournament is held over the whole population",
    "Only `tournament` contestants, drawn at random, compete: a weak one wins where no better one "
    "was drawn. That keeps the search from following its best at once.",
)
NO_REPLACEMENT = Misconception(
    "the contestants are drawn without replacement",
    "Here the same one may be drawn twice: draw `tournament` places, each from the whole "
    "population (torch.randint).",
)
AGAIN = Misconception(
    "somebody is asked about again who was paid before",
    "Whoever lives has a value already, trial.value: only the child is asked about.",
)
FREE = Misconception(
    "the child is free of charge",
    "Only oracle(arch) pays and keeps the record: the child is what it answers.",
)
MISTAKES = (
    mistake(
        "the worst dies instead of the oldest",
        "Age decides: the first of the list dies, however good it is. A cell that was only lucky "
        "must not live for ever.",
        _step(lambda living, child, parent: [*_without_worst(living), child]),
        _step(lambda living, child, parent: _without_worst([*living, child])),
    ),
    mistake(
        "the wrong one dies, or the child stands at the wrong end",
        "Oldest first: the first one dies, and the child stands at the end.",
        _step(lambda living, child, parent: [*living[:-1], child]),
        _step(lambda living, child, parent: [child, *living[1:]]),
        _step(lambda living, child, parent: [child, *living[:-1]]),
        _step(lambda living, child, parent: [*living[:parent], *living[parent + 1 :], child]),
        _step(lambda living, child, parent: [*living[:parent], child, *living[parent + 1 :]]),
    ),
    DECISIONS,
    WHOLE,
    NO_REPLACEMENT,
    AGAIN,
    FREE,
    CHANGED,
)


def probe(ask: Ask, variant: int) -> list[list[int]]:
    """Who lives after the first step from each of eight populations, by places before."""
    rng = seeded(variant, 7)
    return [asked(ask, population(rng, 4 + k), rng, 40).places for k in range(8)]


def _require(birth: Birth) -> None:
    """The child was paid for and stands at the end; the others moved up by one."""
    if len(birth.paid) != 1 or birth.measured != 1:
        old = {trial.arch for trial in birth.before}
        again = any(trial.arch in old for trial in birth.paid)
        known = AGAIN if again else FREE if not birth.paid else None
        raise Wrong(
            f"{len(birth.paid)} questions were paid for, {birth.measured} values measured, "
            "expected one of each",
            known,
        )
    if list(birth.after) != [*birth.before[1:], *birth.paid]:
        values = [round(trial.value, 3) for trial in birth.before]
        after = ["the child" if p < 0 else values[p] for p in birth.places]
        raise Wrong(
            f"values {values}, oldest first: after the step {after}, expected "
            f"{[*values[1:], 'the child']}"
        )


def one_is_born(ask: Ask, variant: int) -> None:
    """The oldest dies, be it best, worst or the only one; the child comes last, a twin perhaps."""
    rng = seeded(variant)
    for size in (1, 2, 5, 8 + variant % 4):
        for low in (0.0, -3.0):
            _require(asked(ask, population(rng, size, low=low), rng, 3))
    living = sorted(population(rng, 6), key=lambda trial: trial.value)
    for aged in (living, living[::-1], crowded(rng)):
        _require(asked(ask, aged, rng, 99 if len(aged) > 9 else 2))


def one_decision(ask: Ask, variant: int) -> None:
    """The child differs from one who lives in one decision; every decision has its turn."""
    rng, counts = seeded(variant, 1), [0] * len(SPACE.choices)
    for _ in range(40):
        living = population(rng, 5)
        for _ in range(8):
            birth = asked(ask, living, rng, 2)
            if birth.child not in SPACE:
                raise Wrong(f"the child {birth.child} is no architecture of the space", DECISIONS)
            nearest = min(living, key=lambda trial: distance(trial.arch, birth.child)).arch
            if (apart := distance(nearest, birth.child)) != 1:
                raise Wrong(
                    f"the child {birth.child} differs in {apart} decisions from the nearest who "
                    f"lives, {nearest}",
                    DECISIONS,
                )
            (place,) = [i for i, choice in enumerate(nearest) if choice != birth.child[i]]
            counts[place] += 1
    open_ = torch.tensor([float(count > 1) for count in SPACE.choices])
    if not fits(torch.tensor(counts), open_ / open_.sum()):
        raise Wrong(
            f"in {sum(counts)} births decisions 0 to {len(counts) - 1} were changed {counts} times;"
            f" they have {SPACE.choices} choices, and where there are several all are as likely"
        )


def tournament(ask: Ask, variant: int) -> None:
    """How often each wins is what drawing with replacement makes it: for a single contestant, with
    negative values and ties, and with more contestants than there are candidates."""
    rng = seeded(variant, 2)
    trials = ((5, 2, 0.0, 0), (6, 4, -5.0, 0), (3, 5, -0.5, 0), (6, 3, 0.0, 3), (4, 1, 0.0, 0))
    for size, k, low, levels in trials:
        living = population(rng, size, low=low, levels=levels)
        found = lumped(wins(ask, living, rng, k, BIRTHS), living)
        if fits(found, lumped(with_replacement(size, k), living)) and found.sum() == BIRTHS:
            continue
        best = torch.eye(size, dtype=torch.float64)[-1]
        known = WHOLE if fits(found, lumped(best, living)) and found[-1] else None
        if k <= size and fits(found, lumped(without_replacement(size, k), living)):
            known = NO_REPLACEMENT
        expected = lumped(with_replacement(size, k), living)
        raise Wrong(told_parents(found, expected, k, size), known)


def whole_evolution(ask: Ask, variant: int) -> None:
    """Forty steps, one after the other: the same each time, and in the end all are children."""
    rng = seeded(variant, 3)
    living: list[Trial] = population(rng, 7)
    for _ in range(40):
        birth = asked(ask, living, rng, 3)
        _require(birth)
        if not birth.parents:
            raise Wrong("in a whole evolution: the child has no parent among those who live")
        living = list(birth.after)


def budget(ask: Ask, variant: int) -> None:
    """Where the oracle does not pay the child, it says so, and that ends the search."""
    rng = seeded(variant, 4)
    oracle = Oracle(Measured(), 1)
    oracle(SPACE.sample(rng))
    try:
        ask(population(rng, 5), SPACE, oracle, rng, tournament=3)
    except StudentError as error:
        if isinstance(error.error, BudgetExhausted):
            return
        raise
    raise Wrong(
        "the budget is spent, and the step goes on: let the oracle's BudgetExhausted pass; the "
        "loop around the step has `with oracle:`"
    )


def draws_from_rng(ask: Ask, variant: int) -> None:
    """The same rng gives the same children, another rng others; nothing else has a say."""
    living = population(seeded(variant, 5), 6)

    def children(rng: Generator) -> Tensor:
        return torch.tensor([asked(ask, living, rng, 2).child for _ in range(12)])

    only_rng(children, "children")


evolution_step = Exercise(
    lab="lab05_random_search",
    name="evolution_step",
    section=sections.EVOLUTION,
    library=("course_lib.nas.evolution:evolution_step",),
    laws={
        "one is born, the oldest dies": one_is_born,
        "the child differs in one decision": one_decision,
        "the best of a tournament is the parent": tournament,
        "a whole evolution": whole_evolution,
        "a spent budget ends it": budget,
        "all draws come from rng": draws_from_rng,
        "the population stays as it is": untouched,
    },
    mistakes=MISTAKES,
    probe=probe,
    hints=(
        "Four lines: draw the contestants, choose the parent, ask about its child, return the new "
        "list.",
        "torch.randint(len(living), (tournament,), generator=rng).tolist() draws places with "
        "replacement; max(..., key=lambda trial: trial.value) chooses among the trials there.",
        "The child is oracle(space.mutate(parent.arch, rng)), a trial like the others. The oldest "
        "stands first: living[1:] are those who stay.",
    ),
    basic="one is born, the oldest dies",
)
