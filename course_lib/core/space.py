"""A search space: a finite list of decisions, each with a finite number of choices."""

import math
from collections.abc import Iterator, Sequence
from itertools import takewhile
from typing import Any

import torch
from torch import Generator

from course_lib.core.rng import randint
from course_lib.core.trial import Arch


class Space:
    """All tuples (a_1, ..., a_n) with 0 <= a_i < choices[i].

    choices: the number of choices of each decision, all at least 1.
    stop: a choice that ends the string, for strings of varying length. After a stop only stops
        follow (padding), so that every string has one encoding.

    Subclasses give an architecture a face (`describe`, `parse`) and a network (`build`).
    """

    def __init__(self, choices: Sequence[int], *, stop: int | None = None) -> None:
        self.choices = tuple(int(count) for count in choices)
        self.stop = stop
        if not self.choices or min(self.choices) < 1:
            raise ValueError(
                f"choices must be one or more counts >= 1, one per decision, got {list(choices)}"
            )
        if stop is not None and not 0 <= stop < min(self.choices):
            raise ValueError(f"stop must be a choice of every decision, got {stop}")

    @property
    def size(self) -> int:
        """The number of architectures."""
        if self.stop is None:
            return math.prod(self.choices)
        count = 1
        for choices in reversed(self.choices):
            count = 1 + (choices - 1) * count
        return count

    def __iter__(self) -> Iterator[Arch]:
        """All architectures, in lexicographic order."""
        yield from self._extend(())

    def _extend(self, prefix: Arch) -> Iterator[Arch]:
        if len(prefix) == len(self.choices):
            yield prefix
        elif self.stop is not None and prefix and prefix[-1] == self.stop:
            yield self._pad(prefix)
        else:
            for choice in range(self.choices[len(prefix)]):
                yield from self._extend((*prefix, choice))

    def __contains__(self, arch: object) -> bool:
        return self._complaint(arch) is None

    def validate(self, arch: Any) -> Arch:
        """The architecture itself; ValueError says what is wrong with one outside the space."""
        complaint = self._complaint(arch)
        if complaint:
            raise ValueError(f"{arch!r} is not an architecture of this space: {complaint}")
        return arch  # type: ignore[no-any-return]

    def _complaint(self, arch: object) -> str | None:
        if not isinstance(arch, tuple) or len(arch) != len(self.choices):
            return f"expected a tuple of {len(self.choices)} choice indices"
        for position, (choice, count) in enumerate(zip(arch, self.choices, strict=True)):
            if type(choice) is not int or not 0 <= choice < count:
                return (
                    f"decision {position} is {choice!r}, expected an integer from 0 to {count - 1}"
                )
        if arch != self._pad(arch):
            return f"after a stop ({self.stop}) only stops may follow"
        return None

    def _pad(self, arch: Arch) -> Arch:
        """Everything after the first stop becomes stop; missing decisions are filled with it."""
        if self.stop is None or self.stop not in arch:
            return arch
        body = tuple(takewhile(lambda choice: choice != self.stop, arch))
        return body + (self.stop,) * (len(self.choices) - len(body))

    def sample(self, rng: Generator) -> Arch:
        """Draw every decision uniformly (without a stop: uniform over the space)."""
        draws = torch.rand(len(self.choices), generator=rng).tolist()
        return self._pad(
            tuple(int(draw * count) for draw, count in zip(draws, self.choices, strict=True))
        )

    def mutate(self, arch: Arch, rng: Generator) -> Arch:
        """Redraw one decision, chosen uniformly among those with a choice, to another value."""
        open_decisions = self._open_decisions(arch)
        if not open_decisions:
            raise ValueError("the space has a single architecture: there is nothing to mutate")
        position = open_decisions[randint(rng, len(open_decisions))]
        shift = 1 + randint(rng, self.choices[position] - 1)
        return self._with(arch, position, (arch[position] + shift) % self.choices[position])

    def mutation_probability(self, arch: Arch, other: Arch) -> float:
        """The probability that `mutate(arch, rng)` gives `other`.

        Without a stop it is the same both ways; with one, cutting a string short is easy and
        growing it back to the same string in one step is not.
        """
        open_decisions = self._open_decisions(arch)
        return sum(
            1 / (len(open_decisions) * (self.choices[position] - 1))
            for position in open_decisions
            for choice in range(self.choices[position])
            if choice != arch[position] and self._with(arch, position, choice) == other
        )

    def neighbours(self, arch: Arch) -> list[Arch]:
        """All architectures that differ from `arch` in one decision."""
        return [
            self._with(arch, position, choice)
            for position in self._open_decisions(arch)
            for choice in range(self.choices[position])
            if choice != arch[position]
        ]

    def _open_decisions(self, arch: Arch) -> list[int]:
        self.validate(arch)
        ended = arch.index(self.stop) if self.stop in arch else len(arch)
        return [i for i, count in enumerate(self.choices) if count > 1 and i <= ended]

    def _with(self, arch: Arch, position: int, choice: int) -> Arch:
        return self._pad((*arch[:position], choice, *arch[position + 1 :]))

    def describe(self, arch: Arch) -> str:
        """The architecture in words; here simply its choices."""
        return "-".join(map(str, self.validate(arch)))
