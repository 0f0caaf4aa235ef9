"""Progressive search: grow from the simple, train only what a surrogate finds promising."""

from collections.abc import Iterable, Sequence
from typing import Protocol

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Generator

from course_lib.core import Arch, History, Oracle, Space, Trial
from course_lib.core.seam import named


class Predict(Protocol):
    """A surrogate: predicted values of `candidates`, (candidates,), from what was trained."""

    def __call__(
        self, space: Space, trained: Sequence[Trial], candidates: Sequence[Arch], /
    ) -> NDArray[np.float64]: ...


def one_hot(space: Space, archs: Sequence[Arch]) -> NDArray[np.float64]:
    """One row per architecture, one column per choice of each decision: (archs, sum of choices)."""
    choices = np.array(archs)
    return np.hstack([np.eye(count)[choices[:, i]] for i, count in enumerate(space.choices)])


def ridge(
    space: Space, trained: Sequence[Trial], candidates: Sequence[Arch], *, penalty: float = 0.1
) -> NDArray[np.float64]:
    """Predict that every choice adds something of its own: ridge regression on one-hot choices.

    w = argmin |X w - (y - mean y)|^2 + penalty |w|^2;  predicted: mean y + X' w

    X, X': `one_hot` of the trained and of the candidates. y: the values, and w in their unit.
    -> (candidates,). A choice that was never trained counts 0. ValueError: penalty not positive.
    """
    if not penalty > 0:
        raise ValueError(f"penalty must be positive, got {penalty}")
    x = one_hot(space, [trial.arch for trial in trained])
    y = np.array([trial.value for trial in trained])
    w = np.linalg.solve(x.T @ x + penalty * np.eye(x.shape[1]), x.T @ (y - y.mean()))
    return np.asarray(y.mean() + one_hot(space, candidates) @ w)


def progressive_search(
    space: Space,
    oracle: Oracle,
    rng: Generator,
    *,
    beam: int = 8,
    simple: Arch | None = None,
    predict: Predict = ridge,
) -> History:
    """Change one decision more at every level; train the `beam` children predicted to be best.

    beam: how many are trained per level, and grown further at the next. Of the first level, where
        nothing is known yet, all are trained: every choice is seen once.
    simple: where growth starts, by default the first choice everywhere, or the empty string where
        the space has a stop. Fully grown, the search starts again from a random architecture, and
        keeps what it has learned.
    predict: the surrogate, asked anew at every level; it sees all trials so far.

    Source: Liu et al. 2018 (PNASNet), algorithm 1. There a level adds a block to a cell, here it
    moves one decision away from `simple`; there the surrogate is an ensemble of networks.
    ValueError: beam below 1, `simple` outside the space.
    """
    if beam < 1:
        raise ValueError(f"beam must be at least 1, got {beam}")
    start = space.validate(_simplest(space) if simple is None else simple)
    with oracle:
        oracle(start)
        parents = [oracle(child).arch for child in _shuffled(space.neighbours(start), rng)]
        while True:
            asked = {trial.arch for trial in oracle.history}
            children = _shuffled(_grown(space, parents, start, asked), rng)
            if children:
                promising = _best(predict, space, oracle.history, children)[:beam]
                parents = [oracle(child).arch for child in promising]
            else:
                start = oracle(space.sample(rng)).arch
                parents = [start]
    return oracle.history


def _simplest(space: Space) -> Arch:
    return (space.stop or 0,) * len(space.choices)


def _grown(space: Space, parents: Iterable[Arch], start: Arch, asked: set[Arch]) -> list[Arch]:
    """The neighbours of the parents that are further from the start and were not asked."""
    children = (
        child
        for parent in parents
        for child in space.neighbours(parent)
        if _changed(child, start) > _changed(parent, start) and child not in asked
    )
    return list(dict.fromkeys(children))


def _changed(arch: Arch, start: Arch) -> int:
    """The size of an architecture: in how many decisions it differs from the start."""
    return sum(choice != first for choice, first in zip(arch, start, strict=True))


def _shuffled(archs: Sequence[Arch], rng: Generator) -> list[Arch]:
    return [archs[i] for i in torch.randperm(len(archs), generator=rng).tolist()]


def _best(
    predict: Predict, space: Space, history: History, candidates: Sequence[Arch]
) -> list[Arch]:
    """The candidates by what is predicted, best first."""
    predicted = np.asarray(predict(space, list(history), candidates))
    if predicted.shape != (len(candidates),) or not np.isfinite(predicted).all():
        raise ValueError(
            f"{named('predict', predict)} returned {predicted!r}, expected one finite value for "
            f"each of {len(candidates)} candidates"
        )
    return [candidates[i] for i in np.argsort(-predicted, kind="stable")]
