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
