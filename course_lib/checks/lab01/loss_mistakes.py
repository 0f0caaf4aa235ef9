"""How `reinforce_loss` goes wrong."""

from collections.abc import Callable

from torch import Tensor

from course_lib.checks.wrong import Misconception

SIGN = Misconception(
    "the sign is flipped",
    "Optimisers descend. Which way must the loss point if descending it should raise the reward?",
)
SUM = Misconception(
    "the sum over the batch instead of the mean",
    "The step would grow with the batch size. A mean estimates the expectation.",
)
EACH = Misconception(
    "one loss per string instead of one for the batch",
    "`backward()` needs a single number: did you forget `.mean()`?",
)
DETACHED = Misconception(
    "log_prob has lost its gradient",
    "The policy learns only through log_prob: neither `.detach()`, `.item()` nor `torch.no_grad()` "
    "may touch it. It is the reward that is only a number.",
)
REWARD = Misconception(
    "the reward is not detached",
    "The reward is a number that came back from outside. Where it carries a graph, the gradient "
    "would also flow through it: detach it.",
)
IGNORED = Misconception(
    "the baseline is not used",
    "Without it the estimate is unbiased but noisy: subtract the baseline from the reward.",
)
CURRENT = Misconception(
    "the baseline is made from the current batch",
    "A baseline that contains the reward it is compared with shrinks the gradient (for a single "
    "string down to zero). Use the `baseline` that was known before the batch was drawn.",
)
NORMALISED = Misconception(
    "the advantages are rescaled by their own spread",
    "Dividing by the standard deviation of the batch changes the expected gradient. Useful in "
    "practice now and then, but no longer the policy gradient.",
)
PROBABILITY = Misconception(
    "the gradient of p instead of the gradient of log p",
    "The samples already come with probability p; the score-function identity weighs the reward "
    "with the gradient of log p.",
)
ADDED = Misconception(
    "the baseline is added instead of subtracted",
    "The advantage says how much better than expected a string was.",
)
SHIFTED = Misconception(
    "the baseline is subtracted from the log-probability or from the product",
    "Then it has no gradient and does nothing. Compare the reward with the baseline first, and "
    "multiply by log_prob after that.",
)
IN_PLACE = Misconception(
    "the reward is changed in place",
    "It belongs to the caller: write `advantage = reward - baseline` instead of `reward -= "
    "baseline`.",
)

Formula = Callable[[Tensor, Tensor, float], Tensor]

KNOWN: dict[Misconception, Formula] = {
    SIGN: lambda log_prob, reward, baseline: ((reward - baseline) * log_prob).mean(),
    SUM: lambda log_prob, reward, baseline: -((reward - baseline) * log_prob).sum(),
    IGNORED: lambda log_prob, reward, baseline: -(reward * log_prob).mean(),
    CURRENT: lambda log_prob, reward, baseline: -((reward - reward.mean()) * log_prob).mean(),
    PROBABILITY: lambda log_prob, reward, baseline: -((reward - baseline) * log_prob.exp()).mean(),
    ADDED: lambda log_prob, reward, baseline: -((reward + baseline) * log_prob).mean(),
    SHIFTED: lambda log_prob, reward, baseline: -(reward * log_prob - baseline).mean(),
}
