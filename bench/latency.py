"""Predicting latency: the whole space by a fitted line and by a small network."""

import statistics
import warnings
from functools import partial

import torch

from bench.timing import Row, alternate
from course_lib.core import make_rng
from course_lib.core.threads import one_thread
from course_lib.hardware.latency_features import count_features
from course_lib.hardware.latency_predictors import fit_mlp, fit_ridge
from course_lib.nas.cells import CellSpace

REPETITIONS, MEASURED, LIMIT = 20, 50, 0.1


def latency_rows() -> list[Row]:
    """Seconds to predict all cells from their counts; scikit-learn's own pipeline is the peer."""
    from sklearn.linear_model import RidgeCV
    from sklearn.neural_network import MLPRegressor
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    space = CellSpace()
    features = count_features(space, list(space))
    latency = 1 + features.sum(1) + torch.rand(len(features), generator=make_rng(0))
    few = torch.randperm(len(features), generator=make_rng(0))[:MEASURED]
    x, y = features[few], latency[few]
    mlp = MLPRegressor(hidden_layer_sizes=(32,), solver="lbfgs", max_iter=5000, random_state=0)
    peers = {"a line": RidgeCV(), "a small network": mlp}
    own = {"a line": fit_ridge(x, y), "a small network": fit_mlp(x, y)}
    rows = []
    for name, model in peers.items():
        peer = make_pipeline(StandardScaler(), model)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # whether it converged does not change its speed
            peer.fit(x.numpy(), y.numpy())
        with one_thread():
            ours, theirs = alternate(
                partial(own[name], features),
                partial(peer.predict, features.numpy()),
                REPETITIONS,
            )
        rows.append(
            Row(
                f"latencies of all {len(features):,} cells by {name}",
                "scikit-learn's pipeline",
                "s",
                ours,
                theirs,
                f"{LIMIT:g} s",
                statistics.median(ours) <= LIMIT,
            )
        )
    return rows
