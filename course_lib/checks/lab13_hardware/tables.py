"""Devices whose latency is known for every architecture, and how often they were asked."""

from collections import Counter
from itertools import pairwise, product
from typing import Any

import torch
from torch import Generator, Tensor

from course_lib.core import Arch


class Device:
    """Latency = fixed + the sum of what each choice takes + bent * pairs of neighbours.

    bent: 0, an additive device; otherwise what two neighbours take together is more, or less.
    unit: how large latencies are, about.
    """

    def __init__(
        self, rng: Generator, positions: int, choices: int, *, bent: float = 0.0, unit: float = 1.0
    ) -> None:
        def drawn(*shape: int) -> Tensor:
            return torch.rand(*shape, generator=rng, dtype=torch.float64)

        self.positions, self.choices, self.unit = positions, choices, unit
        self._fixed = unit * (3 + float(drawn(1)))
        self._own = unit * (2 * drawn(positions, choices) - 0.3)
        pairs = max(positions - 1, 0)
        self._pairs = unit * bent * (2 * drawn(pairs, choices, choices) - 1)
        self.asked = Counter[Arch]()

    def __call__(self, arch: Any) -> float:
        """The latency; asked from a student's function."""
        whole = isinstance(arch, tuple) and all(type(c) is int for c in arch)
        if not whole or len(arch) != self.positions:
            expected = f"a tuple of {self.positions} integers"
            raise TypeError(f"latency(arch) expects {expected}, got {arch!r}")
        if not all(0 <= choice < self.choices for choice in arch):
            raise ValueError(f"{arch} has a choice outside 0 to {self.choices - 1}")
        self.asked[arch] += 1
        return self.of(arch)

    def of(self, arch: Arch) -> float:
        """The latency, for a law."""
        own = sum(float(self._own[p, c]) for p, c in enumerate(arch))
        pairs = pairwise(arch)
        return (
            self._fixed + own + sum(float(self._pairs[p, a, b]) for p, (a, b) in enumerate(pairs))
        )

    def table(self, reference: Arch) -> tuple[float, Tensor]:
        """(base, cost) around this reference."""
        base = self.of(reference)
        rows = [
            [self.of((*reference[:p], c, *reference[p + 1 :])) - base for c in range(self.choices)]
            for p in range(self.positions)
        ]
        return base, torch.tensor(rows, dtype=torch.float64)

    def everything(self) -> list[Arch]:
        """All architectures."""
        return list(product(range(self.choices), repeat=self.positions))


def sample(rng: Generator, positions: int, choices: int) -> Arch:
    """An architecture that is not all zeros, unless there are no others."""
    drawn: list[int] = torch.randint(choices, (positions,), generator=rng).tolist()
    if not any(drawn) and choices > 1:
        drawn[-1] = 1
    return tuple(drawn)
