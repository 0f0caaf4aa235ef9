"""Blocks that were measured while the machine was slow are brought to one speed."""

import numpy as np

from data.make.latency import drift_factors


def test_a_slower_block_is_found_whatever_its_anchors_take() -> None:
    anchors = np.array([4.0, 5, 6, 7]) * np.array([1, 1.7, 1, 0.9, 1])[:, None]
    assert np.allclose(drift_factors(anchors), [1, 1.7, 1, 0.9, 1])


def test_one_noisy_anchor_moves_the_factor_by_its_share_only() -> None:
    anchors = np.ones((3, 4))
    anchors[1, 2] = 16
    assert np.allclose(drift_factors(anchors), [1, 2, 1])
