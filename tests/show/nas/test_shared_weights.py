"""Pictures of shared weights: what they compute, and what they say."""

import numpy as np
import pytest

from course_lib.show.nas.shared_weights import agreement_info, loss_info, plot_agreement


@pytest.mark.parametrize("window", [7, 40])
def test_mean_and_band_are_those_of_the_last_losses(window: int) -> None:
    losses = np.random.default_rng(0).random(30)
    info = loss_info(losses, window=window)
    low, high = info.bands["loss"]
    for k in range(30):
        recent = np.sort(losses[max(0, k - window + 1) : k + 1])
        assert info.lines["loss"][k] == pytest.approx(recent.mean())
        ranks = np.linspace(0, 1, len(recent))
        assert (low[k], high[k]) == pytest.approx(np.interp([0.1, 0.9], ranks, recent))
    assert f"over the last {losses[-window:].mean():.2f}" in info.describe()


def test_no_losses_are_refused() -> None:
    with pytest.raises(ValueError, match="one or more numbers"):
        loss_info([])


def test_agreement_draws_every_cell_of_every_series() -> None:
    info = agreement_info([0.8, 0.7], {"a": [0.5, 0.6], "b": [0.1, 0.2]}, text="tau 1")
    ax = plot_agreement(info)
    assert [line.get_ydata().tolist() for line in ax.lines] == [[0.5, 0.6], [0.1, 0.2]]
    assert ax.get_title() == "tau 1"
    assert "2 cells" in info.describe()
    assert "a: from 0.50 to 0.60, mean 0.55" in info.describe()


def test_agreement_refuses_other_shapes_and_too_many_series() -> None:
    with pytest.raises(ValueError, match="a has shape"):
        agreement_info([0.8, 0.7], {"a": [0.5]})
    with pytest.raises(ValueError, match="1 to 2 series"):
        agreement_info([0.8], {name: [0.5] for name in "abc"})
