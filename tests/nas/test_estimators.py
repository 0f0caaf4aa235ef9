"""Gradient estimators against enumeration, finite differences and each other."""

import pytest
import torch
from torch import Tensor

from course_lib.core import make_rng
from course_lib.nas.estimators import (
    corner_probabilities,
    corners,
    exact_gradient,
    expected_loss,
    quality,
    reparametrised,
    score_function,
    toy_cell,
)
from course_lib.nas.relax import gumbel_softmax_sample, gumbel_straight_through

ONE = torch.tensor([0.4, -0.3, 0.9], dtype=torch.float64)
THREE = torch.randn(3, 2, generator=make_rng(8), dtype=torch.float64)
MANY = 40_000


def loss(z: Tensor) -> Tensor:
    """Not linear, and not a sum over edges."""
    parts = z.flatten(1) @ torch.linspace(-1, 2, z[0].numel(), dtype=z.dtype)
    return (parts - 0.7).square()


@pytest.mark.parametrize("logits", [ONE, THREE], ids=["one edge", "three edges"])
def test_corners_are_all_there_is(logits: Tensor) -> None:
    z = corners(logits)
    assert len(z) == len({tuple(row.flatten().tolist()) for row in z}) in (3, 8)
    assert torch.equal(z.sum(-1), torch.ones(z.shape[:-1]).double())
    assert corner_probabilities(logits, z).sum().item() == pytest.approx(1)
    with pytest.raises(ValueError, match="too many to enumerate"):
        corners(torch.zeros(20, 5))


@pytest.mark.parametrize("logits", [ONE, THREE], ids=["one edge", "three edges"])
def test_exact_gradient_equals_finite_differences_of_the_expected_loss(logits: Tensor) -> None:
    slopes = [
        (expected_loss(logits + h, loss) - expected_loss(logits - h, loss)) / 2e-5
        for h in (1e-5 * torch.eye(logits.numel()).double()).reshape(-1, *logits.shape)
    ]
    exact = exact_gradient(logits, loss)
    torch.testing.assert_close(exact.flatten(), torch.stack(slopes), rtol=0, atol=1e-9)


@pytest.mark.parametrize("logits", [ONE, THREE], ids=["one edge", "three edges"])
@pytest.mark.parametrize("baseline", [0.0, 0.7, -3.0])
def test_score_function_is_unbiased_for_every_baseline(logits: Tensor, baseline: float) -> None:
    """No coordinate's mean is further off than 4.5 standard errors: a false alarm in 1e5."""
    estimates = score_function(logits, loss, make_rng(0), samples=MANY, baseline=baseline)
    error = estimates.std(0) / MANY**0.5
    assert ((estimates.mean(0) - exact_gradient(logits, loss)).abs() < 4.5 * error).all()


def test_variance_of_the_score_function_is_that_of_the_enumeration() -> None:
    p, z = ONE.softmax(0), corners(ONE)
    rows = loss(z)[:, None] * (z - p)
    variance = p @ rows.square().sum(1) - (p @ rows).square().sum()
    estimates = score_function(ONE, loss, make_rng(1), samples=MANY)
    assert quality(estimates, p @ rows).sd == pytest.approx(float(variance**0.5), rel=0.02)


@pytest.mark.parametrize("tau", [0.5, 2.0])
def test_reparametrised_gradient_is_the_slope_of_the_relaxed_loss(tau: float) -> None:
    """Frozen noise, central differences: every row on its own."""
    estimates = reparametrised(ONE, loss, make_rng(2), samples=50, tau=tau)
    for k, h in enumerate(1e-5 * torch.eye(3, dtype=torch.float64)):
        up, down = (
            loss(gumbel_softmax_sample((ONE + sign * h).expand(50, -1), make_rng(2), tau=tau))
            for sign in (1, -1)
        )
        torch.testing.assert_close(estimates[:, k], (up - down) / 2e-5, rtol=1e-6, atol=1e-7)


def test_of_a_linear_loss_straight_through_and_soft_samples_give_the_same_gradient() -> None:
    cost = torch.tensor([1.0, 0.2, 0.6], dtype=torch.float64)
    soft, hard = (
        reparametrised(ONE, lambda z: z @ cost, make_rng(3), samples=30, relax=relax, tau=0.7)
        for relax in (gumbel_softmax_sample, gumbel_straight_through)
    )
    torch.testing.assert_close(soft, hard)


def test_a_cold_sample_has_less_bias_and_more_spread_than_a_hot_one() -> None:
    exact = exact_gradient(ONE, loss)
    cold, hot = (
        quality(reparametrised(ONE, loss, make_rng(4), samples=MANY, tau=tau), exact)
        for tau in (0.1, 3.0)
    )
    assert cold.bias < 0.5 * hot.bias
    assert cold.sd > 2 * hot.sd


def test_quality_of_numbers_whose_moments_are_known() -> None:
    exact = torch.tensor([1.0, 2.0])
    estimates = exact + torch.tensor([3.0, 4.0]) + 0.1 * torch.randn(MANY, 2, generator=make_rng(5))
    found = quality(estimates, exact)
    assert found.bias == pytest.approx(5, abs=0.01)
    assert found.sd == pytest.approx(0.1 * 2**0.5, rel=0.02)
    assert found.exact == pytest.approx(5**0.5)
    assert found.signal == pytest.approx((4 * 1 + 6 * 2) / 5, rel=0.01)
    assert found.error(4) == pytest.approx((found.bias**2 + found.sd**2 / 4) ** 0.5)


def test_wrong_answers_at_the_seams_are_named() -> None:
    with pytest.raises(ValueError, match="one number per row"):
        score_function(ONE, lambda z: z, make_rng(0), samples=3)
    with pytest.raises(ValueError, match="estimates \\(n, \\*shape\\)"):
        quality(torch.zeros(3), torch.zeros(3))
    with pytest.raises(ValueError, match="lets no gradient through"):
        reparametrised(
            ONE, loss, make_rng(0), samples=3, relax=lambda a, rng, tau: a.softmax(-1).detach()
        )


def test_the_toy_cell_has_a_known_loss() -> None:
    logits, loss = toy_cell(edges=2, choices=2, output=1.0, seed=5)
    contributions = torch.rand(2, 2, generator=make_rng(5), dtype=torch.float64)
    z = torch.tensor([[[1.0, 0], [0, 1]], [[0.5, 0.5], [1, 0]]], dtype=torch.float64)
    first, second = (
        (contributions[0, 0] + contributions[1, 1] - 1) ** 2 / 2,
        (contributions[0].mean() + contributions[1, 0] - 1) ** 2 / 2,
    )
    torch.testing.assert_close(loss(z), torch.stack([first, second]))
    assert logits.shape == (2, 2)
