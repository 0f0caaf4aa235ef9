"""Lecture 13: a new device after a few measurements."""

from functools import partial

import numpy as np
from torch import Tensor

from claims.estimates import curve, estimates
from claims.latencies import ELSEWHERE, NOISY, SPACE, Latencies, latencies
from course_lib.core import make_rng
from course_lib.hardware.latency_features import one_hot_features
from course_lib.hardware.latency_predictors import (
    Fit,
    fit_mlp,
    fit_ridge,
    skill_after,
    with_devices,
)
from course_lib.show.measured import Curves, Measured

COUNTS = (5, 10, 20, 50)
SHOWN = (5, 20)
FILES = ("latency201", "latency201_second")
SEEDS = range(10)
LINE, KNOWN, SMALL, EDGES = (
    "ridge on counts",
    "ridge on counts and known devices",
    "small network on counts",
    "ridge on one-hot edges",
)

Skills = dict[str, np.ndarray]
"""Per way to predict: (devices, seeds, counts, 2), the correlation and the error."""


def few_samples() -> Measured:
    """Rank correlation on what was not measured, against how many networks were."""
    noisy = [f"{name}{ELSEWHERE[FILES[1]]}" for name in NOISY]
    every = latencies(files=FILES).devices
    given = latencies(*(name for name in every if name not in noisy), files=FILES)
    skills = all_skills(given)
    ahead = skills[KNOWN][..., 0] - skills[LINE][..., 0]
    samples = {
        f"{device}, {count} measured": [ahead[place, :, column].tolist()]
        for place, device in enumerate(given.devices)
        for column, count in enumerate(COUNTS)
        if count in SHOWN
    }
    lines = {way: curve(COUNTS, own[..., 0].mean(0).tolist()) for way, own in skills.items()}
    return Measured(
        conditions=f"{given.conditions()} Per seed other networks are measured; the correlation is "
        "Spearman's, on all others. The known devices are the other runtimes of the first machine: "
        f"everything is known of them. The picture is the mean of {len(given.devices)} devices.",
        estimates=estimates(samples),
        seeds=list(SEEDS),
        settings={
            what: {
                f"{device}, {way}": own[place, ..., kind].mean(0).round(4).tolist()
                for place, device in enumerate(given.devices)
                for way, own in skills.items()
            }
            for kind, what in enumerate(("correlation", "error"))
        },
        curves=Curves("measured networks", "rank correlation on all others", lines, xscale="log"),
    )


def all_skills(given: Latencies) -> Skills:
    devices = range(len(given.devices))
    ways = [ways_to_predict(given, device) for device in devices]
    return {
        way: np.array(
            [
                [
                    [
                        skill_after(fit, features, given.seconds[:, device], count, make_rng(seed))
                        for count in COUNTS
                    ]
                    for seed in SEEDS
                ]
                for device, (fit, features) in zip(devices, [w[way] for w in ways], strict=True)
            ]
        )
        for way in ways[0]
    }


def ways_to_predict(given: Latencies, device: int) -> dict[str, tuple[Fit, Tensor]]:
    """Per name a fit, and the features that it sees."""
    away = tuple(ELSEWHERE.values())
    others = [
        place
        for place, name in enumerate(given.devices)
        if place != device and not name.endswith(away)
    ]
    known = with_devices(given.counts, given.seconds[:, others])
    return {
        LINE: (fit_ridge, given.counts),
        KNOWN: (fit_ridge, known),
        SMALL: (partial(fit_mlp, hidden=(16,)), given.counts),
        EDGES: (fit_ridge, one_hot_features(SPACE, given.archs)),
    }
