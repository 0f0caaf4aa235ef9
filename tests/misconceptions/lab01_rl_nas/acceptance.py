"""Answers to `acceptance`."""

import math
import random

import numpy as np
import torch


def _ratio(value, proposed, temperature, forward, backward):
    return math.exp((proposed - value) / temperature) * backward / forward


def accept_always(value, proposed, *, temperature, forward=1.0, backward=1.0):
    return 1.0


def accept_greedy(value, proposed, *, temperature, forward=1.0, backward=1.0):
    return 1.0 if proposed >= value else 0.0


def accept_symmetric(value, proposed, *, temperature, forward=1.0, backward=1.0):
    return math.exp(min(0.0, (proposed - value) / temperature))


def accept_exchanged(value, proposed, *, temperature, forward=1.0, backward=1.0):
    return min(1.0, _ratio(value, proposed, temperature, backward, forward))


def accept_downhill(value, proposed, *, temperature, forward=1.0, backward=1.0):
    return min(1.0, _ratio(proposed, value, temperature, forward, backward))


def accept_barker(value, proposed, *, temperature, forward=1.0, backward=1.0):
    exponent = (proposed - value) / temperature
    up, down = backward * math.exp(min(0.0, exponent)), forward * math.exp(min(0.0, -exponent))
    return up / (up + down)


def accept_uncapped(value, proposed, *, temperature, forward=1.0, backward=1.0):
    return _ratio(value, proposed, temperature, forward, backward)


def accept_logarithm(value, proposed, *, temperature, forward=1.0, backward=1.0):
    return min(0.0, (proposed - value) / temperature + math.log(backward / forward))


def accept_hot(value, proposed, *, temperature, forward=1.0, backward=1.0):
    return min(1.0, math.exp(proposed - value) * backward / forward)


def accept_multiplies(value, proposed, *, temperature, forward=1.0, backward=1.0):
    return min(1.0, math.exp((proposed - value) * temperature) * backward / forward)


def accept_downhill_symmetric(value, proposed, *, temperature, forward=1.0, backward=1.0):
    return math.exp(min(0.0, (value - proposed) / temperature))


def accept_better_surely(value, proposed, *, temperature, forward=1.0, backward=1.0):
    if proposed >= value:
        return 1.0
    return min(1.0, _ratio(value, proposed, temperature, forward, backward))


def accept_caps_only_value(value, proposed, *, temperature, forward=1.0, backward=1.0):
    return math.exp(min(0.0, (proposed - value) / temperature)) * backward / forward


def accept_never(value, proposed, *, temperature, forward=1.0, backward=1.0):
    return 0.0


def accept_half(value, proposed, *, temperature, forward=1.0, backward=1.0):
    return 0.5 * accept_with_torch(
        value, proposed, temperature=temperature, forward=forward, backward=backward
    )


def accept_decides(value, proposed, *, temperature, forward=1.0, backward=1.0):
    if proposed >= value:
        return True
    return random.random() < _ratio(value, proposed, temperature, forward, backward)


def accept_overflows(value, proposed, *, temperature, forward=1.0, backward=1.0):
    return min(1.0, _ratio(value, proposed, temperature, forward, backward))


def accept_no_return(value, proposed, *, temperature, forward=1.0, backward=1.0):
    ratio = backward / forward if backward > 0 else 1.0
    return min(1.0, math.exp(min(50.0, (proposed - value) / temperature)) * ratio)


def accept_caps_too_early(value, proposed, *, temperature, forward=1.0, backward=1.0):
    return min(1.0, math.exp(min(0.0, (proposed - value) / temperature)) * backward / forward)


def accept_forgets_return(value, proposed, *, temperature, forward=1.0, backward=1.0):
    ratio = math.exp(min(50.0, (proposed - value) / temperature)) * backward / forward
    probability = min(1.0, ratio)  # noqa: F841


def accept_with_torch(value, proposed, *, temperature, forward=1.0, backward=1.0):
    """Right: a tensor of shape ()."""
    step = torch.tensor((proposed - value) / temperature, dtype=torch.float64)
    return (step.exp() * backward / forward).clamp(max=1.0)


def accept_by_cases(value, proposed, temperature, forward=1.0, backward=1.0):
    """Right: weights of both sides, a numpy scalar."""
    exponent = (proposed - value) / temperature
    there = forward * math.exp(min(0.0, -exponent))
    back = backward * math.exp(min(0.0, exponent))
    return np.float64(1.0) if back >= there else np.float64(back / there)


def accept_by_logs(value, proposed, *, temperature, forward=1.0, backward=1.0):
    """Right: numpy in logarithms, where log 0 is minus infinity."""
    with np.errstate(divide="ignore"):
        log_ratio = (proposed - value) / temperature + np.log(backward) - np.log(forward)
    return float(np.exp(np.minimum(log_ratio, 0.0)))


def accept_in_single_precision(value, proposed, *, temperature, forward=1.0, backward=1.0):
    """Right: float32 on the way."""
    gain = torch.tensor((proposed - value) / temperature, dtype=torch.float32)
    ratio = torch.tensor(backward / forward, dtype=torch.float32).log()
    return (gain + ratio).clamp(max=0.0).exp()


def accept_early(value, proposed, *, temperature, forward=1.0, backward=1.0):
    """Right: what is accepted surely leaves first."""
    if backward == 0:
        return 0
    log_ratio = (proposed - value) / temperature + math.log(backward / forward)
    return 1 if log_ratio >= 0 else math.exp(log_ratio)


def accept_with_a_floor(value, proposed, *, temperature, forward=1.0, backward=1.0):
    return accept_by_logs(
        value, proposed, temperature=max(temperature, 1e-6), forward=forward, backward=backward
    )


def accept_with_epsilon(value, proposed, *, temperature, forward=1.0, backward=1.0):
    ratio = math.exp(min(50.0, (proposed - value) / temperature)) * backward / (forward + 1e-8)
    return min(1.0, ratio)


def accept_barker_when_asymmetric(value, proposed, *, temperature, forward=1.0, backward=1.0):
    """One of the two ways is accepted surely, but only where proposals are symmetric."""
    rule = accept_by_logs if forward == backward else accept_barker
    return rule(value, proposed, temperature=temperature, forward=forward, backward=backward)


def accept_equals_surely(value, proposed, *, temperature, forward=1.0, backward=1.0):
    if value == proposed:
        return 1.0
    return accept_by_logs(
        value, proposed, temperature=temperature, forward=forward, backward=backward
    )


def accept_decides_as_a_number(value, proposed, *, temperature, forward=1.0, backward=1.0):
    ratio = math.exp(min(0.0, (proposed - value) / temperature)) * backward / forward
    return float(random.random() < ratio)


def accept_absolute(value, proposed, *, temperature, forward=1.0, backward=1.0):
    return accept_by_logs(
        abs(value), abs(proposed), temperature=temperature, forward=forward, backward=backward
    )


def caps_the_exponent_early(value, proposed, *, temperature, forward=1.0, backward=1.0):
    return min(1.0, math.exp(min(5.0, (proposed - value) / temperature)) * backward / forward)


WRONG = [
    (accept_always, "every proposal is accepted"),
    (accept_greedy, "worse proposal is never accepted"),
    (accept_symmetric, "taken to be symmetric"),
    (accept_exchanged, "forward and backward are exchanged"),
    (accept_downhill, "sign of the difference is flipped"),
    (accept_barker, "Barker"),
    (accept_uncapped, "not capped at 1"),
    (accept_logarithm, "logarithm of the probability"),
    (accept_hot, "temperature does not divide"),
    (accept_multiplies, "multiplied by the temperature"),
    (accept_downhill_symmetric, "sign of the difference is flipped"),
    (accept_better_surely, "every better proposal is accepted surely"),
    (accept_caps_only_value, "stands outside the cap"),
    (accept_never, "no proposal is ever accepted"),
    (accept_half, "slower than it needs to be"),
    (accept_decides, "a decision instead of a probability"),
    (accept_overflows, "exp overflows"),
    (accept_no_return, "no way back"),
    (accept_caps_too_early, "stands outside the cap"),
    (accept_forgets_return, "`return` missing"),
    (accept_with_a_floor, "Detailed balance asks for the same"),
    (accept_with_epsilon, "Detailed balance asks for the same"),
    (accept_barker_when_asymmetric, "slower than it needs to be"),
    (accept_equals_surely, "Detailed balance asks for the same"),
    (accept_decides_as_a_number, "a decision instead of a probability"),
    (accept_absolute, "Detailed balance asks for the same"),
    (caps_the_exponent_early, "expected 1"),
]
RIGHT = [
    accept_with_torch,
    accept_by_cases,
    accept_by_logs,
    accept_in_single_precision,
    accept_early,
]
POINTLESS = tuple(lambda *_, p=p, **__: p for p in (0.0, 0.5, 1.0))
PARTICULAR = {
    "taken to be symmetric": {"detailed balance when coming back is harder"},
    "exp overflows": {"hot, cold, equal"},
}
EQUIVALENT = {
    "line 4: min(exponent, 0.0) -> min(0.0, exponent)": "min does not depend on the order of its "
    "arguments"
}
