"""The picture of Bayesian linear regression: its numbers another way, its words, its plots."""

import numpy as np
import pytest
import torch

from course_lib.meta.bayes_linear import Prior
from course_lib.show.figure import pictures
from course_lib.show.meta.bayes_linear import bayes_info, plot_answers, plot_prior

LOW = {"tasks": 60, "shown": 10}


def test_the_posterior_narrows_the_prior_everywhere_and_most_at_the_example() -> None:
    info = bayes_info(**LOW)
    (_, before), (mean, after) = info.prior, info.posterior
    assert (after < before).all()
    assert abs(info.grid[(after / before).argmin()] - info.x[0]) < 0.5
    np.testing.assert_allclose(mean, info.lines["posterior"])


def test_least_squares_goes_through_two_examples() -> None:
    info = bayes_info(shots=2, **LOW)
    np.testing.assert_allclose(
        np.interp(info.x, info.grid, info.lines["least squares"]), info.y, atol=1e-9
    )


def test_errors_fall_with_examples_and_the_posterior_has_the_least() -> None:
    few, many = (bayes_info(shots=shots, steps=3).errors for shots in (2, 8))
    assert min(few, key=few.get) == min(many, key=many.get) == "posterior"
    assert many["posterior"] < few["posterior"]


def test_the_error_is_that_of_the_lines_when_all_tasks_are_one() -> None:
    """Then the prior knows the line, and least squares with hardly any noise finds it."""
    line = Prior(torch.tensor([2.0, -1.0]).double(), torch.zeros(2, 2).double(), 1e-3)
    info = bayes_info(truth=line, shots=5, **LOW)
    np.testing.assert_allclose(info.truth, 2 * info.grid - 1)
    assert max(info.errors["posterior"], info.errors["least squares"]) < 1e-5


def test_words_hold_the_numbers_and_both_plots_draw() -> None:
    info = bayes_info(shots=1, steps=2, **LOW)
    words = pictures((plot_prior, info), (plot_answers, info)).alt
    assert words == info.describe()
    for name, error in info.errors.items():
        assert f"{name} {error:.3f}" in words
    assert "Inner steps of MAML: 2." in words


def test_no_example_is_refused() -> None:
    with pytest.raises(ValueError, match="shots must be at least 1"):
        bayes_info(shots=0)
