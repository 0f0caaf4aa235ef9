"""Pictures of draws: counts, shares and densities are what they say."""

import numpy as np
import pytest
import torch

from course_lib.core import make_rng
from course_lib.show.nas.draws import choices_info, draws_info, plot_choices, plot_draws


def test_heights_integrate_to_the_share_inside() -> None:
    draws = torch.rand(50, 40, generator=make_rng(0))
    info = draws_info(draws, np.ones_like, between=(0.0, 0.5), name="u", bins=10)
    assert info.count == 2000
    inside = (info.heights * np.diff(info.edges)).sum()
    assert inside == pytest.approx(float((draws <= 0.5).double().mean()))
    assert info.outside == pytest.approx(1 - inside)
    # uniform density 1: a bin of 100 expected draws is off by 10 % now and then, never by half
    assert info.gap < 0.5
    assert "2,000 draws of u" in info.describe()


def test_shares_count_every_index_once() -> None:
    info = choices_info(torch.tensor([[0, 2], [2, 2]]), torch.tensor([0.25, 0.5, 0.25]))
    np.testing.assert_allclose(info.shares, [0.25, 0.0, 0.75])
    np.testing.assert_allclose(info.errors, np.sqrt(np.array([0.1875, 0.25, 0.1875]) / 4))
    assert "2 0.750 for 0.250" in info.describe()


def test_right_draws_are_near_and_wrong_ones_far_in_standard_errors() -> None:
    p = torch.tensor([0.7, 0.2, 0.1])
    drawn = torch.multinomial(p, 4000, replacement=True, generator=make_rng(1))
    assert choices_info(drawn, p).furthest < 4.5
    assert choices_info(torch.zeros(4000), p).furthest > 4.5


def test_bad_input_is_refused() -> None:
    with pytest.raises(ValueError, match="low < high"):
        draws_info(torch.zeros(3), np.ones_like, between=(1.0, 0.0), name="x")
    with pytest.raises(ValueError, match="no draws"):
        draws_info(torch.zeros(0), np.ones_like, between=(0.0, 1.0), name="x")
    with pytest.raises(ValueError, match="from 0 to 1"):
        choices_info(torch.tensor([2]), torch.tensor([0.5, 0.5]))


def test_plots_draw_into_the_axes_given() -> None:
    from matplotlib.figure import Figure

    axes = Figure().subplots(1, 2)
    draws = draws_info(
        torch.rand(100, generator=make_rng(1)), np.ones_like, between=(0.0, 1.0), name="u"
    )
    shares = choices_info(torch.tensor([0, 1]), torch.tensor([0.5, 0.5]), names=("a", "b"))
    assert plot_draws(draws, ax=axes[0]) is axes[0]
    assert plot_choices(shares, ax=axes[1]) is axes[1]
