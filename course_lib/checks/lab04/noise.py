"""Laws of `sample_gumbel`: its distribution function is exp(-exp(-g)), tails included."""

from collections.abc import Callable

import numpy as np
import torch
from torch import Generator, Tensor

from course_lib.checks.ask import Ask
from course_lib.checks.chance import (
    alike,
    different,
    distance,
    distance_bound,
    nearest,
    only_rng,
)
from course_lib.checks.values import tensor
from course_lib.checks.variants import seeded
from course_lib.checks.wrong import Misconception, Wrong
from course_lib.core import make_rng

ONE_LOG = Misconception(
    "one logarithm is missing",
    "-log(u) is exponential. The inverse of exp(-exp(-g)) undoes two exponentials.",
)
SIGN = Misconception(
    "the sign is flipped",
    "Solve u = exp(-exp(-g)) for g step by step: two logarithms and two minus signs. The long tail "
    "of a Gumbel number is on the right.",
)
NEGATIVE = Misconception(
    "the logarithm of a negative number",
    "log(u) is negative for u in (0, 1): a minus sign belongs between the two logarithms.",
)
ABOVE_ONE = Misconception(
    "u can exceed 1",
    "An epsilon on top of u reaches past 1 now and then, where log(u) is positive and the second "
    "logarithm is undefined: keep u below 1, for example with .clamp(min=...).",
)
UNIFORM = Misconception(
    "uniform numbers",
    "u is where the inverse transform starts; g is the inverse of the distribution function at u.",
)
NORMAL = Misconception(
    "normal numbers",
    "Gumbel noise is not normal: only with exp(-exp(-g)) does the largest sum follow softmax.",
)
LOGISTIC = Misconception(
    "logistic numbers",
    "log(u) - log(1 - u) is the difference of two Gumbel numbers; one of them is needed.",
)
CENTRED = Misconception(
    "the noise is centred",
    "A standard Gumbel number has the mean 0.577, not 0: the formula needs no shift.",
)
BASE = Misconception(
    "the logarithm has another base than e",
    "The distribution function is written with exp: undo it with the natural logarithm.",
)
ZEROS = Misconception(
    "u is exactly 0 or 1 now and then",
    "torch.rand draws from [0, 1) in steps of 2^-24: about once in 17 million draws it is exactly "
    "0, and the logarithm of 0 is infinite. Draw u in float64, or keep it off 0 by a tiny number.",
)
TAIL = Misconception(
    "a tail is cut off",
    "An epsilon or a clamp of this size moves the rare large draws, which decide between unlikely "
    "choices: use torch.finfo(...).tiny, or float64.",
)
SHARED = Misconception(
    "one draw serves several entries",
    "Every entry needs a draw of its own: draw u with the whole shape.",
)

KNOWN: dict[Misconception, Callable[[Tensor, Generator], Tensor]] = {
    ONE_LOG: lambda u, rng: -u.log(),
    SIGN: lambda u, rng: (-u.log()).log(),
    UNIFORM: lambda u, rng: u,
    NORMAL: lambda u, rng: torch.randn(u.shape, generator=rng, dtype=u.dtype),
    LOGISTIC: lambda u, rng: u.log() - (1 - u).log(),
    CENTRED: lambda u, rng: -(-u.log()).log() - np.euler_gamma,
    BASE: lambda u, rng: -(-u.log2()).log2(),
}
_LOWER_SIGNS: dict[Misconception, Callable[[Tensor, Generator], Tensor]] = {
    ONE_LOG: lambda u, rng: u.log(),
    BASE: lambda u, rng: -(-u.log10()).log10(),
}
CHUNK = (1024, 1024)
CHUNKS = 10
BEYOND = 0.95e-6


def gumbel_distribution(x: np.ndarray) -> np.ndarray:
    """P(g <= x) = exp(-exp(-x))."""
    return np.asarray(np.exp(-np.exp(-np.clip(x, -700, None))))


def _drawn(ask: Ask, shape: tuple[int, ...], rng: Generator) -> Tensor:
    """One answer, of this shape; infinite and undefined numbers are explained."""
    answer = ask(shape, rng)
    if type(answer) is Tensor and answer.dtype.is_floating_point and tuple(answer.shape) == shape:
        if bool(answer.isnan().any()):
            undefined = int(answer.isnan().sum())
            said = f"{undefined:,} of {answer.numel():,} draws are nan"
            raise Wrong(said, NEGATIVE if undefined > answer.numel() / 2 else ABOVE_ONE)
        if bool(answer.isinf().any()):
            raise Wrong(f"a draw is infinite: {float(answer[answer.isinf()][0])}", ZEROS)
    return tensor(answer, shape, "the noise")


def distribution(ask: Ask, variant: int) -> None:
    """20,000 draws against exp(-exp(-g))."""
    shape = (100 + 10 * (variant % 5), 200)
    draws = _drawn(ask, shape, seeded(variant, 1))
    found, most = distance(draws, gumbel_distribution), distance_bound(draws.numel())
    if found > most:
        middle = float(draws.detach().double().median())
        raise Wrong(
            f"the distribution of {draws.numel()} draws is {found:.3f} away from exp(-exp(-g)); "
            f"right draws stay below {most:.3f}. Half of yours are below {middle:.3f}, expected "
            f"{-np.log(np.log(2)):.3f}",
            _recognise(draws),
        )


def _recognise(draws: Tensor) -> Misconception | None:
    if _few(draws):
        return SHARED
    rng = make_rng(0)
    u = torch.rand(100_000, generator=rng, dtype=torch.float64).clamp(min=1e-300)
    formulas = [*KNOWN.items(), *_LOWER_SIGNS.items()]
    known = ((mistake, lambda f=formula: f(u, rng)) for mistake, formula in formulas)
    return nearest(known, lambda others: alike(draws, others))


def _few(draws: Tensor) -> bool:
    """Whether many entries are equal: float32 has room for 16 million different ones."""
    return different(draws) < 0.9 * draws.numel()


def shapes(ask: Ask, variant: int) -> None:
    """Every shape that is asked for, every entry a draw of its own."""
    for shape in ((7,), (30, 40), (40, 30), (5, 6, 2 + variant % 5)):
        draws = _drawn(ask, shape, seeded(variant, len(shape)))
        if _few(draws):
            said = f"of {draws.numel()} draws only {different(draws)} are different"
            raise Wrong(said, SHARED)


def generator(ask: Ask, variant: int) -> None:
    """All randomness comes from rng."""
    only_rng(lambda rng: _drawn(ask, (4, 5), rng), "noise")


def tails(ask: Ask, variant: int) -> None:
    """Over 10 million draws every number is finite, and some lie beyond one in a million."""
    rng = _with_a_zero(variant)
    lowest, highest = np.inf, -np.inf
    for _ in range(CHUNKS):
        draws = _drawn(ask, CHUNK, rng).detach()
        lowest, highest = min(lowest, float(draws.min())), max(highest, float(draws.max()))
    # of n right draws none is beyond with probability exp(-n BEYOND), here 5e-5 at each end
    low, high = -np.log(-np.log(BEYOND)), -np.log(-np.log1p(-BEYOND))
    if lowest > low or highest < high:
        n = CHUNKS * CHUNK[0] * CHUNK[1]
        raise Wrong(
            f"{n:,} draws lie between {lowest:.3f} and {highest:.3f}; about {n * BEYOND:.0f} "
            f"should be below {low:.3f}, and as many above {high:.3f}",
            TAIL,
        )


def _with_a_zero(variant: int) -> Generator:
    """A generator with which torch.rand gives an exact 0 among the first million numbers."""
    salt = 10
    while bool(torch.rand(CHUNK, generator=seeded(variant, salt)).all()):
        salt += 1
    return seeded(variant, salt)


LAWS = {
    "the closed distribution function": distribution,
    "any shape, every entry its own draw": shapes,
    "all draws come from rng": generator,
    "finite, and both tails there, over 10 million draws": tails,
}
