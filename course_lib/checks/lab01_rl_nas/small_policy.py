"""A policy over a handful of strings, of which every batch can be enumerated."""

from itertools import product

import torch
from torch import Tensor

from course_lib.checks.ask import Ask
from course_lib.checks.laws import gradients
from course_lib.checks.values import tensor
from course_lib.checks.variants import seeded
from course_lib.checks.wrong import Misconception, Wrong

EACH = Misconception(
    "one loss per string instead of one for the batch",
    "`backward()` needs a single number: did you forget `.mean()`?",
)
DETACHED = Misconception(
    "log_prob has lost its gradient",
    "The policy learns only through log_prob: neither `.detach()`, `.item()` nor `torch.no_grad()` "
    "may touch it. It is the reward that is only a number.",
)


class Policy:
    """A softmax over a handful of strings, small enough to enumerate every batch.

    Expected reward J = sum_k p_k R_k;  dJ/d logit_k = p_k (R_k - J).
    """

    def __init__(self, variant: int) -> None:
        rng = seeded(variant)
        self.strings = 3 + variant % 3
        self.logits = torch.randn(self.strings, generator=rng, dtype=torch.float64)
        self.rewards = torch.rand(self.strings, generator=rng, dtype=torch.float64) - 0.4
        self.p = self.logits.softmax(0)
        self.gradient = self.p * (self.rewards - self.p @ self.rewards)

    def asked(self, ask: Ask, batch: tuple[int, ...], baseline: float) -> tuple[Tensor, Tensor]:
        """The answer's loss on a batch of strings, and its gradient in the logits."""
        logits = self.logits.clone().requires_grad_()
        index = torch.tensor(batch)
        log_prob, reward = logits.log_softmax(0)[index], self.rewards[index]
        loss = one_number(ask(log_prob, reward, baseline), len(batch))
        return loss, gradients(loss, [logits], "the loss", DETACHED)[0]

    def moments(self, ask: Ask, size: int, baseline: float) -> tuple[Tensor, Tensor]:
        """Mean and total variance of the gradient over all batches of a size, weighted by p."""
        mean, square = torch.zeros_like(self.p), torch.zeros((), dtype=torch.float64)
        for batch in product(range(self.strings), repeat=size):
            _, gradient = self.asked(ask, batch, baseline)
            weight = self.p[list(batch)].prod()
            mean, square = mean + weight * gradient, square + weight * gradient.square().sum()
        return mean, square - mean.square().sum()


def one_number(loss: object, batch: int) -> Tensor:
    """The loss, tested to be a finite scalar tensor with a gradient."""
    if type(loss) is Tensor and tuple(loss.shape) == (batch,) and batch > 1:
        raise Wrong(f"the loss has shape ({batch},), expected a scalar ()", EACH)
    if type(loss) is float:
        raise Wrong("the loss is a Python float, which has no gradient", DETACHED)
    scalar = tensor(loss, (), "the loss")
    if not scalar.requires_grad:
        raise Wrong("the loss does not depend on the policy any more", DETACHED)
    return scalar
