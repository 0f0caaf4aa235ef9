"""Latencies of networks that nobody measured, from a few that somebody did."""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
import torch
from torch import Generator, Tensor

Predictor = Callable[[Tensor], Tensor]
"""Latencies (n,) of features (n, d)."""

Fit = Callable[[Tensor, Tensor], Predictor]
"""A predictor from the features (k, d) and latencies (k,) of k measured networks."""


def fit_ridge(features: Tensor, latency: Tensor) -> Predictor:
    """Least squares with a price on large weights, the price chosen by leaving one out.

    Features are brought to mean 0 and deviation 1. The fitted weights are applied by one product
    of matrices.
    """
    from sklearn.linear_model import RidgeCV

    x, y = _checked(features, latency)
    mean, scale = x.mean(0), _deviation(x)
    model = RidgeCV(alphas=np.logspace(-3, 2, 11)).fit(((x - mean) / scale).numpy(), y.numpy())
    weight = torch.from_numpy(model.coef_) / scale
    bias = float(model.intercept_) - mean @ weight
    return lambda features: features.double() @ weight + bias


def fit_mlp(
    features: Tensor, latency: Tensor, *, hidden: tuple[int, ...] = (32,), seed: int = 0
) -> Predictor:
    """A small network with ReLU, trained to its minimum by L-BFGS: scikit-learn's regressor.

    Features and latencies are brought to mean 0 and deviation 1.
    """
    from sklearn.neural_network import MLPRegressor

    x, y = _checked(features, latency)
    mean, scale = x.mean(0), _deviation(x)
    shift, unit = y.mean(), _deviation(y[:, None])[0]
    model = MLPRegressor(
        hidden_layer_sizes=hidden, solver="lbfgs", alpha=0.1, max_iter=5000, random_state=seed
    )
    model.fit(((x - mean) / scale).numpy(), ((y - shift) / unit).numpy())

    def predict(features: Tensor) -> Tensor:
        scaled = (features.double() - mean) / scale
        return torch.from_numpy(model.predict(scaled.numpy())) * unit + shift

    return predict


def with_devices(features: Tensor, known: Tensor) -> Tensor:
    """The features, beside them the latencies on devices that are known: (n, d + devices).

    A few measurements on a new device then say how it differs from the known ones: the idea of
    HELP (Lee et al. 2021), here with a ridge in the place of a meta-learned regressor.
    """
    if len(features) != len(known):
        raise ValueError(f"expected one row per network, got {len(features)} and {len(known)}")
    return torch.cat([features, known.to(features.dtype)], 1)


class Skill(NamedTuple):
    """How good a prediction is.

    correlation: Spearman's, 1 where the order is right. error: the mean of |predicted - measured| /
    measured.
    """

    correlation: float
    error: float


def skill(predicted: Tensor, measured: Tensor) -> Skill:
    """The skill of predictions (n,) of measured, positive latencies (n,).

    A prediction that is the same everywhere has a correlation of 0.
    """
    from scipy import stats

    if predicted.shape != measured.shape or not (measured > 0).all():
        raise ValueError(
            f"expected predictions of positive latencies, got {tuple(predicted.shape)} for "
            f"{tuple(measured.shape)}, the least {float(measured.min()):g}"
        )
    flat = bool((predicted == predicted[0]).all())
    rank = 0.0 if flat else float(stats.spearmanr(predicted.numpy(), measured.numpy()).statistic)
    return Skill(rank, float(((predicted - measured).abs() / measured).mean()))


def skill_after(fit: Fit, features: Tensor, latency: Tensor, count: int, rng: Generator) -> Skill:
    """The skill on all other networks when `count` random ones are measured."""
    if not 2 <= count < len(latency) - 1:
        raise ValueError(f"expected 2 to {len(latency) - 2} measurements, got {count}")
    order = torch.randperm(len(latency), generator=rng)
    measured, rest = order[:count], order[count:]
    predict = fit(features[measured], latency[measured])
    return skill(predict(features[rest]), latency[rest])


def flattery(predicted: Tensor, measured: Tensor, chosen: Tensor) -> float:
    """The mean of measured / predicted - 1 over the chosen: above 0 where predictions flatter.

    Whoever takes the fastest by a prediction takes its errors, too. chosen: indices or bool (n,).
    """
    return float((measured[chosen] / predicted[chosen] - 1).mean())


def _checked(features: Tensor, latency: Tensor) -> tuple[Tensor, Tensor]:
    if features.ndim != 2 or latency.shape != features.shape[:1] or len(latency) < 2:
        raise ValueError(
            "expected features (k, d) and latencies (k,) of two or more networks, got "
            f"{tuple(features.shape)} and {tuple(latency.shape)}"
        )
    if not (features.isfinite().all() and latency.isfinite().all()):
        raise ValueError("a feature or a latency is not finite: leave out what was not measured")
    return features.double(), latency.double()


def _deviation(x: Tensor) -> Tensor:
    """Of each column; 1 where it is constant."""
    spread = x.std(0)
    return torch.where(spread > 1e-12 * x.abs().amax(0), spread, 1.0)
