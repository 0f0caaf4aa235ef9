"""Numbers that can be multiplied by a fraction and divided again without losing a bit."""

import math
from typing import NamedTuple

import torch
from torch import Tensor

POINT = 2.0**52
"""Fixed-point numbers are int64 in units of 1 / POINT."""
LIMIT = 1024.0
"""Beyond this, in absolute value, a fixed-point number might leave its 64 bits."""
_SHIFT = 16
_PARTS = 1 << _SHIFT
_WORD_BITS = 32
_WORD = 1 << _WORD_BITS


class Ratio(NamedTuple):
    """The fraction parts / 2^16 strictly between 0 and 1."""

    parts: int

    def __float__(self) -> float:
        return self.parts / _PARTS


def ratio(momentum: float) -> Ratio:
    """The nearest fraction with the denominator 2^16; ValueError unless it is between 0 and 1."""
    parts = round(momentum * _PARTS) if math.isfinite(momentum) else 0
    if not 0 < parts < _PARTS:
        raise ValueError(
            f"momentum must be strictly between 0 and 1, in steps of 2^-16, got {momentum}: at 0 "
            "a step forgets the whole velocity, at 1 it never looks at the gradient"
        )
    return Ratio(parts)


def to_fixed(values: Tensor, what: str) -> Tensor:
    """int64, to the nearest unit; ValueError where values are too large for that, or no numbers.

    what: what is spoken of, such as "the weights at step 3".
    """
    worst = float(values.abs().max()) if values.numel() else 0.0
    if not math.isfinite(worst):
        raise ValueError(f"{what} are not finite: training diverged, smaller rates may help")
    if worst >= LIMIT:
        raise ValueError(
            f"fixed-point overflow: {what} reach {worst:.4g} in absolute value, the limit is "
            f"{LIMIT:g}; smaller learning rates, or a loss on a smaller scale, may help"
        )
    return (values.double() * POINT).round().long()


def to_float(fixed: Tensor, dtype: torch.dtype = torch.float64) -> Tensor:
    return (fixed.double() / POINT).to(dtype)


class Buffer:
    """What multiplications by fractions below 1 push out of numbers: for each number an integer.

    A number c times n/d has fewer digits than c needs. The lost ones go into an integer i, and what
    the result cannot say is filled with digits of i:

        i <- i d + (c mod d),   c <- (c // d) n + (i mod n),   i <- i // n.

    This is one to one, and is undone by the same lines with n and d exchanged. A step makes i
    longer by log2(d / n) bits. i is an int64, `top`; before one could overflow, the low 32 bits of
    all of them move to `words`.
    Source: Maclaurin et al. 2015, algorithm 3.
    """

    def __init__(self, numbers: int) -> None:
        self.top = torch.zeros(numbers, dtype=torch.int64)
        self.words: list[Tensor] = []
        self._moved: list[int] = []  # after how many multiplications
        self._count = 0

    def multiply(self, c: Tensor, by: Ratio) -> Tensor:
        """c n/d, with its last 16 bits taken from the buffer."""
        if int(self.top.max()) >> 62 - _SHIFT:
            self.words.append(((self.top & _WORD - 1) - _WORD // 2).to(torch.int32))
            self.top = self.top >> _WORD_BITS
            self._moved.append(self._count)
        self._count += 1
        i = (self.top << _SHIFT) + (c & _PARTS - 1)
        self.top = i // by.parts
        return (c >> _SHIFT) * by.parts + (i - self.top * by.parts)

    def undo(self, c: Tensor, by: Ratio) -> Tensor:
        """The number that `multiply(number, by)` made c of; ValueError if there was none."""
        if not self._count:
            raise ValueError("nothing to undo: as many multiplications were undone as there were")
        quotient = torch.div(c, by.parts, rounding_mode="floor")
        i = self.top * by.parts + (c - quotient * by.parts)
        self.top = i >> _SHIFT
        self._count -= 1
        if self._moved and self._moved[-1] == self._count:
            self._moved.pop()
            self.top = (self.top << _WORD_BITS) + (self.words.pop().long() + _WORD // 2)
        return (quotient << _SHIFT) + (i & _PARTS - 1)

    @property
    def empty(self) -> bool:
        """Whether nothing is left in it, as at the start."""
        return not self._count and not self.top.any()

    @property
    def bits(self) -> float:
        """The length of the longest integer: bits that every number's integer would fit in."""
        return _WORD_BITS * len(self.words) + math.log2(int(self.top.max()) + 1)

    @property
    def nbytes(self) -> int:
        """Bytes that are allocated for all integers."""
        return self.top.nbytes + sum(word.nbytes for word in self.words)
