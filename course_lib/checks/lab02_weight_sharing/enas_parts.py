"""Mistakes of `enas_step` that weights and policy show, each the step with a part exchanged."""

from collections.abc import Callable, Sequence
from typing import Any

import torch
from torch import Generator, Tensor
from torch.nn import functional as F

from course_lib.checks.lab02_weight_sharing.enas_game import ON_VALID
from course_lib.checks.wrong import mistake


def exchanged_step(
    *,
    swapped: bool = False,
    sign: float = 1.0,
    weights_move: bool = True,
    clear: Sequence[str] = ("weights", "policy"),
    early: bool = False,
    first_path: bool = False,
    reward: Callable[[Tensor, Tensor], Any] = lambda scores, y: (
        (scores.argmax(1) == y).double().mean().item()
    ),
    advantage: Callable[[float, float], float] = lambda reward, baseline: reward - baseline,
) -> Callable[..., Any]:
    """An answer to `enas_step`, right unless a part is exchanged.

    clear: whose gradients. early: the reward comes before the weights' step. first_path: log p is
    that of the first path.
    """

    def answer(
        net: Any, policy: Any, train: Any, valid: Any, weights: Any, of_policy: Any, b: float,
        rng: Generator,
    ) -> Any:  # fmt: skip
        (x, y), (held, labels) = (valid, train) if swapped else (train, valid)
        (arch, other), (scored, log_prob) = policy(rng), policy(rng)
        with torch.no_grad():
            found = reward(net(held, scored), labels) if early else 0.0
        if "weights" in clear:
            weights.zero_grad()
        if "policy" in clear:
            of_policy.zero_grad()
        torch.autograd.backward(sign * F.cross_entropy(net(x, arch), y))
        if weights_move:
            weights.step()
        if not early:
            with torch.no_grad():
                found = reward(net(held, scored), labels)
        torch.autograd.backward(-advantage(found, b) * (other if first_path else log_prob))
        of_policy.step()
        return found

    return answer


def _loss(scores: Tensor, y: Tensor) -> float:
    return F.cross_entropy(scores, y).item()


def _minus_loss(scores: Tensor, y: Tensor) -> float:
    return -_loss(scores, y)


IN_PARTS = (
    mistake(
        "gradients of the step before are still there",
        "backward() adds to .grad: zero_grad() of the optimizer before each backward().",
        exchanged_step(clear=["policy"]),
        part="weights",
    ),
    mistake(
        "gradients of the step before are still there",
        "backward() adds to .grad: zero_grad() of the optimizer before each backward().",
        exchanged_step(clear=["weights"]),
        part="policy",
    ),
    mistake(
        "the weights do not move in the first half",
        "First half of the step: loss.backward(), then weight_optimizer.step().",
        exchanged_step(weights_move=False),
        part="weights",
    ),
    mistake(
        "the weights climb their loss",
        "The optimizer descends: backward() on the cross-entropy without a minus.",
        exchanged_step(sign=-1.0),
        part="weights",
    ),
    mistake(
        ON_VALID.name,
        ON_VALID.advice,
        exchanged_step(swapped=True),
        part="weights",
    ),
    mistake(
        "the policy does not move",
        "Its loss -(reward - baseline) * log_prob needs log_prob with its gradient, backward() and "
        "policy_optimizer.step().",
        exchanged_step(advantage=lambda reward, b: 0.0),
        part="policy",
    ),
    mistake(
        "the policy's sign is flipped",
        "The optimizer descends, the reward should rise: -(reward - baseline) * log_prob.",
        exchanged_step(advantage=lambda reward, b: b - reward),
        part="policy",
    ),
    mistake(
        "the baseline is not used",
        "How much better than expected was the path? reward - baseline.",
        exchanged_step(advantage=lambda reward, b: reward),
        exchanged_step(advantage=lambda reward, b: -reward),
        part="policy",
    ),
    mistake(
        "the baseline is added",
        "The advantage is reward - baseline.",
        exchanged_step(advantage=lambda reward, b: reward + b),
        part="policy",
    ),
    mistake(
        "the loss is taken for the reward",
        "The reward is the accuracy of the validation batch: the share of rows whose argmax is y.",
        exchanged_step(reward=_loss),
        exchanged_step(reward=_minus_loss),
        exchanged_step(reward=_loss, advantage=lambda loss, b: b - loss),
        part="policy",
    ),
    mistake(
        "the number of right answers instead of their share",
        "An accuracy lies between 0 and 1: take the mean.",
        exchanged_step(reward=lambda scores, y: (scores.argmax(1) == y).sum().item()),
        part="policy",
    ),
    mistake(
        "the reward is measured before the weights have moved",
        "First the weights learn, then the policy is rewarded with the new, inherited weights.",
        exchanged_step(early=True),
        part="policy",
    ),
    mistake(
        "the log-probability belongs to another path than the reward",
        "The path that was scored on the validation batch is the one whose log_prob is raised.",
        exchanged_step(first_path=True),
        part="policy",
    ),
)
