"""Bias and spread over the temperature, and the error of a mean."""

import numpy as np
import pytest

from course_lib.nas.estimators import Quality
from course_lib.show.nas.tradeoff import (
    EXACT,
    bias_info,
    coldest_calm,
    errors_info,
    least_error,
    sd_info,
)


def quality(bias: float, sd: float) -> Quality:
    return Quality(bias, sd, exact=1.0, signal=1.0)


ROW = [quality(0.1, 4.0), quality(0.2, 2.0), quality(0.4, 0.5)]


def test_each_quality_stands_at_its_temperature() -> None:
    bias = bias_info([0.1, 1, 10], {"soft": ROW})
    assert bias.lines["soft"].tolist() == [0.1, 0.2, 0.4]
    assert bias.marks == {EXACT: 1.0}
    spread = sd_info([0.1, 1, 10], {"soft": ROW}, {"score": quality(0, 2.5)})
    assert spread.lines["soft"].tolist() == [4.0, 2.0, 0.5]
    assert spread.marks == {"score": 2.5}
    assert (bias.logarithmic, spread.logarithmic) == ("x", "xy")


def test_a_spread_of_zero_is_drawn_too() -> None:
    assert sd_info([1, 2], {"one": [quality(0, 0), quality(0, 1)]}).logarithmic == "x"


@pytest.mark.parametrize(("fixed", "where"), [(2.5, 1), (0.6, 10), (0.1, np.nan)])
def test_the_crossing_with_an_estimator_without_temperature_is_found(
    fixed: float, where: float
) -> None:
    spread = sd_info([0.1, 1, 10], {"soft": ROW}, {"score": quality(0, fixed)})
    assert coldest_calm(spread, "soft", "score") == pytest.approx(where, nan_ok=True)


@pytest.mark.parametrize("taus", [[1, 2], [10, 1, 0.1]])
def test_temperatures_increase_and_are_as_many_as_qualities(taus: list[float]) -> None:
    with pytest.raises(ValueError, match=r"places|value per place"):
        bias_info(taus, {"soft": ROW})


def test_a_bias_is_a_floor_that_more_samples_do_not_lower() -> None:
    """The mean of n estimates keeps its bias, and its variance is the n-th part: drawn anew."""
    rng = np.random.default_rng(0)
    means = 0.3 + rng.normal(0, 2.0, (4000, 100)).mean(1)
    errors = errors_info({"biased": quality(0.3, 2.0), "noisy": quality(0.0, 10.0)})
    place = int(np.abs(errors.places - 100).argmin())
    assert errors.places[place] == pytest.approx(100)
    # 4,000 squared errors of a normal: their mean is within 8 % (3.5 sigma), its root within 4 %
    drawn = np.sqrt((means**2).mean())
    assert errors.lines["biased"][place] == pytest.approx(drawn, rel=0.04)
    assert errors.lines["biased"][-1] == pytest.approx(0.3, rel=1e-2)
    assert least_error(errors, 1) == "biased"
    assert least_error(errors, 1e4) == "noisy"
