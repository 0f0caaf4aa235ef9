"""Answers to `reinforce_loss`."""

import numpy as np
import torch


def loss_flipped(log_prob, reward, baseline):
    return ((reward - baseline) * log_prob).mean()


def loss_sum(log_prob, reward, baseline):
    return -((reward - baseline) * log_prob).sum()


def loss_each(log_prob, reward, baseline):
    return -(reward - baseline) * log_prob


def loss_without_baseline(log_prob, reward, baseline):
    return -(reward * log_prob).mean()


def loss_own_mean(log_prob, reward, baseline):
    return -((reward - reward.mean()) * log_prob).mean()


def loss_moves_baseline_first(log_prob, reward, baseline):
    baseline = 0.9 * baseline + 0.1 * reward.mean()
    return -((reward - baseline) * log_prob).mean()


def loss_normalised(log_prob, reward, baseline):
    advantage = reward - baseline
    return -(advantage / (advantage.std(unbiased=False) + 1e-8) * log_prob).mean()


def loss_probability(log_prob, reward, baseline):
    return -((reward - baseline) * log_prob.exp()).mean()


def loss_log_detached(log_prob, reward, baseline):
    return -((reward - baseline) * log_prob.detach()).mean()


def loss_float(log_prob, reward, baseline):
    return -((reward - baseline) * log_prob).mean().item()


def loss_reward_attached(log_prob, reward, baseline):
    return -((reward - baseline) * log_prob).mean()


def loss_in_place(log_prob, reward, baseline):
    reward -= baseline
    return -(reward.detach() * log_prob).mean()


def loss_added(log_prob, reward, baseline):
    return -((reward + baseline) * log_prob).mean()


def loss_baseline_outside(log_prob, reward, baseline):
    return -(reward.detach() * log_prob - baseline).mean()


def loss_squared(log_prob, reward, baseline):
    return ((reward.detach() - baseline) ** 2 * -log_prob).mean()


def loss_clipped(log_prob, reward, baseline):
    return -((reward.detach() - baseline).clamp(min=0) * log_prob).mean()


def loss_misspelt(log_prob, reward, baseline):
    return -((reward - basline) * log_prob).mean()  # noqa: F821


class Liar:
    """Equal to everything, with every attribute: passes checks that compare before they look."""

    def __eq__(self, other):
        return True

    def __hash__(self):
        return 0

    def __getattr__(self, name):
        return self

    def __call__(self, *arguments, **named):
        return self


def loss_liar(log_prob, reward, baseline):
    return Liar()


def loss_loop(log_prob, reward, baseline):
    """Right: a Python loop over the batch."""
    total = 0.0
    for one, value in zip(log_prob, reward.tolist(), strict=True):
        total = total - (value - baseline) * one
    return total / len(log_prob)


def loss_dot(log_prob, reward, baseline):
    """Right: a dot product in single precision."""
    advantage = torch.tensor([float(r) - baseline for r in reward], dtype=torch.float32)
    return torch.dot(-advantage, log_prob.float()) / log_prob.numel()


def loss_einsum(log_prob, reward, baseline):
    """Right: an einsum, divided by the size of the batch."""
    return torch.einsum("i,i->", log_prob, baseline - reward.detach()) / len(reward)


def loss_numpy(log_prob, reward, baseline):
    """Right: the advantages in numpy."""
    advantage = torch.as_tensor(np.subtract(reward.detach().numpy(), baseline))
    return torch.mean(-log_prob * advantage)


def loss_functional(log_prob, reward, baseline):
    """Right: terms stacked from a comprehension, without looking at the reward's graph."""
    terms = [(baseline - r.item()) * lp for lp, r in zip(log_prob, reward, strict=True)]
    return torch.stack(terms).mean()


def loss_log_of_exp(log_prob, reward, baseline):
    """p of a string that is next to impossible is 0 in floating point."""
    return -((reward.detach() - baseline) * log_prob.exp().log()).mean()


def loss_clamps_log(log_prob, reward, baseline):
    return -((reward.detach() - baseline) * log_prob.clamp(min=-100)).mean()


def loss_positive_rewards(log_prob, reward, baseline):
    return -((reward.detach().clamp(min=0) - baseline) * log_prob).mean()


def loss_detaches_in_place(log_prob, reward, baseline):
    reward.detach_()
    return -((reward - baseline) * log_prob).mean()


def loss_scales_log_prob(log_prob, reward, baseline):
    log_prob *= reward.detach() - baseline
    return -log_prob.mean()


def loss_backward_inside(log_prob, reward, baseline):
    loss = -((reward.detach() - baseline) * log_prob).mean()
    loss.backward()
    return loss


def loss_standardised(log_prob, reward, baseline):
    advantage = (reward - reward.mean()) / (reward.std() + 1e-8)
    return -(advantage.detach() * log_prob).mean()


WRONG = [
    (loss_flipped, "sign is flipped"),
    (loss_sum, "sum over the batch"),
    (loss_each, "one loss per string"),
    (loss_without_baseline, "baseline is not used"),
    (loss_own_mean, "made from the current batch"),
    (loss_moves_baseline_first, "made from the current batch"),
    (loss_normalised, "rescaled by their own spread"),
    (loss_probability, "gradient of p instead"),
    (loss_log_detached, "log_prob has lost its gradient"),
    (loss_float, "log_prob has lost its gradient"),
    (loss_reward_attached, "reward is not detached"),
    (loss_in_place, "reward is changed in place"),
    (loss_added, "added instead of subtracted"),
    (loss_baseline_outside, "subtracted from the log-probability or from the product"),
    (loss_squared, "mean gradient"),
    (loss_clipped, "mean gradient"),
    (loss_misspelt, "NameError"),
    (loss_liar, "expected a tensor"),
    (loss_log_of_exp, "reinforce_loss"),
    (loss_clamps_log, "has log-probability -900"),
    (loss_positive_rewards, "mean gradient"),
    (loss_detaches_in_place, "reward no longer requires a gradient"),
    (loss_scales_log_prob, "the function changes its arguments"),
    (loss_backward_inside, "gradient of the loss"),
    (loss_standardised, "rescaled by their own spread"),
]
RIGHT = [loss_loop, loss_dot, loss_einsum, loss_numpy, loss_functional]
POINTLESS = (lambda log_prob, *_: -log_prob.mean(), lambda log_prob, *_: 0 * log_prob.sum())
PARTICULAR = {
    "reward is not detached": {"the reward is only a number"},
    "reward is changed in place": {"log_prob and reward stay as they are"},
    "the function changes its arguments": {"log_prob and reward stay as they are"},
}
