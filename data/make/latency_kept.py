"""What was measured of each block, line by line on disk, and the file of latencies made of it."""

import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn
from torch.utils.flop_counter import FlopCounterMode

from course_lib.hardware.latency_file import Measured, read_latency, write_latency
from course_lib.hardware.machine import processor
from course_lib.hardware.measure import levelled, low_quantile
from course_lib.hardware.runtimes import Device
from data.make.latency_settings import ANCHORS, Setting, distinct

QUANTILE = 0.5


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
    kept = {device.name: list(lines(kept_in(partial, device))) for device in setting.devices}
    kept = {name: blocks for name, blocks in kept.items() if blocks}
    networks, times, anchors = levelled_blocks(list(kept.values()))
    before = np.isfinite(read_latency(path).seconds).sum() if path.exists() else 0
    if np.isfinite(times[:, 0]).sum() < before:
        raise ValueError(
            f"{path} holds {before} times, more than were measured so far, and stays as it is: go "
            "on with the same command, or move the file away"
        )
    built = [setting.build(distinct()[index]) for index in networks]
    measured = Measured(
        devices=tuple(kept),
        networks=np.array(networks),
        seconds=times[:, 0],
        halves=times[:, 1:],
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


def levelled_blocks(
    devices: list[list[dict[str, Any]]],
) -> tuple[list[int], np.ndarray, np.ndarray]:
    """Of each device's blocks: the networks, ascending, their times, and the anchors as measured.

    Times are (devices, 3, networks), of all rounds and of both halves, each block divided by its
    level; anchors (devices, blocks, k); NaN where a device has no measurement.
    """
    networks = sorted({index for blocks in devices for b in blocks for index in b["networks"]})
    times = np.full((len(devices), 3, len(networks)), np.nan, np.float32)
    anchors = np.full((len(devices), max(map(len, devices)), len(ANCHORS)), np.nan, np.float32)
    for device, blocks in enumerate(devices):
        raw = np.array([block["anchors"] for block in blocks])
        anchors[device, : len(blocks)] = raw
        for block, level in zip(blocks, levels(raw), strict=True):
            places = np.searchsorted(networks, block["networks"])
            times[device][:, places] = np.array(block["low"]) / level
    return networks, times, anchors


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
