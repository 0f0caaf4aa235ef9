"""What a table says about its space: how early, how local and how rare good networks are."""

import math
from dataclasses import dataclass

import numpy as np
import torch
from torch import Generator

from course_lib.nas.table import Table


def early_correlation(table: Table, networks: np.ndarray | None = None) -> np.ndarray:
    """Spearman's rank correlation of the accuracy after each epoch with that after the last.

    networks: which of the distinct networks, as indices of `table.curves`; all of them if None.
    Returns (epochs,); the last entry is 1.
    """
    from scipy.stats import spearmanr

    chosen = table.curves if networks is None else table.curves[networks]
    curves = np.nanmean(chosen, axis=1)
    return np.array([spearmanr(curve, curves[:, -1]).statistic for curve in curves.T])


@dataclass(frozen=True)
class Locality:
    """How alike two cells are that differ in so many decisions, over random pairs.

    distances: 1, ..., decisions. correlation: (distances,) of the two final accuracies.
    apart: (distances,) mean absolute difference. pairs: how many were drawn for each distance.
    """

    distances: np.ndarray
    correlation: np.ndarray
    apart: np.ndarray
    pairs: int


def locality(table: Table, rng: Generator, *, pairs: int = 20_000) -> Locality:
    """Draw pairs at every distance, each a uniform cell and a uniform choice of what to change.

    Pairs that are one network by two names are left out: they would agree by definition.
    """
    choices = torch.tensor(table.space.choices)
    decisions = len(choices)
    weight = torch.cat([choices.flip(0).cumprod(0).flip(0)[1:], torch.ones(1, dtype=torch.int64)])
    final = np.nanmean(table.curves[..., -1], axis=1)
    correlation, apart = [], []
    for distance in range(1, decisions + 1):
        first = (torch.rand(pairs, decisions, generator=rng) * choices).long()
        which = torch.rand(pairs, decisions, generator=rng).argsort(1) < distance
        step = 1 + (torch.rand(pairs, decisions, generator=rng) * (choices - 1)).long()
        second = torch.where(which, (first + step) % choices, first)
        one, two = (table.rows[((cells * weight).sum(1)).numpy()] for cells in (first, second))
        differ = one != two
        a, b = final[one[differ]], final[two[differ]]
        correlation.append(np.corrcoef(a, b)[0, 1])
        apart.append(np.abs(a - b).mean())
    return Locality(np.arange(1, decisions + 1), np.array(correlation), np.array(apart), pairs)


def top_value(table: Table, share: float = 0.001) -> float:
    """The least value among the best `share` of the strings (at least one of them)."""
    if not 0 < share <= 1:
        raise ValueError(f"share must lie in (0, 1], got {share}")
    values = np.nanmean(table.curves[..., -1], axis=1)[table.rows]
    count = max(1, math.floor(share * len(values)))
    return float(np.sort(values)[-count])
