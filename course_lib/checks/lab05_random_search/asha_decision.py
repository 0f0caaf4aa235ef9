"""`asha_decision`: on histories large and small, what counting who is better says."""

from collections.abc import Callable, Mapping, Sequence, Set
from functools import partial
from typing import Any

from course_lib.checks.ask import Ask
from course_lib.checks.engine import Exercise
from course_lib.checks.lab05_random_search import sections
from course_lib.checks.lab05_random_search.rungs import Decision, History, drawn, run
from course_lib.checks.values import integer, tuple_of
from course_lib.checks.variants import seeded
from course_lib.checks.wrong import Wrong
from course_lib.checks.wrong import mistake as named

Rung = Mapping[int, float]
Chosen = Callable[[Rung, Set[int], int], Sequence[int]]


def _best_first(rung: Rung) -> list[int]:
    return sorted(rung, key=lambda candidate: (-rung[candidate], candidate))


def _due(rung: Rung, gone: Set[int], eta: int) -> list[int]:
    """Who may be promoted out of a rung, the best first."""
    return [c for c in _best_first(rung)[: len(rung) // eta] if c not in gone]


def _decision(
    due: Chosen = _due,
    order: Callable[[int], Sequence[int]] = lambda top: range(top - 1, -1, -1),
    step: int = 1,
    full: Callable[[History, int], bool] = lambda history, k: True,
    after: Callable[[Any, int, int], object] = lambda promoted, k, candidate: None,
) -> Callable[..., Decision]:
    """A decision with one part exchanged."""

    def asha_decision(rungs: Any, promoted: Any, *, eta: int) -> Decision:
        for k in order(len(rungs) - 1):
            candidates = due(rungs[k], promoted[k], eta)
            if candidates and full(History(rungs, promoted, eta), k):
                after(promoted, k, candidates[0])
                return candidates[0], k + step
        return None

    return asha_decision


def _unpromoted(quota: Callable[[int, int, int], int]) -> Chosen:
    """Among those not yet promoted, the best quota(finished, promoted, eta)."""

    def due(rung: Rung, gone: Set[int], eta: int) -> list[int]:
        left = [c for c in _best_first(rung) if c not in gone]
        return left[: max(0, quota(len(rung), len(gone), eta))]

    return due


def _quota(size: Callable[[int, int], int]) -> Chosen:
    return lambda rung, gone, eta: [
        c for c in _best_first(rung)[: size(len(rung), eta)] if c not in gone
    ]


mistake = partial(named, part="decisions")
MISTAKES = (
    mistake(
        "a promotion is counted twice",
        "Whoever was promoted stays in the rung below, and must not be promoted out of it again.",
        _decision(due=lambda rung, gone, eta: _best_first(rung)[: len(rung) // eta]),
    ),
    mistake(
        "who goes up is not among the best floor(n / eta) of all",
        "Rank all n that finished in the rung, promoted or not, and take the best floor(n / eta): "
        "whoever of these was not promoted yet may go up, and nobody else.",
        _decision(due=_unpromoted(lambda n, gone, eta: n // eta)),
        _decision(due=_unpromoted(lambda n, gone, eta: (n - gone) // eta)),
        _decision(due=_unpromoted(lambda n, gone, eta: n // eta - gone)),
    ),
    mistake(
        "the lowest rung is asked first",
        "Begin below the top and go down: a candidate that has come far is finished first.",
        _decision(order=range),
    ),
    mistake(
        "the rung is waited for",
        "Asynchronous means that nobody waits: what has finished by now decides, however few or "
        "many are still at work.",
        _decision(full=lambda history, k: history.nobody_trains_in(k)),
        _decision(full=lambda history, k: history.bracket_is_full(k)),
        _decision(full=lambda history, k: len(history.rungs[k]) % history.eta == 0),
    ),
    mistake(
        "the quota is rounded up",
        "floor(n / eta): while fewer than eta have finished, nobody is promoted.",
        _decision(due=_quota(lambda n, eta: -(-n // eta))),
        _decision(due=_quota(lambda n, eta: max(1, n // eta))),
    ),
    mistake(
        "the lowest values go on",
        "A higher value is better: sort downwards.",
        _decision(due=lambda rung, gone, eta: _due({c: -v for c, v in rung.items()}, gone, eta)),
    ),
    mistake(
        "the rung is not the next one up",
        "Promoted out of rung k it trains next in rung k + 1; the lowest rung is 0.",
        _decision(step=0),
        _decision(step=2),
    ),
    named(
        "the decision is written into the history",
        "The function only says who is next. The caller notes the promotion when the worker "
        "starts: leave rungs and promoted as they are.",
        _decision(after=lambda promoted, k, candidate: promoted[k].add(candidate)),
        part="promoted",
    ),
)


def asked(ask: Ask, history: History) -> Decision:
    """The answer as None or as a pair of integers, given a copy of the history."""
    rungs, promoted = history.copied()
    return decision_of(ask(rungs, promoted, eta=history.eta))


def decision_of(answer: Any) -> Decision:
    if answer is None:
        return None
    names = ("candidate", "rung")
    try:
        entries = tuple_of(answer, *names)
    except Wrong as wrong:
        raise Wrong(f"{wrong.said}, or None for a new candidate") from wrong
    if entries[0] is None:
        raise Wrong(f"the answer is {entries!r}; a new candidate is said by None alone")
    candidate, rung = map(integer, entries, names)
    return candidate, rung


def probe(ask: Ask, variant: int) -> dict[str, Any]:
    """The decisions on sixty histories without ties, and what is then noted as promoted."""
    rng = seeded(variant, 7)
    told: dict[str, Any] = {"decisions": [], "promoted": []}
    for number in range(60):
        rungs, promoted = drawn(rng, 2 + number % 3, eta=2 + number % 2).copied()
        told["decisions"].append(decision_of(ask(rungs, promoted, eta=2 + number % 2)))
        told["promoted"].append(promoted)
    return told


def _require(ask: Ask, history: History) -> None:
    found, expected = asked(ask, history), history.decision()
    if found != expected:
        why = history.objection(found)
        raise Wrong(f"{history.story(found)}; expected {expected}, got {found}: {why}")


def best_goes_on(ask: Ask, variant: int) -> None:
    """Two rungs, nobody promoted: the best of at least eta goes on, with fewer nobody does."""
    rng = seeded(variant)
    for eta in (2, 3, 4):
        for finished in (0, 1, eta - 1, eta, eta + 1, 2 * eta, 3 * eta + 1):
            _require(ask, drawn(rng, 2, eta=eta, finished=finished, share=0.0))


def quota(ask: Ask, variant: int) -> None:
    """Two rungs, some promoted: the best floor(n / eta) of all that finished, less those."""
    rng = seeded(variant, 1)
    for eta in (2, 3, 4):
        for finished in range(eta, 6 * eta, 2):
            for share, spread in ((0.5, 1.0), (0.9, 1e-5)):
                _require(ask, drawn(rng, 2, eta=eta, finished=finished, share=share, spread=spread))
        _require(ask, drawn(rng, 2, eta=eta, finished=2 * eta, share=1.0))


def from_the_top(ask: Ask, variant: int) -> None:
    """Up to five rungs: the highest from which somebody may go up; out of the top one nobody."""
    rng = seeded(variant, 2)
    for eta in (2, 3, 4):
        for rungs in (1, 2, 3, 4, 5):
            for _ in range(8):
                _require(ask, drawn(rng, rungs, eta=eta, finished=20))


def ties(ask: Ask, variant: int) -> None:
    """Of equal values the smaller candidate's is better, whichever finished first."""
    rng = seeded(variant, 3)
    for number in range(30):
        history = drawn(rng, 2, eta=2 + number % 3, finished=12, levels=1 + number % 4)
        _require(ask, history)


def whole_run(ask: Ask, variant: int) -> None:
    """Five workers, some of them slow: asked whenever one is free, from the first hour on."""
    for eta, rungs in ((2, 4), (3, 3), (4, 3)):
        run(seeded(variant, 4 + eta), eta, rungs, lambda history: _require(ask, history))


def untouched(ask: Ask, variant: int) -> None:
    """Neither rungs nor promoted are changed."""
    rng = seeded(variant, 9)
    for number in range(12):
        history = drawn(rng, 3, eta=2 + number % 2)
        given = rungs, promoted = history.copied()
        ask(rungs, promoted, eta=history.eta)
        for name, after, before in zip(("rungs", "promoted"), given, history.copied(), strict=True):
            # of a rung the order counts, too
            if repr(after) != repr(before) if name == "rungs" else after != before:
                raise Wrong(f"{name} is not the same after the call")


asha_decision = Exercise(
    lab="lab05_random_search",
    name="asha_decision",
    section=sections.ASHA,
    library=("course_lib.nas.asha:asha_decision",),
    laws={
        "the best of at least eta goes on": best_goes_on,
        "the best floor(n / eta) of all, once each": quota,
        "from the top downwards": from_the_top,
        "ties go to the smaller candidate": ties,
        "a whole run with slow workers": whole_run,
        "the history stays as it is": untouched,
    },
    mistakes=MISTAKES,
    probe=probe,
    hints=(
        "Out of which rungs can somebody be promoted at all, and which of them comes first?",
        "In one rung: sort all that finished there, promoted or not, the best first, of equal ones "
        "the smaller candidate. sorted(rung, key=lambda c: (-rung[c], c)) does both.",
        "The first len(rung) // eta of these deserve to go on. Take the first that is not in "
        "promoted[k].",
        "for k in reversed(range(len(rungs) - 1)): ... return candidate, k + 1; and None after the "
        "loop.",
    ),
    basic="the best of at least eta goes on",
)
