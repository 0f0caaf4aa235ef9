"""Kendall's tau in pictures: growth of the sample, pairs, the demo and its recording."""

import pytest
from scipy.stats import kendalltau

from course_lib.core import make_rng
from course_lib.show.nas.tau import plot_pairs, plot_tau, tau_info
from tests.show.demos import pairs, press
from tests.show.demos import tau as demo


def test_tau_of_the_first_pairs_is_that_of_scipy_and_the_interval_narrows() -> None:
    one, other = pairs(200)
    info = tau_info(one, other, make_rng(2))
    assert info.sizes[-1] == 200
    for size, tau, low, high in zip(info.sizes, info.tau, info.low, info.high, strict=True):
        assert tau == pytest.approx(kendalltau(one[:size], other[:size]).statistic)
        assert low <= tau <= high
    widths = info.high - info.low
    assert widths[-1] < widths[0] / 2


def test_so_many_pairs_are_drawn_as_are_looked_at() -> None:
    info = tau_info(*pairs(), make_rng(0)).at(20)
    rest, seen = plot_pairs(info).lines
    assert len(seen.get_xdata()) == 20
    assert len(rest.get_xdata()) == 40
    words = [text.get_text() for text in plot_tau(info).texts]
    assert words[0].startswith(f"{info.tau[info.place]:.2f}\n[")
    assert f"of 20 architectures, mean {info.inherited[:20].mean():.3f}" in info.describe()


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: tau_info([1.0, 2.0], [1.0], make_rng(0)), "expected two or more pairs"),
        (lambda: tau_info(*pairs(), make_rng(0)).at(21), "size must be one of"),
        (lambda: tau_info([1.0, 1.0], [1.0, 2.0], make_rng(0)), "all values of x are equal"),
    ],
)
def test_what_has_no_order_is_refused(call, words: str) -> None:
    with pytest.raises(ValueError, match=words):
        call()


def test_step_goes_through_the_sizes_and_the_seed_draws_the_order() -> None:
    shown = demo()
    sizes = [shown.size]
    for _ in range(6):
        press(shown, "step")
        sizes.append(shown.size)
    assert sizes == [12, 20, 30, 50, 60, 8, 12]
    before = shown.chart
    shown.seed = 1
    assert sorted(shown.chart["x"]) == sorted(before["x"])
    assert shown.chart["x"] != before["x"]
    assert shown.chart["tau"][-1] == before["tau"][-1]
    press(shown, "reset")
    assert shown.chart == before
