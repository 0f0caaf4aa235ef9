import numpy as np
import pytest

from course_lib.show.tables import (
    noise_info,
    plot_noise,
    plot_sorted,
    plot_spread,
    sorted_info,
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


def test_rows_keep_their_pairs_when_sorted() -> None:
    rows = {"own": [0.3, 0.1, 0.2], "shared": [0.9, 0.7, 0.8]}
    info = sorted_info(rows, by="own")
    np.testing.assert_array_equal(info.rows["own"], [0.1, 0.2, 0.3])
    np.testing.assert_array_equal(info.rows["shared"], [0.7, 0.8, 0.9])
    assert "shared 0.800" in info.describe()
    assert len(plot_sorted(info).lines) == 2


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: spread_info([]), "values is empty"),
        (lambda: noise_info([[0.1, 0.2]]), "both at least 2"),
        (lambda: sorted_info({"a": [1.0]}, by="b"), "by must be one of a"),
        (lambda: sorted_info({"a": [1.0], "b": [1.0, 2.0]}, by="a"), "equal length"),
    ],
)
def test_what_cannot_be_drawn_is_refused(call, words: str) -> None:
    with pytest.raises(ValueError, match=words):
        call()
