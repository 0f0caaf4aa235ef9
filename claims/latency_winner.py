"""Lecture 13: who is chosen by a prediction was flattered by it."""

import torch
from torch import Tensor

from claims.estimates import estimates
from claims.latencies import RUNTIMES, Latencies, latencies
from course_lib.core import make_rng
from course_lib.hardware.latency_predictors import fit_ridge, flattery
from course_lib.show.measured import Measured

SEEDS = range(20)
FITTED, GOOD, CHOSEN = 20, 0.25, 0.2


def latency_winner() -> Measured:
    """By how much a prediction flatters the networks that it chose, on rounds it never saw."""
    given = latencies(*RUNTIMES)
    good = (given.accuracy >= given.accuracy.quantile(1 - GOOD)).nonzero()[:, 0]
    samples = {}
    for device, name in enumerate(given.devices):
        chosen, every = zip(*(curse(given, device, good, seed) for seed in SEEDS), strict=True)
        samples[f"{name}: chosen"] = [list(chosen)]
        samples[f"{name}: all"] = [list(every)]
    return Measured(
        conditions=f"{given.conditions()} A ridge on the counts is fitted to {FITTED} random "
        f"networks, by one half of the rounds. Of the {GOOD:.0%} of the networks that are most "
        f"accurate ({len(good)}) those {CHOSEN:.0%} are chosen that it predicts to be fastest; the "
        "other half of the rounds says how long they, and all that are accurate, take.",
        estimates=estimates(samples),
        seeds=list(SEEDS),
        settings={"chosen": int(CHOSEN * len(good)), "among": len(good), "fitted": FITTED},
    )


def curse(given: Latencies, device: int, good: Tensor, seed: int) -> tuple[float, float]:
    """Per cent by which measured exceeds predicted, of the chosen and of all that are accurate."""
    fitted_on, again = given.halves[..., device]
    drawn = torch.randperm(len(given.archs), generator=make_rng(seed))[:FITTED]
    said = fit_ridge(given.counts[drawn], fitted_on[drawn])(given.counts)
    fresh = good[~torch.isin(good, drawn)]
    chosen = fresh[said[fresh].argsort()[: int(CHOSEN * len(good))]]
    return 100 * flattery(said, again, chosen), 100 * flattery(said, again, fresh)
