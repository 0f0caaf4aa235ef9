"""A policy over a few strings whose every probability is known by enumeration."""

import math
from itertools import pairwise

import torch
from torch import Generator, Tensor, nn

from course_lib.core import Arch, Space
from course_lib.nas.policy import tokens_before


class TablePolicy(nn.Module):
    """Steps like a controller, but each prefix has a row of logits of its own.

    p(a_1, ..., a_n) = prod_i softmax(table_i[a_1, ..., a_{i-1}])[a_i].  The state is the prefix,
    so a sampler that does not hand on state and token gets other probabilities.
    size: the logits' largest. calls: (previous, state) of every step since it was last cleared.
    """

    def __init__(self, space: Space, rng: Generator, *, size: float = 0.75) -> None:
        super().__init__()
        self.space = space
        self.choices, self.stop = space.choices, space.stop
        self.calls: list[tuple[Tensor | None, Tensor]] = []
        sizes = [1]
        for count in self.choices[:-1]:
            sizes.append(sizes[-1] * count)
        self.tables = nn.ParameterList(
            size * (2 * torch.rand(rows, count, generator=rng, dtype=torch.float64) - 1)
            for rows, count in zip(sizes, self.choices, strict=True)
        )

    def decide(self) -> None:
        """Raise all logits by 1000, which changes no probability, and make the second decision
        certain: its first choice is 800 ahead."""
        with torch.no_grad():
            for table in self.tables:
                table += 1000.0
            self.tables[1][:, 0] += 800.0

    def start(self, batch: int) -> Tensor:
        """The state before the first token: the number of the empty prefix, (batch,)."""
        return torch.zeros(batch, dtype=torch.int64)

    def step(self, position: int, previous: Tensor | None, state: Tensor) -> tuple[Tensor, Tensor]:
        """Logits (batch, choices[position]), and the number of the prefix that they belong to."""
        self.calls.append((previous, state))
        if position > 0:
            previous = tokens_before(position, previous, len(state))
            state = state * self.choices[position - 1] + previous
        return self.tables[position][state], state

    def handed_on(self, tokens: Tensor) -> bool:
        """Whether every step in `calls` was given the tokens (batch, decisions) and the state of
        the step before; True as well where the batch was not drawn in one go."""
        if len(self.calls) != len(self.choices):
            return True
        prefix = torch.zeros(len(tokens), dtype=torch.int64)
        for position, (previous, state) in enumerate(self.calls[1:], start=1):
            right = tokens[:, position - 1]
            if previous is None or not (
                torch.equal(previous, right) and torch.equal(state, prefix)
            ):
                return False
            prefix = prefix * self.choices[position - 1] + right
        return True

    def conditionals(self, arch: Arch) -> list[Tensor]:
        """log p(. | prefix) of every decision that is open: none after a stop."""
        rows, prefix = [], 0
        for position, count in enumerate(self.choices):
            rows.append(self.tables[position][prefix].log_softmax(0))
            if arch[position] == self.stop:
                break
            prefix = prefix * count + arch[position]
        return rows

    def log_prob(self, arch: Arch) -> Tensor:
        """log p(arch)."""
        rows = self.conditionals(arch)
        return torch.stack([row[choice] for row, choice in zip(rows, arch, strict=False)]).sum()

    def entropy(self, arch: Arch) -> Tensor:
        """Sum over the decisions of arch of the entropy that its prefix leaves, in nats."""
        return torch.stack([-(row.exp() * row).sum() for row in self.conditionals(arch)]).sum()

    def even(self, arch: Arch) -> float:
        """The probability of arch where every choice is as likely as the others."""
        return math.prod(1 / len(row) for row in self.conditionals(arch))


def padded(arch: Arch, stop: int | None) -> bool:
    """Whether only stops follow the first stop."""
    return all(later == stop for before, later in pairwise(arch) if before == stop)
