"""A pruning problem: its features, rewards, and action maps that keep every budget."""

import math
from dataclasses import replace

import pytest
import torch

from course_lib.core import make_rng, uniform
from course_lib.hardware.chain import mobilenet, vgg
from course_lib.hardware.macs import chain_macs
from course_lib.hardware.pruning import (
    accuracy_guaranteed,
    accuracy_only,
    chain_cost,
    clip,
    layer_features,
    share,
)
from tests.hardware.small_pruning import by_latency, small_pruning, with_depthwise

MAPS = pytest.mark.parametrize("act", [clip, share])
PROBLEMS = {
    "plain": small_pruning(),
    "depthwise": with_depthwise(),
    "multiples of 4": small_pruning(vgg((12, 16, 24)), multiple=4),
    "tight": small_pruning(share=0.12),
    "latency": by_latency(small_pruning()),
}
EVERY_PROBLEM = pytest.mark.parametrize("pruning", PROBLEMS.values(), ids=PROBLEMS)


@MAPS
@EVERY_PROBLEM
def test_whatever_the_actions_the_budget_holds_and_no_layer_falls_below_its_least(act, pruning):
    rng = make_rng(0)
    for _ in range(60):
        actions = [max(0.01, uniform(rng)) for _ in pruning.channels]
        kept = act(pruning, actions)
        assert sum(pruning.cost(kept)) <= pruning.budget
        for own, full in zip(kept, pruning.channels, strict=True):
            assert pruning.lowest * full <= own <= full
            assert own % pruning.multiple == 0 or own == full


@EVERY_PROBLEM
def test_clip_decides_layer_by_layer_and_share_when_all_is_known(pruning):
    rng = make_rng(1)
    actions = [0.2 + 0.8 * uniform(rng) for _ in pruning.channels]
    last = len(actions) - 1
    assert clip(pruning, actions[:last]) == clip(pruning, actions)[:last]
    without = replace(pruning, budget=math.inf)
    assert share(pruning, actions[:last]) == clip(without, actions)[:last]


def test_share_sees_proportions_only_and_clip_the_ratios_themselves():
    pruning, actions = small_pruning(vgg((24, 32, 48))), [0.8, 0.4, 0.6]
    half = [action / 2 for action in actions]
    assert share(pruning, half) == share(pruning, actions)
    assert clip(pruning, half) != clip(pruning, actions)


def test_share_spends_the_budget_where_a_channel_more_of_all_would_not_fit():
    pruning = small_pruning(vgg((24, 32, 48)))
    rng = make_rng(2)
    for _ in range(20):
        kept = share(pruning, [0.5 + uniform(rng) / 2 for _ in range(3)])
        more = [min(own + 1, full) for own, full in zip(kept, pruning.channels, strict=True)]
        assert sum(pruning.cost(kept)) <= pruning.budget < sum(pruning.cost(more))


def test_a_budget_that_nothing_meets_is_refused_at_once_with_the_least_there_is():
    with pytest.raises(ValueError, match="the smallest reachable is"):
        small_pruning(share=0.01)


def test_a_lowest_ratio_outside_and_features_of_other_layers_are_refused():
    with pytest.raises(ValueError, match=r"lowest ratio must be in \(0, 1\], got 0"):
        small_pruning(lowest=0.0)
    with pytest.raises(ValueError, match="features of 3 layers, got 2"):
        replace(small_pruning(), features=torch.zeros(2, 8))


def test_depthwise_operations_belong_to_the_layer_that_decides_them():
    chain = mobilenet((6, 8, 8))
    for counts in ((6, 8, 8), (2, 3, 5)):
        costs = chain_cost(chain)(counts)
        everything = chain_macs(chain, chain.tied(counts))
        assert len(costs) == 4
        assert sum(costs) == sum(everything)
        assert costs[0] == everything[0] + everything[1]


def test_features_are_scaled_by_column_and_equal_columns_are_zero():
    found = layer_features(vgg((6, 8, 8), image=(1, 12, 12)))
    expected = {
        0: [0, 0.5, 1],  # index
        1: [0, 1, 1],  # output channels
        2: [0, 5 / 7, 1],  # input channels: 1, 6, 8
        3: [0, 0, 0],  # height: 12 everywhere before the last layer
        5: [0, 0, 1],  # stride
        6: [0, 0, 0],  # kernel
    }
    assert found.shape == (3, 8)
    for column, values in expected.items():
        torch.testing.assert_close(found[:, column], torch.tensor(values, dtype=torch.float32))


def test_the_rewards_of_the_paper():
    assert accuracy_only(0.8, 1e6) == 0.8
    assert accuracy_guaranteed(0.8, math.e**10) == pytest.approx(-0.2 * 10)
    assert accuracy_guaranteed(0.9, 1e6) > accuracy_guaranteed(0.8, 1e6)
    assert accuracy_guaranteed(0.8, 1e5) > accuracy_guaranteed(0.8, 1e6)
    with pytest.raises(ValueError, match=r"expected a cost above 1, got 0.5"):
        accuracy_guaranteed(0.8, 0.5)


def test_a_trial_has_the_reward_as_its_value_and_both_parts_as_objectives():
    pruning = small_pruning(reward=accuracy_guaranteed)
    trial = pruning.measure((3, 4, 4))
    assert trial.arch == (3, 4, 4)
    assert trial.objectives == {"accuracy": 0.5, "cost": sum(pruning.cost((3, 4, 4)))}
    assert trial.value == accuracy_guaranteed(0.5, trial.objectives["cost"])
