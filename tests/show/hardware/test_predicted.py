"""Predictions: made from the measured networks alone, judged on all the others."""

import numpy as np
import pytest
import torch

from course_lib.show.hardware.predicted import Predict, PredictedInfo, predicted_info, ridge_on

RNG = np.random.default_rng(0)
COUNTS = RNG.integers(0, 6, (200, 2))
SECONDS = 1e-4 * (2 + COUNTS @ np.array([3.0, 1.0]))


def info(predict: Predict, count: int = 20, seed: int = 0) -> PredictedInfo:
    groups = COUNTS[:, 0]
    return predicted_info("device", SECONDS, "a line", predict, groups, count=count, seed=seed)


def test_a_line_through_the_right_counts_predicts_an_additive_device_exactly() -> None:
    found = info(ridge_on(torch.from_numpy(COUNTS).double()))
    assert found.skill.correlation > 0.99  # equal networks are ties, and rounded apart
    assert found.skill.error < 0.01
    assert max(abs(middle) for _, middle, _ in found.residuals.values()) < 0.01
    assert "after 20 measurements" in found.describe()
    assert "180 other networks" in found.describe()


def test_only_the_others_are_judged() -> None:
    seen = []

    def remembers(seconds: np.ndarray, chosen: np.ndarray) -> np.ndarray:
        seen.extend(chosen.tolist())
        said = np.full(len(seconds), 7e-4)
        said[chosen] = -1  # what was measured is not asked for
        return said

    found = info(remembers)
    assert len(set(seen)) == 20
    assert (found.predicted > 0).all()
    np.testing.assert_allclose(np.sort(found.measured), 1e3 * np.sort(np.delete(SECONDS, seen)))
    assert found.skill.correlation == 0


def test_another_seed_measures_others() -> None:
    predict = ridge_on(torch.from_numpy(COUNTS[:, :1]).double())
    assert not np.array_equal(info(predict).measured, info(predict, seed=1).measured)


@pytest.mark.parametrize("count", [1, 199, 500])
def test_counts_that_leave_nothing_to_learn_from_or_to_judge_are_refused(count: int) -> None:
    with pytest.raises(ValueError, match="expected 2 to 198 measurements"):
        info(ridge_on(torch.from_numpy(COUNTS).double()), count=count)
