"""The best of n draws agrees with counting them all; pairs by seed are sharper than two samples."""

from functools import partial
from itertools import combinations, product
from typing import Any, cast

import numpy as np
import pytest
from scipy import stats

from course_lib.core import make_rng
from course_lib.core.statistics import (
    bootstrap_interval,
    difference,
    expected_best,
    paired_difference,
)


def _largest(x: float, *, n: int) -> float:
    return float(x * stats.norm.cdf(x) ** (n - 1))


VALUES: list[list[float]] = [
    [0.3],
    [2.0, -1.0],
    [0.5, 0.9, 0.1, 0.7],
    [1.0, 3.0, 3.0, 2.0, 2.0],  # ties
    [-4.0, -1.0, -2.5, -1.0, -7.0],
]


@pytest.mark.parametrize("values", VALUES)
@pytest.mark.parametrize("n", [1, 2, 3, 5])
def test_with_replacement_it_is_the_mean_over_all_tuples(values: list[float], n: int) -> None:
    counted = np.mean([max(drawn) for drawn in product(values, repeat=n)])
    assert expected_best(values, n) == pytest.approx(counted)


@pytest.mark.parametrize("values", VALUES)
def test_without_replacement_it_is_the_mean_over_all_subsets(values: list[float]) -> None:
    for n in range(1, len(values) + 1):
        counted = np.mean([max(drawn) for drawn in combinations(values, n)])
        assert expected_best(values, n, replace=False) == pytest.approx(counted)


def test_of_many_normal_values_it_is_the_normal_s_own() -> None:
    """E max of n is the integral of x dPhi(x)^n; 9,999 quantiles stand for the normal."""
    quantiles = stats.norm.ppf(np.arange(1, 10_000) / 10_000)
    for n in (2, 5, 20):
        exact = n * stats.norm.expect(partial(_largest, n=n))
        for replace in (True, False):
            assert expected_best(quantiles, n, replace=replace) == pytest.approx(exact, abs=0.005)


def test_one_draw_is_worth_the_mean_and_all_of_them_the_maximum() -> None:
    values = np.random.default_rng(0).normal(size=300)
    assert expected_best(values, 1) == pytest.approx(values.mean())
    assert expected_best(values, 1, replace=False) == pytest.approx(values.mean())
    assert expected_best(values, 300, replace=False) == pytest.approx(values.max())
    assert expected_best(values, 10**6) == pytest.approx(values.max())


def test_more_draws_help_and_draws_without_replacement_help_more() -> None:
    values = np.random.default_rng(0).normal(size=20)
    best = [expected_best(values, n) for n in range(1, 21)]
    other = [expected_best(values, n, replace=False) for n in range(1, 21)]
    assert np.all(np.diff(best) > 0)
    assert np.all(np.array(other[1:]) > np.array(best[1:]))


def test_it_moves_and_stretches_with_the_values() -> None:
    values = np.random.default_rng(0).normal(size=20)
    for replace in (True, False):
        plain = expected_best(values, 4, replace=replace)
        assert expected_best(3 * values - 5, 4, replace=replace) == pytest.approx(3 * plain - 5)


@pytest.mark.parametrize("n", [0, -1, 2.0, 2.5, True, "3"])
def test_the_number_of_draws_must_be_whole(n: Any) -> None:
    with pytest.raises(ValueError, match="n must be a whole number of draws, at least 1"):
        expected_best([1.0, 2.0], n)
    assert expected_best([1.0, 2.0], cast(int, np.int64(1))) == 1.5


def test_more_than_all_values_cannot_be_drawn_without_replacement() -> None:
    with pytest.raises(ValueError, match=r"at most 2 of 2 values .* n = 3: run more seeds"):
        expected_best([1.0, 2.0], 3, replace=False)


@pytest.mark.parametrize("values", [[], [1.0, float("nan")], [[1.0, 2.0]]])
def test_values_must_be_a_row_of_finite_numbers(values: Any) -> None:
    with pytest.raises(ValueError, match="values must be one or more finite numbers"):
        expected_best(values, 1)


# --- pairs ---


def by_seed(correlation: float, n: int = 60) -> np.ndarray:
    """Two samples (2, n) whose values of one seed are correlated, sd 1, means 1 and 0."""
    numbers = np.random.default_rng(0).normal(size=(2, n))
    first, noise = (numbers - numbers.mean(1, keepdims=True)) / numbers.std(1, keepdims=True)
    return np.array([1 + first, correlation * first + (1 - correlation**2) ** 0.5 * noise])


@pytest.mark.parametrize("correlation", [-0.8, 0.0, 0.5, 0.95])
def test_the_variance_of_pairs_loses_twice_the_covariance(correlation: float) -> None:
    """Width 2 z sqrt((2 - 2 cov) / n) by the central limit theorem."""
    first, second = by_seed(correlation)
    paired = paired_difference(first, second, make_rng(0))
    covariance = np.cov(first, second, ddof=0)
    error = np.sqrt((covariance.trace() - 2 * covariance[0, 1]) / len(first))
    assert paired.estimate == pytest.approx(1)
    assert paired.high - paired.low == pytest.approx(2 * 1.96 * error, rel=0.06)
    apart = difference(first, second, make_rng(0))
    assert apart.estimate == pytest.approx(paired.estimate)
    if abs(correlation) >= 0.5:
        assert (paired.high - paired.low < apart.high - apart.low) is (correlation > 0)


def test_pairs_are_one_sample_of_their_differences() -> None:
    first, second = by_seed(0.5)
    assert paired_difference(first, second, make_rng(3), level=0.8) == bootstrap_interval(
        first - second, make_rng(3), level=0.8
    )
    order = np.random.default_rng(1).permutation(len(first))
    mixed = paired_difference(first[order], second[order], make_rng(0))
    assert mixed.high == pytest.approx(paired_difference(first, second, make_rng(0)).high, abs=0.05)


def test_what_a_seed_does_to_both_leaves_no_doubt() -> None:
    seeds = np.random.default_rng(0).normal(size=10) * 100
    interval = paired_difference(seeds + 0.5, seeds, make_rng(0))
    assert (interval.low, interval.high) == pytest.approx((0.5, 0.5))
    assert interval.n == (10,)


def test_samples_of_different_seeds_are_no_pairs() -> None:
    with pytest.raises(ValueError, match="first and second must be paired, got 2 and 3 values"):
        paired_difference([1.0, 2.0], [1.0, 2.0, 3.0], make_rng(0))
