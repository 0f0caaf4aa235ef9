"""What chains cost that nobody has to build, for questions about budgets and episodes."""

import math
from collections.abc import Sequence

import torch
from torch import Generator


class Costs:
    """area * inputs * outputs of every layer, and of the classifier, which comes last.

    channels: the full counts, all multiples of `multiple`. steps: outputs count in steps of so
    many, as on a device that computes in blocks; 1: each counts.
    """

    def __init__(self, rng: Generator, layers: int, *, multiple: int = 1, steps: int = 1) -> None:
        drawn = torch.randint(3, 9, (layers,), generator=rng).tolist()
        self.channels = [int(n) * multiple if multiple > 1 else 3 * int(n) - 2 for n in drawn]
        falling = [400 // 2 ** min(i, 5) for i in range(layers)]
        noise = torch.randint(1, 60, (layers,), generator=rng).tolist()
        self.areas = [area + int(more) for area, more in zip(falling, noise, strict=True)]
        self.steps = steps

    def each(self, counts: Sequence[int]) -> list[int]:
        """What `macs(counts)` gives where it is a list: layers + 1 numbers."""
        if len(counts) != len(self.channels):
            raise ValueError(
                f"macs(counts) expects one count for each of the {len(self.channels)} layers, "
                f"got {len(counts)}"
            )
        outputs = [self.steps * math.ceil(n / self.steps) for n in counts]
        inputs = [3, *outputs]
        costs = [a * n * m for a, n, m in zip(self.areas, inputs, outputs, strict=False)]
        return [*costs, 10 * inputs[-1]]

    def total(self, counts: Sequence[int]) -> int:
        """What `macs(counts)` gives where it is one number."""
        return sum(self.each(counts))

    def least(self, lowest: float, multiple: int) -> list[int]:
        """Every layer's least count."""
        return [
            next(n for n in range(multiple, full + 1, multiple) if n >= lowest * full)
            for full in self.channels
        ]
