"""Lecture 13: how much does isolated design lose?"""

from collections.abc import Callable
from functools import partial

import numpy as np

from claims.estimates import estimates
from claims.runs import forget, run_seeds
from course_lib.core import Arch, Space, make_rng
from course_lib.core.rng import randint
from course_lib.datasets import cluttered_digits
from course_lib.hardware.accelerator import ConvShape, Numbers, accelerators, areas, layer_costs
from course_lib.hardware.cell_layers import Counts, cell_layers
from course_lib.hardware.chain_layers import chain_layers
from course_lib.hardware.codesign import (
    Pairs,
    architecture_first,
    hardware_first,
    share_of_front,
)
from course_lib.hardware.codesign_search import (
    Design,
    search_architecture_first,
    search_hardware_first,
    search_jointly,
)
from course_lib.hardware.prune import convolutions
from course_lib.hardware.recalibrate import pruned_accuracy
from course_lib.hardware.tiled import macs
from course_lib.hardware.trained_chains import trained_chain
from course_lib.nas.search import random_search
from course_lib.nas.table import digits201
from course_lib.show.measured import Measured

SEEDS, NETWORKS = range(20), range(10)
BUDGET = 600
PARTS, STAGES = (0.25, 0.375, 0.5, 0.75, 1.0), 3
COSTS = ("energy x delay", "cycles", "energy", "cycles x area")


def codesign() -> Measured:
    """The share of the joint front's hypervolume that each way to design leaves, in percent."""
    spaces = {
        "cells": run_seeds("13_codesign_cells", _cells, SEEDS),
        "channels": run_seeds("13_codesign_channels", _channels, NETWORKS),
    }
    forget("13_codesign")
    rows = {
        f"{name}, {way}": [[run[COSTS[0]][way] for run in runs]]
        for name, runs in spaces.items()
        for way in runs[0][COSTS[0]]
    }
    return Measured(
        conditions=f"Costs: the analytic model's energy times delay on {len(accelerators())} "
        "accelerators. Cells: the 5,044 networks of digits201, n = 20 seeds draw the reference "
        f"network and the searches. Channels: {len(PARTS)} widths for each of {STAGES} stages of "
        "a VGG, pruned, recalibrated, judged on 500 pictures; "
        f"n = {len(spaces['channels'])} trained networks. All known: whole fronts are compared. "
        f"{BUDGET} evaluations: evolution with five target "
        "costs, or random pairs.",
        estimates=estimates(rows),
        settings={
            "budget": BUDGET,
            "other costs": {
                cost: {
                    f"{name}, {way}": round(float(np.mean([run[cost][way] for run in runs])), 2)
                    for name, runs in spaces.items()
                    for way in runs[0][cost]
                }
                for cost in COSTS[1:]
            },
        },
        runs=[{"cells": spaces["cells"], "channels": spaces["channels"]}],
    )


def _cells(seed: int) -> dict[str, dict[str, float]]:
    table = digits201()
    shapes, counts = cell_layers(table)
    accuracy = np.nanmean(table.curves, axis=1)[:, -1]
    rows = dict(zip(table.space, table.rows.tolist(), strict=True))
    return _losses(table.space, rows, accuracy, shapes, counts, seed)


def _channels(seed: int) -> dict[str, dict[str, float]]:
    chain, network, *_ = trained_chain("vgg", seed)
    task = cluttered_digits(seed=seed, test=1)
    calibration, valid = task.train.part(slice(250)), task.valid.part(slice(500))
    order = [
        conv.weight.detach().flatten(1).norm(dim=1).argsort(descending=True)
        for _, conv in convolutions(network)
    ]
    space = Space([len(PARTS)] * STAGES)
    stage = len(order) // STAGES
    widths = [
        [int(PARTS[arch[place // stage]] * len(own)) for place, own in enumerate(order)]
        for arch in space
    ]
    accuracy = np.array([
        pruned_accuracy(
            network,
            [own[:width].sort().values for own, width in zip(order, each, strict=True)],
            calibration,
            valid,
        )
        for each in widths
    ])  # fmt: skip
    rows = {arch: i for i, arch in enumerate(space)}
    return _losses(space, rows, accuracy, *chain_layers(chain, widths), seed)


def _losses(
    space: Space,
    rows: dict[Arch, int],
    accuracy: Numbers,
    shapes: list[ConvShape],
    counts: Counts,
    seed: int,
) -> dict[str, dict[str, float]]:
    """Cost -> way to design -> percent of the joint front's hypervolume that is lost."""
    chips, one = accelerators(), layer_costs(shapes, accelerators())
    cycles, energy = counts @ one.cycles, counts @ one.energy
    operations = (counts @ np.array([macs(shape) for shape in shapes])).astype(float)
    costs = (cycles * energy, cycles, energy, cycles * areas(chips))
    reference = randint(make_rng(seed), len(accuracy))
    return {
        name: _lost(Design(space, rows, accuracy, operations, cost), reference, seed)
        for name, cost in zip(COSTS, costs, strict=True)
    }


def _lost(design: Design, reference: int, seed: int) -> dict[str, float]:
    accuracy, cost = design.accuracy, design.cost
    searches: dict[str, Callable[..., Pairs]] = {
        "joint": search_jointly,
        "joint, random": partial(search_jointly, search=random_search),
        "architecture first": search_architecture_first,
        "hardware first": search_hardware_first,
    }
    ways: dict[str, Pairs] = {
        "all known: architecture first": architecture_first(accuracy, design.macs, cost),
        "all known: hardware first": hardware_first(accuracy, cost, reference),
    }
    for name, search in searches.items():
        ways[f"{BUDGET} evaluations: {name}"] = search(design, make_rng(seed), budget=BUDGET)
    return {way: 100 * (1 - share_of_front(accuracy, cost, pairs)) for way, pairs in ways.items()}
