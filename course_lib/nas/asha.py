"""Asynchronous successive halving: a free worker promotes whoever deserves it by now."""

from bisect import bisect_left, insort
from collections import defaultdict
from collections.abc import Mapping, Sequence, Set
from itertools import islice


def asha_decision(
    rungs: Sequence[Mapping[int, float]], promoted: Sequence[Set[int]], *, eta: int
) -> tuple[int, int] | None:
    """What a free worker trains next: (candidate, rung), or None, a new candidate in rung 0.

    From the rung below the top one downwards: the best candidate that is among the
    floor(finished / eta) best of its rung and was not promoted out of it goes one rung up.

    rungs: of each rung, lowest first, candidate -> value of what has finished there; a higher value
        is better, of equal ones the smaller candidate.
    promoted: of each rung, who was already promoted out of it; of the top rung nobody can be.
    eta: one of so many is promoted. ValueError if it is below 2, or promoted misses a rung.
    Source: Li et al. 2020, algorithm 2.
    """
    if eta < 2:
        raise ValueError(f"eta must be at least 2 (one of eta is promoted), got {eta}")
    if len(promoted) < len(rungs) - 1:
        raise ValueError(
            f"expected who was promoted out of each of {len(rungs)} rungs, got {len(promoted)} sets"
        )
    for k in reversed(range(len(rungs) - 1)):
        best_first = sorted(sorted(rungs[k]), key=rungs[k].__getitem__, reverse=True)
        for candidate in best_first[: len(rungs[k]) // eta]:
            if candidate not in promoted[k]:
                return candidate, k + 1
    return None


class RememberedRanks:
    """`asha_decision` with a memory, for runs with many thousands of candidates.

    It sorts in what is new instead of sorting anew. One object serves one run: rungs may only grow,
    and what it decides must be done.
    """

    def __init__(self) -> None:
        self._order: dict[int, list[tuple[float, int]]] = defaultdict(list)
        self._waiting: dict[int, list[tuple[float, int]]] = defaultdict(list)

    def __call__(
        self, rungs: Sequence[dict[int, float]], promoted: Sequence[Set[int]], *, eta: int
    ) -> tuple[int, int] | None:
        for k in reversed(range(len(rungs) - 1)):
            rung, order, waiting = rungs[k], self._order[k], self._waiting[k]
            for candidate in islice(reversed(rung), len(rung) - len(order)):
                insort(order, (-rung[candidate], candidate))
                insort(waiting, (-rung[candidate], candidate))
            if waiting and bisect_left(order, waiting[0]) < len(rung) // eta:
                return waiting.pop(0)[1], k + 1
        return None
