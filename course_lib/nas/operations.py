"""The candidate operations of a supergraph's edge, and how an edge mixes them."""

from collections.abc import Callable, Sequence
from typing import Protocol

from torch import Tensor

from course_lib.core.seam import expect_shape, named

Operation = Callable[[Tensor], Tensor]


class MixedOp(Protocol):
    """Combines the operations of one edge: operations, x, weights (operations,) -> Tensor."""

    def __call__(
        self, operations: Sequence[Operation], x: Tensor, weights: Tensor, /
    ) -> Tensor: ...


def identity(x: Tensor) -> Tensor:
    """Skip connection: what is read, unchanged."""
    return x


class Once:
    """A function that remembers its last answer: edges that read one node share what it costs.

    Made anew for each node and each pass, so that nothing outlives the pass.
    """

    def __init__(self, function: Operation) -> None:
        self.function = function
        self.read: Tensor | None = None
        self.answer: Tensor | None = None

    def __call__(self, x: Tensor) -> Tensor:
        if self.answer is None or x is not self.read:
            self.read, self.answer = x, self.function(x)
        return self.answer


def edge_output(
    mixed_op: MixedOp,
    operations: Sequence[Operation],
    x: Tensor,
    weights: Tensor,
    stride: int = 1,
) -> Tensor:
    """What the edge adds to its node; a wrong shape is reported with the name of `mixed_op`."""
    count, channels, height, width = x.shape
    shape = (count, channels, -(-height // stride), -(-width // stride))
    out = mixed_op(operations, x, weights)
    return expect_shape(named("mixed_op", mixed_op), out, shape, "add up the operations' outputs")
