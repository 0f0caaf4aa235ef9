"""Answers to `bounded_channels`."""

import math

import numpy as np

from course_lib.hardware import budget as library


def least_of(channels, lowest, multiple):
    return [max(1, math.ceil(math.ceil(lowest * n) / multiple)) * multiple for n in channels]


def upwards(wanted, kept, channels, macs, *, budget, lowest, multiple=1):
    """Right: every count from the least one upwards is tried."""
    t, least = len(kept), least_of(channels, lowest, multiple)
    if macs(kept + least[t:]) > budget:
        raise ValueError("beyond the budget")
    best = least[t]
    for count in range(least[t], channels[t] + 1, multiple):
        if count <= wanted * channels[t] and macs([*kept, count, *least[t + 1 :]]) <= budget:
            best = count
    return best


def by_halving(wanted, kept, channels, macs, *, budget, lowest, multiple=1):
    """Right: bisection over blocks, because more channels never cost less."""
    t, least = len(kept), least_of(channels, lowest, multiple)
    low, high = least[t] // multiple, max(least[t], math.floor(wanted * channels[t])) // multiple
    if macs([*kept, least[t], *least[t + 1 :]]) > budget:
        raise ValueError(f"cannot be within {budget}")
    while low < high:
        middle = (low + high + 1) // 2
        if macs([*kept, middle * multiple, *least[t + 1 :]]) <= budget:
            low = middle
        else:
            high = middle - 1
    return low * multiple


def in_numpy(wanted, kept, channels, macs, *, budget, lowest, multiple=1):
    """Right: all at once; a numpy integer comes back."""
    t = len(kept)
    least = (multiple * np.ceil(lowest * np.array(channels) / multiple)).astype(int)
    counts = np.arange(least[t], channels[t] + 1, multiple)
    costs = np.array([macs([*kept, int(n), *least[t + 1 :].tolist()]) for n in counts])
    if costs[0] > budget:
        raise ValueError(f"the smallest total is {costs[0]}")
    fits = (costs <= budget) & ((counts <= wanted * channels[t]) | (counts == least[t]))
    return counts[fits].max()


def refuses_late(wanted, kept, channels, macs, *, budget, lowest, multiple=1):
    """Right: down from the wish, and an error if the least does not fit."""
    t, least = len(kept), least_of(channels, lowest, multiple)
    count = max(int(wanted * channels[t] / multiple) * multiple, least[t])
    while count >= least[t]:
        if macs((*kept, count, *least[t + 1 :])) <= budget:
            return count
        count -= multiple
    raise ValueError("no count fits")


def _bounded(
    later=lambda least, channels, t: least[t + 1 :],
    low=lambda least, t: least[t],
    wish=lambda wanted, full, m: int(wanted * full / m) * m,
    least=least_of,
    fits=lambda total, budget: total <= budget,
    check=True,
    end=lambda count, full, m: count,
):
    """Right unless a part is exchanged."""

    def bounded_channels(wanted, kept, channels, macs, *, budget, lowest, multiple=1):
        t, smallest = len(kept), least(channels, lowest, multiple)
        if check and macs([*kept, *smallest[t:]]) > budget:
            raise ValueError("too small a budget")
        bottom = low(smallest, t)
        count = max(bottom, wish(wanted, channels[t], multiple))
        rest = later(smallest, channels, t)
        while count > bottom and not fits(macs([*kept, count, *rest]), budget):
            count -= multiple
        return end(count, channels[t], multiple)

    return bounded_channels


def each_least(low):
    """The least counts of all layers, from `low(lowest * channels, multiple)`."""
    return lambda channels, lowest, multiple: [low(lowest * n, multiple) for n in channels]


def linear_share(wanted, kept, channels, macs, *, budget, lowest, multiple=1):
    """What is left of the budget, as a share of what this layer could cost: steps break it."""
    t, least = len(kept), least_of(channels, lowest, multiple)
    bottom = macs([*kept, *least[t:]])
    if bottom > budget:
        raise ValueError("too small a budget")
    top = macs([*kept, channels[t], *least[t + 1 :]])
    room = 1.0 if top <= budget else (budget - bottom) / (top - bottom)
    most = least[t] + room * (channels[t] - least[t])
    return max(least[t], int(min(wanted * channels[t], most) / multiple + 1e-9) * multiple)


def amc_wall(wanted, kept, channels, macs, *, budget, lowest, multiple=1):
    """As the published code: the ratio is bounded, then channels are rounded up."""
    t, least = len(kept), least_of(channels, lowest, multiple)
    bottom = macs([*kept, *least[t:]])
    if bottom > budget:
        raise ValueError("too small a budget")
    top = macs([*kept, channels[t], *least[t + 1 :]])
    room = (budget - bottom) / max(top - bottom, 1)
    ratio = min(wanted, (least[t] + room * (channels[t] - least[t])) / channels[t])
    return max(least[t], min(channels[t], math.ceil(ratio * channels[t] / multiple) * multiple))


def cost_of_channels(wanted, kept, channels, macs, *, budget, lowest, multiple=1):
    """A share of the channels is taken for a share of the operations."""
    t, least = len(kept), least_of(channels, lowest, multiple)
    if macs([*kept, *least[t:]]) > budget:
        raise ValueError("too small a budget")
    room = budget / macs(channels) * sum(channels) - sum(kept) - sum(least[t + 1 :])
    count = int(min(wanted * channels[t], room) // multiple) * multiple
    return max(least[t], min(count, channels[t]))


def gives_ratio(wanted, kept, channels, macs, **settings):
    return upwards(wanted, kept, channels, macs, **settings) / channels[len(kept)]


def refuses_small_wishes(wanted, kept, channels, macs, *, budget, lowest, multiple=1):
    if wanted < lowest:
        raise ValueError("less than the least")
    return upwards(wanted, kept, channels, macs, budget=budget, lowest=lowest, multiple=multiple)


def gives_zero(wanted, kept, channels, macs, **settings):
    try:
        return upwards(wanted, kept, channels, macs, **settings)
    except ValueError:
        return 0


def asserts(wanted, kept, channels, macs, **settings):
    try:
        return upwards(wanted, kept, channels, macs, **settings)
    except ValueError:
        raise AssertionError("beyond the budget") from None


def appends(wanted, kept, channels, macs, **settings):
    kept.append(upwards(wanted, kept, channels, macs, **settings))
    return kept[-1]


def layers_so_far(wanted, kept, channels, macs, **settings):
    def short(counts):
        return macs(counts[: len(kept) + 1])

    return upwards(wanted, kept, channels, short, **settings)


def rounds_up_unrefused(wanted, kept, channels, macs, **settings):
    """Two mistakes; the one in the counts has its name."""
    up = _bounded(wish=lambda wanted, full, m: math.ceil(wanted * full / m) * m, check=False)
    return up(wanted, kept, channels, macs, **settings)


def calls_library(wanted, kept, channels, macs, **settings):
    return library.bounded_channels(wanted, kept, channels, macs, **settings)


LATER = "the later layers are not reckoned at their least"
UP = "a count is rounded up"
BELOW = "a layer falls below its least"
MULTIPLES = "counts are no multiples"
LEAST = "the least is not rounded up to a multiple"
EITHER = "the wish, or the budget, plays no part"
UNREFUSED = "a budget that nothing can meet is not refused"
FIRST = "✘ with a wide budget the wish decides"
FIT = "✘ the later layers at their least must still fit"
UNROUNDED = (
    lambda x, m: math.ceil(x),
    lambda x, m: max(m, math.ceil(x)),
    lambda x, m: max(m, round(x)),
    lambda x, m: max(m, int(x)),
    lambda x, m: int(x / m) * m,
    lambda x, m: max(1, int(x / m)) * m,
    lambda x, m: max(1, round(x / m)) * m,
    lambda x, m: round(x / m) * m,
)
WRONG = [
    (_bounded(later=lambda least, channels, t: channels[t + 1 :]), LATER),
    (_bounded(later=lambda least, channels, t: [0] * len(least[t + 1 :])), LATER),
    (_bounded(later=lambda least, channels, t: [1] * len(least[t + 1 :])), LATER),
    (_bounded(later=lambda least, channels, t: [n // 2 for n in channels[t + 1 :]]), FIT),
    (_bounded(later=lambda least, channels, t: [least[t]] * len(least[t + 1 :])), "✘"),
    (_bounded(wish=lambda wanted, full, m: math.ceil(wanted * full / m) * m), UP),
    (_bounded(wish=lambda wanted, full, m: round(wanted * full / m) * m), UP),
    (_bounded(end=lambda count, full, m: min(full, count + m)), "✘"),
    (_bounded(low=lambda least, t: 0), BELOW),
    (_bounded(low=lambda least, t: 1), "✘"),
    (_bounded(wish=lambda wanted, full, m: int(wanted * full)), "✘ multiples, rounded down"),
    *((_bounded(least=each_least(low)), LEAST) for low in UNROUNDED),
    (_bounded(least=each_least(lambda x, m: m)), FIRST),
    (_bounded(wish=lambda wanted, full, m: full), EITHER),
    (_bounded(wish=lambda wanted, full, m: int(wanted * full / m) * m or full), FIRST),
    (_bounded(fits=lambda total, budget: True), EITHER),
    (_bounded(fits=lambda total, budget: total < budget), FIT),
    (_bounded(fits=lambda total, budget: total <= 1.02 * budget), "✘"),
    (_bounded(check=False), UNREFUSED),
    (rounds_up_unrefused, UP),
    (linear_share, "✘ costs that rise in steps"),
    (amc_wall, "✘"),
    (cost_of_channels, FIT),
    (gives_ratio, "the ratio is returned instead of the count"),
    (refuses_small_wishes, "less than the least"),
    (gives_zero, UNREFUSED),
    (asserts, "AssertionError"),
    (appends, "the function changes its arguments"),
    (layers_so_far, "expects one count for each of the"),
    (lambda wanted, kept, channels, macs, **_: float(wanted * channels[len(kept)]), "integer"),
    (_bounded(end=lambda *_: None), "`return` missing"),
    (calls_library, "library's function is called"),
]
RIGHT = [upwards, by_halving, in_numpy, refuses_late]
POINTLESS = (
    lambda wanted, kept, channels, macs, **_: channels[len(kept)],
    lambda wanted, kept, channels, macs, **_: 1,
)
PARTICULAR = {
    UNREFUSED: {"a budget that cannot be met is refused"},
    "✘ costs that rise in steps": {"costs that rise in steps"},
}
EQUIVALENT = {
    "line 6: max(least[t], int(wanted * channels[t]) // multiple * mul... -> "
    "max(int(wanted * channels[t]) // multiple * multiple, lea...": "the larger of two numbers, in "
    "whatever order"
}
