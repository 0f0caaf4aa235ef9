"""Randomness is an argument: every draw takes a generator, the global seed is never touched."""

from collections.abc import Iterator
from contextlib import contextmanager

import torch
from torch import Generator


def make_rng(seed: int) -> Generator:
    """A generator of its own, started from `seed`; same seed, same draws."""
    return torch.Generator().manual_seed(seed)


def randint(rng: Generator, high: int) -> int:
    """One integer drawn uniformly from 0, ..., high - 1."""
    return int(torch.randint(high, (), generator=rng).item())


def uniform(rng: Generator) -> float:
    """One number drawn uniformly from [0, 1)."""
    return float(torch.rand((), generator=rng, dtype=torch.float64))


@contextmanager
def module_rng(rng: Generator) -> Iterator[None]:
    """Let modules initialise themselves from `rng`, then restore the global generator.

    `nn.Linear` and its kin draw from torch's global generator and take no other.
    """
    seed = randint(rng, 2**31)
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        yield
