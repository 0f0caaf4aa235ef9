"""Answers to `asha_decision`."""

import heapq

import numpy as np

from course_lib.nas import asha


def by_numpy(rungs, promoted, *, eta):
    for k in range(len(rungs) - 2, -1, -1):
        names = np.array(sorted(rungs[k]), dtype=int)
        values = np.array([rungs[k][c] for c in names])
        ranked = names[np.argsort(-values, kind="stable")]
        for candidate in ranked[: int(np.floor(len(names) / eta))]:
            if int(candidate) not in promoted[k]:
                return candidate, np.int64(k + 1)
    return None


def by_heap(rungs, promoted, *, eta):
    answer = None
    for k, (rung, gone) in enumerate(zip(rungs[:-1], promoted, strict=False)):
        best = heapq.nsmallest(int(len(rung) / eta), [(-v, c) for c, v in rung.items()])
        left = [c for _, c in best if c not in gone]
        if left:
            answer = [left[0], k + 1]
    return answer


def as_array(rungs, promoted, *, eta):
    found = by_heap(rungs, promoted, eta=eta)
    return None if found is None else np.array(found)


def by_places(rungs, promoted, *, eta):
    """Counting how many are better."""
    for k in reversed(range(len(rungs) - 1)):
        rung = rungs[k]
        place = {c: sum((-w, d) < (-v, c) for d, w in rung.items()) for c, v in rung.items()}
        due = [c for c in rung if place[c] < len(rung) // eta and c not in promoted[k]]
        if due:
            return min(due, key=place.get), k + 1
    return None


def decision(
    *,
    gone=lambda candidate, promoted: candidate in promoted,
    size=lambda n, eta: n // eta,
    key=lambda rung: lambda c: (-rung[c], c),
    ranked=lambda rung, promoted: rung,
    levels=lambda top: reversed(range(top)),
    step=1,
    waits=lambda rungs, promoted, k, eta: False,
    pick=0,
    note=lambda rungs, promoted, k, candidate: None,
):
    """A right decision unless a part is exchanged."""

    def asha_decision(rungs, promoted, *, eta):
        for k in levels(len(rungs) - 1):
            if waits(rungs, promoted, k, eta):
                continue
            taken = promoted[k] if k < len(promoted) else set()
            pool = sorted(ranked(rungs[k], taken), key=key(rungs[k]))
            left = [c for c in pool[: max(0, size(len(rungs[k]), eta))] if not gone(c, taken)]
            if left:
                note(rungs, promoted, k, left[pick])
                return left[pick], k + step
        return None

    return asha_decision


def quota_shrinks(rungs, promoted, *, eta):
    for k in reversed(range(len(rungs) - 1)):
        quota = len(rungs[k]) // eta - len(promoted[k])
        left = sorted((c for c in rungs[k] if c not in promoted[k]), key=lambda c: -rungs[k][c])
        if quota > 0 and left:
            return left[0], k + 1
    return None


def quota_of_the_rest(rungs, promoted, *, eta):
    for k in reversed(range(len(rungs) - 1)):
        left = {c: v for c, v in rungs[k].items() if c not in promoted[k]}
        if len(left) >= eta:
            return max(left, key=lambda c: (left[c], -c)), k + 1
    return None


def forgets_return(rungs, promoted, *, eta):
    for k in reversed(range(len(rungs) - 1)):
        ranked = sorted(rungs[k], key=rungs[k].get, reverse=True)
        _ = [c for c in ranked[: len(rungs[k]) // eta] if c not in promoted[k]]


def calls_library(rungs, promoted, *, eta):
    return asha.asha_decision(rungs, promoted, eta=eta)


def new_one(rungs, promoted, *, eta):
    found = by_heap(rungs, promoted, eta=eta)
    return found if found else (max(rungs[0], default=-1) + 1, 0)


def none_in_rung_0(rungs, promoted, *, eta):
    return by_heap(rungs, promoted, eta=eta) or (None, 0)


def nothing_as_list(rungs, promoted, *, eta):
    return by_heap(rungs, promoted, eta=eta) or []


def who_is_above(rungs, promoted, *, eta):
    """Promoted is who has finished in the next rung, not who trains there."""
    return by_heap(rungs, [*map(set, rungs[1:]), set()], eta=eta)


def only_the_candidate(rungs, promoted, *, eta):
    found = by_heap(rungs, promoted, eta=eta)
    return found and found[0]


def gives_up(rungs, promoted, *, eta):
    """Returns None at the first rung out of which nobody can go."""
    for k in reversed(range(len(rungs) - 1)):
        left = by_places(rungs[k : k + 2], promoted[k : k + 1], eta=eta)
        return left and (left[0], k + 1)
    return None


def into_any_rung(rungs, promoted, *, eta):
    """Whoever has been promoted anywhere is skipped everywhere."""
    everywhere = set().union(*promoted)
    return by_heap(rungs, [everywhere] * len(rungs), eta=eta)


def best_over_all_rungs(rungs, promoted, *, eta):
    """The highest value of all that may go up, in whatever rung."""
    due = []
    for k in range(len(rungs) - 1):
        found = by_places([rungs[k], {}], [promoted[k]], eta=eta)
        due += [(-rungs[k][found[0]], found[0], k + 1)] if found else []
    return min(due)[1:] if due else None


def pending(rungs, promoted, k, eta):
    return k > 0 and len(rungs[k]) < len(promoted[k - 1])


def sorts_in_place(rungs, promoted, *, eta):
    found = by_heap(rungs, promoted, eta=eta)
    for rung in rungs:
        items = sorted(rung.items())
        rung.clear()
        rung.update(items)
    return found


def pops(rungs, promoted, *, eta):
    found = by_heap(rungs, promoted, eta=eta)
    rungs.pop()
    return found


def note(rungs, promoted, k, candidate):
    promoted[k].add(candidate)


def note_by_pop(rungs, promoted, k, candidate):
    promoted[k] |= {candidate}


WRONG = [
    (decision(gone=lambda candidate, promoted: False), "a promotion is counted twice"),
    (
        decision(ranked=lambda rung, promoted: [c for c in rung if c not in promoted]),
        "not among the best floor(n / eta) of all",
    ),
    (quota_shrinks, "not among the best floor(n / eta) of all"),
    (quota_of_the_rest, "not among the best floor(n / eta) of all"),
    (decision(levels=range), "the lowest rung is asked first"),
    (decision(waits=pending), "the rung is waited for"),
    (
        decision(waits=lambda rungs, promoted, k, eta: len(rungs[k]) % eta > 0),
        "the rung is waited for",
    ),
    (
        decision(waits=lambda rungs, promoted, k, eta: len(rungs[k]) < eta ** (len(rungs) - 1 - k)),
        "the rung is waited for",
    ),
    (decision(size=lambda n, eta: (n + eta - 1) // eta), "the quota is rounded up"),
    (decision(size=lambda n, eta: max(n // eta, 1)), "the quota is rounded up"),
    (decision(size=lambda n, eta: round(n / eta)), "expected"),
    (decision(size=lambda n, eta: 1), "of which 0 may go up"),
    (decision(size=lambda n, eta: min(1, n // eta)), "the best floor(n / eta) of all"),
    (decision(key=lambda rung: lambda c: (rung[c], c)), "the lowest values go on"),
    (decision(key=lambda rung: lambda c: c), "expected"),
    (decision(step=0), "the rung is not the next one up"),
    (decision(step=2), "the rung is not the next one up"),
    (decision(note=note), "the decision is written into the history"),
    (decision(note=note_by_pop), "the decision is written into the history"),
    (decision(note=lambda rungs, promoted, k, c: rungs[k].pop(c)), "not the same after the call"),
    (sorts_in_place, "rungs is not the same after the call"),
    (pops, "rungs is not the same after the call"),
    (decision(key=lambda rung: lambda c: -rung[c]), "ties go to the smaller candidate"),
    (decision(key=lambda rung: lambda c: (-rung[c], -c)), "ties go to the smaller candidate"),
    (decision(levels=lambda top: reversed(range(top + 1))), "is the top one, out of it nobody"),
    (decision(levels=lambda top: reversed(range(1, top))), "expected"),
    (decision(levels=lambda top: [top - 1] if top else []), "from the top downwards"),
    (
        decision(key=lambda rung: lambda c: (-round(rung[c], 4), c)),
        "the best floor(n / eta) of all",
    ),
    (decision(pick=-1), "is not the first of those who wait in rung 0"),
    (best_over_all_rungs, "comes before rung 0"),
    (gives_up, "from the top downwards"),
    (into_any_rung, "from the top downwards"),
    (forgets_return, "got None"),
    (new_one, "a new candidate is None"),
    (none_in_rung_0, "a new candidate is said by None alone"),
    (nothing_as_list, "or None for a new candidate"),
    (who_is_above, "was promoted out of rung 0 already"),
    (only_the_candidate, "expected the tuple (candidate, rung)"),
    (calls_library, "library's function is called"),
]
RIGHT = [by_numpy, by_heap, by_places, as_array, decision()]
POINTLESS = (
    lambda rungs, promoted, *, eta: None,
    lambda rungs, promoted, *, eta: (0, 1),
    lambda rungs, promoted, *, eta: (min(rungs[0]), 1) if len(rungs[0]) >= eta else None,
)
PARTICULAR = {
    "asked first": {"from the top downwards", "a whole run with slow workers"},
    "written into the history": {"the history stays as it is"},
    "smaller candidate": {"ties go to the smaller candidate"},
}
EQUIVALENT = {
    "line 6: return None -> (dropped)": "a function without a return gives None",
}
