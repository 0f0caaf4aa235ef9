# %%
from collections.abc import Sequence

import numpy as np
import torch

from course_lib.core import Oracle, Space, Trial


# %%
def promoted(values: Sequence[float], *, eta: int) -> list[int]:
    """x"""
    order = sorted(range(len(values)), key=lambda i: values[i], reverse=True)
    return order[: max(1, len(values) // eta)]


# %%
def evolution_step(
    living: list[Trial], space: Space, oracle: Oracle, rng: torch.Generator, *, tournament: int = 10
) -> list[Trial]:
    """x"""
    drawn = torch.randint(len(living), (tournament,), generator=rng).tolist()
    parent = max((living[i] for i in drawn), key=lambda trial: trial.value)
    child = oracle(space.mutate(parent.arch, rng))
    return [*living[1:], child]


# %%
def bootstrap_difference(
    first: Sequence[float],
    second: Sequence[float],
    rng: torch.Generator,
    *,
    level: float = 0.95,
    resamples: int = 2000,
) -> tuple[float, float]:
    """x"""
    one, two = np.asarray(first), np.asarray(second)
    places = torch.randint(len(one), (resamples, len(one)), generator=rng).numpy()
    others = torch.randint(len(two), (resamples, len(two)), generator=rng).numpy()
    differences = one[places].mean(1) - two[others].mean(1)
    tail = (1 - level) / 2
    low, high = np.quantile(differences, [tail, 1 - tail])
    return low, high


# %%
import math

import numpy as np


def asha_decision(rungs, promoted, *, eta):
    """What a free worker trains next: (candidate, rung), or None, a new candidate in rung 0."""
    ### BEGIN SOLUTION
    for k in reversed(range(len(rungs) - 1)):
        ranked = sorted(rungs[k], key=lambda candidate: (-rungs[k][candidate], candidate))
        for candidate in ranked[: len(rungs[k]) // eta]:
            if candidate not in promoted[k]:
                return candidate, k + 1
    return None
    ### END SOLUTION


def expected_best(values, n, *, replace=True):
    """The mean of the best of n draws from `values`, without drawing."""
    ### BEGIN SOLUTION
    ranked = np.sort(np.asarray(values, dtype=float))
    size = len(ranked)
    if not replace and n > size:
        raise ValueError(f"{n} values cannot be drawn from {size} without replacement")
    if replace:
        below = [(i / size) ** n for i in range(size + 1)]
    else:
        below = [math.comb(i, n) / math.comb(size, n) for i in range(size + 1)]
    return float(ranked @ np.diff(below))
    ### END SOLUTION


def predecessors(graph):
    """The inputs of each node, and last those of the output."""
    ### BEGIN SOLUTION
    nodes = range(len(graph))
    if isolated := [node for node in nodes if not graph[node]]:
        raise ValueError(f"nothing would pass through the isolated nodes {isolated}")
    inputs = [[other for other in sorted(graph[node]) if other < node] for node in nodes]
    output = [node for node in nodes if not any(other > node for other in graph[node])]
    return [*(read or [-1] for read in inputs), output]
    ### END SOLUTION
