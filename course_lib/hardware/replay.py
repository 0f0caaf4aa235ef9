"""What an agent remembers: the last transitions."""

from typing import NamedTuple

import torch
from torch import Generator, Tensor


class Batch(NamedTuple):
    """n transitions: state (n, d), action (n, 1), reward (n,), next_state (n, d), done (n,)."""

    state: Tensor
    action: Tensor
    reward: Tensor
    next_state: Tensor
    done: Tensor


class Memory:
    """The last `capacity` transitions, from which batches are drawn with replacement."""

    def __init__(self, capacity: int) -> None:
        if capacity < 1:
            raise ValueError(f"a memory needs room for one transition or more, got {capacity}")
        self.capacity = capacity
        self._kept: Batch | None = None

    def __len__(self) -> int:
        return 0 if self._kept is None else len(self._kept.reward)

    def add(self, new: Batch) -> None:
        """Remember these as well, and forget the oldest beyond the capacity."""
        old = (part[:0] for part in new) if self._kept is None else self._kept
        both = (torch.cat([a, b])[-self.capacity :] for a, b in zip(old, new, strict=True))
        self._kept = Batch(*both)

    def draw(self, count: int, rng: Generator) -> Batch:
        """`count` transitions; ValueError while there is none."""
        if self._kept is None:
            raise ValueError("the memory is empty: add an episode before drawing from it")
        rows = torch.randint(len(self), (count,), generator=rng)
        return Batch(*(part[rows] for part in self._kept))
