"""Inverse transform and straight-through: what the pictures say is what was put in."""

import numpy as np
import pytest
import torch

from course_lib.core import make_rng
from course_lib.show.nas.gumbel import (
    gumbel_density,
    inverse_info,
    plot_backward,
    plot_forward,
    plot_inverse,
    straight_info,
)


def test_inverse_transform_undoes_the_distribution_function() -> None:
    u = torch.rand(5000, generator=make_rng(0), dtype=torch.float64)
    info = inverse_info(u)
    np.testing.assert_allclose(np.exp(-np.exp(-info.draws)), u, rtol=1e-12)
    slopes = np.gradient(info.cdf, info.grid)
    np.testing.assert_allclose(slopes[1:-1], gumbel_density(info.grid)[1:-1], atol=1e-3)
    assert info.draws.mean() == pytest.approx(0.5772, abs=0.08)
    assert "5,000" in info.describe()
    assert len(plot_inverse(info, arrows=5).lines) == 1 + 3 * 5
    with pytest.raises(ValueError, match="strictly between 0 and 1"):
        inverse_info([0.0, 0.5])


def test_straight_through_jumps_forward_and_slopes_backward() -> None:
    info = straight_info(tau=0.5)
    np.testing.assert_allclose(info.hard, np.round(info.soft), atol=1e-12)
    np.testing.assert_allclose(info.slope_hard, info.slope_soft)
    np.testing.assert_allclose(info.slope_soft, info.soft * (1 - info.soft) / 0.5, atol=1e-9)
    assert "jumps from 0 to 1" in info.describe()
    assert len(plot_forward(info).lines) == 2
    assert len(plot_backward(info).lines) == 3
