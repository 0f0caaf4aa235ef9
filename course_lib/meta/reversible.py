"""SGD with momentum that runs backwards to the last bit."""

from collections.abc import Callable
from typing import Protocol

import torch
from torch import Tensor

from course_lib.meta.fixed_point import Buffer, Ratio, to_fixed, to_float

Gradient = Callable[[Tensor], Tensor]
"""weights (n,) -> gradient (n,); the same answer whenever it is asked for the same weights."""


class State(Protocol):
    """What training remembers between two steps; both are (n,) floats."""

    @property
    def weights(self) -> Tensor: ...
    @property
    def velocity(self) -> Tensor: ...
    def forward(self, gradient: Gradient, rate: float, momentum: Ratio) -> None: ...
    def back(self, gradient: Gradient, rate: float, momentum: Ratio) -> None: ...


class Exact:
    """Weights and velocity in fixed point: what `forward` did, `back` undoes to the last bit.

        v <- m v - (1 - m) g(w),   w <- w + r v

    The two sums are undone by differences of the same numbers, computed again. The product m v is
    undone with the bits that it lost, see `Buffer`.
    weights: (n,), of the dtype in which gradients are wanted. ValueError where a number leaves its
    64 bits or is not finite; the state is then of no more use.
    Source: Maclaurin et al. 2015, algorithms 1 to 3.
    """

    def __init__(self, weights: Tensor) -> None:
        if weights.ndim != 1 or not len(weights) or not weights.is_floating_point():
            raise ValueError(
                "weights must be one vector (n,) of floats, got shape "
                f"{tuple(weights.shape)} of {weights.dtype}; `ravel` makes one of named tensors"
            )
        self._w = to_fixed(weights, "the weights")
        self._v = torch.zeros_like(self._w)
        self.buffer = Buffer(len(self._w))
        self._dtype = weights.dtype

    @property
    def weights(self) -> Tensor:
        return to_float(self._w, self._dtype)

    @property
    def velocity(self) -> Tensor:
        return to_float(self._v, self._dtype)

    def forward(self, gradient: Gradient, rate: float, momentum: Ratio) -> None:
        push = self._push(gradient, momentum)
        self._v = self.buffer.multiply(self._v, momentum) - push
        self._w = self._w + self._move(rate)
        to_fixed(self.weights, "the weights")

    def back(self, gradient: Gradient, rate: float, momentum: Ratio) -> None:
        self._w = self._w - self._move(rate)
        self._v = self.buffer.undo(self._v + self._push(gradient, momentum), momentum)

    def _push(self, gradient: Gradient, momentum: Ratio) -> Tensor:
        return to_fixed((1 - float(momentum)) * gradient(self.weights), "the gradients")

    def _move(self, rate: float) -> Tensor:
        return to_fixed(rate * to_float(self._v), "the changes of the weights")

    def at_start_from(self, weights: Tensor) -> bool:
        """Whether it is what it was when it was made of `weights`: not a bit is different."""
        fixed = to_fixed(weights, "the weights")
        return self._w.equal(fixed) and not self._v.any() and self.buffer.empty

    @property
    def nbytes(self) -> int:
        """Bytes that are allocated: weights, velocity and buffer."""
        return self._w.nbytes + self._v.nbytes + self.buffer.nbytes


class Plain:
    """The same steps in floating point, undone by dividing by m: the lost bits stay lost.

    A rounding error of the velocity grows by 1 / m in every step that is undone.
    """

    def __init__(self, weights: Tensor) -> None:
        self.weights = weights.detach().clone()
        self.velocity = torch.zeros_like(self.weights)

    def forward(self, gradient: Gradient, rate: float, momentum: Ratio) -> None:
        m = float(momentum)
        self.velocity = m * self.velocity - (1 - m) * gradient(self.weights)
        self.weights = self.weights + rate * self.velocity

    def back(self, gradient: Gradient, rate: float, momentum: Ratio) -> None:
        m = float(momentum)
        self.weights = self.weights - rate * self.velocity
        self.velocity = (self.velocity + (1 - m) * gradient(self.weights)) / m
