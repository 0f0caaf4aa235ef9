"""Pictures of shared weights: what they compute, and what they say."""

import numpy as np
import pytest

from course_lib.show.nas.shared_weights import (
    agreement_info,
    loss_info,
    plot_agreement,
    plot_losses,
)


def test_the_running_mean_is_the_mean_of_the_last_losses() -> None:
    losses = np.random.default_rng(0).random(30)
    info = loss_info(losses, window=7)
    for k in range(30):
        assert info.smooth[k] == pytest.approx(losses[max(0, k - 6) : k + 1].mean())
    assert f"{info.smooth[-1]:.2f} over the last" in info.describe()


def test_a_window_longer_than_the_losses_averages_all() -> None:
    info = loss_info([1.0, 3.0], window=20)
    assert info.smooth.tolist() == [1.0, 2.0]
    assert "2 training batches" in info.describe()


def test_no_losses_are_refused() -> None:
    with pytest.raises(ValueError, match="one or more numbers"):
        loss_info([])


def test_losses_are_drawn_as_dots_and_a_line() -> None:
    ax = plot_losses(loss_info([2.0, 1.0, 0.5]))
    dots, line = ax.lines
    assert dots.get_ydata().tolist() == [2.0, 1.0, 0.5]
    assert line.get_ydata().tolist() == [2.0, 1.5, pytest.approx(3.5 / 3)]


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
