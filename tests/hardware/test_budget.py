"""Budgets hold, nothing that would fit is left, and what cannot be met is said."""

import itertools
import math
from functools import partial

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from course_lib.hardware.budget import (
    bounded_channels,
    fill_up,
    least_channels,
    share_channels,
    uniform_channels,
)
from course_lib.hardware.chain import Chain, vgg
from course_lib.hardware.macs import total_macs
from tests.hardware.chains import chains

PERCENT = st.integers(1, 100)
MULTIPLES = st.sampled_from((1, 1, 2, 3))


def free(chain: Chain) -> list[int]:
    return [chain.channels[place] for place in chain.free]


def least(count: int, lowest: int, multiple: int) -> int:
    """In whole percent, by trying all counts: no rounding can be wrong."""
    enough = [n for n in range(1, count + 1) if 100 * n >= lowest * count and n % multiple == 0]
    return min(enough, default=count)


@settings(max_examples=80, deadline=None)
@given(chains(), PERCENT, PERCENT, PERCENT, MULTIPLES, st.data())
def test_the_bounded_action_is_the_largest_that_brute_force_finds(
    chain: Chain, wanted: int, lowest: int, share: int, multiple: int, data: st.DataObject
) -> None:
    channels, macs = free(chain), partial(total_macs, chain)
    layer = data.draw(st.integers(0, len(channels) - 1))
    kept = [data.draw(st.integers(1, count)) for count in channels[:layer]]
    budget = share / 100 * macs(channels)
    later = [least(count, lowest, multiple) for count in channels[layer + 1 :]]
    own = least(channels[layer], lowest, multiple)
    tried = [n for n in range(own, channels[layer] + 1) if n == own or n % multiple == 0]
    wished = [n for n in tried if n == own or 100 * n <= wanted * channels[layer]]
    fitting = [n for n in wished if macs([*kept, n, *later]) <= budget]
    bounded = partial(bounded_channels, wanted / 100, kept, channels, macs)
    if fitting:
        found = bounded(budget=budget, lowest=lowest / 100, multiple=multiple)
        assert found == max(fitting)
    else:
        smallest = f"smallest reachable is {macs([*kept, own, *later]):,.6g}"
        with pytest.raises(ValueError, match=smallest):
            bounded(budget=budget, lowest=lowest / 100, multiple=multiple)


@settings(max_examples=30, deadline=None)
@given(chains(), PERCENT, PERCENT, MULTIPLES, st.data())
def test_an_episode_never_ends_beyond_the_budget(
    chain: Chain, lowest: int, share: int, multiple: int, data: st.DataObject
) -> None:
    channels, macs = free(chain), partial(total_macs, chain)
    smallest = macs(least_channels(channels, lowest=lowest / 100, multiple=multiple))
    budget = smallest + share / 100 * (macs(channels) - smallest)
    kept: list[int] = []
    for _ in channels:
        wanted = data.draw(PERCENT) / 100
        rest = {"budget": budget, "lowest": lowest / 100, "multiple": multiple}
        kept.append(bounded_channels(wanted, kept, channels, macs, **rest))
    assert macs(kept) <= budget


@pytest.mark.parametrize("count", [7, 10, 29, 64, 100])
def test_a_ratio_that_was_executed_is_executed_again(count: int) -> None:
    """29 of 100 channels are a ratio of .29, and .29 * 100 is less than 29."""
    for kept in range(1, count + 1):
        rest = {"budget": math.inf, "lowest": 1e-6}
        assert bounded_channels(kept / count, [], [count], sum, **rest) == kept
        assert least_channels([count], lowest=kept / count) == [kept]


@settings(max_examples=30, deadline=None)
@given(chains(), st.integers(1, 100), MULTIPLES, st.data())
def test_after_filling_up_no_further_step_fits(
    chain: Chain, share: int, multiple: int, data: st.DataObject
) -> None:
    channels, macs = free(chain), partial(total_macs, chain)
    kept = [data.draw(st.integers(1, count)) for count in channels]
    budget = macs(kept) + share / 100 * (macs(channels) - macs(kept))
    full = fill_up(kept, channels, macs, budget=budget, multiple=multiple)
    assert macs(full) <= budget
    for layer, (before, now) in enumerate(zip(kept, full, strict=True)):
        assert before <= now <= channels[layer]
        assert now == before or now % multiple == 0
        more = (now // multiple + 1) * multiple
        fuller = [*full[:layer], more, *full[layer + 1 :]]
        assert more > channels[layer] or macs(fuller) > budget


def test_filling_up_begins_where_most_is_pruned_and_with_the_lower_index() -> None:
    assert fill_up([2, 6, 3], [8, 8, 8], sum, budget=12) == [3, 6, 3]
    assert fill_up([3, 6, 3], [8, 8, 8], sum, budget=13) == [4, 6, 3]
    assert fill_up([3, 6, 3], [8, 8, 8], sum, budget=14) == [4, 6, 4]
    assert fill_up([3, 6, 3], [8, 8, 8], sum, budget=14, multiple=2) == [4, 6, 4]


@settings(max_examples=30, deadline=None)
@given(chains(), PERCENT, PERCENT, MULTIPLES, st.data())
def test_shared_ratios_are_the_largest_of_their_proportions(
    chain: Chain, lowest: int, share: int, multiple: int, data: st.DataObject
) -> None:
    """Against all factors at which any count changes, within rounding (1e-7 of a channel)."""
    channels, macs = free(chain), partial(total_macs, chain)
    relative = [data.draw(PERCENT) / 100 for _ in channels]
    least = least_channels(channels, lowest=lowest / 100, multiple=multiple)
    budget = macs(least) + share / 100 * (macs(channels) - macs(least))
    steps = [
        (count - 1e-7) / channels[layer] / relative[layer] * (1 + 1e-12)
        for layer in range(len(channels))
        for count in range(1, channels[layer] + 1)
    ]
    candidates = [least]
    for factor in steps:
        ratios = [min(1, factor * each) for each in relative]
        rounded = [
            int((ratio * count + 1e-7) / multiple) * multiple
            for ratio, count in zip(ratios, channels, strict=True)
        ]
        candidates.append([max(pair) for pair in zip(rounded, least, strict=True)])
    best = max(macs(counts) for counts in candidates if macs(counts) <= budget)
    rest = {"budget": budget, "lowest": lowest / 100, "multiple": multiple}
    assert macs(share_channels(relative, channels, macs, **rest)) == best


@pytest.mark.parametrize(("share", "multiple"), itertools.product((0.3, 0.5, 1.0), (1, 4)))
def test_uniform_spends_its_budget_evenly(share: float, multiple: int) -> None:
    channels, macs = list(vgg().channels), partial(total_macs, vgg())
    budget = share * macs(channels)
    kept = uniform_channels(channels, macs, budget=budget, lowest=0.1, multiple=multiple)
    assert 0.85 * budget <= macs(kept) <= budget
    ratios = [n / count for n, count in zip(kept, channels, strict=True)]
    assert max(ratios) - min(ratios) <= max(multiple / count for count in channels)


def test_bad_input_is_refused_with_what_was_expected() -> None:
    macs = partial(total_macs, vgg())
    full = list(vgg().channels)
    for ratio in (0.0, -0.1, 1.01, math.nan):
        with pytest.raises(ValueError, match=r"wanted must be a ratio in \(0, 1\]"):
            bounded_channels(ratio, [], full, macs, budget=1e9, lowest=0.2)
        with pytest.raises(ValueError, match=r"lowest must be a ratio in \(0, 1\]"):
            uniform_channels(full, macs, budget=1e9, lowest=ratio)
    with pytest.raises(ValueError, match="all 6 layers have their channels already"):
        bounded_channels(0.5, full, full, macs, budget=1e9, lowest=0.2)
    with pytest.raises(ValueError, match=r"smallest reachable is .* with channels \[2, 2, 4, 4"):
        uniform_channels(full, macs, budget=10, lowest=0.2)
    with pytest.raises(ValueError, match=r"beyond the budget 10"):
        fill_up(full, full, macs, budget=10)
    with pytest.raises(ValueError, match="multiple must be at least 1, got 0"):
        least_channels(full, lowest=0.2, multiple=0)
    with pytest.raises(ValueError, match="at least one channel"):
        least_channels([4, 0], lowest=0.2)
    for relative in ([1.0] * 5, [1.0] * 5 + [0.0], [1.0] * 5 + [math.nan]):
        with pytest.raises(ValueError, match="expected 6 positive ratios"):
            share_channels(relative, full, macs, budget=1e9, lowest=0.2)
