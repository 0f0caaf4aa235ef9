"""data/latency201*.npz: how long the distinct cells of NAS-Bench-201's space take on devices.

Blocks of networks are alive together and measured in turns. What slowed a whole round is divided
out, and so is what slowed a block, told by anchors that are the same in every block. Resumable on
the same machine: a finished block is on disk.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import torch
from scipy.stats import kendalltau
from torch import Generator, Tensor

from course_lib.core import make_rng
from course_lib.core.threads import one_thread
from course_lib.hardware.machine import processor
from course_lib.hardware.measure import Candidate, low_quantile, measure
from course_lib.hardware.runtimes import Device, prepared
from data import FOLDER
from data.make.digits201 import alone
from data.make.latency_kept import append, entry, kept_in, lines, publish, quantiles
from data.make.latency_settings import (
    ANCHORS,
    ELSEWHERE,
    SETTINGS,
    Setting,
    distinct,
    drawn,
    present,
)

ROUNDS, MOST_ROUNDS, BLOCK = 100, 1000, 60
QUIET = 0.97
"""A block gets further rounds until two halves of its samples agree with this Kendall's tau."""

SAMPLE = 3e-4
"""Seconds that a sample takes: a call, repeated."""


def main(names: Sequence[str] = (), most: int | None = None, cores: int = 1) -> None:
    """Make the files of these names; without names all of one machine, not those of ELSEWHERE.

    most: stop after so many blocks, each a random sample; a later call goes on. cores: how many
    blocks are measured at a time.
    """
    for name in names or [name for name in SETTINGS if name not in ELSEWHERE]:
        setting, partial = SETTINGS[name], FOLDER / f"{name}.partial"
        devices = present(setting.devices)
        with alone(partial):
            same_machine(partial)
            measure_all(setting, devices, partial, most, cores)
            print(publish(setting, partial, FOLDER / f"{name}.npz"))


def same_machine(partial: Path) -> None:
    """Note the machine; ValueError where the blocks that are there come from another one."""
    path, here = partial / "machine", processor()
    there = path.read_text(encoding="utf-8").strip() if path.exists() else here
    if there != here:
        raise ValueError(
            f"{partial} holds blocks of another machine ({there}; this is {here}), and times of "
            "two machines make no table: go on there, or move the folder away and begin anew"
        )
    path.write_text(f"{here}\n", encoding="utf-8")


def measure_all(
    setting: Setting, devices: Sequence[Device], partial: Path, most: int | None, cores: int = 1
) -> None:
    """Measure the blocks that `partial` lacks, one device after the other in each."""
    from joblib import Parallel, delayed
    from tqdm import tqdm

    own = {device: blocks_of(setting.devices[device])[:most] for device in devices}
    kept = {d: [line["networks"] for line in lines(kept_in(partial, d))] for d in devices}
    missing = [
        delayed(measured_block)(setting, device, block, number)
        for number in range(max(map(len, own.values())))
        for device in devices
        for block in own[device][number : number + 1]
        if block not in kept[device]
    ]
    found = Parallel(n_jobs=cores, return_as="generator_unordered")(missing)
    for device, line in tqdm(found, total=len(missing), desc=partial.stem):
        append(kept_in(partial, device), line)


def blocks_of(most: int | None) -> list[list[int]]:
    """The networks that a device measures, a block after the other."""
    networks = drawn(most)
    return [networks[start : start + BLOCK] for start in range(0, len(networks), BLOCK)]


def measured_block(
    setting: Setting, device: Device, block: Sequence[int], number: int
) -> tuple[Device, dict[str, Any]]:
    """What is kept of a block's networks on a device."""
    built = [setting.build(distinct()[index]) for index in (*ANCHORS, *block)]
    samples = sampled(prepared(built, setting.picture, device), make_rng(number))
    return device, entry(block, samples)


def sampled(calls: Sequence[Candidate], rng: Generator) -> Tensor:
    """Samples of a block, (rounds, networks): rounds are added until it is quiet enough."""
    samples = torch.empty(0, len(calls), dtype=torch.float64)
    with one_thread():
        repeats = calls_of_a_sample(calls, rng)
        while len(samples) < MOST_ROUNDS:
            more = measure(calls, rng, rounds=ROUNDS, repeats=repeats)
            samples = torch.cat([samples, more])
            _, one, other = quantiles(samples)
            if kendalltau(one, other).statistic >= QUIET:
                break
    return samples


def calls_of_a_sample(calls: Sequence[Candidate], rng: Generator) -> int:
    """How many calls of the usual network take about SAMPLE seconds."""
    usual = low_quantile(measure(calls, rng, rounds=10), 0.1).median().item()
    return max(1, round(SAMPLE / usual))
