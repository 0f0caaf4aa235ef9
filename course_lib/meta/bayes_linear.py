"""The general form of meta-learning made concrete: Bayesian linear regression.

theta* = argmax log p(theta | D_meta-train) is `learn_prior`; phi* = argmax log p(phi | D, theta*)
is the mean of `posterior`. MAML answers the same two questions by `maml_start` and `descend`.
"""

import math
from dataclasses import dataclass

import torch
from torch import Generator, Tensor

from course_lib.meta.tasks import Tasks


@dataclass(frozen=True)
class Prior:
    """theta: weights w ~ N(mean, covariance) of a task, answers y = x w + N(0, noise^2).

    mean: (d,). covariance: (d, d), symmetric, no negative eigenvalue. noise: positive.
    """

    mean: Tensor
    covariance: Tensor
    noise: float

    def __post_init__(self) -> None:
        d = self.mean.shape[0]
        if self.mean.shape != (d,) or self.covariance.shape != (d, d):
            shapes = tuple(self.mean.shape), tuple(self.covariance.shape)
            raise ValueError(f"expected a mean (d,) and a covariance (d, d), got {shapes}")
        if not self.noise > 0:
            raise ValueError(f"noise must be positive, got {self.noise}")

    def sample(self, rng: Generator, tasks: int) -> Tensor:
        """Weights of several tasks, (tasks, d)."""
        values, vectors = torch.linalg.eigh(self.covariance)
        root: Tensor = vectors * values.clamp(min=0).sqrt()
        draws = torch.randn(tasks, len(self.mean), generator=rng, dtype=self.mean.dtype)
        return self.mean + draws @ root.T


def with_one(x: Tensor) -> Tensor:
    """(..., n) -> (..., n, 2): the inputs and a constant 1, for lines with slope and intercept."""
    return torch.stack([x, torch.ones_like(x)], -1)


def seen_lines(
    w: Tensor, rng: Generator, *, noise: float, shots: int = 5, queries: int = 20
) -> Tasks:
    """Lines w (tasks, 2), seen at inputs from U[-1, 1]: x (tasks, n, 2), y (tasks, n)."""
    size = len(w), shots + queries
    x = with_one(2 * torch.rand(size, generator=rng, dtype=w.dtype) - 1)
    y = answers(x, w) + noise * torch.randn(size, generator=rng, dtype=w.dtype)
    return Tasks(x[:, :shots], y[:, :shots], x[:, shots:], y[:, shots:])


def answers(x: Tensor, w: Tensor) -> Tensor:
    """x (..., n, d), w (..., d) -> x w, (..., n)."""
    return (x @ w.unsqueeze(-1)).squeeze(-1)


def posterior(prior: Prior, x: Tensor, y: Tensor) -> tuple[Tensor, Tensor]:
    """p(w | D, theta) = N(m, V); its mean m is phi* = argmax log p(w | D, theta).

    m = mu + K (y - x mu),  V = S - K x S,  K = S x^T (x S x^T + noise^2 I)^-1.

    x: (..., n, d), y: (..., n) -> m (..., d), V (..., d, d). Source: Rasmussen and Williams 2006,
    eq. 2.8, in the form that needs no inverse of S.
    """
    seen = x @ prior.covariance
    gain = torch.linalg.solve(_spread(prior, x), seen).mT
    rest = (y - answers(x, prior.mean)).unsqueeze(-1)
    return prior.mean + (gain @ rest).squeeze(-1), prior.covariance - gain @ seen


def log_evidence(prior: Prior, x: Tensor, y: Tensor) -> Tensor:
    """log p(y | x, theta) = log N(y; x mu, x S x^T + noise^2 I), w integrated out: (...)."""
    root: Tensor = torch.linalg.cholesky(_spread(prior, x))
    rest = (y - answers(x, prior.mean)).unsqueeze(-1)
    fit: Tensor = torch.linalg.solve_triangular(root, rest, upper=False).square().sum((-2, -1))
    volume = root.diagonal(dim1=-2, dim2=-1).log().sum(-1)
    return -fit / 2 - volume - y.shape[-1] / 2 * math.log(2 * math.pi)


def _spread(prior: Prior, x: Tensor) -> Tensor:
    noise = prior.noise**2 * torch.eye(x.shape[-2], dtype=x.dtype)
    return x @ prior.covariance @ x.mT + noise


def learn_prior(
    x: Tensor, y: Tensor, *, noise: float, steps: int = 2000, tolerance: float = 1e-9
) -> Prior:
    """theta* = argmax over (mu, S) of sum_i log p(y_i | x_i, mu, S), with a flat prior of theta.

    Expectation maximization: the posteriors (m_i, V_i) of all tasks, then
    mu <- mean_i m_i,  S <- mean_i [V_i + (m_i - mu)(m_i - mu)^T]; no step lowers the sum.

    x: (tasks, n, d), y: (tasks, n). Ends after `steps`, or once (mu, S) move less than `tolerance`.
    Source: Dempster et al. 1977; Laird and Ware 1982 (this model).
    """
    d = x.shape[-1]
    if len(x) < 2:
        raise ValueError(f"one task does not tell how tasks differ: need 2 or more, got {len(x)}")
    start = torch.linalg.lstsq(x.flatten(0, 1), y.flatten()).solution
    prior = Prior(start, torch.eye(d, dtype=x.dtype), noise)
    for _ in range(steps):
        m, v = posterior(prior, x, y)
        mean = m.mean(0)
        covariance = v.mean(0) + torch.cov(m.T, correction=0)
        moved = max((mean - prior.mean).abs().max(), (covariance - prior.covariance).abs().max())
        prior = Prior(mean, (covariance + covariance.mT) / 2, noise)
        if moved < tolerance:
            break
    return prior


def descend(start: Tensor, x: Tensor, y: Tensor, *, lr: float, steps: int) -> Tensor:
    """`steps` gradient steps from `start` on mean (x w - y)^2, all at once.

    phi = A^k start + (I + A + ... + A^(k-1)) lr g  with
    A = I - lr H,  H = 2 x^T x / n,  g = 2 x^T y / n.

    start: (d,), x: (..., n, d), y: (..., n) -> (..., d).
    """
    carried, gained = _steps(x, y, lr, steps)
    return answers(carried, start) + gained


def maml_start(tasks: Tasks, *, lr: float, steps: int = 1) -> Tensor:
    """MAML's optimum: the start w with the least mean query error after `steps` gradient steps.

    The answer is linear in w, so the optimum is a least-squares solution: (d,).
    """
    carried, gained = _steps(tasks.support_x, tasks.support_y, lr, steps)
    rows = tasks.query_x @ carried
    rest = tasks.query_y - answers(tasks.query_x, gained)
    solution: Tensor = torch.linalg.lstsq(rows.flatten(0, 1), rest.flatten()).solution
    return solution


def _steps(x: Tensor, y: Tensor, lr: float, steps: int) -> tuple[Tensor, Tensor]:
    """(A^k, (I + A + ... + A^(k-1)) lr g)."""
    scale = 2 * lr / x.shape[-2]
    one = torch.eye(x.shape[-1], dtype=x.dtype)
    once = one - scale * x.mT @ x
    pull = scale * (x.mT @ y.unsqueeze(-1)).squeeze(-1)
    carried, gained = one.expand(once.shape), torch.zeros_like(pull)
    for _ in range(steps):
        carried, gained = once @ carried, answers(once, gained) + pull
    return carried, gained


def implied_covariance(x: Tensor, *, noise: float, lr: float, steps: int) -> Tensor:
    """The S for which `descend` from mu gives exactly the posterior mean of N(mu, S).

    S = noise^2 U diag(((1 - 2 lr h / n)^-k - 1) / h) U^T with x^T x = U diag(h) U^T: descending for
    k steps is trusting a prior whose covariance knows the inputs, and nothing of the other tasks.

    x: (n, d) -> (d, d). ValueError where a step overshoots. Source: Santos 1996; Grant et al. 2018.
    """
    h, vectors = torch.linalg.eigh(x.mT @ x)
    scale = 2 * lr / x.shape[-2]
    kept = 1 - scale * h
    if kept.min() <= 0:
        raise ValueError(f"lr {lr} oversteps: must be below {lr * float(1 / (1 - kept).max()):.3g}")
    flat = h < 1e-9 * h.max()
    gain = torch.where(flat, scale * steps, (kept**-steps - 1) / h.where(~flat, torch.ones_like(h)))
    covariance: Tensor = noise**2 * vectors @ torch.diag(gain) @ vectors.mT
    return covariance
