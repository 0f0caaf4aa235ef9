"""Trainings on bent bowls, one for each step: the derivative in every rate, by hand."""

from collections.abc import Sequence
from typing import Any

import torch
from torch import Tensor

from course_lib.checks.ask import Ask
from course_lib.checks.lab10_meta_learning.bowls import SIZE, Bowl, bowl, drawn
from course_lib.checks.values import tensor
from course_lib.checks.variants import seeded


class Training:
    """Bent bowls, one for each step, and one more for validation."""

    def __init__(self, variant: int, salt: int, steps: int, *, bend: float = 0.5) -> None:
        rng = seeded(variant, salt)
        self.losses = [bowl(rng, bend=bend) for _ in range(steps)]
        self.valid, self.theta = bowl(rng, bend=bend), drawn(rng, SIZE)
        self.rates = (0.25 * torch.rand(steps, generator=rng) + 0.02).double()

    def train_loss(self, w: Tensor, step: Any) -> Tensor:
        return _at(self.losses, w, step)

    def valid_loss(self, w: Tensor) -> Tensor:
        return self.valid.at(w.reshape(-1))

    def expected(self) -> Tensor:
        """By sensitivities forwards: d w_T / d rate_t, then the validation loss's gradient."""
        w, moved = self.theta, torch.zeros(SIZE, 0, dtype=torch.float64)
        for loss, rate in zip(self.losses, self.rates, strict=True):
            slope = loss.slope(w)
            moved = torch.cat([moved - rate * loss.curvature(w) @ moved, -slope[:, None]], 1)
            w = w - rate * slope
        return self.valid.slope(w) @ moved

    def asked(self, ask: Ask, shape: tuple[int, ...] = (SIZE,)) -> Tensor:
        theta = self.theta.reshape(shape).clone()
        answer = ask(theta, self.train_loss, self.valid_loss, self.rates.clone())
        return tensor(answer, tuple(self.rates.shape), "the hypergradient").detach()


def _at(losses: Sequence[Bowl], w: Tensor, step: Any) -> Tensor:
    if int(step) not in range(len(losses)):
        raise ValueError(f"train_loss(theta, t): t is {step}, expected 0 to {len(losses) - 1}")
    return losses[int(step)].at(w.reshape(-1))
