"""Laws of `kendall_tau`: scipy's tau-b, and quantiles of the bootstrap over pairs."""

from collections.abc import Callable
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Generator

from course_lib.checks.ask import Ask
from course_lib.checks.lab02.tau_mistakes import (
    CHANGED,
    CROSSED,
    GLOBAL_RNG,
    INDEPENDENT,
    KNOWN,
    NO_WIDTH,
    RESEEDED,
    SYMMETRIC,
    TAILS,
    TIES_IN_RESAMPLES,
    signs,
)
from course_lib.checks.values import number
from course_lib.checks.variants import seeded
from course_lib.checks.wrong import Misconception, Wrong
from course_lib.core import make_rng

Numbers = NDArray[np.float64]

RESAMPLES = 4000
REFERENCE = 20_000


def asked(
    ask: Ask, x: Numbers, y: Numbers, rng: Generator, *, level: float = 0.95, resamples: int = 60
) -> tuple[float, float, float]:
    """The answer as (tau, low, high); x and y must stay as they are."""
    given = x.copy(), y.copy()
    answer: Any = ask(*given, rng, level=level, resamples=resamples)
    if not (np.array_equal(given[0], x) and np.array_equal(given[1], y)):
        raise Wrong("x or y is not the same after the call", CHANGED)
    if type(answer) not in (tuple, list) or len(answer) != 3:
        said = f"has {len(answer)} entries" if type(answer) in (tuple, list) else "is no tuple"
        raise Wrong(f"the answer {said}, expected (tau, low, high)")
    tau, low, high = (
        number(value, name) for value, name in zip(answer, ("tau", "low", "high"), strict=True)
    )
    return tau, low, high


def _pairs(
    rng: Generator, n: int, *, noise: float = 0.7, levels: int | None = None
) -> tuple[Numbers, Numbers]:
    """x and y that agree up to noise; levels: rounded to so many values, so that there are ties."""
    drawn = torch.randn(2, n, generator=rng, dtype=torch.float64).numpy()
    x, y = drawn[0], drawn[0] + noise * drawn[1]
    if levels is not None:
        x, y = np.round(x * levels / 4) / levels, np.round(y * levels / 5) / levels
    return x, y


def _require_tau(ask: Ask, x: Numbers, y: Numbers, rng: Generator) -> None:
    from scipy.stats import kendalltau

    tau, _, _ = asked(ask, x, y, rng)
    expected = float(kendalltau(x, y).statistic)
    if not abs(tau - expected) <= 1e-6:
        mistake = next(
            (m for m, known in KNOWN.items() if any(abs(tau - f(x, y)) <= 1e-6 for f in known)),
            None,
        )
        shown = f"x = {np.round(x[:6], 2).tolist()}, y = {np.round(y[:6], 2).tolist()}"
        raise Wrong(
            f"{len(x)} pairs, {shown}{', ...' if len(x) > 6 else ''}: tau-b is {expected:.4g}, "
            f"got {tau:.4g}",
            mistake,
        )


def without_ties(ask: Ask, variant: int) -> None:
    """Without ties: (concordant - discordant) / all pairs, from -1 to 1."""
    rng = seeded(variant)
    for n, noise in ((5, 1.0), (12 + variant % 4, 0.3), (25, 3.0)):
        _require_tau(ask, *_pairs(rng, n, noise=noise), rng)
    x, _ = _pairs(rng, 9)
    _require_tau(ask, x, -np.exp(x), rng)
    _require_tau(ask, x, x**3, rng)


def with_ties(ask: Ask, variant: int) -> None:
    """With ties in x, in y and in both: scipy's tau-b."""
    rng = seeded(variant, 1)
    for n, levels in ((8, 3), (20 + variant % 5, 4), (30, 2)):
        x, y = _pairs(rng, n, levels=levels)
        x[:2], y[-2:] = (0.0, 1.0), (0.0, 1.0)  # never all the same
        _require_tau(ask, x, y, rng)
    x, y = _pairs(rng, 14)
    _require_tau(ask, np.round(x), y, rng)
    _require_tau(ask, y, np.round(x), rng)


def bootstrap(x: Numbers, y: Numbers, rng: Generator, *, tau_b: bool = True) -> Numbers:
    """tau of REFERENCE resamples, (REFERENCE,): pair i is drawn c_i times, and
    tau = c^T S c / sqrt(c^T [x differs] c * c^T [y differs] c)."""
    drawn = torch.randint(len(x), (REFERENCE, len(x)), generator=rng)
    zeros = torch.zeros(REFERENCE, len(x), dtype=torch.float64)
    c = zeros.scatter_add_(1, drawn, torch.ones_like(zeros)).numpy()

    def form(matrix: Numbers) -> Numbers:
        return np.asarray(((c @ matrix) * c).sum(1))

    sx, sy = signs(x), signs(y)
    if not tau_b:
        return form(sx * sy) / (len(x) * (len(x) - 1))
    return np.asarray(form(sx * sy) / np.sqrt(form(np.abs(sx)) * form(np.abs(sy))))


def _torn_apart(x: Numbers, y: Numbers, rng: Generator) -> Numbers:
    """tau of 1,000 resamples in which x and y are drawn each on its own."""
    return np.array([_torn_apart_once(x, y, rng) for _ in range(1000)])


def _torn_apart_once(x: Numbers, y: Numbers, rng: Generator) -> float:
    one, two = (torch.randint(len(x), (len(x),), generator=rng).numpy() for _ in range(2))
    sx, sy = signs(x[one]), signs(y[two])
    return float((sx * sy).sum() / np.sqrt(np.abs(sx).sum() * np.abs(sy).sum()))


def interval(ask: Ask, variant: int) -> None:
    """Both ends cut off (1 - level) / 2 of the resampled tau, up to what 4,000 resamples leave
    open: a tail of p is found between the quantiles p +- 4.5 sqrt(p (1 - p) / 4,000) - and as
    much for our own 20,000 resamples."""
    rng = seeded(variant, 2)
    x, y = _pairs(rng, 22)
    for level in (0.95, 0.6):
        tau, low, high = asked(ask, x, y, seeded(variant, 3), level=level, resamples=RESAMPLES)
        replicates = bootstrap(x, y, seeded(variant, 4))
        p = (1 - level) / 2
        slack = 4.5 * np.sqrt(p * (1 - p)) * (RESAMPLES**-0.5 + REFERENCE**-0.5)
        for end, tail in ((low, p), (high, 1 - p)):
            least, most = np.quantile(replicates, [max(tail - slack, 0), min(tail + slack, 1)])
            if not least - 1e-9 <= end <= most + 1e-9:
                ends = np.quantile(replicates, [p, 1 - p])
                raise Wrong(
                    f"{len(x)} pairs, tau {tau:.3f}, level {level}: {RESAMPLES} resamples give "
                    f"[{low:.3f}, {high:.3f}], expected about [{ends[0]:.3f}, {ends[1]:.3f}]",
                    _recognise(x, y, (tau, low, high), replicates, p),
                )


def _recognise(
    x: Numbers, y: Numbers, found: tuple[float, float, float], replicates: Numbers, p: float
) -> Misconception | None:
    tau, low, high = found
    if high < low:
        return CROSSED
    if high - low < 1e-9:
        return NO_WIDTH
    rng = make_rng(0)
    candidates: dict[Misconception, Callable[[], Numbers]] = {
        TAILS: lambda: np.quantile(replicates, [2 * p, 1 - 2 * p]),
        INDEPENDENT: lambda: np.quantile(_torn_apart(x, y, rng), [p, 1 - p]),
        TIES_IN_RESAMPLES: lambda: np.quantile(bootstrap(x, y, rng, tau_b=False), [p, 1 - p]),
    }
    for mistake, ends in candidates.items():
        if np.abs(ends() - (low, high)).max() < 0.04:
            return mistake
    return SYMMETRIC if abs(high + low - 2 * tau) < 1e-6 else None


def draws_from_rng(ask: Ask, variant: int) -> None:
    """The same rng gives the same interval, another rng another; nothing else has a say."""
    x, y = _pairs(seeded(variant, 5), 15)

    def ends(seed: int, outside: int) -> tuple[float, ...]:
        torch.default_generator.manual_seed(outside)
        np.random.seed(outside)
        return asked(ask, x, y, make_rng(seed))[1:]

    numpy_before = np.random.get_state()
    try:
        if ends(1, 10) != ends(1, 11):
            raise Wrong("the same rng gave another interval", GLOBAL_RNG)
        if not torch.equal(torch.get_rng_state(), make_rng(11).get_state()):
            raise Wrong("torch's global generator was used or seeded", GLOBAL_RNG)
        if ends(1, 10) == ends(2, 10):
            raise Wrong("two different rngs gave the same interval", RESEEDED)
    finally:
        np.random.set_state(numpy_before)


LAWS = {
    "tau without ties": without_ties,
    "tau-b with ties": with_ties,
    "the interval resamples pairs": interval,
    "all draws come from rng": draws_from_rng,
}
