"""Answers to `sample_gumbel`."""

import numpy as np
import torch
from torch import Tensor

from course_lib.nas import relax
from tests.misconceptions.lab04_gumbel.noise import gumbel as _gumbel
from tests.misconceptions.lab04_gumbel.noise import rand as _rand


def noise_one_log(shape, rng):
    return -_rand(shape, rng).log()


def noise_one_log_no_sign(shape, rng):
    return _rand(shape, rng).log()


def noise_flipped(shape, rng):
    return (-_rand(shape, rng).log()).log()


def noise_no_inner_sign(shape, rng):
    return -_rand(shape, rng).log().log()


def noise_uniform(shape, rng):
    return _rand(shape, rng)


def noise_normal(shape, rng):
    return torch.randn(shape, generator=rng)


def noise_logistic(shape, rng):
    u = _rand(shape, rng)
    return (u / (1 - u)).log()


def noise_centred(shape, rng):
    return _gumbel(shape, rng) - 0.5772156649


def noise_base_two(shape, rng):
    return -(-_rand(shape, rng).log2()).log2()


def noise_float32(shape, rng):
    return -(-torch.rand(shape, generator=rng).log()).log()


def noise_one_minus(shape, rng):
    return -(-(1 - torch.rand(shape, generator=rng)).log()).log()


def noise_eps_above_one(shape, rng):
    return -(-(_rand(shape, rng) + 1e-3).log()).log()


def noise_eps_inside(shape, rng):
    u = torch.rand(shape, generator=rng)
    return -(-(u + 1e-6).log() + 1e-6).log()


def noise_clamped(shape, rng):
    u = torch.rand(shape, generator=rng, dtype=torch.float64)
    return -(-u.clamp(1e-6, 1 - 1e-6).log()).log()


def noise_clamped_hard(shape, rng):
    return -(-torch.rand(shape, generator=rng).clamp(1e-3, 0.999).log()).log()


def noise_shared_over_rows(shape, rng):
    return _gumbel(shape[-1:], rng).expand(shape).clone()


def noise_one_number(shape, rng):
    return _gumbel((1,) * len(shape), rng).expand(shape).clone()


def noise_global(shape, rng):
    return torch.distributions.Gumbel(0.0, 1.0).sample(shape)


def noise_reseeds(shape, rng):
    return _gumbel(shape, rng.manual_seed(1))


def noise_own_generator(shape, rng):
    return _gumbel(shape, torch.Generator().manual_seed(3))


def noise_ignores_shape(shape, rng):
    return _gumbel((len(shape),), rng)


def noise_numpy(shape, rng):
    return np.zeros(shape)


def noise_no_return(shape, rng):
    noise = _gumbel(shape, rng)  # noqa: F841


def noise_calls_library(shape, rng):
    return relax.sample_gumbel(shape, rng)


def noise_double(shape, rng):
    """Right: double precision, in which an exact zero does not come in a lifetime."""
    return -torch.log(-torch.log(torch.rand(tuple(shape), generator=rng, dtype=torch.float64)))


def noise_exponential(shape, rng):
    """Right: minus the logarithm of exponential numbers, which torch draws itself."""
    return -torch.empty(shape).exponential_(generator=rng).log()


def noise_tiny(shape, rng):
    """Right: single precision, kept off 0 by the smallest normal number."""
    u = torch.rand(shape, generator=rng).clamp(min=torch.finfo(torch.float32).tiny)
    return -(-u.log()).log()


def noise_numpy_maths(shape, rng):
    """Right: the maths in numpy, the draws from rng."""
    u = torch.rand(shape, generator=rng, dtype=torch.float64).numpy()
    return torch.from_numpy(-np.log(-np.log(np.maximum(u, 1e-300)))).float()


def noise_sorted(shape, rng):
    return _gumbel(shape, rng).sort(-1).values


def noise_mirrored(shape, rng):
    """Antithetic: the second half is drawn with 1 - u of the first."""
    n = int(np.prod(shape))
    u = _rand(((n + 1) // 2,), rng)
    return -(-torch.cat([u, 1 - u])[:n].clamp(min=1e-300).log()).log().view(shape)


def noise_mirrored_in_rows(shape, rng):
    u = _rand((*shape[:-1], (shape[-1] + 1) // 2), rng)
    both = torch.stack([u, 1 - u], -1).flatten(-2)[..., : shape[-1]]
    return -(-both.clamp(min=1e-300).log()).log()


def noise_on_a_grid(shape, rng):
    """Stratified: one draw in each of n equal intervals, in random order."""
    n = int(np.prod(shape))
    u = (torch.randperm(n, generator=rng) + _rand((n,), rng)) / n
    return -(-u.clamp(1e-300).log()).log().view(shape)


class _EverySecond:
    """Every second call gives what the one before gave."""

    def __init__(self) -> None:
        self.kept: dict[object, Tensor] = {}

    def __call__(self, shape, rng):
        if shape in self.kept:
            return self.kept.pop(shape)
        self.kept[shape] = _gumbel(shape, rng)
        return self.kept[shape].clone()


def noise_mean_of_two(shape, rng):
    return (_gumbel(shape, rng) + _gumbel(shape, rng)) / 2


def noise_slightly_wide(shape, rng):
    return 1.03 * _gumbel(shape, rng)


def noise_by_distribution(shape, rng):
    """Right: torch.distributions' inverse, of u from rng."""
    gumbel = torch.distributions.Gumbel(torch.tensor(0.0).double(), torch.tensor(1.0).double())
    return gumbel.icdf(_rand(shape, rng))


def noise_in_a_loop(shape, rng):
    """Right: row by row."""
    if len(shape) < 2:
        return _gumbel(shape, rng)
    return torch.stack([noise_in_a_loop(shape[1:], rng) for _ in range(shape[0])])


def noise_in_place(shape, rng):
    """Right: every step writes into one tensor."""
    u = torch.empty(shape, dtype=torch.float64).uniform_(generator=rng).clamp_(min=1e-300)
    return u.log_().neg_().log_().neg_()


WRONG = [
    (noise_one_log, "one logarithm is missing"),
    (noise_one_log_no_sign, "one logarithm is missing"),
    (noise_flipped, "sign is flipped"),
    (noise_no_inner_sign, "logarithm of a negative number"),
    (noise_uniform, "uniform numbers"),
    (noise_normal, "normal numbers"),
    (noise_logistic, "logistic numbers"),
    (noise_centred, "the noise is centred"),
    (noise_base_two, "another base than e"),
    (noise_float32, "exactly 0 or 1 now and then"),
    (noise_one_minus, "exactly 0 or 1 now and then"),
    (noise_eps_inside, "a tail is cut off"),
    (noise_eps_above_one, "u can exceed 1"),
    (noise_clamped, "a tail is cut off"),
    (noise_clamped_hard, "a tail is cut off"),
    (noise_shared_over_rows, "one draw serves several entries"),
    (noise_one_number, "one draw serves several entries"),
    (noise_global, "do not come from rng alone"),
    (noise_reseeds, "do not come from rng alone"),
    (noise_own_generator, "do not come from rng alone"),
    (noise_ignores_shape, "the noise has shape"),
    (noise_numpy, "expected a tensor"),
    (noise_no_return, "`return` missing"),
    (noise_calls_library, "library's function is called"),
    (noise_sorted, "depend on each other (sorted"),
    (noise_mirrored, "depend on each other (sorted, mirrored"),
    (noise_mirrored_in_rows, "depend on each other"),
    (noise_on_a_grid, "depend on each other (sorted, mirrored, evenly spaced"),
    (_EverySecond(), "failed"),
    (noise_mean_of_two, "away from exp(-exp(-g))"),
    (noise_slightly_wide, "away from exp(-exp(-g))"),
]
RIGHT = [
    noise_double, noise_exponential, noise_tiny, noise_numpy_maths,
    noise_by_distribution, noise_in_a_loop, noise_in_place,
]  # fmt: skip
POINTLESS = (lambda shape, rng: torch.rand(shape, generator=rng),)
PARTICULAR = {
    "exactly 0": {"finite, and both tails there, over 10 million draws"},
    "mirrored": {"any shape, every entry its own draw"},
}
_DOUBLE = "in float64 an exact 0 comes once in 9e15 draws: the clamp is a belt beside braces"
EQUIVALENT = {
    "line 2: u = u.clamp(min=torch.finfo(torch.float64).tiny) -> (dropped)": _DOUBLE,
    "line 2: u.clamp(min=torch.finfo(torch.float64).tiny) -> u": _DOUBLE,
    "line 3: torch.log(-torch.log(u)).float() -> torch.log(-torch.log(u))": "any floating-"
    "point type may be returned",
}
