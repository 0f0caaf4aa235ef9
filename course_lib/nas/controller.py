"""A recurrent controller trained by REINFORCE to write good architectures (Zoph and Le 2017)."""

from dataclasses import dataclass
from typing import Any, Protocol

import torch
from torch import Generator, Tensor

from course_lib.core import History, Oracle, Space, Trial
from course_lib.core.seam import expect_shape, named
from course_lib.core.steps import Steps, run_to_the_end
from course_lib.core.threads import one_thread
from course_lib.nas.policy import (
    Controller,
    SampleStrings,
    choice_probabilities,
    sample_strings,
    score_strings,
)

__all__ = [
    "Controller",
    "PolicyLoss",
    "PolicyStep",
    "SampleStrings",
    "choice_probabilities",
    "reinforce",
    "reinforce_loss",
    "reinforce_steps",
    "sample_strings",
    "score_strings",
]


class PolicyLoss(Protocol):
    """Scalar whose descent makes strings of high reward more likely."""

    def __call__(self, log_prob: Tensor, reward: Tensor, baseline: float, /) -> Tensor: ...


def reinforce_loss(log_prob: Tensor, reward: Tensor, baseline: float) -> Tensor:
    """Scalar whose gradient is an unbiased estimate of minus the gradient of the mean reward.

    loss = - mean_k (reward_k - baseline) log p(string_k)

    log_prob, reward: (batch,). The reward is a number, not a function of the policy: it is
    detached. baseline: known before the batch is drawn, otherwise the estimate is biased.
    Source: Williams 1992; Zoph and Le 2017, sec. 3.2.
    """
    return -((reward.detach() - baseline) * log_prob).mean()


@dataclass(frozen=True)
class PolicyStep:
    """One update of the controller.

    probabilities: (decisions, max choices), how likely the policy that drew this batch finds
        each choice, see `choice_probabilities`.
    entropy: mean entropy of that policy's strings, in nats.
    baseline: the baseline that the batch was compared with; of the first batch, the one it set.
    trials: the answers to the batch.
    """

    probabilities: Tensor
    entropy: float
    baseline: float
    trials: tuple[Trial, ...]


def reinforce_steps(
    space: Space,
    oracle: Oracle,
    rng: Generator,
    *,
    loss: PolicyLoss = reinforce_loss,
    sample: SampleStrings = sample_strings,
    batch: int = 5,
    learning_rate: float = 0.01,
    baseline_decay: float = 0.9,
    entropy_weight: float = 0.005,
    hidden: int = 32,
) -> Steps[PolicyStep, History]:
    """Draw a batch of strings, ask the oracle for their rewards, step the controller; repeat.

    descend  loss(log_prob, reward, baseline) - entropy_weight mean(entropy)   with Adam
    then     baseline <- decay baseline + (1 - decay) mean(reward)

    The entropy is descended through the conditionals of the sampled strings alone, not through
    which strings are drawn, so its gradient is not the exact one of the policy's entropy.

    The baseline is an exponential moving average over earlier batches. The first batch has none
    to be compared with: it sets the baseline, and the controller does not move. A last batch that
    the budget does not pay in full is recorded and not learned from.
    Source: Zoph and Le 2017, sec. 3.2 (policy gradient and baseline) and 4.1 (Adam); the
    entropy bonus: Williams and Peng 1991.
    """
    if not 0 <= baseline_decay < 1:
        raise ValueError(f"baseline_decay must be in [0, 1), got {baseline_decay}")
    controller = Controller(space, rng, hidden=hidden)
    optimizer = torch.optim.Adam(controller.parameters(), lr=learning_rate, fused=True)
    baseline: float | None = None
    with oracle:
        while True:
            with one_thread():
                tokens, log_prob, entropy = _sampled(sample, controller, batch, rng)
                probabilities = choice_probabilities(controller, tokens)
            trials = tuple(oracle(tuple(string)) for string in tokens.tolist())
            reward = log_prob.new_tensor([trial.value for trial in trials])
            if baseline is None:
                baseline = reward.mean().item()
            else:
                with one_thread():
                    objective = _scalar(loss, loss(log_prob, reward, baseline))
                    _descend(optimizer, objective - entropy_weight * entropy.mean())
            yield PolicyStep(probabilities, entropy.mean().item(), baseline, trials)
            baseline = baseline_decay * baseline + (1 - baseline_decay) * reward.mean().item()
    return oracle.history


reinforce = run_to_the_end(reinforce_steps, "reinforce")


def _descend(optimizer: torch.optim.Optimizer, objective: Tensor) -> None:
    optimizer.zero_grad()
    objective.backward()  # type: ignore[no-untyped-call]
    optimizer.step()


def _sampled(
    sample: SampleStrings, controller: Controller, batch: int, rng: Generator
) -> tuple[Tensor, Tensor, Tensor]:
    """What `sample` drew; where its form is wrong, an error that names it."""
    drawn: Any = sample(controller, batch, rng)
    name = named("sample", sample)
    if not isinstance(drawn, tuple) or len(drawn) != 3:
        kind = f"{len(drawn)} values" if isinstance(drawn, tuple) else type(drawn).__name__
        raise TypeError(f"{name} returned {kind}, expected the tuple (tokens, log_prob, entropy)")
    tokens = expect_shape(f"{name} (tokens)", drawn[0], (batch, len(controller.choices)))
    log_prob = expect_shape(f"{name} (log_prob)", drawn[1], (batch,))
    entropy = expect_shape(f"{name} (entropy)", drawn[2], (batch,))
    if tokens.dtype != torch.int64:
        raise TypeError(f"{name} returned tokens of {tokens.dtype}, expected torch.int64")
    _expect_gradient(f"{name} (log_prob)", log_prob)
    return tokens, log_prob, entropy


def _scalar(loss: PolicyLoss, value: Any) -> Tensor:
    name = named("loss", loss)
    scalar = expect_shape(name, value, (), "did you forget .mean()?")
    _expect_gradient(name, scalar)
    return scalar


def _expect_gradient(subject: str, value: Tensor) -> None:
    if not value.requires_grad:
        raise ValueError(
            f"{subject} returned numbers without a gradient, so that nothing could be learned; "
            "was log_prob detached, or computed under torch.no_grad()?"
        )
