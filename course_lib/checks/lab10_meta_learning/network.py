"""A small network in double precision, with three batches; its gradients come from autograd."""

from typing import Any

import torch
from torch import Generator, Tensor

from course_lib.checks.lab10_meta_learning.bowls import descended, drawn
from course_lib.checks.values import kind

SHAPES = {"first": (3, 2), "shift": (3,), "second": (1, 3)}


class Network:
    """Two inputs, three hidden units, one output; w all its parameters in a row, (12,)."""

    def __init__(self, rng: Generator, batches: int = 3) -> None:
        self.w = 0.7 * drawn(rng, 12)
        self.x, self.y = drawn(rng, batches, 6, 2), drawn(rng, batches, 6, 1)

    @staticmethod
    def named(w: Tensor) -> dict[str, Tensor]:
        sizes = [torch.Size(shape).numel() for shape in SHAPES.values()]
        parts = zip(SHAPES.items(), torch.split_with_sizes(w, sizes), strict=True)
        return {name: part.reshape(shape) for (name, shape), part in parts}

    @staticmethod
    def predict(params: Any, x: Tensor) -> Tensor:
        if not isinstance(params, dict) or set(params) != set(SHAPES):
            got = f"keys {list(params)}" if isinstance(params, dict) else kind(params)
            raise ValueError(f"the network expects a dictionary with the keys of theta; got {got}")
        hidden = (x @ params["first"].T + params["shift"]).tanh()
        out: Tensor = hidden @ params["second"].T
        return out

    def loss(self, batch: int, w: Tensor) -> Tensor:
        """The mean squared error at w, in a row."""
        return self.named_loss(batch, self.named(w))

    def named_loss(self, batch: int, params: Any) -> Tensor:
        return (self.predict(params, self.x[batch]) - self.y[batch]).square().mean()

    def support_loss(self, params: Any) -> Tensor:
        return self.named_loss(0, params)

    def descended(self, w: Tensor, lr: float, steps: int, *, batch: int = 0) -> Tensor:
        """Where steps down the loss of a batch end."""
        return descended([lambda w: self.loss(batch, w)] * steps, w, [lr] * steps)
