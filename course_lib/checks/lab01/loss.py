"""Laws of `reinforce_loss`: its expected gradient is the exact policy gradient."""

from itertools import product

import torch
from torch import Tensor

from course_lib.checks.ask import Ask
from course_lib.checks.lab01.loss_mistakes import (
    CURRENT,
    DETACHED,
    EACH,
    IN_PLACE,
    KNOWN,
    NORMALISED,
    REWARD,
)
from course_lib.checks.values import same, shown, tensor
from course_lib.checks.variants import seeded
from course_lib.checks.wrong import Misconception, Wrong


class Policy:
    """A softmax over a handful of strings, small enough to enumerate every batch.

    Expected reward J = sum_k p_k R_k;  dJ/d logit_k = p_k (R_k - J).
    """

    def __init__(self, variant: int) -> None:
        rng = seeded(variant)
        self.strings = 3 + variant % 3
        self.logits = torch.randn(self.strings, generator=rng, dtype=torch.float64)
        self.rewards = 0.2 + torch.rand(self.strings, generator=rng, dtype=torch.float64)
        self.p = self.logits.softmax(0)
        self.gradient = self.p * (self.rewards - self.p @ self.rewards)

    def ask(self, ask: Ask, batch: tuple[int, ...], baseline: float) -> tuple[Tensor, Tensor]:
        """The answer's loss on a batch of strings, and its gradient in the logits."""
        logits = self.logits.clone().requires_grad_()
        index = torch.tensor(batch)
        log_prob, reward = logits.log_softmax(0)[index], self.rewards[index]
        loss = one_number(ask(log_prob, reward, baseline), len(batch))
        (gradient,) = torch.autograd.grad(loss, logits, allow_unused=True)
        if gradient is None:
            raise Wrong("the loss has no gradient in the policy's parameters", DETACHED)
        return loss, gradient

    def moments(self, ask: Ask, size: int, baseline: float) -> tuple[Tensor, Tensor]:
        """Mean and total variance of the gradient over all batches of a size, weighted by p."""
        mean, square = torch.zeros_like(self.p), torch.zeros((), dtype=torch.float64)
        for batch in product(range(self.strings), repeat=size):
            _, gradient = self.ask(ask, batch, baseline)
            weight = self.p[list(batch)].prod()
            mean, square = mean + weight * gradient, square + weight * gradient.square().sum()
        return mean, square - mean.square().sum()

    def recognise(self, ask: Ask, baseline: float) -> Misconception | None:
        """The known mistake that gives the same loss and gradient on a batch of three."""
        batch = (0, 1, 2)
        loss, gradient = self.ask(ask, batch, baseline)
        for mistake, formula in KNOWN.items():
            predicted = self.ask(Ask(formula), batch, baseline)
            if same(loss, predicted[0]) and same(gradient, predicted[1]):
                return mistake
        return self._of_kind(ask, batch, baseline)

    def _of_kind(self, ask: Ask, batch: tuple[int, ...], baseline: float) -> Misconception | None:
        """Mistakes that are known by a symptom instead of one formula."""
        _, gradient = self.ask(ask, batch, baseline)
        before, self.rewards = self.rewards, 7.0 * self.rewards
        _, larger = self.ask(ask, batch, 7.0 * baseline)
        self.rewards = before
        if gradient.abs().max() > 1e-4 and same(larger, gradient, scale=100):
            return NORMALISED
        alone, pair = self._share(ask, 1, baseline), self._share(ask, 2, baseline)
        return CURRENT if alone is not None and pair is not None and alone < pair - 1e-4 else None

    def _share(self, ask: Ask, size: int, baseline: float) -> float | None:
        """By which factor the mean gradient is shorter than it should be; None: other direction."""
        mean, _ = self.moments(ask, size, baseline)
        share = float(-mean @ self.gradient / self.gradient.square().sum())
        return share if same(mean, -share * self.gradient, scale=10) else None


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


def a_mean(ask: Ask, variant: int) -> None:
    """A scalar with a gradient; a batch repeated three times has the same loss."""
    policy = Policy(variant)
    for batch in ((0,), (0, 2), (2, 1, 0, 1, 1, 0, 2)):
        loss, _ = policy.ask(ask, batch, 0.5)
        again, _ = policy.ask(ask, batch * 3, 0.5)
        if not same(again, loss):
            raise Wrong(
                f"a batch has the loss {float(loss):.4g}, the same batch three times over "
                f"{float(again):.4g}; expected the same number",
                policy.recognise(ask, 0.5),
            )


def policy_gradient(ask: Ask, variant: int) -> None:
    """Over all batches, the mean gradient is minus the gradient of the expected reward."""
    policy = Policy(variant)
    for size, baseline in ((1, 0.4), (2, 1.3)):
        mean, _ = policy.moments(ask, size, baseline)
        if not same(mean, -policy.gradient, scale=10):
            raise Wrong(
                f"over all batches of {size} (baseline {baseline:g}), the mean gradient is "
                f"{shown(mean)}; minus the exact policy gradient is {shown(-policy.gradient)}",
                policy.recognise(ask, 0.7),
            )


def constant_baseline(ask: Ask, variant: int) -> None:
    """Any constant baseline leaves the mean gradient unchanged, and changes single gradients."""
    policy = Policy(variant)
    without, _ = policy.moments(ask, 2, 0.0)
    for baseline in (-1.0, 2.5):
        mean, _ = policy.moments(ask, 2, baseline)
        if not same(mean, without, scale=10):
            raise Wrong(
                f"the mean gradient over all batches of 2 is {shown(without)} with the baseline 0 "
                f"and {shown(mean)} with {baseline:g}; expected the same",
                policy.recognise(ask, 0.7),
            )
    _, low = policy.ask(ask, (0, 1), 0.0)
    _, high = policy.ask(ask, (0, 1), 1.0)
    if same(low, high):
        mistake = policy.recognise(ask, 0.7)
        raise Wrong("baselines 0 and 1 give the same gradient on the same batch", mistake)


def variance(ask: Ask, variant: int) -> None:
    """The variance is least at b* = E[|grad log p|^2 R] / E[|grad log p|^2] and grows as
    (b - b*)^2 E[|grad log p|^2] away from it."""
    policy = Policy(variant)
    scores = (torch.eye(policy.strings, dtype=torch.float64) - policy.p).square().sum(1)
    weight = policy.p @ scores
    best = float(policy.p @ (scores * policy.rewards) / weight)
    _, least = policy.moments(ask, 1, best)
    for distance in (-1.0, 0.3, 2.0):
        _, found = policy.moments(ask, 1, best + distance)
        if not same(found, least + distance**2 * weight, scale=20):
            expected = float(least + distance**2 * weight)
            raise Wrong(
                f"at the best baseline the gradient's variance is {float(least):.4g}; at a "
                f"distance of {distance:g} it should be {expected:.4g}, and is {float(found):.4g}",
                policy.recognise(ask, 0.7),
            )


def reward_is_a_number(ask: Ask, variant: int) -> None:
    """No gradient flows into the reward, even where it carries a graph."""
    policy = Policy(variant)
    batch = torch.tensor([0, 1, 2, 0])
    log_prob = policy.logits.log_softmax(0)[batch].requires_grad_()
    reward = policy.rewards[batch]
    ask(log_prob, reward, 0.5)
    if not torch.equal(reward, policy.rewards[batch]):
        raise Wrong("the rewards are not the same after the call", IN_PLACE)
    reward.requires_grad_()
    loss = one_number(ask(log_prob, reward, 0.5), len(batch))
    _, leak = torch.autograd.grad(loss, [log_prob, reward], allow_unused=True)
    if leak is not None and bool((leak != 0).any()):
        raise Wrong(f"the loss has the gradient {shown(leak)} in the reward, expected none", REWARD)


LAWS = {
    "mean gradient = exact policy gradient": policy_gradient,
    "one number, a mean over the batch": a_mean,
    "any constant baseline, same mean gradient": constant_baseline,
    "variance least at the best baseline": variance,
    "the reward is only a number": reward_is_a_number,
}
