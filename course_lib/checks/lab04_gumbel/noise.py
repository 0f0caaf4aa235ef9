"""Right noise, for the mistakes that go wrong elsewhere."""

from collections.abc import Sequence

import torch
from torch import Generator, Tensor


def uniform(shape: Sequence[int], rng: Generator) -> Tensor:
    """u in (0, 1), float64."""
    return torch.rand(tuple(shape), generator=rng, dtype=torch.float64).clamp(min=1e-300)


def gumbel(shape: Sequence[int], rng: Generator) -> Tensor:
    """-log(-log(u)), float64."""
    return -(-uniform(shape, rng).log()).log()
