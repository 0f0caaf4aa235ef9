"""Bootstrap intervals: they cover, they move with their data, and scipy agrees."""

import numpy as np
import pytest
from scipy import stats

from course_lib.core import make_rng
from course_lib.core.statistics import (
    bootstrap_interval,
    difference,
    kendall_tau,
    probability_of_win,
)

NUMBERS = np.random.default_rng(0)
SKEWED = NUMBERS.exponential(size=40)
OTHER = NUMBERS.normal(1.0, 0.5, size=30)


def test_the_interval_covers_the_mean_as_often_as_it_says() -> None:
    """200 repetitions at 95 %: the standard deviation of the frequency is 0.015."""
    draws = np.random.default_rng(1).normal(3.0, 2.0, size=(200, 30))
    intervals = [bootstrap_interval(row, make_rng(i)) for i, row in enumerate(draws)]
    covered = np.mean([each.low <= 3.0 <= each.high for each in intervals])
    assert 0.88 <= covered <= 0.99


def test_scipy_finds_the_same_interval() -> None:
    """Both simulate; 10,000 resamples fix an end to about 2 % of the width."""
    own = bootstrap_interval(SKEWED, make_rng(0))
    peer = stats.bootstrap(
        (SKEWED,), np.mean, method="percentile", n_resamples=10_000, rng=np.random.default_rng(2)
    ).confidence_interval
    width = peer.high - peer.low
    assert own.estimate == pytest.approx(SKEWED.mean())
    assert own.low == pytest.approx(peer.low, abs=0.1 * width)
    assert own.high == pytest.approx(peer.high, abs=0.1 * width)


def test_the_interval_moves_and_stretches_with_the_data() -> None:
    plain = bootstrap_interval(SKEWED, make_rng(0))
    moved = bootstrap_interval(3 * SKEWED - 5, make_rng(0))
    for end in ("estimate", "low", "high"):
        assert getattr(moved, end) == pytest.approx(3 * getattr(plain, end) - 5)


def test_more_certainty_needs_a_wider_interval() -> None:
    likely = bootstrap_interval(SKEWED, make_rng(0), level=0.8)
    surely = bootstrap_interval(SKEWED, make_rng(0), level=0.99)
    assert surely.low < likely.low < likely.estimate < likely.high < surely.high


def test_equal_values_leave_no_doubt() -> None:
    interval = bootstrap_interval([0.25] * 8, make_rng(0))
    assert interval.low == interval.estimate == interval.high == 0.25


def test_the_variance_of_a_difference_is_the_sum_of_variances() -> None:
    """Width 2 z sqrt(s1^2 / n1 + s2^2 / n2) by the central limit theorem; 10 % for small n."""
    interval = difference(SKEWED, OTHER, make_rng(0))
    error = np.sqrt(SKEWED.var() / len(SKEWED) + OTHER.var() / len(OTHER))
    assert interval.estimate == pytest.approx(SKEWED.mean() - OTHER.mean())
    assert interval.high - interval.low == pytest.approx(2 * 1.96 * error, rel=0.1)


def test_a_win_is_the_mann_whitney_statistic() -> None:
    interval = probability_of_win(SKEWED, OTHER, make_rng(0))
    peer = stats.mannwhitneyu(SKEWED, OTHER).statistic / (len(SKEWED) * len(OTHER))
    assert interval.estimate == pytest.approx(peer)
    assert interval.low < peer < interval.high


def test_one_side_wins_what_the_other_loses() -> None:
    first, second = [1.0, 2.0, 2.0, 5.0], [2.0, 2.0, 3.0]
    won = probability_of_win(first, second, make_rng(0)).estimate
    lost = probability_of_win(second, first, make_rng(0)).estimate
    assert won + lost == pytest.approx(1.0)
    assert probability_of_win(first, first, make_rng(0)).estimate == pytest.approx(0.5)
    assert probability_of_win([4, 5], [1, 2], make_rng(0)).low == 1.0


def test_the_same_seed_gives_the_same_interval() -> None:
    for function in (difference, probability_of_win):
        assert function(SKEWED, OTHER, make_rng(3)) == function(SKEWED, OTHER, make_rng(3))


@pytest.mark.parametrize("values", [[], [1.0], [1.0, float("nan")], [[1.0, 2.0]]])
def test_too_little_or_broken_data_is_refused(values: list[float]) -> None:
    with pytest.raises(ValueError, match="first must be two or more finite numbers"):
        difference(values, OTHER, make_rng(0))


def test_an_impossible_level_is_refused() -> None:
    with pytest.raises(ValueError, match="level must lie between 0 and 1, got 95"):
        bootstrap_interval(OTHER, make_rng(0), level=95)


def test_it_reads_as_one_line() -> None:
    text = str(difference([1.0, 1.0], [0.5, 0.5, 0.5], make_rng(0)))
    assert text == "0.5 [0.5, 0.5] (95%, n = 2 and 3)"


# --- Kendall's tau ---


def paired(n: int, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    """Correlated, with ties in both."""
    numbers = np.random.default_rng(seed)
    x = numbers.normal(size=n)
    return np.round(x, 1), np.round(x + numbers.normal(size=n), 1)


@pytest.mark.parametrize("n", [2, 5, 40])
def test_tau_is_scipy_s_tau_b(n: int) -> None:
    for seed in range(10):
        x, y = paired(n, seed)
        interval = kendall_tau(x, y, make_rng(0), resamples=10)
        assert interval.estimate == pytest.approx(stats.kendalltau(x, y).statistic, abs=1e-12)
        assert interval.n == (n,)


def test_scipy_s_bootstrap_of_tau_finds_the_same_interval() -> None:
    """Both simulate; 2,000 resamples fix an end to about 4 % of the width."""
    x, y = paired(30)
    own = kendall_tau(x, y, make_rng(0))
    peer = stats.bootstrap(
        (x, y),
        lambda x, y: stats.kendalltau(x, y).statistic,
        paired=True,
        vectorized=False,
        method="percentile",
        n_resamples=2000,
        rng=np.random.default_rng(2),
    ).confidence_interval
    assert own.low == pytest.approx(peer.low, abs=0.2 * (peer.high - peer.low))
    assert own.high == pytest.approx(peer.high, abs=0.2 * (peer.high - peer.low))


def test_tau_is_one_for_one_order_and_minus_one_for_its_reverse() -> None:
    x = np.arange(12.0)
    same, reverse = kendall_tau(x, x**3, make_rng(0)), kendall_tau(x, -x, make_rng(0))
    assert (same.low, same.estimate, same.high) == pytest.approx((1, 1, 1))
    assert (reverse.low, reverse.estimate, reverse.high) == pytest.approx((-1, -1, -1))


def test_tau_s_interval_shrinks_as_the_sample_grows() -> None:
    few, many = (kendall_tau(*paired(n), make_rng(0)) for n in (20, 320))
    # like 1 / sqrt(n): a quarter
    assert (many.high - many.low) == pytest.approx((few.high - few.low) / 4, rel=0.4)


@pytest.mark.parametrize(
    ("x", "y", "said"),
    [
        ([1, 2], [1, 2, 3], "must be paired, got 2 and 3"),
        ([1, 1, 1], [1, 2, 3], "all values of x are equal"),
        ([1, 2, 3], [2, 2, 2], "all values of y are equal"),
        ([1], [1], "x must be two or more"),
        ([1, 2], [1, float("nan")], "y must be two or more finite"),
    ],
)
def test_pairs_without_an_order_are_refused(x, y, said: str) -> None:
    with pytest.raises(ValueError, match=said):
        kendall_tau(x, y, make_rng(0))
