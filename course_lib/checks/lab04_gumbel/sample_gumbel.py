"""`sample_gumbel`: the distribution function is exp(-exp(-g)), tails included."""

from functools import cache

import numpy as np
import torch
from torch import Generator, Tensor

from course_lib.checks.ask import Ask
from course_lib.checks.chance import (
    GLOBAL_RNG,
    Drawn,
    different,
    distance,
    distance_bound,
    excess,
    only_rng,
)
from course_lib.checks.engine import Exercise
from course_lib.checks.lab04_gumbel import sections
from course_lib.checks.lab04_gumbel.noise import gumbel, uniform
from course_lib.checks.values import tensor
from course_lib.checks.variants import seeded
from course_lib.checks.wrong import Misconception, Wrong, mistake

NEGATIVE = Misconception(
    "the logarithm of a negative number",
    "log(u) is negative for u in (0, 1): a minus sign belongs between the two logarithms.",
)
ABOVE_ONE = Misconception(
    "u can exceed 1",
    "An epsilon on top of u reaches past 1 now and then, where log(u) is positive and the second "
    "logarithm is undefined: keep u below 1, for example with .clamp(min=...).",
)
ZEROS = Misconception(
    "u is exactly 0 or 1 now and then",
    "torch.rand draws from [0, 1) in steps of 2^-24: about once in 17 million draws it is exactly "
    "0, and the logarithm of 0 is infinite. Draw u in float64, and keep it off 0 by a tiny number.",
)
TAIL = Misconception(
    "a tail is cut off",
    "An epsilon or a clamp of this size moves the rare large draws, which decide between unlikely "
    "choices: draw u in float64, and keep it off 0 by no more than torch.finfo(u.dtype).tiny.",
)
MISTAKES = (
    mistake(
        "one draw serves several entries",
        "Every entry needs a draw of its own: draw u with the whole shape.",
        lambda shape, rng: gumbel(shape[-1:], rng).expand(shape),
        lambda shape, rng: gumbel((1,) * len(shape), rng).expand(shape),
        lambda shape, rng: gumbel((*shape[:-1], 1), rng).expand(shape),
        part="equal along an axis",
    ),
    mistake(
        "one logarithm is missing",
        "-log(u) is exponential. The inverse of exp(-exp(-g)) undoes two exponentials.",
        lambda shape, rng: -uniform(shape, rng).log(),
        lambda shape, rng: uniform(shape, rng).log(),
        part="draws",
    ),
    mistake(
        "the sign is flipped",
        "Solve u = exp(-exp(-g)) for g step by step: two logarithms and two minus signs. The long "
        "tail of a Gumbel number is on the right.",
        lambda shape, rng: -gumbel(shape, rng),
        part="draws",
    ),
    mistake(
        "uniform numbers",
        "u is where the inverse transform starts; g is the inverse of the distribution function at "
        "u.",
        lambda shape, rng: uniform(shape, rng),
        part="draws",
    ),
    mistake(
        "normal numbers",
        "Gumbel noise is not normal: only with exp(-exp(-g)) does the largest sum follow softmax.",
        lambda shape, rng: torch.randn(shape, generator=rng),
        part="draws",
    ),
    mistake(
        "logistic numbers",
        "log(u) - log(1 - u) is the difference of two Gumbel numbers; one of them is needed.",
        lambda shape, rng: gumbel(shape, rng) - gumbel(shape, rng),
        part="draws",
    ),
    mistake(
        "the noise is centred",
        "A standard Gumbel number has the mean 0.577, not 0: the formula needs no shift.",
        lambda shape, rng: gumbel(shape, rng) - np.euler_gamma,
        part="draws",
    ),
    mistake(
        "the logarithm has another base than e",
        "The distribution function is written with exp: undo it with the natural logarithm.",
        lambda shape, rng: -(-uniform(shape, rng).log2()).log2(),
        lambda shape, rng: -(-uniform(shape, rng).log10()).log10(),
        part="draws",
    ),
    NEGATIVE,
    ABOVE_ONE,
    ZEROS,
    TAIL,
    GLOBAL_RNG,
)
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
        total = answer.numel()
        if undefined := int(answer.isnan().sum()):
            few = ABOVE_ONE if undefined < 0.05 * total else None
            said = f"{undefined:,} of {total:,} draws are nan"
            raise Wrong(said, NEGATIVE if undefined == total else few)
        if infinite := int(answer.isinf().sum()):
            first = float(answer[answer.isinf()][0])
            said = f"{infinite:,} of {total:,} draws are infinite: {first}"
            raise Wrong(said, ZEROS if infinite <= 1e-5 * total + 2 else None)
    return tensor(answer, shape, "the noise").detach()


def probe(ask: Ask, variant: int) -> dict[str, object]:
    """50,000 draws, and along which axes of a small answer all are equal."""
    few = _drawn(ask, (3, 4), seeded(variant, 20))
    equal = [bool((few == few.select(axis, 0).unsqueeze(axis)).all()) for axis in (0, 1)]
    draws = Drawn(_drawn(ask, (250, 200), seeded(variant, 21)))
    return {"draws": draws, "equal along an axis": equal}


def distribution(ask: Ask, variant: int) -> None:
    """200,000 draws against exp(-exp(-g))."""
    shape = (1000 + 10 * (variant % 5), 200)
    draws = _drawn(ask, shape, seeded(variant, 1))
    found, most = distance(draws, gumbel_distribution), distance_bound(draws.numel())
    if found > most:
        raise Wrong(
            f"the distribution of {draws.numel():,} draws is {found:.3f} away from exp(-exp(-g)); "
            f"right draws stay below {most:.3f}. Half of yours are below "
            f"{float(draws.double().median()):.3f}, expected {-np.log(np.log(2)):.3f}"
        )


def shapes(ask: Ask, variant: int) -> None:
    """Every shape that is asked for, every entry a draw of its own: none is known from others of
    the same row, column or call."""
    for shape in ((7,), (1, 4), (30, 40), (40, 30), (5, 6, 2 + variant % 5)):
        draws = _drawn(ask, shape, seeded(variant, len(shape)))
        found = different(draws)
        if found < 0.9 * draws.numel():  # float32 has room for 16 million different ones
            raise Wrong(f"of {draws.numel()} draws only {found} are different")
    rng = seeded(variant, 6)
    calls = torch.stack([_drawn(ask, (40, 50), rng) for _ in range(8)]).double()
    scores = torch.special.ndtri((-(-calls).exp()).exp().clamp(1e-12, 1 - 1e-12))
    if (ratio := excess(scores)) is not None:
        raise Wrong(
            "draws of one row, column or call depend on each other (sorted, mirrored, evenly "
            "spaced or used twice?): their sums, squared, are "
            f"{ratio:.2g} times what those of independent draws are"
        )


def generator(ask: Ask, variant: int) -> None:
    """All randomness comes from rng."""
    only_rng(lambda rng: _drawn(ask, (4, 5), rng), "noise")


def tails(ask: Ask, variant: int) -> None:
    """Over 10 million draws every number is finite, and some lie beyond one in a million."""
    rng = seeded(variant, _salt_of_a_zero(variant))
    lowest, highest = np.inf, -np.inf
    for _ in range(CHUNKS):
        draws = _drawn(ask, CHUNK, rng)
        lowest, highest = min(lowest, float(draws.min())), max(highest, float(draws.max()))
    # of n right draws none is beyond with probability exp(-n BEYOND), here 5e-5 at each end
    low, high = -np.log(-np.log(BEYOND)), -np.log(-np.log1p(-BEYOND))
    if lowest > low or highest < high:
        n = CHUNKS * CHUNK[0] * CHUNK[1]
        raise Wrong(
            f"{n:,} draws lie between {lowest:.3f} and {highest:.3f}; about {n * BEYOND:.0f} "
            f"should be below {low:.3f}, and as many above {high:.3f}",
            TAIL if distance(draws, gumbel_distribution) < 0.01 else None,
        )


@cache
def _salt_of_a_zero(variant: int) -> int:
    """The salt with which torch.rand gives an exact 0 among the first million numbers."""
    salt = 10
    while bool(torch.rand(CHUNK, generator=seeded(variant, salt)).all()):
        salt += 1
    return salt


sample_gumbel = Exercise(
    lab="lab04_gumbel",
    name="sample_gumbel",
    section=sections.INVERSE,
    library=("course_lib.nas.relax:sample_gumbel",),
    laws={
        "the closed distribution function": distribution,
        "any shape, every entry its own draw": shapes,
        "all draws come from rng": generator,
        "finite, and both tails there, over 10 million draws": tails,
    },
    mistakes=MISTAKES,
    probe=probe,
    hints=(
        "Set u = exp(-exp(-g)) and solve for g. Which two functions undo the two exponentials, and "
        "where do the minus signs go?",
        "torch.rand(shape, generator=rng) draws u from [0, 1): every entry on its own. What is "
        "log(0)?",
        "Draw u in torch.float64, keep it off 0 with .clamp(min=torch.finfo(u.dtype).tiny), "
        "and return -log(-log(u)), in float32 if you like.",
    ),
    basic="the closed distribution function",
)
