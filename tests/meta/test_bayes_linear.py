"""Bayesian linear regression: both maxima of the general form, and MAML's answers beside them."""

from functools import partial
from itertools import pairwise

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from scipy import optimize, stats

from course_lib.core import make_rng
from course_lib.meta.bayes_linear import (
    Prior,
    answers,
    descend,
    implied_covariance,
    learn_prior,
    log_evidence,
    maml_start,
    posterior,
    seen_lines,
)
from course_lib.meta.maml import inner_loop, maml_objective
from course_lib.meta.tasks import Tasks

MEAN = torch.tensor([1.0, -0.5], dtype=torch.float64)
COVARIANCE = torch.tensor([[0.8, 0.3], [0.3, 0.2]], dtype=torch.float64)
PRIOR = Prior(MEAN, COVARIANCE, 0.3)


def drawn(seed: int = 0, **counts: int) -> Tasks:
    rng, tasks = make_rng(seed), counts.pop("tasks")
    return seen_lines(PRIOR.sample(rng, tasks), rng, noise=PRIOR.noise, **counts)


def predict(phi: dict, x: torch.Tensor) -> torch.Tensor:
    return answers(x, phi["w"])


@pytest.mark.parametrize("shots", [1, 2, 7])
def test_the_posterior_mean_is_least_squares_with_the_prior_as_more_data(shots: int) -> None:
    """Rows x / noise and the rows of L^-1, S = L L^T, that ask for mu; its covariance likewise."""
    tasks = drawn(tasks=3, shots=shots)
    mean, covariance = posterior(PRIOR, tasks.support_x, tasks.support_y)
    root = np.linalg.inv(np.linalg.cholesky(COVARIANCE.numpy()))
    for i in range(3):
        x, y = tasks.support_x[i].numpy() / PRIOR.noise, tasks.support_y[i].numpy() / PRIOR.noise
        rows, aims = np.vstack([x, root]), np.concatenate([y, root @ MEAN.numpy()])
        np.testing.assert_allclose(mean[i], np.linalg.lstsq(rows, aims)[0], rtol=1e-9)
        np.testing.assert_allclose(covariance[i], np.linalg.inv(rows.T @ rows), rtol=1e-9)


def test_posterior_and_evidence_are_what_summing_over_a_grid_gives() -> None:
    tasks = drawn(tasks=1, shots=3)
    x, y = tasks.support_x[0].numpy(), tasks.support_y[0].numpy()
    axis = np.linspace(-5, 5, 401)
    grid = np.stack(np.meshgrid(axis + 1, axis - 0.5, indexing="ij"), -1)
    joint = stats.multivariate_normal(MEAN.numpy(), COVARIANCE.numpy()).pdf(grid)
    for row, answer in zip(x, y, strict=True):
        joint = joint * stats.norm(grid @ row, PRIOR.noise).pdf(answer)
    evidence = joint.sum() * (axis[1] - axis[0]) ** 2
    mean = (joint[..., None] * grid).sum((0, 1)) / joint.sum()
    found = posterior(PRIOR, tasks.support_x, tasks.support_y)[0][0]
    np.testing.assert_allclose(found, mean, atol=1e-6)
    told = log_evidence(PRIOR, tasks.support_x, tasks.support_y)
    assert float(told) == pytest.approx(np.log(evidence), abs=1e-6)


def test_learning_the_prior_ends_where_an_optimizer_of_the_evidence_ends() -> None:
    """Unequal inputs, n = 4; S = L L^T keeps the optimizer inside."""
    tasks = drawn(tasks=40, shots=4)
    x, y = tasks.support_x.numpy(), tasks.support_y.numpy()

    def negative(flat: np.ndarray) -> float:
        root = np.array([[flat[2], 0], [flat[3], flat[4]]])
        spread = x @ root @ root.T @ x.transpose(0, 2, 1) + PRIOR.noise**2 * np.eye(4)
        rest = y - x @ flat[:2]
        fit = np.einsum("ti,tij,tj->", rest, np.linalg.inv(spread), rest)
        return float(fit + np.linalg.slogdet(spread)[1].sum()) / 2

    best = optimize.minimize(negative, [0, 0, 1, 0, 1], tol=1e-10)
    root = np.array([[best.x[2], 0], [best.x[3], best.x[4]]])
    found = learn_prior(tasks.support_x, tasks.support_y, noise=PRIOR.noise)
    np.testing.assert_allclose(found.mean, best.x[:2], atol=1e-4)
    np.testing.assert_allclose(found.covariance, root @ root.T, atol=1e-4)


def test_with_equal_inputs_the_learned_prior_is_a_closed_form() -> None:
    """S + noise^2 (x^T x)^-1 is then the covariance of the tasks' least-squares answers."""
    x = torch.tensor([[-1.0, 1.0], [0.5, 1.0], [1.0, 1.0]], dtype=torch.float64).expand(60, 3, 2)
    rng = make_rng(3)
    y = answers(x, PRIOR.sample(rng, 60))
    y = y + PRIOR.noise * torch.randn(60, 3, generator=rng, dtype=torch.float64)
    single = torch.linalg.lstsq(x, y.unsqueeze(-1)).solution.squeeze(-1)
    covariance = torch.cov(single.T, correction=0) - 0.09 * torch.linalg.inv(x[0].T @ x[0])
    found = learn_prior(x, y, noise=PRIOR.noise, steps=5000, tolerance=1e-12)
    assert torch.linalg.eigvalsh(covariance).min() > 0
    torch.testing.assert_close(found.mean, single.mean(0), atol=1e-6, rtol=0)
    torch.testing.assert_close(found.covariance, covariance, atol=1e-6, rtol=0)


def test_no_step_lowers_the_evidence_and_many_tasks_tell_the_truth() -> None:
    tasks = drawn(tasks=3000, shots=5)
    x, y = tasks.support_x, tasks.support_y
    told = [
        float(log_evidence(learn_prior(x, y, noise=PRIOR.noise, steps=k), x, y).sum())
        for k in range(1, 12)
    ]
    assert all(later >= earlier for earlier, later in pairwise(told))
    found = learn_prior(x, y, noise=PRIOR.noise)
    torch.testing.assert_close(found.mean, MEAN, atol=0.08, rtol=0)
    torch.testing.assert_close(found.covariance, COVARIANCE, atol=0.08, rtol=0)


@pytest.mark.parametrize("steps", [0, 1, 5])
def test_descending_in_closed_form_is_the_inner_loop(steps: int) -> None:
    tasks = drawn(tasks=1, shots=3)
    x, y = tasks.support_x[0], tasks.support_y[0]
    looped = inner_loop(
        {"w": MEAN}, lambda phi: F.mse_loss(predict(phi, x), y), lr=0.2, steps=steps
    )
    torch.testing.assert_close(descend(MEAN, x, y, lr=0.2, steps=steps), looped["w"])


@pytest.mark.parametrize("steps", [0, 1, 5])
def test_no_direction_lowers_the_maml_objective_at_its_optimum(steps: int) -> None:
    tasks = drawn(tasks=25, shots=3)
    start = maml_start(tasks, lr=0.2, steps=steps).requires_grad_()
    adapt = partial(inner_loop, lr=0.2, steps=steps)
    loss, _ = maml_objective(
        {"w": start}, tasks, predict=predict, loss=F.mse_loss, inner_loop=adapt
    )
    (slope,) = torch.autograd.grad(loss, start)
    assert slope.abs().max() < 1e-10


@pytest.mark.parametrize("shots", [1, 2, 6])
@pytest.mark.parametrize("steps", [1, 4])
def test_descending_is_trusting_the_implied_prior(shots: int, steps: int) -> None:
    """Grant et al. 2018, with as few as one example, where x^T x has no inverse."""
    tasks = drawn(tasks=1, shots=shots)
    x, y = tasks.support_x[0], tasks.support_y[0]
    implied = implied_covariance(x, noise=PRIOR.noise, lr=0.2, steps=steps)
    mean, _ = posterior(Prior(MEAN, implied, PRIOR.noise), x, y)
    torch.testing.assert_close(descend(MEAN, x, y, lr=0.2, steps=steps), mean)


def test_nothing_beats_the_posterior_mean_on_average() -> None:
    """Bayes: of all answers it has the least expected error; 4,000 tasks of two examples."""
    seen, new = drawn(1, tasks=4000, shots=2), drawn(2, tasks=4000, shots=2)
    x, y = new.support_x, new.support_y
    start = maml_start(seen, lr=0.3, steps=3)
    found = {
        "posterior": posterior(learn_prior(seen.support_x, seen.support_y, noise=0.3), x, y)[0],
        "maml": descend(start, x, y, lr=0.3, steps=3),
        "own": torch.linalg.lstsq(x, y.unsqueeze(-1)).solution.squeeze(-1),
        "mean": MEAN.expand(4000, 2),
    }
    errors = {
        name: float((answers(new.query_x, w) - new.query_y).square().mean())
        for name, w in found.items()
    }
    assert errors["posterior"] < errors["maml"] < min(errors["own"], errors["mean"])


def test_what_makes_no_sense_is_refused() -> None:
    with pytest.raises(ValueError, match="noise must be positive"):
        Prior(MEAN, COVARIANCE, 0.0)
    with pytest.raises(ValueError, match=r"a mean \(d,\) and a covariance"):
        Prior(MEAN, COVARIANCE[:1], 0.1)
    tasks = drawn(tasks=1)
    with pytest.raises(ValueError, match="one task does not tell"):
        learn_prior(tasks.support_x, tasks.support_y, noise=0.3)
    with pytest.raises(ValueError, match="oversteps"):
        implied_covariance(tasks.support_x[0], noise=0.3, lr=5.0, steps=1)
