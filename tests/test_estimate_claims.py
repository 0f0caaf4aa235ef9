"""What claims share: intervals by the textbook, runs that can be resumed, words that count."""

import math
from functools import partial
from pathlib import Path

import numpy as np
import pytest
import torch
from scipy import stats

from claims import runs
from claims.collapse import early
from claims.darts_space import same_size
from claims.darts_vs_random import ALPHA_RATES, _above, _most_frequent, _tuned
from claims.estimates import curve, estimates, interval, share
from claims.estimators import error_ratio, score_spread
from claims.luck import points
from claims.runs import code_of, forget, run_seeds
from claims.seed_noise import distances, flattery
from claims.supernet_ranking import best_tenth, tau
from course_lib.core import make_rng
from course_lib.nas.darts_space import DartsSpace
from course_lib.nas.estimators import corners, exact_from, score_function
from course_lib.nas.table import digits201
from course_lib.show.measured import Row

SAMPLE = [1.0, 2.5, 2.0, 4.0, 3.5]


def test_an_interval_is_students():
    """mean +- t s / sqrt(n), by the textbook."""
    mean, sd = np.mean(SAMPLE), np.std(SAMPLE, ddof=1)
    reach = stats.t.ppf(0.975, 4) * sd / math.sqrt(5)
    got = interval(SAMPLE)
    assert (got.low, got.high) == pytest.approx((mean - reach, mean + reach))
    assert got.n == [5]


def test_a_difference_is_welchs():
    other = [0.0, 1.0, 0.5, 5.0, 2.0, 2.0, 1.0]
    got = interval(SAMPLE, other)
    parts = [np.var(each, ddof=1) / len(each) for each in (SAMPLE, other)]
    degrees = sum(parts) ** 2 / (parts[0] ** 2 / 4 + parts[1] ** 2 / 6)
    reach = stats.t.ppf(0.975, degrees) * math.sqrt(sum(parts))
    assert got.mean == pytest.approx(np.mean(SAMPLE) - np.mean(other))
    assert got.high - got.mean == pytest.approx(reach)


def test_without_spread_an_interval_has_no_length():
    assert interval([0.25] * 5) == Row("", 0.25, 0.25, 0.25, [5])


@pytest.mark.parametrize("sign", [1, -1])
def test_beside_equal_values_an_interval_is_that_of_the_other_sample(sign):
    """Welch's formula with one variance zero: its degrees of freedom are the other sample's."""
    pair = [[0.25] * 3, SAMPLE][::sign]
    got, alone = interval(*pair), interval(SAMPLE)
    assert got.mean == pytest.approx(sign * (0.25 - np.mean(SAMPLE)))
    assert got.high - got.low == pytest.approx(alone.high - alone.low)
    assert got.n == [len(sample) for sample in pair]
    known = interval([0.25] * 3, [0.5] * 4)
    assert known.low == known.high == -0.25


def test_all_intervals_hold_together():
    result = estimates({"a": [SAMPLE], "b": [SAMPLE, SAMPLE]})
    assert result.level == 0.975
    assert [row.label for row in result.rows] == ["a", "b"]
    assert result.rows[0].low < interval(SAMPLE).low
    assert result.rows[1].mean == 0


def test_a_curve_has_an_interval_at_every_point():
    line = curve([1, 2], [[s, 2 * s] for s in SAMPLE])
    assert line.mean == pytest.approx([np.mean(SAMPLE), 2 * np.mean(SAMPLE)])
    assert line.low[0] == pytest.approx(interval(SAMPLE).low)


def test_a_share_is_wilsons():
    """(p + z^2 / 2n +- z sqrt(p (1 - p) / n + z^2 / 4n^2)) / (1 + z^2 / n), by the textbook."""
    z, n, p = stats.norm.ppf(0.975), 50, 0.1
    middle, reach = p + z**2 / (2 * n), z * math.sqrt(p * (1 - p) / n + (z / (2 * n)) ** 2)
    got = share([1.0] * 5 + [0.0] * 45)
    expected = (p, (middle - reach) / (1 + z**2 / n), (middle + reach) / (1 + z**2 / n))
    assert (got.mean, got.low, got.high) == pytest.approx(expected)
    never = share([0.0] * 50)
    assert never.low == 0 < never.high < 0.1


def test_seed_noise_is_told_from_the_spread_of_cells():
    """Cells spread by 10, seeds by 1: |difference| of two normals has the mean 2 sd / sqrt(pi)."""
    rng = np.random.default_rng(0)
    cells, seeds = rng.normal(0, 10, (4000, 1)), rng.normal(0, 1, (4000, 3))
    by_seed, by_cell = distances(cells + seeds)
    assert len(by_seed) == 2 * len(by_cell) == 4000
    assert np.mean(by_seed) == pytest.approx(2 / math.sqrt(math.pi), rel=0.05)
    assert np.mean(by_cell) == pytest.approx(2 * math.sqrt(101 / math.pi), rel=0.05)


def test_the_winners_of_a_draw_are_flattered_and_random_ones_are_not():
    values = np.random.default_rng(0).normal(0, 1, (4000, 3))
    winners = np.argsort(values[:, 0])[-400:]
    # the mean of the upper tenth of a normal is 1.755
    assert np.mean(flattery(values[winners])) == pytest.approx(1.755, abs=0.15)
    assert np.mean(flattery(values)) == pytest.approx(0, abs=0.1)


asked: list[int] = []


def _square(seed: int) -> int:
    asked.append(seed)
    if seed == 3 and len(asked) < 4:
        raise KeyboardInterrupt
    return seed**2


def test_an_interrupted_run_goes_on_where_it_stopped(tmp_path: Path, monkeypatch) -> None:
    monkeypatch.setattr(runs, "FOLDER", tmp_path)
    asked.clear()
    with pytest.raises(KeyboardInterrupt):
        run_seeds("squares", _square, [1, 2, 3], n_jobs=1)
    assert run_seeds("squares", _square, [1, 2, 3], n_jobs=1) == [1, 4, 9]
    assert asked == [1, 2, 3, 3]
    forget("squares")
    assert list(tmp_path.iterdir()) == []


def _power(seed: int, *, exponent: int) -> int:
    return seed**exponent


def test_a_run_with_other_arguments_is_another_run(tmp_path: Path, monkeypatch) -> None:
    monkeypatch.setattr(runs, "FOLDER", tmp_path)
    assert run_seeds("powers", partial(_power, exponent=2), [2, 3], n_jobs=1) == [4, 9]
    assert run_seeds("powers", partial(_power, exponent=3), [2, 3], n_jobs=1) == [8, 27]
    assert len(list(tmp_path.iterdir())) == 2


MODULE = """
from library import run
EPOCHS, PEACE = 3, 1  # why
def claim():
    return "a sentence", run_seeds(_one)
def _one(seed):
    '''Words.'''
    return _helped(seed) + EPOCHS
def _helped(seed):
    return run(seed)
"""


@pytest.mark.parametrize(
    ("old", "new", "same"),
    [
        ("a sentence", "another sentence", True),
        ("Words.", "Other words.", True),
        ("# why", "# for another reason", True),
        ("EPOCHS, PEACE = 3", "EPOCHS, PEACE = 4", False),
        ("run(seed)", "run(seed + 1)", False),
        ("from library", "from elsewhere", False),
    ],
)
def test_a_changed_sentence_keeps_the_runs_and_changed_code_does_not(old, new, same):
    assert old in MODULE
    changed = MODULE.replace(old, new)
    assert (code_of(changed, "_one") == code_of(MODULE, "_one")) is same


def test_the_step_size_of_the_highest_mean_is_taken() -> None:
    low, high = ALPHA_RATES[0], ALPHA_RATES[-1]
    values = [{str(rate): 0.5 for rate in ALPHA_RATES} for _ in range(4)]
    values[0] |= {str(high): 0.8}
    values[1] |= {str(low): 0.7}
    runs = [{"DARTS": values[0], "GDAS": values[1]}, {"DARTS": values[2], "GDAS": values[3]}]
    assert _tuned(runs) == {"DARTS": high, "GDAS": low}


def test_what_was_found_is_counted_by_network_not_by_string() -> None:
    table = digits201()
    one, same, other = (
        table.space.parse(text)
        for text in (
            "|none~0|+|none~0|none~1|+|nor_conv_3x3~0|none~1|none~2|",
            "|skip_connect~0|+|none~0|avg_pool_3x3~1|+|nor_conv_3x3~0|none~1|none~2|",
            "|nor_conv_3x3~0|+|none~0|none~1|+|none~0|nor_conv_3x3~1|none~2|",
        )
    )
    words = _most_frequent(table, {"one": [other, one, same]})
    assert "one 2 different networks, most often (2 times) |none~0|+" in words
    assert f"{points(table, same):.1f} % test accuracy" in words
    assert _above({"one": [[1.0, 3.0, 4.0], [0.0, 2.0, 9.0]]}) == "one 2"


def test_the_best_tenth_is_the_tenth_of_highest_value():
    table = digits201()
    best = best_tenth(table)
    assert len(best) == len(table) // 10
    worst = min(table.measure(arch).value for arch in best)
    assert sum(table.measure(arch).value > worst for arch in table.space) < len(best)


def test_a_constant_ranks_nothing():
    assert tau([1, 1, 1], [1, 2, 3]) == 0
    assert tau([1, 2, 3], [2, 3, 9]) == pytest.approx(1)


@pytest.mark.parametrize(
    ("skips", "epoch"), [([0, 1, 2, 3], 2), ([0, 0, 1], 3), ([2, 3], 1), ([0, 2, 0, 3], 1)]
)
def test_early_stopping_takes_the_last_cell_with_fewer_than_two_skips(skips, epoch):
    assert early(skips) == epoch


def test_random_cells_have_about_the_size_they_are_compared_with():
    space = DartsSpace(nodes=2)
    arch = space.sample(make_rng(0))
    size = sum(w.numel() for w in space.build(arch).parameters())
    for other in same_size(space, arch, make_rng(1), 3):
        assert sum(w.numel() for w in space.build(other).parameters()) == pytest.approx(
            size, rel=0.1
        )


def test_the_enumerated_spread_is_that_of_many_draws():
    """The standard error of the spread of 20,000 draws is below 2 %."""
    logits = torch.randn(3, 2, generator=make_rng(0))
    z = corners(logits)
    losses = torch.randn(len(z), generator=make_rng(1))

    def loss(drawn):
        numbers = (drawn.argmax(-1) * torch.tensor([4, 2, 1])).sum(-1)
        return losses[numbers]

    assert torch.equal(loss(z), losses)
    for baseline in (0.0, 0.7):
        draws = score_function(logits, loss, make_rng(2), samples=20_000, baseline=baseline)
        sampled = float(draws.var(0).sum() ** 0.5)
        assert score_spread(logits, z, losses, baseline) == pytest.approx(sampled, rel=0.06)
        torch.testing.assert_close(draws.mean(0), exact_from(logits, z, losses), atol=0.03, rtol=0)


def test_an_error_has_a_bias_that_draws_do_not_cure():
    run = {"relaxed, bias": [3.0], "relaxed, spread": [4.0], "with baseline, spread": 10.0}
    assert error_ratio(run, "relaxed", 0, "with baseline", 1) == pytest.approx(math.log10(0.5))
    many = error_ratio(run, "relaxed", 0, "with baseline", 10_000)
    assert many == pytest.approx(math.log10(math.hypot(3, 0.04) / 0.1))
