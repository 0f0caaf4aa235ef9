"""How `enas_step` goes wrong."""

from course_lib.checks.wrong import Misconception

ON_TRAIN = Misconception(
    "the reward comes from the training batch",
    "On images that the weights have just learned every path looks good. The policy is judged on "
    "the validation batch.",
)
ON_VALID = Misconception(
    "the weights learn on the validation batch",
    "Weights on the training batch, policy on the validation batch: what the policy compares must "
    "be new to the weights.",
)
WEIGHTS_SIGN = Misconception(
    "the weights climb their loss",
    "The optimizer descends: backward() on the cross-entropy without a minus.",
)
STILL_WEIGHTS = Misconception(
    "the weights do not move",
    "First half of the step: loss.backward(), then weight_optimizer.step().",
)
STILL_POLICY = Misconception(
    "the policy does not move",
    "Its loss -(reward - baseline) * log_prob needs log_prob with its gradient, backward() and "
    "policy_optimizer.step().",
)
ACCUMULATED = Misconception(
    "gradients of the step before are still there",
    "backward() adds to .grad: zero_grad() of the optimizer before each backward().",
)
POLICY_SIGN = Misconception(
    "the policy's sign is flipped",
    "The optimizer descends, the reward should rise: -(reward - baseline) * log_prob.",
)
IGNORED = Misconception(
    "the baseline is not used",
    "How much better than expected was the path? reward - baseline.",
)
ADDED = Misconception(
    "the baseline is added",
    "The advantage is reward - baseline.",
)
LOSS = Misconception(
    "the loss is taken for the reward",
    "The reward is the accuracy of the validation batch: the share of rows whose argmax is y.",
)
COUNT = Misconception(
    "the number of right answers instead of their share",
    "An accuracy lies between 0 and 1: take the mean.",
)
BEFORE = Misconception(
    "the reward is measured before the weights have moved",
    "First the weights learn, then the policy is rewarded with the new, inherited weights.",
)
OTHER_STRING = Misconception(
    "the log-probability belongs to another path than the reward",
    "The path that was scored on the validation batch is the one whose log_prob is raised.",
)
WEIGHTS_STEPPED = Misconception(
    "the weights are moved by the policy step, too",
    "The second half belongs to the policy alone: only policy_optimizer steps there.",
)
POLICY_STEPPED = Misconception(
    "the policy is moved by the weight step, too",
    "The first half belongs to the weights alone: only weight_optimizer steps there.",
)
SAME_PATH = Misconception(
    "the path that was just trained is the one that is scored",
    "It has an unfair advantage: its weights have just moved. Draw a new path for the reward.",
)
UNIFORM = Misconception(
    "the paths are not drawn from the policy",
    "In ENAS both halves draw their path from the controller: policy(rng).",
)
RESEEDED = Misconception(
    "the draws start anew from a seed of their own",
    "Hand on the rng that was given: policy(rng).",
)
