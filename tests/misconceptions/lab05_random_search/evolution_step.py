"""Answers to `evolution_step`."""

import random
from collections import deque
from dataclasses import replace

import numpy as np
import torch

from course_lib.core import BudgetExhausted, Trial, make_rng, randint
from course_lib.nas import search


def by_deque(living, space, oracle, rng, *, tournament=10):
    """Right: a deque that forgets its first."""
    alive = deque(living, maxlen=len(living))
    best = None
    for _ in range(tournament):
        contestant = living[randint(rng, len(living))]
        if best is None or contestant.value > best.value:
            best = contestant
    alive.append(oracle(space.mutate(best.arch, rng)))
    return list(alive)


def by_floats(living, space, oracle, rng, *, tournament=10):
    """Right: places from uniform numbers, the last of equal contestants, copies."""
    places = (torch.rand(tournament, generator=rng) * len(living)).long().tolist()
    parent = sorted((living[i] for i in places), key=lambda trial: trial.value)[-1]
    after = living.copy()
    del after[0]
    after += [oracle(space.mutate(parent.arch, rng))]
    return after


def own_mutation(living, space, oracle, rng, *, tournament=10):
    """Right: the mutation by hand, and a draw of numpy with a seed from rng."""
    draws = np.random.default_rng(randint(rng, 2**31))
    parent = living[
        max(draws.integers(len(living), size=tournament), key=lambda i: living[i].value)
    ]
    place = draws.choice([i for i, count in enumerate(space.choices) if count > 1])
    others = [c for c in range(space.choices[place]) if c != parent.arch[place]]
    child = (*parent.arch[:place], int(draws.choice(others)), *parent.arch[place + 1 :])
    return [*living[1:], oracle(child)]


def with_copies(living, space, oracle, rng, *, tournament=10):
    """Right: who stays is written anew; each contestant once, however often drawn."""
    drawn = {randint(rng, len(living)) for _ in range(tournament)}
    child = oracle(space.mutate(_best([living[i] for i in drawn]).arch, rng))
    return [replace(trial) for trial in living[1:]] + [child]


def _draw(living, rng, tournament):
    return [living[randint(rng, len(living))] for _ in range(tournament)]


def _best(trials):
    return max(trials, key=lambda trial: trial.value)


def _step(
    draw=_draw,
    best=_best,
    mutate=lambda parent, space, rng: space.mutate(parent.arch, rng),
    ask=lambda oracle, arch, parent: oracle(arch),
    after=lambda living, child, parent: [*living[1:], child],
):
    """A right step unless a part is exchanged."""

    def evolution_step(living, space, oracle, rng, *, tournament=10):
        parent = best(draw(living, rng, tournament))
        child = ask(oracle, mutate(parent, space, rng), parent)
        return after(living, child, parent)

    return evolution_step


def worst_dies(living, child, parent):
    worst = min(range(len(living)), key=lambda i: living[i].value)
    return [trial for i, trial in enumerate(living) if i != worst] + [child]


def best_survive(living, child, parent):
    """The best of all, sorted: an elitist's population."""
    return sorted([*living, child], key=lambda trial: -trial.value)[: len(living)]


def parent_dies(living, child, parent):
    place = living.index(parent)
    return [*living[:place], *living[place + 1 :], child]


def in_place(living, child, parent):
    living.append(child)
    living.pop(0)
    return living


def twice(parent, space, rng):
    return space.mutate(space.mutate(parent.arch, rng), rng)


def perhaps_the_same(parent, space, rng):
    place = randint(rng, len(space.choices))
    choice = randint(rng, space.choices[place])
    return (*parent.arch[:place], choice, *parent.arch[place + 1 :])


def every_decision(parent, space, rng):
    """Each decision is redrawn with probability 1/2."""
    new = space.sample(rng)
    return tuple(n if randint(rng, 2) else old for n, old in zip(new, parent.arch, strict=True))


def first_decision(parent, space, rng):
    choice = (parent.arch[0] + 1 + randint(rng, space.choices[0] - 1)) % space.choices[0]
    return (choice, *parent.arch[1:])


def without_replacement(living, rng, tournament):
    order = torch.randperm(len(living), generator=rng).tolist()
    return [living[i] for i in order[:tournament]]


def asks_parent_again(living, space, oracle, rng, *, tournament=10):
    parent = _best(_draw(living, rng, tournament))
    oracle(parent.arch)
    return [*living[1:], oracle(space.mutate(parent.arch, rng))]


def asks_contestants_again(living, space, oracle, rng, *, tournament=10):
    contestants = [oracle(trial.arch) for trial in _draw(living, rng, tournament)]
    return [*living[1:], oracle(space.mutate(_best(contestants).arch, rng))]


def positive_only(trials):
    """A running best that begins at 0."""
    best, parent = 0.0, trials[0]
    for trial in trials:
        if trial.value > best:
            best, parent = trial.value, trial
    return parent


def two_children(living, space, oracle, rng, *, tournament=10):
    """Both are paid for, and the better one lives."""
    parent = _best(_draw(living, rng, tournament))
    return [*living[1:], _best([oracle(space.mutate(parent.arch, rng)) for _ in range(2)])]


def swallows(living, space, oracle, rng, *, tournament=10):
    try:
        return _step()(living, space, oracle, rng, tournament=tournament)
    except BudgetExhausted:
        return list(living)


def with_oracle(living, space, oracle, rng, *, tournament=10):
    with oracle:
        return _step()(living, space, oracle, rng, tournament=tournament)
    return list(living)


AGES = []


def remembers(living, space, oracle, rng, *, tournament=10):
    """The tournament is drawn among all that ever lived."""
    AGES.extend(living)
    del AGES[:-40]
    return [*living[1:], oracle(space.mutate(_best(_draw(AGES, rng, tournament)).arch, rng))]


def calls_library(living, space, oracle, rng, *, tournament=10):
    return search.evolution_step(living, space, oracle, rng, tournament=tournament)


SHARES = "lowest value first, expected"
DIES = "the worst dies instead of the oldest"
WRONG_END = "the wrong one dies, or the child stands"
WRONG = [
    (_step(after=worst_dies), DIES),
    (_step(after=best_survive), "expected ["),
    (_step(after=parent_dies), WRONG_END),
    (_step(after=lambda living, child, parent: [child, *living[:-1]]), WRONG_END),
    (_step(after=lambda living, child, parent: [*living[:-1], child]), WRONG_END),
    (_step(after=lambda living, child, parent: [*living, child]), "one is born, one dies"),
    (_step(after=lambda living, child, parent: child), "expected a list of trials"),
    (_step(after=lambda living, child, parent: None), "`return` missing"),
    (_step(after=lambda living, child, parent: (*living[1:], child)), "type tuple"),
    (_step(after=lambda living, child, _: [*living[1:], child.arch]), "an entry of type tuple"),
    (_step(after=in_place), "the function changes its arguments"),
    (_step(mutate=twice), "exactly one decision"),
    (_step(mutate=perhaps_the_same), "exactly one decision"),
    (_step(mutate=every_decision), "exactly one decision"),
    (_step(mutate=lambda parent, space, rng: space.sample(rng)), "exactly one decision"),
    (_step(mutate=first_decision), "decisions 0 to 9 were changed"),
    (_step(draw=lambda living, rng, k: living), "over the whole population"),
    (_step(draw=without_replacement), "drawn without replacement"),
    (_step(draw=lambda living, rng, k: _draw(living, rng, 1)), SHARES),
    (_step(draw=lambda living, rng, k: living[-k:]), SHARES),
    (_step(best=lambda trials: min(trials, key=lambda trial: trial.value)), "as if the lowest"),
    (_step(best=positive_only), SHARES),
    (_step(draw=lambda living, rng, k: _draw(living, rng, 10)), SHARES),
    (
        _step(draw=lambda living, rng, k: _draw(living, rng, max(k, 2))),
        SHARES,
    ),
    (
        _step(draw=lambda living, rng, k: _draw(living[:-1] or living, rng, k)),
        SHARES,
    ),
    (asks_parent_again, "asked about again"),
    (asks_contestants_again, "asked about again"),
    (_step(ask=lambda o, arch, p: o.measure(arch)), "the child is free of charge"),
    (_step(ask=lambda o, arch, p: replace(p, arch=arch)), "the child is free of charge"),
    (_step(ask=lambda o, arch, p: Trial(arch, o(arch).value + 1)), "expected ["),
    (two_children, "2 questions were paid for"),
    (swallows, "the budget is spent"),
    (with_oracle, "the budget is spent"),
    (
        _step(draw=lambda living, rng, k: random.choices(living, k=k)),
        "the draws do not come from rng",
    ),
    (_step(draw=lambda living, _, k: _draw(living, make_rng(0), k)), SHARES),
    (remembers, "exactly one decision"),
    (calls_library, "library's function is called"),
]
RIGHT = [_step(), by_deque, by_floats, own_mutation, with_copies]
POINTLESS = (
    lambda living, space, oracle, rng, *, tournament=10: list(living),
    lambda living, space, oracle, rng, *, tournament=10: living,
)
PARTICULAR = {
    "drawn without replacement": {"the best of a tournament is the parent"},
    "over the whole population": {"the best of a tournament is the parent"},
    "the budget is spent": {"a spent budget ends it"},
    "changes its arguments": {"the population stays as it is"},
    DIES: {"one is born, the oldest dies", "a whole evolution"},
}
EQUIVALENT = {
    "line 1: torch.randint(len(living), (tournament,), generator=rng).... -> "
    "torch.randint(len(living), (tournament,), generator=rng)": "a list may be indexed by a tensor "
    "of a single integer, too"
}
