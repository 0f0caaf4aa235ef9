"""data/latency201_edges.npz: samples of the cells that differ in one edge, for look-up tables."""

from pathlib import Path

import torch

from course_lib.core import make_rng
from course_lib.hardware.edge_samples import EdgeSamples, edge_archs, write_edges
from course_lib.hardware.machine import processor
from course_lib.hardware.runtimes import lacks, measure_networks
from data import FOLDER
from data.make.latency import REPEATS, SETTINGS

ROUNDS = 100


def main() -> Path:
    """Measure them all on the three devices of the main table: some minutes."""
    setting = SETTINGS["latency201"]
    archs = edge_archs()
    networks = [setting.build(arch) for arch in archs]
    devices = [device for device in setting.devices if not lacks(device)]
    seconds = [
        measure_networks(
            networks,
            setting.picture,
            device,
            make_rng(0),
            rounds=ROUNDS,
            repeats=REPEATS[device.name],
        )
        for device in devices
    ]
    about = (
        f"{processor()}; 1 thread, batch 1, {ROUNDS} rounds, in seconds; channels "
        f"{' and '.join(map(str, setting.channels))}"
    )
    path = FOLDER / "latency201_edges.npz"
    names = tuple(device.name for device in devices)
    write_edges(EdgeSamples(names, archs, torch.stack(seconds), about), path)
    return path
