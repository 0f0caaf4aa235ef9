"""The candidate operations of a supergraph's edge, and how an edge mixes them."""

from collections.abc import Callable, Sequence
from typing import Generic, Protocol, TypeVar

import torch
from torch import Tensor

from course_lib.core.seam import expect_shape, named

Operation = Callable[[Tensor], Tensor]
Answer = TypeVar("Answer")


class MixedOp(Protocol):
    """Combines the operations of one edge: operations, x, weights (operations,) -> Tensor."""

    def __call__(
        self, operations: Sequence[Operation], x: Tensor, weights: Tensor, /
    ) -> Tensor: ...


def mixed_op(operations: Sequence[Operation], x: Tensor, weights: Tensor) -> Tensor:
    """The weighted sum of all operations: sum_k weights[k] * operations[k](x).

    weights: (len(operations),). Source: Liu et al. 2019, eq. 2 (there with softmax weights).
    """
    (weight, operation), *others = zip(weights, operations, strict=True)
    total: Tensor = weight * operation(x)
    for weight, operation in others:
        total = torch.addcmul(total, weight, operation(x))  # total + weight * operation(x), in one
    return total


def sampled_op(operations: Sequence[Operation], x: Tensor, weights: Tensor) -> Tensor:
    """Only the operation of the largest weight is computed: weights[k] * operations[k](x).

    With hard straight-through weights this is the edge of GDAS (Dong and Yang 2019); with one-hot
    weights it equals `mixed_op` at the price of a single operation.
    """
    chosen = int(weights.argmax())
    return weights[chosen] * operations[chosen](x)


def identity(x: Tensor) -> Tensor:
    """Skip connection: what is read, unchanged."""
    return x


class Once(Generic[Answer]):
    """A function that remembers its last answer: edges that read one node share what it costs.

    Made anew for each node and each pass, so that nothing outlives the pass.
    """

    def __init__(self, function: Callable[[Tensor], Answer]) -> None:
        self.function = function
        self.read: Tensor | None = None
        self.answer: Answer | None = None

    def __call__(self, x: Tensor) -> Answer:
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
