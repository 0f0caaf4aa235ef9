"""Bounded actions with one part exchanged: how the mistakes of `bounded_channels` are made."""

import math
from collections.abc import Callable, Sequence
from typing import Any


def least_count(lowest: float, full: int, multiple: int) -> int:
    """lowest * full, rounded up to a multiple."""
    return max(multiple, multiple * math.ceil(lowest * full / multiple))


def exchanged(
    later: Callable[[int, int], int] = lambda least, full: least,
    rounded: Callable[[float], float] = math.floor,
    least: Callable[[float, int, int], int] = least_count,
    least_of: Callable[[int, int], int] = lambda least, multiple: least,
    whole: Callable[[int], int] = lambda multiple: multiple,
    wish: Callable[[float], float] = lambda wanted: wanted,
    bounded: bool = True,
    refuses: bool = True,
    after: Callable[[int, int, int], int] = lambda count, multiple, full: count,
) -> Callable[..., int]:
    """A bounded action; least: of lowest, a full count and the multiple, for all layers.

    least_of: what the layer itself makes of its least. later: of a later layer's least and full.
    """

    def bounded_channels(
        wanted: float,
        kept: Sequence[int],
        channels: Sequence[int],
        macs: Any,
        *,
        budget: float,
        lowest: float,
        multiple: int = 1,
    ) -> int:
        step, t, full = whole(multiple), len(kept), channels[len(kept)]
        lows = [least(lowest, n, step) for n in channels]
        rest = [later(*pair) for pair in zip(lows[t + 1 :], channels[t + 1 :], strict=True)]
        own = least_of(lows[t], multiple)
        if refuses and macs([*kept, *lows[t:]]) > budget:
            raise ValueError("no choice is left")
        count = max(own, min(full, step * int(rounded(wish(wanted) * full / step))))
        while bounded and count > own and macs([*kept, count, *rest]) > budget:
            count -= step
        return after(count, step, full)

    return bounded_channels


UNROUNDED: tuple[Callable[[float, int, int], int], ...] = (
    lambda lowest, full, multiple: math.ceil(lowest * full),
    lambda lowest, full, multiple: max(multiple, math.ceil(lowest * full)),
    lambda lowest, full, multiple: max(multiple, math.floor(lowest * full)),
    lambda lowest, full, multiple: max(multiple, round(lowest * full)),
    lambda lowest, full, multiple: max(multiple, multiple * math.floor(lowest * full / multiple)),
    lambda lowest, full, multiple: multiple * math.floor(lowest * full / multiple),
    lambda lowest, full, multiple: max(multiple, multiple * round(lowest * full / multiple)),
    lambda lowest, full, multiple: multiple * round(lowest * full / multiple),
)
"""Ways to get a least count that is not `lowest * full`, rounded up to a multiple."""
