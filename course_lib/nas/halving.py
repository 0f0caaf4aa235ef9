"""Successive halving: many start, the best of each rung are trained longer."""

import math
from collections.abc import Sequence
from typing import Any, Protocol

from torch import Generator

from course_lib.core import History, Oracle, Space
from course_lib.core.seam import named


class Promoted(Protocol):
    """Which of those that competed in a rung go on to the next."""

    def __call__(self, values: Sequence[float], /, *, eta: int) -> list[int]: ...


def promoted(values: Sequence[float], *, eta: int) -> list[int]:
    """Indices of the max(1, floor(n / eta)) largest of n values, best first, ties to the earlier.

    values: one or more numbers, no nan; eta at least 2, or ValueError.
    Source: Jamieson and Talwalkar 2016.
    """
    if eta < 2:
        raise ValueError(f"expected eta >= 2, got {eta}")
    if not len(values) or any(math.isnan(value) for value in values):
        raise ValueError(f"expected one or more values, none of them nan, got {values}")
    order = sorted(range(len(values)), key=lambda i: values[i], reverse=True)
    return order[: max(1, len(values) // eta)]


def successive_halving(
    space: Space,
    oracle: Oracle,
    rng: Generator,
    *,
    candidates: int = 16,
    fidelities: Sequence[int] = (1, 2, 4, 8),
    eta: int = 2,
    promote: Promoted = promoted,
) -> History:
    """Train many a little, keep the best 1/eta, train those longer; then take new candidates.

    candidates: how many start each round, drawn at random.
    fidelities: increasing (say, epochs); the oracle charges only what a promotion adds.
    eta: of n that competed, max(1, floor(n / eta)) are promoted.
    promote: who they are, from the values of a rung.
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
                values = [oracle(arch, fidelity).value for arch in rung]
                rung = [rung[i] for i in _indices(promote, promote(values, eta=eta), len(rung))]
    return oracle.history


def _indices(promote: Promoted, answer: Any, competed: int) -> list[int]:
    indices = list(answer) if isinstance(answer, list | tuple) else []
    if not indices or len(set(indices)) < len(indices) or not set(indices) <= set(range(competed)):
        raise ValueError(
            f"{named('promote', promote)} returned {answer!r}, expected a list of different "
            f"indices from 0 to {competed - 1}"
        )
    return indices
