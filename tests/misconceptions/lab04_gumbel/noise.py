"""Noise that answers of lab 04 are written with, right and wrong."""

import torch
from torch import Tensor


def rand(shape, rng):
    return torch.rand(tuple(shape), generator=rng, dtype=torch.float64).clamp(min=1e-300)


def gumbel(shape, rng) -> Tensor:
    return -(-rand(shape, rng).log()).log()
