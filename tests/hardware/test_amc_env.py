"""An episode: T transitions, shares of the full network, the ratio as it was carried out."""

import pytest
import torch

from course_lib.core import make_rng, randint
from course_lib.hardware.amc_env import episode

CHANNELS = (4, 6, 8)


def macs(counts):
    """A pruned input makes the next layer cheaper; the classifier reads the last layer."""
    return [own * before for own, before in zip(counts, (3, *counts), strict=False)] + [
        10 * counts[-1]
    ]


def played(kept=(2, 3, 8), reward=0.7):
    features = torch.arange(6.0).reshape(3, 2)
    return features, episode(features, CHANNELS, kept, macs, reward)


def test_states_are_the_shares_that_one_counts_by_hand():
    features, found = played()
    # full: 12, 24, 48 and 80 for the classifier, 164 in all
    expected = torch.tensor(
        [
            [0, 72 / 164, 1.0],  # nothing pruned yet
            [6 / 164, 48 / 164, 2 / 4],  # layer 0 at 6 of 12
            [(36 - 6 - 6) / 164, 0, 3 / 6],  # layer 1 at 2 * 3 = 6 of 24
        ]
    )
    torch.testing.assert_close(found.states[:, :2], features)
    torch.testing.assert_close(found.states[:, 2:], expected)


def test_exactly_t_transitions_each_with_the_reward_of_the_end():
    _, found = played()
    assert found.states.shape == found.next_states.shape == (3, 5)
    assert found.rewards.tolist() == pytest.approx([0.7] * 3)
    assert found.done.tolist() == [False, False, True]
    assert torch.equal(found.next_states[:-1], found.states[1:])
    assert torch.equal(found.next_states[-1], torch.zeros(5))


def test_actions_are_the_ratios_that_were_carried_out():
    _, found = played((1, 5, 2))
    torch.testing.assert_close(found.actions, torch.tensor([[1 / 4], [5 / 6], [2 / 8]]))
    torch.testing.assert_close(found.states[1:, -1], found.actions[:-1, 0])


def test_what_is_saved_and_what_can_be_saved_are_shares():
    rng = make_rng(0)
    for _ in range(30):
        kept = tuple(1 + randint(rng, count) for count in CHANNELS)
        _, found = played(kept)
        shares = found.states[:, 2:]
        assert shares.min() >= 0
        assert shares.max() <= 1
        assert (shares[1:, 0] >= shares[:-1, 0]).all(), "what is reduced only grows"
        assert (shares[1:, 1] < shares[:-1, 1]).all(), "the rest only shrinks"


def test_lengths_that_do_not_fit_are_refused():
    with pytest.raises(ValueError, match="features and kept channels of 3 layers, got 3 and 2"):
        played((1, 2))
