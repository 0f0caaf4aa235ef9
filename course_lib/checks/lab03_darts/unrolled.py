"""Problems of `second_order` besides the polynomials: a small network, and waves with any v."""

from typing import Any

import torch
from torch import Tensor

from course_lib.checks.ask import Ask
from course_lib.checks.lab03_darts.bilevel import gradient
from course_lib.checks.variants import seeded
from course_lib.checks.wrong import Misconception


class Small:
    """A small network with a mixed operation, float64, and two batches."""

    def __init__(self, variant: int) -> None:
        rng = seeded(variant, 21)

        def draw(*shape: int) -> Tensor:
            return torch.randn(*shape, generator=rng, dtype=torch.float64)

        self.inputs, self.targets = draw(2, 12, 3), draw(2, 12)
        self.weights, self.alpha = {"inner": draw(4, 3) / 2, "outer": draw(4) / 2}, draw(1, 3)

    def loss(self, batch: int, params: Any, alpha: Tensor) -> Tensor:
        x: Tensor = self.inputs[batch] @ params["inner"].T
        p = alpha.softmax(1)[0]
        found = (p[0] * x.tanh() + p[1] * x + p[2] * x.sin()) @ params["outer"]
        return torch.nn.functional.mse_loss(found, self.targets[batch])

    def train_loss(self, params: Any, alpha: Tensor) -> Tensor:
        return self.loss(0, params, alpha)

    def valid_loss(self, params: Any, alpha: Tensor) -> Tensor:
        return self.loss(1, params, alpha)

    def leaves(self) -> tuple[dict[str, Tensor], Tensor]:
        params = {name: value.clone().requires_grad_() for name, value in self.weights.items()}
        return params, self.alpha.clone().requires_grad_()

    def unrolled(self, xi: float) -> Tensor:
        """Backward through the backward pass: flat (3,)."""
        params, alpha = self.leaves()
        slopes = torch.autograd.grad(
            self.train_loss(params, alpha), [*params.values()], create_graph=True
        )
        after = {n: w - xi * s for (n, w), s in zip(params.items(), slopes, strict=True)}
        return torch.autograd.grad(self.valid_loss(after, alpha), alpha)[0].reshape(-1)

    def asked(self, ask: Ask, xi: float) -> Tensor:
        params, alpha = self.leaves()
        return gradient(ask(self.train_loss, self.valid_loss, params, alpha, xi=xi), alpha)


class Wave:
    """L_train = a.b sin(w), L_valid = w.v + h.a with |v| = length: grad_a = h - product, exactly.

    product = xi (b cos(w)) v. left: the share of v in the first of the two tensors of weights.
    dtype: float32 without h, so that a product that is lost in rounding is all that is asked.
    level: is added to each gradient of L_train in alpha: in float32 steps that are too small drown.
    size: how many weights.
    """

    xi = 0.3

    def __init__(
        self,
        variant: int,
        length: float,
        *,
        left: float = 0.5,
        dtype: torch.dtype = torch.float64,
        level: float = 0.0,
        size: int = 5,
    ) -> None:
        rng = seeded(variant, 31)
        w, t = torch.randn(2, size, generator=rng, dtype=torch.float64)
        b = torch.randn(4, size, generator=rng, dtype=torch.float64)
        self.level = level
        h, self.a = torch.randn(2, 4, generator=rng, dtype=torch.float64).to(dtype)
        double = dtype is torch.float64
        self.length, self.floor = length, 1e-3 if double else 0.0
        self.h = h if double else torch.zeros_like(h)
        parts = [left * t[:2] / t[:2].norm(), (1 - left) * t[2:] / t[2:].norm()]
        v = torch.cat(parts)
        self.w, self.b, self.v = w.to(dtype), b.to(dtype), (length * v / v.norm()).to(dtype)
        self.product = self.xi * (b * w.cos()) @ self.v.double()
        self.expected = self.h.double() - self.product

    def train_loss(self, params: Any, alpha: Tensor) -> Tensor:
        flat = torch.cat([params["left"], params["right"]])
        return torch.dot(alpha.reshape(-1), self.b @ flat.sin() + self.level)

    def valid_loss(self, params: Any, alpha: Tensor) -> Tensor:
        flat = torch.cat([params["left"], params["right"]])
        return torch.dot(flat, self.v) + torch.dot(self.h, alpha.reshape(-1))

    def asked(self, ask: Ask, zero: Misconception | None = None) -> Tensor:
        """The answer, flat (4,); `zero` is the mistake if it is nan."""
        params = {"left": self.w[:2].clone(), "right": self.w[2:].clone()}
        for value in params.values():
            value.requires_grad_()
        alpha = self.a.reshape(2, 2).clone().requires_grad_()
        answer = ask(self.train_loss, self.valid_loss, params, alpha, xi=self.xi)
        return gradient(answer, alpha, zero)


def waves(variant: int) -> list[Wave]:
    """v zero, short, tiny in single precision, long, lopsided either way, and of many weights."""
    return [
        Wave(variant, 0.0),
        Wave(variant, 0.01),
        Wave(variant, 1e-5, dtype=torch.float32),
        Wave(variant, 3e4),
        Wave(variant, 3.0, left=1e-4),
        Wave(variant, 3.0, left=1 - 1e-4),
        Wave(variant, 3.0, dtype=torch.float32, level=1000.0, size=300),
    ]
