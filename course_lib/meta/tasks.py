"""What a task is: a little to learn from, and what the learner is then asked."""

from collections.abc import Iterator
from dataclasses import dataclass

import torch
from torch import Tensor


@dataclass(frozen=True)
class Tasks:
    """Several tasks of one size, in batches: D_i = (support_i, query_i).

    support_x: (tasks, n, ...), support_y: (tasks, n, ...); query_x, query_y: (tasks, m, ...).
    Labels of a classification are int64, renumbered 0, ..., ways - 1 in every task.
    Iterating gives the four in this order, as `torch.func.vmap` wants them.
    """

    support_x: Tensor
    support_y: Tensor
    query_x: Tensor
    query_y: Tensor

    def __post_init__(self) -> None:
        counts = [len(part) for part in self]
        if len(set(counts)) > 1:
            raise ValueError(f"the four parts must hold as many tasks each, got {counts}")
        for name, x, y in (
            ("support", self.support_x, self.support_y),
            ("query", self.query_x, self.query_y),
        ):
            if x.shape[1] != y.shape[1]:
                raise ValueError(f"{name} has {x.shape[1]} inputs and {y.shape[1]} answers a task")

    def __iter__(self) -> Iterator[Tensor]:
        return iter((self.support_x, self.support_y, self.query_x, self.query_y))

    def __len__(self) -> int:
        return len(self.support_x)

    def part(self, which: Tensor | slice) -> "Tasks":
        """Some of the tasks."""
        return Tasks(*(part[which] for part in self))

    def joined(self) -> tuple[Tensor, Tensor]:
        """(x, y) of support and query in one, (tasks, n + m, ...)."""
        x = torch.cat([self.support_x, self.query_x], 1)
        return x, torch.cat([self.support_y, self.query_y], 1)
