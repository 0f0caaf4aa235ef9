"""Pictures of lecture 04: what they say is what was put in."""

import numpy as np
import pytest
import torch

from course_lib.core import make_rng
from course_lib.nas.estimators import Quality
from course_lib.nas.relax import gumbel_max_sample
from course_lib.show.nas.costs import costs_info, plot_costs
from course_lib.show.nas.gumbel import (
    counts_info,
    inverse_info,
    plot_backward,
    plot_counts,
    plot_draws,
    plot_forward,
    plot_inverse,
    straight_info,
)
from course_lib.show.nas.temperature import (
    errors_info,
    plot_bias,
    plot_errors,
    plot_sd,
    temperature_info,
)


def test_inverse_transform_undoes_the_distribution_function() -> None:
    u = torch.rand(5000, generator=make_rng(0), dtype=torch.float64)
    info = inverse_info(u)
    np.testing.assert_allclose(np.exp(-np.exp(-info.draws)), u, rtol=1e-12)
    slopes = np.gradient(info.cdf, info.grid)
    np.testing.assert_allclose(slopes[1:-1], info.density[1:-1], atol=1e-3)
    assert info.draws.mean() == pytest.approx(0.5772, abs=0.08)
    assert "5,000" in info.describe()
    assert len(plot_inverse(info, arrows=5).lines) == 1 + 3 * 5
    assert "5,000 draws" in plot_draws(info).get_xlabel()
    with pytest.raises(ValueError, match="strictly between 0 and 1"):
        inverse_info([0.0, 0.5])


def test_counts_stand_beside_softmax_with_their_spread() -> None:
    logits = torch.tensor([2.0, 0.0, -1.0])
    drawn = gumbel_max_sample(logits.expand(4000, 3), make_rng(1))
    info = counts_info(drawn, logits, ("a", "b", "c"))
    assert info.shares.sum() == pytest.approx(1)
    np.testing.assert_allclose(info.probabilities, logits.softmax(0), rtol=1e-6)
    assert info.furthest < 4.5
    assert counts_info(torch.zeros(4000).long(), logits, "abc").furthest > 4.5
    assert len(plot_counts(info).get_xticks()) == 3
    with pytest.raises(ValueError, match="3 names"):
        counts_info(drawn, logits, "ab")


def test_straight_through_jumps_forward_and_slopes_backward() -> None:
    info = straight_info(tau=0.5)
    np.testing.assert_allclose(info.hard, np.round(info.soft), atol=1e-12)
    np.testing.assert_allclose(info.slope_hard, info.slope_soft)
    np.testing.assert_allclose(info.slope_soft, info.soft * (1 - info.soft) / 0.5, atol=1e-9)
    assert "jumps from 0 to 1" in info.describe()
    assert len(plot_forward(info).lines) == 2
    assert len(plot_backward(info).lines) == 3


def quality(bias: float, sd: float) -> Quality:
    return Quality(bias, sd, exact=1.0, signal=1.0)


def test_over_the_temperature_the_crossing_with_a_fixed_estimator_is_found() -> None:
    row = [quality(0.1, 4.0), quality(0.2, 2.0), quality(0.4, 0.5)]
    info = temperature_info([0.1, 1, 10], {"soft": row}, {"score": quality(0, 2.5)})
    assert info.coldest_calm("soft", "score") == 1
    hotter = temperature_info([0.1, 1, 10], {"soft": row}, {"score": quality(0, 0.1)})
    assert np.isnan(hotter.coldest_calm("soft", "score"))
    assert "bias 0.1 and standard deviation 4 at temperature 0.1" in info.describe()
    assert plot_bias(info).get_ylim()[0] == 0
    assert plot_sd(info).get_yscale() == "log"
    for taus, rows in (([1, 2], {"soft": row}), ([10, 1, 0.1], {"soft": row}), ([], {})):
        with pytest.raises(ValueError, match="increasing temperatures"):
            temperature_info(taus, rows, {})


def test_a_bias_is_a_floor_that_more_samples_do_not_lower() -> None:
    info = errors_info({"biased": quality(0.3, 0.1), "noisy": quality(0.0, 10.0)}, most=1e6)
    assert info.errors["biased"][-1] == pytest.approx(0.3, rel=1e-3)
    assert info.errors["noisy"][-1] == pytest.approx(0.01)
    assert info.best(1) == "biased"
    assert info.best(1e6) == "noisy"
    assert "0.01 with 1e+06" in info.describe()
    assert plot_errors(info).get_xscale() == "log"


def test_costs_are_compared_with_the_first() -> None:
    info = costs_info({"DARTS": [2.0, 4.0, 6.0], "GDAS": [1.0]}, "milliseconds per step")
    assert info.ratio("GDAS") == 0.25
    assert "GDAS 1 (0.25 of DARTS)" in info.describe()
    assert [text.get_text() for text in plot_costs(info).texts] == ["4", "1  (× 0.25)"]
    for wrong in ({}, {"a": []}, {"a": [0.0]}):
        with pytest.raises(ValueError, match="positive numbers"):
            costs_info(wrong, "s")
