"""data/latency201_edges.npz: samples of the cells that differ in one edge, for look-up tables."""

from collections.abc import Sequence
from pathlib import Path

import torch
from torch import Tensor, nn

from course_lib.core import make_rng
from course_lib.core.threads import one_thread
from course_lib.hardware.edge_samples import EdgeSamples, edge_archs, write_edges
from course_lib.hardware.machine import processor
from course_lib.hardware.measure import measure
from course_lib.hardware.runtimes import Device, prepared
from data import FOLDER
from data.make.latency import calls_of_a_sample
from data.make.latency_settings import SETTINGS, THREE, present

ROUNDS = 100


def main() -> Path:
    """Measure them all on the three devices of the main table: some minutes."""
    setting = SETTINGS["latency201"]
    archs = edge_archs()
    networks = [setting.build(arch) for arch in archs]
    devices = present(THREE)
    seconds = [measured(networks, setting.picture, device) for device in devices]
    about = (
        f"{processor()}; 1 thread, batch 1, {ROUNDS} rounds, in seconds; channels "
        f"{' and '.join(map(str, setting.channels))}"
    )
    path = FOLDER / "latency201_edges.npz"
    names = tuple(device.name for device in devices)
    write_edges(EdgeSamples(names, archs, torch.stack(seconds), about), path)
    return path


def measured(networks: Sequence[nn.Module], x: Tensor, device: Device) -> Tensor:
    """Samples of about a millisecond, (rounds, networks)."""
    rng = make_rng(0)
    with one_thread():
        calls = prepared(networks, x, device)
        return measure(calls, rng, rounds=ROUNDS, repeats=calls_of_a_sample(calls, rng))
