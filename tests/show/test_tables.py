import numpy as np
import pytest

from course_lib.show.tables import (
    curves_info,
    noise_info,
    plot_curves,
    plot_noise,
    plot_spread,
    spread_info,
)


def test_quantiles_divide_the_architectures() -> None:
    values = np.random.default_rng(0).random(1000)
    info = spread_info(values)
    for share, value in info.quantiles.items():
        assert (values <= value).mean() == pytest.approx(share, abs=1e-3)
    assert sum(bar.get_height() for bar in plot_spread(info).patches) == 1000


def test_noise_and_spread_are_told_apart() -> None:
    """sd of 0.01 within and 0.05 between; 400 x 5 draws estimate both within 10 % (5 sigma)."""
    draws = np.random.default_rng(0)
    means = draws.normal(0, 0.05, (400, 1))
    info = noise_info(means + draws.normal(0, 0.01, (400, 5)))
    assert info.within == pytest.approx(0.01, rel=0.1)
    assert info.between == pytest.approx(np.hypot(0.05, 0.01 / np.sqrt(5)), rel=0.18)
    assert (np.diff(info.values.mean(1)) >= 0).all()
    assert plot_noise(info).get_xlabel()


def test_names_stand_at_the_height_of_their_curves() -> None:
    ax = plot_curves(curves_info({"low": [5.0, 1.0, 2.0], "high": [0.0, 4.0, 8.0]}))
    ax.figure.draw_without_rendering()
    low, high = ax.get_ylim()
    places = {text.get_text(): low + text.xyann[1] * (high - low) for text in ax.texts}
    assert places == pytest.approx({"low": 2.0, "high": 8.0})


def test_curves_start_at_one_and_are_named_at_their_end() -> None:
    ax = plot_curves(curves_info({"train": [0.1, 0.2, 0.3], "valid": [0.2]}))
    np.testing.assert_array_equal(ax.lines[0].get_xdata(), [1, 2, 3])
    assert {text.get_text() for text in ax.texts} == {"train", "valid"}


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: spread_info([]), "values is empty"),
        (lambda: noise_info([[0.1, 0.2]]), "both at least 2"),
        (lambda: curves_info({}), "curves is empty"),
        (lambda: curves_info({"train": []}), "curves is empty"),
    ],
)
def test_what_cannot_be_drawn_is_refused(call, words: str) -> None:
    with pytest.raises(ValueError, match=words):
        call()
