"""`kendall_tau`: scipy's tau-b, and quantiles of the bootstrap over pairs."""

from collections.abc import Callable
from functools import cache

import numpy as np
import torch
from torch import Generator, Tensor

from course_lib.checks.ask import Ask
from course_lib.checks.chance import GLOBAL_RNG, RATE, only_rng
from course_lib.checks.engine import Exercise
from course_lib.checks.lab02_weight_sharing import rankings, sections
from course_lib.checks.lab02_weight_sharing.rankings import OTHER_SCORES, Numbers, drawn_pairs
from course_lib.checks.lab02_weight_sharing.shared import RESEEDED, own_seed
from course_lib.checks.values import apart, number, told_apart, tuple_of
from course_lib.checks.variants import seeded
from course_lib.checks.wrong import Misconception, Wrong
from course_lib.core import make_rng

RESAMPLES = 4000
INDEPENDENT = Misconception(
    "x and y are resampled independently",
    "A pair belongs together: draw indices once per resample and take x[index] and y[index]. "
    "Otherwise the agreement is destroyed, and the interval lies about 0.",
)
NO_WIDTH = Misconception(
    "the resamples are all the same sample",
    "Draw n of the n pairs with replacement (torch.randint). A permutation is the same sample.",
)
TAILS = Misconception(
    "each end cuts off 1 - level",
    "Both tails together hold 1 - level: (1 - level) / 2 at either end.",
)
CROSSED = Misconception(
    "low and high are exchanged",
    "low is the quantile (1 - level) / 2, high the quantile 1 - (1 - level) / 2.",
)
SYMMETRIC = Misconception(
    "the interval is tau plus and minus something",
    "Take the quantiles of the resampled tau. They are not symmetric: tau cannot exceed 1.",
)
TIES_IN_RESAMPLES = Misconception(
    "ties are ignored in the resamples",
    "A pair that was drawn twice is tied with itself: every resample needs tau-b, too.",
)
OTHER_NUMBER = Misconception(
    "the number of resamples is not the one asked for",
    "`resamples` says how many: a single one has no spread, and thousands reach into the tails.",
)
CHANGED = Misconception(
    "the arguments are changed",
    "x and y belong to the caller: sort or shift a copy.",
)

MISTAKES = (
    *OTHER_SCORES,
    INDEPENDENT, NO_WIDTH, TAILS, CROSSED, SYMMETRIC, TIES_IN_RESAMPLES, OTHER_NUMBER, CHANGED,
    GLOBAL_RNG, RESEEDED,
)  # fmt: skip


def asked(
    ask: Ask, x: Numbers, y: Numbers, rng: Generator, *, level: float = 0.95, resamples: int = 60
) -> tuple[float, float, float]:
    """The answer as (tau, low, high), given copies of x and y."""
    answer = ask(x.copy(), y.copy(), rng, level=level, resamples=resamples)
    names = ("tau", "low", "high")
    tau, low, high = map(number, tuple_of(answer, *names), names)
    return tau, low, high


def probe(ask: Ask, variant: int) -> list[float]:
    """tau of three samples with ties."""
    rng = seeded(variant, 6)
    samples = [drawn_pairs(rng, 20, levels=4) for _ in range(3)]
    return [asked(ask, x, y, seeded(variant), resamples=2)[0] for x, y in samples]


def _require_tau(ask: Ask, x: Numbers, y: Numbers, rng: Generator) -> None:
    from scipy.stats import kendalltau

    tau, _, _ = asked(ask, x, y, rng)
    expected = float(kendalltau(x, y).statistic)
    if not abs(tau - expected) <= 1e-6:
        right, wrong = told_apart(expected, tau)
        more = ", ..." if len(x) > 6 else ""
        raise Wrong(
            f"{len(x)} pairs, x = {_shown(x)}, y = {_shown(y)}{more}: tau-b is {right}, got {wrong}"
        )


def _shown(x: Numbers) -> str:
    return f"[{', '.join(f'{value:.3g}' for value in x[:6])}]"


def without_ties(ask: Ask, variant: int) -> None:
    """Without ties: (concordant - discordant) / all pairs, from -1 to 1."""
    rng = seeded(variant)
    for n, noise in ((4, 1.0), (5, 1.0), (12 + variant % 4, 0.3), (25, 3.0)):
        _require_tau(ask, *drawn_pairs(rng, n, noise=noise), rng)
    x, y = drawn_pairs(rng, 9)
    _require_tau(ask, x, -np.exp(x), rng)
    _require_tau(ask, x, x**3, rng)
    _require_tau(ask, 0.5 + 1e-9 * x, 1e9 * y, rng)


def with_ties(ask: Ask, variant: int) -> None:
    """With ties in x, in y and in both: scipy's tau-b."""
    rng = seeded(variant, 1)
    for n, levels in ((8, 3), (20 + variant % 5, 4), (30, 2)):
        x, y = drawn_pairs(rng, n, levels=levels)
        x[:2], y[-2:] = (0.0, 1.0), (0.0, 1.0)  # never all the same
        _require_tau(ask, x, y, rng)
    x, y = drawn_pairs(rng, 14)
    _require_tau(ask, np.round(x), y, rng)
    _require_tau(ask, y, np.round(x), rng)


def _may_be(end: float, replicates: Numbers, p: float, rate: float = RATE) -> bool:
    """Whether an end may be the quantile p of RESAMPLES of these."""
    least, most = np.quantile(replicates, rankings.between(p, RESAMPLES, rate))
    return bool(least - 1e-9 <= end <= most + 1e-9)


def interval(ask: Ask, variant: int) -> None:
    """Both ends cut off (1 - level) / 2 of the resampled tau, up to what 4,000 resamples leave
    open; at level 0.999 these are nearly the extremes. A single resample has no width. Once with
    ties in x and in y."""
    for place, level in enumerate((0.95, 0.6, 0.999, 0.999, 0.8)):
        x, y, replicates = _resampled(variant, place)
        _, low, high = asked(ask, x, y, seeded(variant, 2), level=level, resamples=1)
        if not abs(high - low) <= 1e-9:
            ends_ = ", ".join(told_apart(low, high, digits=3))
            said = f"a single resample gives [{ends_}], expected its tau at both ends"
            raise Wrong(said, OTHER_NUMBER if high > low else None)
        tau, low, high = asked(ask, x, y, seeded(variant, 3), level=level, resamples=RESAMPLES)
        p = (1 - level) / 2
        if not (_may_be(low, replicates, p) and _may_be(high, replicates, 1 - p)):
            right, wrong = apart(
                torch.from_numpy(np.quantile(replicates, [p, 1 - p])), torch.tensor([low, high])
            )
            raise Wrong(
                f"{len(x)} pairs, tau {tau:.3f}, level {level}: {RESAMPLES} resamples give "
                f"{wrong}, expected about {right}",
                _recognised(x, y, (tau, low, high), replicates, p),
            )


@cache
def _resampled(variant: int, place: int) -> tuple[Numbers, Numbers, Numbers]:
    """x, y, those of place 4 with ties, and tau of our resamples of them."""
    tied = place == 4
    x, y = drawn_pairs(seeded(variant, 20 + place), 30 if tied else 12)
    if tied:
        x, y = np.round(x), np.round(2 * y)
    return x, y, rankings.bootstrap(x, y, seeded(variant, 4))


def _recognised(
    x: Numbers, y: Numbers, found: tuple[float, float, float], replicates: Numbers, p: float
) -> Misconception | None:
    tau, low, high = found
    if not abs(tau - rankings.tau_b(x, y)) <= 1e-6:
        return None  # tau is another one: what the probe tells
    if high < low:
        return CROSSED
    if high - low < 1e-9:
        return NO_WIDTH
    if abs(high + low - 2 * tau) < 1e-6:
        return SYMMETRIC
    rng = make_rng(0)
    candidates: tuple[tuple[Misconception, Callable[[], Numbers], float], ...] = (
        (TAILS, lambda: replicates, 2 * p),
        (INDEPENDENT, lambda: rankings.torn_apart(x, y, rng), p),
        (TIES_IN_RESAMPLES, lambda: rankings.bootstrap(x, y, rng, ties=False), p),
    )
    for known, draw, q in candidates:
        taus = draw()
        if _may_be(low, taus, q, 1e-9) and _may_be(high, taus, 1 - q, 1e-9):
            return known
    return OTHER_NUMBER if p < 0.001 else None


def draws_from_rng(ask: Ask, variant: int) -> None:
    """The same rng gives the same interval, another rng another; nothing else has a say."""
    x, y = drawn_pairs(seeded(variant, 5), 15)

    def ends(rng: Generator) -> Tensor:
        return torch.tensor(asked(ask, x, y, rng)[1:], dtype=torch.float64)

    numpy_before = np.random.get_state()
    try:
        with own_seed(ends):
            only_rng(ends, "intervals")
    finally:
        np.random.set_state(numpy_before)


def untouched(ask: Ask, variant: int) -> None:
    """x and y keep their numbers, in their order."""
    rng = seeded(variant, 7)
    for levels in (None, 4):
        pairs = drawn_pairs(rng, 12, levels=levels)
        given = [each.copy() for each in pairs]
        ask(*given, rng, level=0.9, resamples=20)
        for name, after, before in zip("xy", given, pairs, strict=True):
            if not np.array_equal(after, before):
                raise Wrong(f"{name} is not the same after the call", CHANGED)


kendall_tau = Exercise(
    lab="lab02_weight_sharing",
    name="kendall_tau",
    section=sections.INHERITED,
    library=("course_lib.core.statistics:kendall_tau",),
    laws={
        "tau without ties": without_ties,
        "tau-b with ties": with_ties,
        "the interval resamples pairs": interval,
        "all draws come from rng": draws_from_rng,
        "x and y stay as they are": untouched,
    },
    mistakes=MISTAKES,
    probe=probe,
    hints=(
        "Write tau as a small function of its own first: you need it once for the sample and once "
        "for every resample.",
        "np.sign(x[:, None] - x[None, :]) holds the order of all pairs by x. The sum of the "
        "product of both such matrices is 2 (concordant - discordant).",
        "The denominator is a square root: pairs that differ in x, times pairs that differ in "
        "y. In the matrices these are the entries that are not zero.",
        "A resample: index = torch.randint(n, (n,), generator=rng), and the same index for x and "
        "y. The interval: np.quantile(taus, [(1 - level) / 2, (1 + level) / 2]).",
    ),
    basic="tau without ties",
)
