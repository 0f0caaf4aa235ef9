"""`bootstrap_difference`: every resample of small samples, counted; and where it has no width."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import torch
from torch import Generator, Tensor

from course_lib.checks.ask import Ask
from course_lib.checks.chance import only_rng
from course_lib.checks.engine import Exercise
from course_lib.checks.lab05_random_search import resampled, sections
from course_lib.checks.lab05_random_search.resampled import exact_differences, like, may_end, runs
from course_lib.checks.laws import CHANGED
from course_lib.checks.values import apart, number, tuple_of
from course_lib.checks.variants import seeded
from course_lib.checks.wrong import Misconception, Wrong
from course_lib.core import make_rng

RESAMPLES = 2000
OTHER_THAN_MEANS = Misconception(
    "something else than the two means is compared",
    "Asked is how sure the difference of the two means is: every resample draws as many runs as "
    "there were, and takes their mean. Single runs scatter much more; a median overlooks bad runs.",
)
TOGETHER = Misconception(
    "the samples are not drawn each on its own",
    "Nothing ties the i-th run of the one to the i-th of the other, and no run of the one is a run "
    "of the other: draw places for each sample anew, from its own runs.",
)
ONE_SIDED = Misconception(
    "only one of the two samples is resampled",
    "Both means are uncertain: draw from both in every resample.",
)
NO_REPLACEMENT = Misconception(
    "resamples are drawn without replacement",
    "n of n drawn without replacement are the same runs in another order, with the same mean: draw "
    "with replacement (torch.randint).",
)
NORMAL = Misconception(
    "the difference plus and minus something, or turned over",
    "Take the quantiles of the resampled differences as they are. A few bad runs make them "
    "lopsided, and the interval should be, too.",
)
TAILS = Misconception(
    "the ends do not cut off (1 - level) / 2 each",
    "Both tails together hold 1 - level, (1 - level) / 2 at either end, for whatever level is "
    "asked.",
)
TURNED = Misconception(
    "the ends or the samples are exchanged",
    "low comes first, and the difference is mean(first) - mean(second).",
)
MISTAKES = (
    OTHER_THAN_MEANS, TOGETHER, ONE_SIDED, NO_REPLACEMENT, NORMAL, TAILS, TURNED, CHANGED,
)  # fmt: skip


def asked(
    ask: Ask, first: Any, second: Any, rng: Generator, **settings: Any
) -> tuple[float, float]:
    """The answer as (low, high)."""
    answer = ask(first, second, rng, **settings)
    low, high = map(number, tuple_of(answer, "low", "high"), ("low", "high"))
    if np.isnan([low, high]).any():
        raise Wrong(f"the interval is [{low}, {high}], expected numbers")
    return low, high


def _recognised(
    first: Sequence[float], second: Sequence[float], ends: tuple[float, float], p: float
) -> Misconception | None:
    one, two, n, m = np.array(first), np.array(second), len(first), len(second)
    low, high = ends
    difference = one.mean() - two.mean()
    exact = exact_differences(first, second)
    if abs(high - low) < 1e-9:
        return NO_REPLACEMENT if abs(low - difference) < 1e-6 else None
    if n == m and like(ends, resampled.pairs(one, two, make_rng(0)), p, RESAMPLES):
        return TOGETHER
    if abs(low + high - 2 * difference) < 1e-6:
        return NORMAL

    def right(a: float, b: float, q: float = p) -> bool:
        return may_end(a, exact, q, RESAMPLES) and may_end(b, exact, 1 - q, RESAMPLES)

    if right(high, low) or right(-high, -low) or right(-low, -high):
        return TURNED
    if right(low, high, 2 * p) or right(low, high, 0.025):
        return TAILS
    if right(2 * difference - high, 2 * difference - low):
        return NORMAL
    rng = make_rng(0)
    if resampled.of_medians(ends, one, two, p, RESAMPLES):
        return OTHER_THAN_MEANS
    for known, replicates in (
        (OTHER_THAN_MEANS, resampled.single_runs),
        (TOGETHER, resampled.one_pot),
        (ONE_SIDED, resampled.only_first),
        (ONE_SIDED, resampled.only_second),
    ):
        if like(ends, replicates(one, two, rng), p, RESAMPLES):
            return known
    spread = np.quantile(one[:, None] - two[None, :], [p, 1 - p])
    return OTHER_THAN_MEANS if np.abs(spread - ends).max() < 1e-6 else None


def _require(
    ask: Ask, first: Sequence[float], second: Sequence[float], rng: Generator, level: float
) -> None:
    """Both ends cut off (1 - level) / 2 of all resamples, up to what 2,000 of them leave open."""
    ends = asked(ask, list(first), list(second), rng, level=level, resamples=RESAMPLES)
    exact, p = exact_differences(first, second), (1 - level) / 2
    if not (may_end(ends[0], exact, p, RESAMPLES) and may_end(ends[1], exact, 1 - p, RESAMPLES)):
        places = np.searchsorted(exact[1], [p, 1 - p])
        right, wrong = apart(torch.from_numpy(exact[0][places]), torch.tensor(ends))
        raise Wrong(
            f"first {_shown(first)}, second {_shown(second)}, level {level}: all resamples give "
            f"{right}, got {wrong}",
            _recognised(first, second, ends, p),
        )


def _shown(values: Sequence[float]) -> str:
    return f"[{', '.join(f'{value:.3f}' for value in values)}]"


def every_resample(ask: Ask, variant: int) -> None:
    """Samples of different sizes, one or two runs far below the others, at several levels."""
    rng = seeded(variant)
    for n, m, level in ((5, 4, 0.95), (3, 6, 0.8), (6, 2, 0.9), (6, 5, 0.5)):
        _require(ask, runs(rng, n), runs(rng, m, level=0.75, spread=0.1), rng, level)


def no_pairs(ask: Ask, variant: int) -> None:
    """Samples of one size whose runs go up and down together, or against each other."""
    rng = seeded(variant, 1)
    for sign in (1.0, -1.0):
        first = runs(rng, 5)
        second = [sign * value + 0.001 * i for i, value in enumerate(first)]
        _require(ask, first, second, rng, 0.9)


def number_of_resamples(ask: Ask, variant: int) -> None:
    """One resample has no width, thousands reach into the tails; what is not said is 0.95."""
    rng = seeded(variant, 2)
    first, second = runs(rng, 6), runs(rng, 5)
    exact, found = exact_differences(first, second), set()
    for _ in range(6):
        low, high = asked(ask, first[:], second[:], rng, level=0.9, resamples=1)
        if not abs(high - low) <= 1e-9:
            raise Wrong(f"resamples = 1 gives [{low:.4f}, {high:.4f}], expected equal ends")
        if np.abs(exact[0] - low).min() > 1e-6:
            raise Wrong(f"resamples = 1 gives {low:.4f}, which no resample of these runs has")
        found.add(round(low, 9))
    if len(found) == 1:
        raise Wrong("six times one resample: always the same")
    two = [asked(ask, first[:], second[:], rng, level=0.9, resamples=2) for _ in range(6)]
    if not any(high > low for low, high in two):
        raise Wrong("six times two resamples: low and high are equal")
    ends = asked(ask, first[:], second[:], rng, level=0.999, resamples=RESAMPLES)
    p = 0.0005
    if not (may_end(ends[0], exact, p, RESAMPLES) and may_end(ends[1], exact, 1 - p, RESAMPLES)):
        raise Wrong(
            f"{RESAMPLES} resamples at level 0.999 end at [{ends[0]:.4f}, {ends[1]:.4f}], too near "
            "or too far: `resamples` says how many, `level` where to cut"
        )
    ends = asked(ask, first[:], second[:], rng, resamples=RESAMPLES)
    if not (
        may_end(ends[0], exact, 0.025, RESAMPLES) and may_end(ends[1], exact, 0.975, RESAMPLES)
    ):
        raise Wrong(f"without a level: [{ends[0]:.4f}, {ends[1]:.4f}], expected that of 0.95")


def no_spread(ask: Ask, variant: int) -> None:
    """Where all runs of each agree, so do all resamples: both ends are the difference."""
    rng = seeded(variant, 3)
    for n, m, a, b in ((4, 3, 0.5, 0.25), (2, 7, -3.0, 2.0 + variant), (3, 3, 0.0, 0.0)):
        low, high = asked(ask, [a] * n, [b] * m, rng, level=0.9, resamples=50)
        if max(abs(low - (a - b)), abs(high - (a - b))) > 1e-5 * max(1.0, abs(a - b)):
            raise Wrong(
                f"{n} runs of {a} and {m} of {b}: [{low:.4f}, {high:.4f}], expected {a - b:g} twice"
            )


def holders(ask: Ask, variant: int) -> None:
    """Lists, tuples, arrays and tensors: the same interval."""
    rng = seeded(variant, 4)
    first, second = runs(rng, 4, level=-0.2), runs(rng, 3, level=90.0, spread=5.0)
    exact = exact_differences(first, second)
    for holder in (list, tuple, np.array, torch.tensor):
        ends = asked(ask, holder(first), holder(second), rng, level=0.9, resamples=RESAMPLES)
        for end, p in zip(ends, (0.05, 0.95), strict=True):
            if not (
                may_end(end - 1e-4, exact, p, RESAMPLES) or may_end(end + 1e-4, exact, p, RESAMPLES)
            ):
                raise Wrong(
                    f"first {_shown(first)}, second {_shown(second)} in a {holder.__name__}, level "
                    f"0.9: [{ends[0]:.4f}, {ends[1]:.4f}]"
                )


def draws_from_rng(ask: Ask, variant: int) -> None:
    """The same rng gives the same interval, another rng another; nothing else has a say."""
    first, second = runs(seeded(variant, 5), 9), runs(seeded(variant, 6), 8)

    def ends(rng: Generator) -> Tensor:
        found = asked(ask, list(first), list(second), rng, level=0.9, resamples=40)
        return torch.tensor(found, dtype=torch.float64)

    only_rng(ends, "intervals")


def untouched(ask: Ask, variant: int) -> None:
    """Both samples stay in their order, whatever holds them."""
    rng = seeded(variant, 7)
    samples = runs(rng, 6), runs(rng, 5)
    for holder in (list, np.array):
        given: list[Any] = list(map(holder, samples))
        ask(*given, rng, level=0.9, resamples=20)
        for name, after, before in zip(("first", "second"), given, samples, strict=True):
            if list(map(float, after)) != list(map(float, holder(before))):
                raise Wrong(f"{name} is not the same after the call", CHANGED)


bootstrap_difference = Exercise(
    lab="lab05_random_search",
    name="bootstrap_difference",
    section=sections.BOOTSTRAP,
    library=("course_lib.core.statistics:difference",),
    laws={
        "the quantiles of all resamples": every_resample,
        "both samples are drawn on their own": no_pairs,
        "as many resamples as asked for": number_of_resamples,
        "without spread no width": no_spread,
        "lists, tuples, arrays, tensors": holders,
        "all draws come from rng": draws_from_rng,
        "both samples stay as they are": untouched,
    },
    mistakes=MISTAKES,
    hints=(
        "One resample: draw len(first) places in `first`, len(second) others in `second`, and take "
        "the difference of the two means.",
        "torch.randint(n, (resamples, n), generator=rng) draws the places of all resamples at "
        "once: torch.as_tensor(first)[places] has a row for each, of which .mean(1) is the mean.",
        "low, high = np.quantile(differences, [(1 - level) / 2, (1 + level) / 2])",
    ),
    basic="the quantiles of all resamples",
)
