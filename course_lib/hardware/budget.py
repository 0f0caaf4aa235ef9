"""How many channels each layer keeps so that a budget holds; every rounding is downwards."""

import math
from collections.abc import Callable, Sequence

Cost = Callable[[Sequence[int]], float]
"""What a network with these channels costs, such as its MACs: more channels, no smaller cost."""

_ROUNDING = 1e-9
"""29 of 100 channels are a ratio of .29, and .29 * 100 is a little less than 29."""


def bounded_channels(
    wanted: float,
    kept: Sequence[int],
    channels: Sequence[int],
    macs: Cost,
    *,
    budget: float,
    lowest: float,
    multiple: int = 1,
) -> int:
    """The channels that layer t = len(kept) keeps: as wanted, bounded by what remains (AMC).

    The largest multiple of `multiple` that is at most wanted * channels[t] and leaves enough of
    the budget for all later layers at their least; never below the layer's own least.

    wanted: the action, in (0, 1]. kept: channels of the layers before. macs: cost of a whole
        network by its channels. lowest: in (0, 1]; a layer's least is as `least_channels` says.
    ValueError where no choice can meet the budget: it says the smallest cost within reach.
    Source: He et al. 2018, algorithm 1.
    """
    check_ratio("wanted", wanted)
    check_ratio("lowest", lowest)
    if len(kept) >= len(channels):
        raise ValueError(f"all {len(channels)} layers have their channels already, got {kept}")
    least = least_channels(channels, lowest=lowest, multiple=multiple)
    own, *later = least[len(kept) :]
    most = _down(wanted * channels[len(kept)], multiple)
    counts: list[int] = [*range(most, own, -multiple), own]
    for count in counts:
        if macs([*kept, count, *later]) <= budget:
            return count
    raise unreachable(budget, macs, [*kept, own, *later])


def least_channels(channels: Sequence[int], *, lowest: float, multiple: int = 1) -> list[int]:
    """Each layer's least: lowest * channels, rounded up to the multiple; all it has at most."""
    check_ratio("lowest", lowest)
    if multiple < 1:
        raise ValueError(f"multiple must be at least 1, got {multiple}")
    if min(channels) < 1:
        raise ValueError(f"every layer needs at least one channel, got {list(channels)}")
    wished = (math.ceil(lowest * count - _ROUNDING) for count in channels)
    return [
        min(count, multiple * math.ceil(number / multiple))
        for number, count in zip(wished, channels, strict=True)
    ]


def share_channels(
    relative: Sequence[float],
    channels: Sequence[int],
    macs: Cost,
    *,
    budget: float,
    lowest: float,
    multiple: int = 1,
) -> list[int]:
    """One factor r, found by bisection, scales all relative ratios so that the budget is spent.

    Layer t keeps min(1, r * relative[t]) of its channels, rounded down, and its least at least.

    relative: positive numbers; only their proportions matter.
    ValueError where the budget is below the smallest cost within reach.
    """
    if len(relative) != len(channels) or not all(ratio > 0 for ratio in relative):
        raise ValueError(f"expected {len(channels)} positive ratios, got {list(relative)}")
    least = least_channels(channels, lowest=lowest, multiple=multiple)
    if macs(least) > budget:
        raise unreachable(budget, macs, least)

    def scaled(factor: float) -> list[int]:
        wished = (
            _down(min(1.0, factor * ratio) * count, multiple)
            for ratio, count in zip(relative, channels, strict=True)
        )
        return [max(pair) for pair in zip(wished, least, strict=True)]

    low, high = 0.0, 1 / min(relative)
    if macs(scaled(high)) <= budget:
        return scaled(high)
    for _ in range(50):
        middle = (low + high) / 2
        low, high = (middle, high) if macs(scaled(middle)) <= budget else (low, middle)
    return scaled(low)


def fill_up(
    kept: Sequence[int],
    channels: Sequence[int],
    macs: Cost,
    *,
    budget: float,
    multiple: int = 1,
) -> list[int]:
    """Give back channels, `multiple` at a time, until no more fit into the budget.

    Always to the layer that is pruned most, by kept / channels; the lower index where equal. A
    layer whose next step does not fit, or that has all it can have, is left as it is.

    ValueError where `kept` is beyond the budget already.
    """
    counts = list(kept)
    if macs(counts) > budget:
        raise ValueError(f"{counts} cost {macs(counts):,.6g}, beyond the budget {budget:,.6g}")
    waiting = list(range(len(counts)))
    while waiting:
        layer = min(waiting, key=lambda place: counts[place] / channels[place])
        more = (counts[layer] // multiple + 1) * multiple
        fuller = [*counts[:layer], more, *counts[layer + 1 :]]
        if more <= channels[layer] and macs(fuller) <= budget:
            counts = fuller
        else:
            waiting.remove(layer)
    return counts


def uniform_channels(
    channels: Sequence[int], macs: Cost, *, budget: float, lowest: float, multiple: int = 1
) -> list[int]:
    """The same ratio for all layers, the largest within the budget; then filled up."""
    ones = [1.0] * len(channels)
    kept = share_channels(ones, channels, macs, budget=budget, lowest=lowest, multiple=multiple)
    return fill_up(kept, channels, macs, budget=budget, multiple=multiple)


def _down(number: float, multiple: int) -> int:
    return math.floor((number + _ROUNDING) / multiple) * multiple


def check_ratio(name: str, ratio: float) -> None:
    """ValueError unless the ratio is in (0, 1]."""
    if not 0 < ratio <= 1:
        raise ValueError(f"{name} must be a ratio in (0, 1], got {ratio}")


def unreachable(budget: float, macs: Cost, least: list[int]) -> ValueError:
    """The error that says which cost is the smallest within reach, that of `least`."""
    return ValueError(
        f"no choice of channels can meet the budget {budget:,.6g}: the smallest reachable is "
        f"{macs(least):,.6g}, with channels {least}; raise the budget or lower `lowest`"
    )
