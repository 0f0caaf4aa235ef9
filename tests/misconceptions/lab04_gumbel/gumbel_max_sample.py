"""Answers to `gumbel_max_sample`."""

import numpy as np
import torch
from torch.nn import functional

from course_lib.nas import relax
from tests.misconceptions.lab04_gumbel.noise import gumbel as _gumbel
from tests.misconceptions.lab04_gumbel.noise import rand as _rand


def max_greedy(logits, rng):
    return logits.argmax(-1)


def max_noise_only(logits, rng):
    return _gumbel(logits.shape, rng).argmax(-1)


def max_of_softmax(logits, rng):
    return (logits.softmax(-1) + _gumbel(logits.shape, rng)).argmax(-1)


def max_minus_noise(logits, rng):
    return (logits - _gumbel(logits.shape, rng)).argmax(-1)


def max_smallest(logits, rng):
    return (logits + _gumbel(logits.shape, rng)).argmin(-1)


def max_uniform_noise(logits, rng):
    return (logits + torch.rand(logits.shape, generator=rng)).argmax(-1)


def max_normal_noise(logits, rng):
    return (logits + torch.randn(logits.shape, generator=rng)).argmax(-1)


def max_exponential_noise(logits, rng):
    return (logits - _rand(logits.shape, rng).log()).argmax(-1)


def max_multiplied(logits, rng):
    return (logits * _gumbel(logits.shape, rng)).argmax(-1)


def max_shared_noise(logits, rng):
    return (logits + _gumbel(logits.shape[-1:], rng)).argmax(-1)


def max_shared_over_second_axis(logits, rng):
    shape = (*logits.shape[:-2], 1, logits.shape[-1]) if logits.ndim > 2 else logits.shape
    return (logits + _gumbel(shape, rng)).argmax(-1)


def max_first_axis(logits, rng):
    return (logits + _gumbel(logits.shape, rng)).argmax(0)


def max_axis_one(logits, rng):
    return (logits + _gumbel(logits.shape, rng)).argmax(min(1, logits.ndim - 1))


def max_everything(logits, rng):
    return (logits + _gumbel(logits.shape, rng)).argmax()


def max_one_hot(logits, rng):
    index = (logits + _gumbel(logits.shape, rng)).argmax(-1)
    return functional.one_hot(index, logits.shape[-1])


def max_values(logits, rng):
    return (logits + _gumbel(logits.shape, rng)).amax(-1)


def max_pair(logits, rng):
    return (logits + _gumbel(logits.shape, rng)).max(-1)


def max_int32(logits, rng):
    return (logits + _gumbel(logits.shape, rng)).argmax(-1).int()


def max_global(logits, rng):
    return torch.distributions.Categorical(logits=logits).sample()


def max_calls_library(logits, rng):
    return relax.gumbel_max_sample(logits, rng)


def max_race(logits, rng):
    """Right: an exponential race, the first to arrive wins."""
    arrival = torch.empty(logits.shape, dtype=torch.float64).exponential_(generator=rng)
    return (arrival.log() - logits).argmin(-1)


def max_multinomial(logits, rng):
    """Right by every law: torch draws from softmax itself."""
    flat = logits.reshape(-1, logits.shape[-1]).double().softmax(-1)
    return torch.multinomial(flat, 1, generator=rng).view(logits.shape[:-1])


def max_log_softmax(logits, rng):
    """Right: log-probabilities instead of logits, and torch.max for the index."""
    return torch.max(logits.log_softmax(-1) + _gumbel(logits.shape, rng), dim=-1).indices


def max_naive(logits, rng):
    """Overflows: exp of a logit beyond 88 is infinite in single precision."""
    p = logits.exp() / logits.exp().sum(-1, keepdim=True)
    return (p.log() + _gumbel(logits.shape, rng)).argmax(-1)


def max_clipped(logits, rng):
    return (logits.clamp(-50, 50) + _gumbel(logits.shape, rng)).argmax(-1)


def max_in_place(logits, rng):
    logits += _gumbel(logits.shape, rng)
    return logits.argmax(-1)


def max_floats(logits, rng):
    return (logits + _gumbel(logits.shape, rng)).argmax(-1).float()


def max_warm(logits, rng):
    return (0.9 * logits + _gumbel(logits.shape, rng)).argmax(-1)


def max_row_by_row(logits, rng):
    """Right: a loop, and Python's max."""
    flat = (logits.double() + _gumbel(logits.shape, rng)).reshape(-1, logits.shape[-1])
    best = [max(range(len(row)), key=row.__getitem__) for row in flat.tolist()]
    return torch.tensor(best).view(logits.shape[:-1])


def max_by_logsumexp(logits, rng):
    """Right: the inverse of the cumulated probabilities."""
    p = (logits.double() - logits.double().logsumexp(-1, keepdim=True)).exp()
    u = torch.rand((*logits.shape[:-1], 1), generator=rng, dtype=torch.float64)
    return (p.cumsum(-1) < u).sum(-1).clamp(max=logits.shape[-1] - 1)


def max_with_numpy(logits, rng):
    """Right: numpy adds and compares."""
    sums = logits.detach().numpy() + _gumbel(logits.shape, rng).numpy()
    return torch.as_tensor(np.argmax(sums, axis=-1))


WRONG = [
    (max_greedy, "the largest logit is taken, no noise"),
    (max_noise_only, "the logits are not used"),
    (max_of_softmax, "softmax is taken before the noise"),
    (max_minus_noise, "the noise is subtracted, or the smallest sum"),
    (max_smallest, "the noise is subtracted, or the smallest sum"),
    (max_uniform_noise, "the noise is not Gumbel noise"),
    (max_normal_noise, "the noise is not Gumbel noise"),
    (max_exponential_noise, "the noise is not Gumbel noise"),
    (max_multiplied, "multiplied with the logits"),
    (max_shared_noise, "the rows share their noise"),
    (max_shared_over_second_axis, "the rows share their noise"),
    (max_first_axis, "argmax over the wrong axis"),
    (max_axis_one, "argmax over the wrong axis"),
    (max_everything, "argmax over the wrong axis"),
    (max_one_hot, "a one-hot vector instead of an index"),
    (max_values, "the value of the largest sum instead of its index"),
    (max_pair, "expected a tensor"),
    (max_int32, "expected torch.int64"),
    (max_global, "do not come from rng alone"),
    (max_calls_library, "library's function is called"),
    (max_naive, "failed"),
    (max_clipped, "softmax is"),
    (max_in_place, "the function changes its arguments"),
    (max_floats, "expected torch.int64"),
    (max_warm, "softmax is"),
]
RIGHT = [
    max_race,
    max_multinomial,
    max_log_softmax,
    max_row_by_row,
    max_by_logsumexp,
    max_with_numpy,
]
POINTLESS = (lambda logits, rng: logits.argmax(-1),)
