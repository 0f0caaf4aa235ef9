"""Answers to `enas_step`."""

from collections.abc import Callable
from typing import Any

import numpy as np
import torch
from torch import nn
from torch.nn import functional as F

from tests.misconceptions.lab02_weight_sharing.in_parts import naive


def _accuracy(scores, y):
    return (scores.argmax(1) == y).double().mean().item()


def _stepper(
    *,
    batches: Callable[..., Any] = lambda train, valid: (train, valid),
    first: Callable[..., Any] = lambda policy, rng: policy(rng)[0],
    second: Callable[..., Any] = lambda policy, rng, arch: policy(rng),
    reward: Callable[..., Any] = _accuracy,
    objective: Callable[..., Any] = lambda reward, b, log_prob: -(reward - b) * log_prob,
    loss: Callable[..., Any] = F.cross_entropy,
    clear: Callable[..., Any] = lambda optimizer: optimizer.zero_grad(),
    weights_early: bool = False,
    weights_late: bool = False,
    reward_first: bool = False,
    policy_early: bool = False,
    told: Callable[..., Any] = lambda reward, value: reward,
) -> Callable[..., Any]:
    """A right step unless a part is exchanged."""

    def enas_step(net, policy, train, valid, of_weights, of_policy, baseline, rng):
        (x, y), (held, labels) = batches(train, valid)
        arch = first(policy, rng)
        if reward_first:
            scored, log_prob = second(policy, rng, arch)
            with torch.no_grad():
                found = reward(net(held, scored), labels)
        value = loss(net(x, arch), y)
        clear(of_weights)
        value.backward()
        of_weights.step()
        if policy_early:
            of_policy.step()
        if not reward_first:
            scored, log_prob = second(policy, rng, arch)
            with torch.no_grad():
                found = reward(net(held, scored), labels)
        clear(of_policy)
        objective(found, baseline, log_prob).backward()
        of_policy.step()
        if weights_late:
            of_weights.step()
        return told(found, value)

    return enas_step


def enas_reward_with_graph(
    net, policy, train, valid, weight_optimizer, policy_optimizer, baseline, rng
):
    """The reward is minus the validation loss, and its gradient moves the weights as well."""
    arch, _ = policy(rng)
    weight_optimizer.zero_grad()
    F.cross_entropy(net(train[0], arch), train[1]).backward()
    weight_optimizer.step()
    arch, log_prob = policy(rng)
    loss = F.cross_entropy(net(valid[0], arch), valid[1])
    policy_optimizer.zero_grad()
    weight_optimizer.zero_grad()
    (loss + (loss.detach() - baseline) * log_prob).backward()
    policy_optimizer.step()
    weight_optimizer.step()
    return -loss.item()


def enas_both_drawn_first(
    net, policy, train, valid, weight_optimizer, policy_optimizer, baseline, rng
):
    """Right: both paths drawn at the start, gradients by torch.autograd, a numpy reward."""
    (first, _), (second, log_prob) = policy(rng), policy(rng)
    loss = nn.CrossEntropyLoss()(net(train[0], first), train[1])
    for weight in net.parameters():
        weight.grad = None
    torch.autograd.backward(loss)
    weight_optimizer.step()
    right = net(valid[0], second).max(1).indices == valid[1]
    reward = np.float64(right.sum().item() / len(right))
    for weight in policy.parameters():
        weight.grad = None
    ((baseline - reward) * log_prob).backward()
    policy_optimizer.step()
    return reward


def enas_as_tensors(net, policy, train, valid, weight_optimizer, policy_optimizer, baseline, rng):
    """Right: the reward as a tensor of shape (), gradients of zeros instead of None."""
    arch, _ = policy(rng)
    weight_optimizer.zero_grad()
    (-net(train[0], arch).log_softmax(1).gather(1, train[1][:, None]).mean()).backward()
    weight_optimizer.step()
    arch, log_prob = policy(rng)
    reward = (net(valid[0], arch).detach().argmax(1) == valid[1]).double().mean()
    policy_optimizer.zero_grad(set_to_none=False)
    (-(reward - baseline) * log_prob).backward()
    policy_optimizer.step()
    return reward


def enas_forgets_return(*arguments):
    _stepper()(*arguments)


def _uniform(policy, rng):
    return tuple(int(torch.randint(len(row), (), generator=rng)) for row in policy.logits)


def _likeliest(policy, rng):
    return tuple(int(row.argmax()) for row in policy.logits)


def _own_generator(policy, rng):
    return policy(torch.Generator().manual_seed(0))[0]


def _same_path(policy, rng, arch):
    log_prob = sum(
        row.log_softmax(0)[choice] for row, choice in zip(policy.logits, arch, strict=True)
    )
    return arch, log_prob


class _Mismatched:
    """The path that is scored is one, the log-probability that is raised that of the first."""

    def __init__(self) -> None:
        self.log_prob: Any = None

    def first(self, policy, rng):
        arch, self.log_prob = policy(rng)
        return arch

    def second(self, policy, rng, arch):
        return policy(rng)[0], self.log_prob


_mismatched = _Mismatched()


def _of_twenty(scores, y):
    return F.cross_entropy(scores, y, reduction="sum") / 20


def _from_global(policy, rng):
    return policy(torch.default_generator)[0]


def _another(policy, rng, arch):
    """A path unlike the one that was trained."""
    while True:
        scored, log_prob = policy(rng)
        if scored != arch:
            return scored, log_prob


def enas_freezes(net, policy, train, valid, weight_optimizer, policy_optimizer, baseline, rng):
    found = _stepper()(net, policy, train, valid, weight_optimizer, policy_optimizer, baseline, rng)
    net.requires_grad_(False)
    return found


def enas_by_logsumexp(net, policy, train, valid, weight_optimizer, policy_optimizer, baseline, rng):
    """Right: cross-entropy by logsumexp, gradients by autograd.grad, a float32 reward."""
    arch, _ = policy(rng)
    scores = net(train[0], arch)
    loss = (scores.logsumexp(1) - scores.gather(1, train[1][:, None])[:, 0]).mean()
    weights = list(net.parameters())
    slopes = torch.autograd.grad(loss, weights, allow_unused=True)
    for weight, slope in zip(weights, slopes, strict=True):
        weight.grad = slope
    weight_optimizer.step()
    arch, log_prob = policy(rng)
    reward = net(valid[0], arch).argmax(1).eq(valid[1]).float().mean().item()
    policy_optimizer.zero_grad()
    ((baseline - reward) * log_prob).backward()
    policy_optimizer.step()
    return reward


def enas_moves_an_edge(*arguments):
    """The second edge's logits move a little more than they should."""
    reward = _stepper()(*arguments)
    with torch.no_grad():
        arguments[1].logits[1][0] += 3e-6
    return reward


WRONG = [
    (_stepper(batches=lambda train, valid: (train, train)), "reward comes from the training batch"),
    (_stepper(batches=lambda train, valid: (valid, valid)), "weights learn on the validation"),
    (_stepper(batches=lambda train, valid: (valid, train)), "weights learn on the validation"),
    (_stepper(loss=lambda s, y: -F.cross_entropy(s, y)), "weights climb"),
    (_stepper(objective=lambda r, b, log_prob: (r - b) * log_prob), "sign is flipped"),
    (_stepper(objective=lambda r, b, log_prob: -r * log_prob), "baseline is not used"),
    (_stepper(objective=lambda r, b, log_prob: -(r + b) * log_prob), "baseline is added"),
    (_stepper(objective=lambda r, b, log_prob: 0 * log_prob), "policy does not move"),
    (_stepper(reward=lambda s, y: -F.cross_entropy(s, y).item()), "loss is taken for the reward"),
    (_stepper(reward=lambda s, y: F.cross_entropy(s, y).item()), "loss is taken for the reward"),
    (_stepper(reward=lambda s, y: (s.argmax(1) == y).sum().item()), "number of right answers"),
    (_stepper(reward_first=True), "before the weights have moved"),
    (_stepper(clear=lambda optimizer: None), "step before are still there"),
    (_stepper(first=_mismatched.first, second=_mismatched.second), "belongs to another path"),
    (_stepper(weights_late=True), "moved by the policy step"),
    (enas_reward_with_graph, "moved by the policy step"),
    (_stepper(policy_early=True), "moved by the weight step"),
    (_stepper(second=_same_path), "just trained is the one that is scored"),
    (_stepper(first=_uniform), "not drawn from the policy"),
    (_stepper(first=_likeliest), "not drawn from the policy"),
    (_stepper(first=_own_generator), "seed of their own"),
    (_stepper(told=lambda reward, value: value), "validation accuracy of the path"),
    (enas_moves_an_edge, "the logits of both edges should move by"),
    (enas_forgets_return, "`return` missing"),
    (_stepper(loss=naive), "nan or infinite"),
    (_stepper(first=_from_global), "do not come from rng alone"),
    (_stepper(second=_another), "the validation batch"),
    (enas_freezes, "does not require grad"),
    (
        _stepper(loss=_of_twenty),
        "gradient of its cross",
    ),
    (_stepper(objective=lambda r, b, log_prob: -max(r - b, 0.0) * log_prob), "should move"),
]
RIGHT = [enas_both_drawn_first, enas_as_tensors, enas_by_logsumexp]
POINTLESS = (lambda *_: 0.5,)
PARTICULAR = {
    "just trained is the one that is scored": {"both paths come from the policy"},
    "sign is flipped": {"the policy climbs the validation accuracy"},
}
EQUIVALENT = {
    "line 11: (net(x, arch).argmax(1) == y).double().mean().item() -> (net("
    "x, arch).argmax(1) == y).double().mean()": ("a tensor of shape () is a number, too"),
}
