"""Lecture 07: do half the MACs take half the time? What the number of channels is a multiple of."""

from collections.abc import Sequence
from dataclasses import replace
from functools import partial

import torch

from claims.estimates import estimates
from claims.runs import forget, run_seeds
from course_lib.core import make_rng
from course_lib.hardware.budget import fill_up, share_channels
from course_lib.hardware.chain import Chain, chain_network, mobilenet, vgg
from course_lib.hardware.machine import processor
from course_lib.hardware.macs import total_macs
from course_lib.hardware.measure import levelled, low_quantile
from course_lib.hardware.runtimes import EAGER, ONNX_RUNTIME, ONNX_RUNTIME_INT8, measure_networks
from course_lib.show.measured import Measured

SEEDS = range(12)
KEPT, LOWEST, ROUNDS = 0.5, 0.2, 200
IMAGE = (3, 32, 32)
CHAINS = {
    "VGG": vgg((32, 32, 64, 64, 128, 128), image=IMAGE),
    "MobileNet": mobilenet((32, 64, 64, 128, 128), image=IMAGE),
}
MULTIPLES = {"free": 1, "multiples of 8": 8, "multiples of 16": 16}
DEVICES = {"ONNX Runtime": ONNX_RUNTIME, "int8": ONNX_RUNTIME_INT8, "eager": EAGER}


def channel_multiple() -> Measured:
    """Measured speed-up over the ratio of MACs, by device, network and multiple."""
    runs = run_seeds("07_channel_multiple", _shares, SEEDS, n_jobs=1)
    forget("07_channel_multiple")
    ratios = [ratio for run in runs for ratio in run["ratios"].values()]
    return Measured(
        conditions=f"Each of {len(SEEDS)} draws prunes a VGG of {CHAINS['VGG'].channels} and a "
        f"MobileNet of {CHAINS['MobileNet'].channels} channels, 3 x 32 x 32 pictures, batch 1, at "
        f"random to at most {KEPT:.0%} of the MACs: relative ratios are drawn, then rounded down "
        "and filled up, so that the budget is kept with each multiple. The MACs fall to between "
        f"1 / {max(ratios):.2f} and 1 / {min(ratios):.2f}. All networks of a draw take turns on "
        f"one thread of {processor()}; latencies are medians of {ROUNDS} levelled rounds.",
        estimates=estimates(
            {label: [[run["shares"][label] for run in runs]] for label in _labels()}
        ),
        reference=1.0,
        over="draws",
        seeds=list(SEEDS),
        settings={"kept": KEPT},
        runs=runs,
    )


def _labels() -> list[str]:
    return [f"{n}, {d}, {m}" for d in DEVICES for n in CHAINS for m in MULTIPLES]


def _shares(seed: int) -> dict[str, dict[str, float]]:
    """How much of the MACs' ratio each device gives, and those ratios, for one draw."""
    shares: dict[str, float] = {}
    ratios: dict[str, float] = {}
    for name, chain in CHAINS.items():
        rng = make_rng(seed)
        wished = (0.3 + 0.7 * torch.rand(len(chain.free), generator=rng)).tolist()
        counts = {each: pruned(chain, wished, multiple) for each, multiple in MULTIPLES.items()}
        networks = [chain_network(each) for each in (chain, *counts.values())]
        for each, smaller in counts.items():
            ratios[f"{name}, {each}"] = whole(chain) / whole(smaller)
        for device, runtime in DEVICES.items():
            x = torch.rand(1, *IMAGE)
            samples = measure_networks(networks, x, runtime, rng, rounds=ROUNDS, repeats=2)
            full, *rest = low_quantile(levelled(samples), 0.5).tolist()
            for each, seconds in zip(counts, rest, strict=True):
                shares[f"{name}, {device}, {each}"] = full / seconds / ratios[f"{name}, {each}"]
    return {"shares": shares, "ratios": ratios}


def pruned(chain: Chain, wished: Sequence[float], multiple: int) -> Chain:
    """The chain with so many channels that at most half of its MACs are left.

    wished: relative ratios of its free layers, see `share_channels`.
    """
    free = [chain.channels[place] for place in chain.free]
    macs = partial(total_macs, chain)
    budget = KEPT * whole(chain)
    kept = share_channels(wished, free, macs, budget=budget, lowest=LOWEST, multiple=multiple)
    channels = chain.tied(fill_up(kept, free, macs, budget=budget, multiple=multiple))
    layers = zip(chain.layers, channels, strict=True)
    return replace(chain, layers=tuple(layer._replace(channels=count) for layer, count in layers))


def whole(chain: Chain) -> int:
    """The MACs of a chain as it is."""
    return total_macs(chain, [chain.channels[place] for place in chain.free])
