"""`reinforce_loss`: its expected gradient is the exact policy gradient."""

from collections.abc import Callable

import torch
from torch import Tensor

from course_lib.checks.ask import Ask
from course_lib.checks.engine import Exercise
from course_lib.checks.lab01_rl_nas import sections
from course_lib.checks.lab01_rl_nas.small_policy import DETACHED, EACH, Policy, one_number
from course_lib.checks.laws import CHANGED, arguments_stay, gradients
from course_lib.checks.values import same, shown
from course_lib.checks.wrong import Misconception, Wrong, mistake

Loss = Callable[[Tensor, Tensor, float], Tensor]

REWARD = Misconception(
    "the reward is not detached",
    "The reward is a number that came back from outside. Where it carries a graph, the gradient "
    "would also flow through it: detach it.",
)
IN_PLACE = Misconception(
    "the reward is changed in place",
    "It belongs to the caller: write `advantage = reward - baseline` instead of `reward -= "
    "baseline`.",
)


def _mixed_baseline(old: float) -> Loss:
    def loss(log_prob: Tensor, reward: Tensor, baseline: float) -> Tensor:
        mixed = old * baseline + (1 - old) * reward.mean()
        return -((reward - mixed) * log_prob).mean()

    return loss


def _rescaled(centred: bool, unbiased: bool) -> Loss:
    def loss(log_prob: Tensor, reward: Tensor, baseline: float) -> Tensor:
        advantage = reward - (reward.mean() if centred else baseline)
        return -(advantage / advantage.std(unbiased=unbiased) * log_prob).mean()

    return loss


MISTAKES = (
    mistake(
        "the sign is flipped",
        "Optimisers descend. Which way must the loss point if descending it should raise the "
        "reward?",
        lambda log_prob, reward, baseline: ((reward - baseline) * log_prob).mean(),
    ),
    mistake(
        "the sum over the batch instead of the mean",
        "The step would grow with the batch size. A mean estimates the expectation.",
        lambda log_prob, reward, baseline: -((reward - baseline) * log_prob).sum(),
    ),
    mistake(
        "the baseline is not used",
        "Without it the estimate is unbiased but noisy: subtract the baseline from the reward.",
        lambda log_prob, reward, baseline: -(reward * log_prob).mean(),
    ),
    mistake(
        "the baseline is made from the current batch",
        "A baseline that contains the reward it is compared with shrinks the gradient (for a "
        "single string down to zero). Use the `baseline` that was known before the batch was "
        "drawn.",
        *(_mixed_baseline(old) for old in (0.0, 0.1, 0.5, 0.9, 0.95, 0.99)),
    ),
    mistake(
        "the advantages are rescaled by their own spread",
        "Dividing by the standard deviation of the batch changes the expected gradient. Useful in "
        "practice now and then, but no longer the policy gradient.",
        *(_rescaled(center, unbiased) for center in (False, True) for unbiased in (False, True)),
    ),
    mistake(
        "the gradient of p instead of the gradient of log p",
        "The samples already come with probability p; the score-function identity weighs the "
        "reward with the gradient of log p.",
        lambda log_prob, reward, baseline: -((reward - baseline) * log_prob.exp()).mean(),
    ),
    mistake(
        "the baseline is added instead of subtracted",
        "The advantage says how much better than expected a string was.",
        lambda log_prob, reward, baseline: -((reward + baseline) * log_prob).mean(),
    ),
    mistake(
        "the baseline is subtracted from the log-probability or from the product",
        "Then it has no gradient and does nothing. Compare the reward with the baseline first, and "
        "multiply by log_prob after that.",
        lambda log_prob, reward, baseline: -(reward * log_prob - baseline).mean(),
        lambda log_prob, reward, baseline: -(reward * (log_prob - baseline)).mean(),
    ),
    DETACHED,
    EACH,
    REWARD,
    IN_PLACE,
    CHANGED,
)


def probe(ask: Ask, variant: int) -> list[Tensor]:
    """Loss and gradient on a batch of three."""
    return list(Policy(variant).asked(ask, (0, 1, 2), 0.7))


def a_mean(ask: Ask, variant: int) -> None:
    """A scalar with a gradient; a batch repeated three times has the same loss. A string that is
    next to impossible has its part in it like any other."""
    policy = Policy(variant)
    for batch in ((0,), (0, 2), (2, 1, 0, 1, 1, 0, 2)):
        loss, _ = policy.asked(ask, batch, 0.5)
        again, _ = policy.asked(ask, batch * 3, 0.5)
        if not same(again, loss):
            raise Wrong(
                f"a batch has the loss {float(loss):.4g}, the same batch three times over "
                f"{float(again):.4g}; expected the same number"
            )
    policy.logits[1] = -900.0
    alone = [policy.asked(ask, (k,), 1.5)[1] for k in (0, 1, 2)]
    _, together = policy.asked(ask, (0, 1, 2), 1.5)
    if not (bool(alone[1].any()) and same(3 * together, sum(alone[1:], alone[0]), scale=10)):
        raise Wrong(
            f"a string that has log-probability -900 has the gradient {shown(alone[1])} alone, and "
            f"three times that of a batch with two others is {shown(3 * together)}"
        )


def policy_gradient(ask: Ask, variant: int) -> None:
    """Over all batches, the mean gradient is minus the gradient of the expected reward."""
    policy = Policy(variant)
    for size, baseline in ((1, 0.4), (2, 1.3)):
        mean, _ = policy.moments(ask, size, baseline)
        if not same(mean, -policy.gradient, scale=10):
            raise Wrong(
                f"over all batches of {size} (baseline {baseline:g}), the mean gradient is "
                f"{shown(mean)}; minus the exact policy gradient is {shown(-policy.gradient)}"
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
                f"and {shown(mean)} with {baseline:g}; expected the same"
            )
    _, low = policy.asked(ask, (0, 1), 0.0)
    _, high = policy.asked(ask, (0, 1), 1.0)
    if same(low, high):
        raise Wrong("baselines 0 and 1 give the same gradient on the same batch")


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
                f"distance of {distance:g} it should be {expected:.4g}, and is {float(found):.4g}"
            )


def reward_is_a_number(ask: Ask, variant: int) -> None:
    """No gradient flows into the reward, even where it carries a graph."""
    given = _batch(variant)
    loss = one_number(ask(*given.values(), 0.5), len(given["reward"]))
    (leak,) = gradients(loss, [given["reward"]], "the loss")
    if bool((leak != 0).any()):
        raise Wrong(f"the loss has the gradient {shown(leak)} in the reward, expected none", REWARD)


def _batch(variant: int) -> dict[str, Tensor]:
    """log_prob and reward, both with a graph behind them."""
    policy, batch = Policy(variant), torch.tensor([0, 1, 2, 0])
    logits, rewards = policy.logits.requires_grad_(), policy.rewards.requires_grad_()
    return {"log_prob": logits.log_softmax(0)[batch], "reward": rewards[batch]}


reinforce_loss = Exercise(
    lab="lab01_rl_nas",
    name="reinforce_loss",
    section=sections.REINFORCE,
    library=("course_lib.nas.controller:reinforce_loss",),
    laws={
        "mean gradient = exact policy gradient": policy_gradient,
        "one number, a mean over the batch": a_mean,
        "any constant baseline, same mean gradient": constant_baseline,
        "variance least at the best baseline": variance,
        "the reward is only a number": reward_is_a_number,
        "log_prob and reward stay as they are": arguments_stay(
            _batch,
            lambda ask, given: one_number(ask(*given.values(), 0.5), 4),
            {"reward": IN_PLACE},
        ),
    },
    mistakes=MISTAKES,
    probe=probe,
    hints=(
        "The gradient of the expected reward is the expectation of (reward - baseline) times the "
        "gradient of log p. Which scalar has this as its gradient, up to a sign?",
        "Multiply each string's advantage, reward - baseline, with its log-probability, and take "
        "the mean over the batch.",
        "The optimiser descends, the reward should rise: put a minus in front. And the reward is "
        "only a number: reward.detach().",
    ),
    basic="mean gradient = exact policy gradient",
)
