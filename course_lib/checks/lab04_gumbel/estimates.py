"""Problems of `bias_and_variance`: estimates, and a cost that is curved between the corners."""

from typing import Any

import torch
from torch import Tensor

from course_lib.checks.ask import Ask
from course_lib.checks.values import number, tensor
from course_lib.checks.variants import seeded
from course_lib.checks.wrong import Wrong


class Question:
    """Logits, costs that are curved between the corners, and estimates with a bias."""

    def __init__(self, variant: int, samples: int = 0, constant: float = 0.0) -> None:
        rng = seeded(variant)
        self.choices = 3 + variant % 3
        samples = samples or 6 + variant % 4
        self.logits = constant + torch.randn(self.choices, generator=rng, dtype=torch.float64)
        self.values = 2 * torch.rand(self.choices, generator=rng, dtype=torch.float64) - 0.5
        noise = torch.randn(samples, self.choices, generator=rng, dtype=torch.float64)
        self.estimates = noise + torch.linspace(-1, 2, self.choices, dtype=torch.float64)

    def cost(self, z: Tensor) -> Tensor:
        """values[k] at the corner k, far above the straight line between corners."""
        return z @ self.values.to(z) + 4 * (1 - z.square().sum(-1))

    @property
    def exact(self) -> Tensor:
        """Gradient of sum_k softmax(logits)_k f(e_k), corner by corner, by differentiation."""
        logits = self.logits.clone().requires_grad_()
        p = logits.softmax(0)
        expected = sum((p[k] * float(v) for k, v in enumerate(self.values)), torch.zeros(()))
        return torch.autograd.grad(expected, logits)[0]

    def pair(self, ask: Ask) -> tuple[Any, Any]:
        """The answer's bias and variance, whatever they are."""
        answer = ask(self.estimates.clone(), self.cost, self.logits.clone())
        if type(answer) not in (tuple, list) or len(answer) != 2:
            raise Wrong("expected the two tensors (bias, variance), got something else")
        return answer[0], answer[1]

    def bias(self, ask: Ask) -> Tensor:
        """The answer's bias, (choices,)."""
        advice = ", one number for each choice"
        return tensor(self.pair(ask)[0], (self.choices,), "the bias", advice=advice).detach()

    def variance(self, ask: Ask) -> Tensor:
        """The answer's variance, ()."""
        return torch.tensor(number(self.pair(ask)[1], "the variance"), dtype=torch.float64)
