"""data/latency201*.npz: how long the distinct cells of NAS-Bench-201's space take on devices.

Blocks of networks are alive together and measured in turns. What slowed a whole round is divided
out, and so is what slowed a block, told by anchors that are the same in every block. Resumable on
the same machine: a finished block is on disk.
"""

import json
from collections.abc import Iterator, Sequence
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import torch
from scipy.stats import kendalltau
from torch import Generator, Tensor, nn
from torch.utils.flop_counter import FlopCounterMode

from course_lib.core import Arch, make_rng
from course_lib.core.threads import one_thread
from course_lib.hardware.latency_file import Measured, read_latency, write_latency
from course_lib.hardware.machine import processor
from course_lib.hardware.measure import Candidate, levelled, low_quantile, measure
from course_lib.hardware.runtimes import (
    EAGER,
    NCNN,
    ONNX_RUNTIME,
    ONNX_RUNTIME_INT8,
    OPENVINO,
    Device,
    lacks,
    prepared,
)
from course_lib.nas.cells import CellSpace
from data import FOLDER
from data.make.digits201 import alone, representatives

ROUNDS, MOST_ROUNDS, QUANTILE, BLOCK = 100, 1000, 0.5, 60
QUIET = 0.97
"""A block gets further rounds until two halves of its samples agree with this Kendall's tau."""

ANCHORS = (1000, 2000, 3000, 4000)
"""Networks that every block measures again, far apart in the space's order."""

THREE = (EAGER, ONNX_RUNTIME, ONNX_RUNTIME_INT8)
SAMPLE = 3e-4
"""Seconds that a sample takes: a call, repeated."""


class Setting(NamedTuple):
    """Networks of one size: `most` random ones, or all, on `devices`."""

    channels: tuple[int, int] = (8, 16)
    image: tuple[int, int, int] = (1, 12, 12)
    most: int | None = None
    devices: tuple[Device, ...] = THREE

    def build(self, arch: Arch) -> nn.Module:
        return CellSpace().build(arch, channels=self.channels, image=self.image).eval()

    @property
    def picture(self) -> Tensor:
        return torch.rand(1, *self.image, generator=make_rng(0))


SETTINGS = {
    "latency201": Setting(),
    "latency201_wide": Setting((32, 64), (3, 32, 32), 300),
    "latency201_c16": Setting((16, 32), most=60),
    "latency201_c32": Setting((32, 64), most=60),
    "latency201_c64": Setting((64, 128), most=60),
    "latency201_more": Setting(most=480, devices=(*THREE, NCNN, OPENVINO)),
}


def main(names: Sequence[str] = (), most: int | None = None, cores: int = 1) -> None:
    """Make the files of these names, all without names; devices that are missing are left out.

    most: stop after so many blocks, each a random sample; a later call goes on. cores: how many
    blocks are measured at a time.
    """
    for name in names or SETTINGS:
        setting, partial = SETTINGS[name], FOLDER / f"{name}.partial"
        absent = list(filter(None, map(lacks, setting.devices)))
        print(*absent, sep="\n", end="\n" * bool(absent))
        devices = [device for device in setting.devices if not lacks(device)]
        with alone(partial):
            same_machine(partial)
            measure_all(setting, devices, partial, most, cores)
            print(publish(setting, partial, FOLDER / f"{name}.npz"))


def drawn(setting: Setting) -> list[int]:
    """Which distinct networks are measured, in which order, so that a prefix is a random sample."""
    order = torch.randperm(len(distinct()), generator=make_rng(201)).tolist()
    return order[: setting.most]


@cache
def distinct() -> tuple[Arch, ...]:
    """The first architecture of every distinct network, in the order of the table's rows."""
    return tuple(representatives(CellSpace()).values())


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

    networks = drawn(setting)
    blocks = [networks[start : start + BLOCK] for start in range(0, len(networks), BLOCK)]
    kept = {d.name: [line["networks"] for line in lines(kept_in(partial, d))] for d in devices}
    missing = [
        delayed(measured_block)(setting, device, block, number)
        for number, block in enumerate(blocks[:most])
        for device in devices
        if block not in kept[device.name]
    ]
    found = Parallel(n_jobs=cores, return_as="generator_unordered")(missing)
    for device, line in tqdm(found, total=len(missing), desc=partial.stem):
        append(kept_in(partial, device), line)


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


def kept_in(partial: Path, device: Device) -> Path:
    return partial / f"{device.name.replace(' ', '_')}.jsonl"


def quantiles(samples: Tensor) -> list[list[float]]:
    """Of all rounds, of the even ones, and of the odd ones, each levelled by itself."""
    parts = samples, samples[0::2], samples[1::2]
    low = torch.stack([low_quantile(levelled(part), QUANTILE) for part in parts])
    return [[float(f"{value:.4g}") for value in row] for row in low.tolist()]


def entry(networks: Sequence[int], samples: Tensor) -> dict[str, Any]:
    """What is kept of a block: quantiles of all rounds and of the two halves."""
    kept = quantiles(samples)
    return {
        "networks": list(networks),
        "rounds": len(samples),
        "anchors": kept[0][: len(ANCHORS)],
        "low": [row[len(ANCHORS) :] for row in kept],
    }


def append(path: Path, line: dict[str, Any]) -> None:
    with path.open("a", encoding="utf-8") as file:
        file.write(json.dumps(line) + "\n")


def lines(path: Path) -> Iterator[dict[str, Any]]:
    """The whole lines of a file that a kill may have cut."""
    if path.exists():
        text = path.read_text(encoding="utf-8")
        whole = text[: text.rfind("\n") + 1]
        if whole != text:
            path.write_text(whole, encoding="utf-8")
        yield from map(json.loads, whole.splitlines())


def publish(setting: Setting, partial: Path, path: Path) -> Path:
    """Write the file of all that was measured; devices without a block do not stand in it.

    ValueError: the file that is there holds more, made elsewhere or earlier; it stays.
    """
    networks = sorted(drawn(setting))
    kept = {device.name: list(lines(kept_in(partial, device))) for device in setting.devices}
    kept = {name: blocks for name, blocks in kept.items() if blocks}
    low = np.full((len(kept), 3, len(networks)), np.nan, np.float32)
    anchors = np.full((len(kept), max(map(len, kept.values())), len(ANCHORS)), np.nan, np.float32)
    for device, blocks in enumerate(kept.values()):
        level = levels(np.array([block["anchors"] for block in blocks]))
        for number, block in enumerate(blocks):
            places = np.searchsorted(networks, block["networks"])
            low[device][:, places] = np.array(block["low"]) / level[number]
            anchors[device, number] = block["anchors"]
    before = np.isfinite(read_latency(path).seconds).sum() if path.exists() else 0
    if np.isfinite(low[:, 0]).sum() < before:
        raise ValueError(
            f"{path} holds {before} times, more than were measured so far, and stays as it is: go "
            "on with the same command, or move the file away"
        )
    archs = distinct()
    built = [setting.build(archs[index]) for index in networks]
    measured = Measured(
        devices=tuple(kept),
        networks=np.array(networks),
        seconds=low[:, 0],
        halves=low[:, 1:],
        anchors=anchors,
        macs=np.array([macs(network, setting.picture) for network in built]),
        parameters=np.array([sum(p.numel() for p in network.parameters()) for network in built]),
        channels=setting.channels,
        image=setting.image,
        batch=1,
        threads=1,
        rounds=min(block["rounds"] for blocks in kept.values() for block in blocks),
        quantile=QUANTILE,
        levelled=True,
        machine=processor(),
    )
    write_latency(measured, path)
    return path


def levels(anchors: np.ndarray) -> np.ndarray:
    """How much slower than usual the machine was in each block: (blocks, k) -> (blocks,).

    The median, over the anchors, of what they took over their median in all blocks.
    """
    return np.asarray(np.median(anchors / np.median(anchors, axis=0), axis=1))


def macs(network: nn.Module, x: Tensor) -> int:
    """Multiply-accumulates of convolutions, pooling among them, and products."""
    with torch.no_grad(), FlopCounterMode(display=False) as counter:
        network(x)
    return int(counter.get_total_flops()) // 2
