"""Answers to `latency_reward`."""

import math

import torch

from course_lib.hardware import latency_search as library


def by_formula(accuracy, latency, *, target, exponent=-0.07):
    return accuracy * torch.pow(latency / target, exponent)


def by_exp(accuracy, latency, *, target, exponent=-0.07):
    """Right: the power by a logarithm."""
    return accuracy * (exponent * (latency.log() - math.log(target))).exp()


def two_powers(accuracy, latency, *, target, exponent=-0.07):
    """Right: the fraction taken apart."""
    return latency**exponent * accuracy / target**exponent


def turned_twice(accuracy, latency, *, target, exponent=-0.07):
    """Right: two minus signs."""
    return accuracy * (target / latency) ** (-exponent)


def one_by_one(accuracy, latency, *, target, exponent=-0.07):
    """Right: a loop that keeps the graph."""
    pairs = zip(accuracy.reshape(-1), latency.reshape(-1), strict=True)
    return torch.stack([a * (t / target) ** exponent for a, t in pairs]).reshape(accuracy.shape)


def form(formula):
    """formula(accuracy, ratio, exponent)"""

    def latency_reward(accuracy, latency, *, target, exponent=-0.07):
        return formula(accuracy, latency / target, exponent)

    return latency_reward


def no_target(accuracy, latency, *, target, exponent=-0.07):
    return accuracy * latency**exponent


def in_milliseconds(accuracy, latency, *, target, exponent=-0.07):
    return accuracy * (1000 * latency / target) ** exponent


def difference(accuracy, latency, *, target, exponent=-0.07):
    return accuracy + exponent * (latency - target)


def gap(accuracy, latency, *, target, exponent=-0.07):
    return accuracy * (latency - target).abs() ** exponent


def own_default(accuracy, latency, *, target, exponent=-1.0):
    return by_formula(accuracy, latency, target=target, exponent=exponent)


def positive_default(accuracy, latency, *, target, exponent=0.07):
    return by_formula(accuracy, latency, target=target, exponent=exponent)


def fixed_exponent(accuracy, latency, *, target, exponent=-0.07):
    return by_formula(accuracy, latency, target=target)


def always_falling(accuracy, latency, *, target, exponent=-0.07):
    return by_formula(accuracy, latency, target=target, exponent=-abs(exponent) or -0.07)


def mean_latency(accuracy, latency, *, target, exponent=-0.07):
    return accuracy * (latency.mean() / target) ** exponent


def batch_mean(accuracy, latency, *, target, exponent=-0.07):
    return by_formula(accuracy, latency, target=target, exponent=exponent).mean()


def normalised(accuracy, latency, *, target, exponent=-0.07):
    reward = by_formula(accuracy, latency, target=target, exponent=exponent)
    return reward / reward.max()


def of_the_largest(accuracy, latency, *, target, exponent=-0.07):
    return accuracy * (latency / latency.max()) ** exponent


def detached(accuracy, latency, *, target, exponent=-0.07):
    return accuracy * (latency.detach() / target) ** exponent


def rebuilt(accuracy, latency, *, target, exponent=-0.07):
    return torch.tensor(by_formula(accuracy, latency, target=target, exponent=exponent).tolist())


def by_numpy(accuracy, latency, *, target, exponent=-0.07):
    return accuracy.numpy() * (latency.numpy() / target) ** exponent


def divides_in_place(accuracy, latency, *, target, exponent=-0.07):
    with torch.no_grad():
        latency /= target
    return accuracy * latency**exponent


def scales_in_place(accuracy, latency, *, target, exponent=-0.07):
    accuracy.data *= (latency / target) ** exponent
    return accuracy


def capped(accuracy, latency, *, target, exponent=-0.07):
    return by_formula(accuracy, latency, target=target, exponent=exponent).clamp(max=1.0)


def first_only(accuracy, latency, *, target, exponent=-0.07):
    return accuracy * (latency.reshape(-1)[0] / target) ** exponent


def as_list(accuracy, latency, *, target, exponent=-0.07):
    return by_formula(accuracy, latency, target=target, exponent=exponent).tolist()


def forgets_return(accuracy, latency, *, target, exponent=-0.07):
    by_formula(accuracy, latency, target=target, exponent=exponent)


def calls_library(accuracy, latency, *, target, exponent=-0.07):
    return library.latency_reward(accuracy, latency, target=target, exponent=exponent)


SLOW = "slow networks are rewarded"
LOG = "a logarithm takes the place of the power"
FACTOR = "the exponent is a factor"
TARGET = "the target is left out"
ACCURACY = "the accuracy is raised to the power, too"
HARD = "the limit is a hard one"
EXPONENT = "the exponent that was handed in is not used"
CHANGED = "the function changes its arguments"
BATCH = "the answer depends on the others in the batch"
FORMULA = "✘ the formula by hand"
WRONG = [
    (form(lambda a, r, e: a * (1 / r) ** e), SLOW),
    (form(lambda a, r, e: a / r**e), SLOW),
    (form(lambda a, r, e: a * torch.log(r**e)), LOG),
    (form(lambda a, r, e: a + torch.log(r**e)), LOG),
    (form(lambda a, r, e: a * torch.log(r) * e), LOG),
    (form(lambda a, r, e: a * r.abs().log2().abs() ** e), FORMULA),
    (form(lambda a, r, e: a * r * e), FACTOR),
    (form(lambda a, r, e: a + e * r), FACTOR),
    (form(lambda a, r, e: a + e * (r - 1)), FACTOR),
    (difference, FACTOR),
    (form(lambda a, r, e: a + r**e), FORMULA),
    (form(lambda a, r, e: a * e**r), "✘"),
    (form(lambda a, r, e: a * torch.exp(e * r)), FORMULA),
    (form(lambda a, r, e: a * torch.exp(e * (r - 1))), FORMULA),
    (no_target, TARGET),
    (gap, TARGET),
    (in_milliseconds, FORMULA),
    (form(lambda a, r, e: (a * r) ** e), ACCURACY),
    (form(lambda a, r, e: a**e * r**e), ACCURACY),
    (form(lambda a, r, e: a * torch.where(r > 1, r**e, torch.ones_like(r))), HARD),
    (form(lambda a, r, e: a * torch.where(r < 1, r**e, torch.ones_like(r))), HARD),
    (form(lambda a, r, e: torch.where(r <= 1, a, torch.zeros_like(a))), HARD),
    (form(lambda a, r, e: (1 - a) * r**e), FORMULA),
    (form(lambda a, r, e: a * r.clamp(0.1, 10) ** e), "✘ twice as slow is worth 2 ** exponent"),
    (fixed_exponent, EXPONENT),
    (own_default, "the default exponent: the reward is"),
    (positive_default, "the default exponent: the reward is"),
    (always_falling, "exponent 0: the reward is"),
    (mean_latency, FORMULA),
    (batch_mean, "the reward has shape ()"),
    (normalised, BATCH),
    (of_the_largest, BATCH),
    (first_only, BATCH),
    (capped, FORMULA),
    (detached, "is it detached, or a number, on its way?"),
    (rebuilt, "✘ differentiable in both"),
    (by_numpy, "✘"),
    (divides_in_place, CHANGED),
    (scales_in_place, CHANGED),
    (as_list, "of type list, expected a tensor"),
    (forgets_return, "`return` missing"),
    (calls_library, "library's function is called"),
]
RIGHT = [by_formula, by_exp, two_powers, turned_twice, one_by_one]
POINTLESS = (
    lambda accuracy, latency, *, target, exponent=-0.07: accuracy,
    lambda accuracy, latency, *, target, exponent=-0.07: torch.zeros_like(accuracy),
)
PARTICULAR = {
    "is it detached": {"differentiable in both"},
    "exponent 0: the reward is": {"at the target it is the accuracy"},
    "twice as slow": {"twice as slow is worth 2 ** exponent"},
}
