"""Lecture 13: the measured latencies of digits201's networks, as the claims read them."""

from typing import NamedTuple

import numpy as np
import torch
from torch import Tensor

from course_lib.core import Arch
from course_lib.hardware.latency_features import count_features, live_edges
from course_lib.hardware.latency_file import Measured, read_latency
from course_lib.nas.cells import CellSpace
from course_lib.nas.table import Table, digits201
from data import FOLDER

SPACE = CellSpace()
GROUPS = 10


class Latencies(NamedTuple):
    """Distinct networks, all measured on all devices.

    archs: (n,), dead edges cleared. places: where each form stands. seconds: (n, devices);
    halves: (2, n, devices), of two halves of the rounds. macs: (n,) float64. counts: (n, 6), of
    the canonical form. accuracy: (n,), validation.
    """

    devices: tuple[str, ...]
    archs: list[Arch]
    seconds: Tensor
    halves: Tensor
    macs: Tensor
    counts: Tensor
    accuracy: Tensor
    measured: Measured

    def conditions(self) -> str:
        """How they were measured, in a sentence."""
        file = self.measured
        return (
            f"{len(self.archs):,} different networks of the table drawn at random, "
            f"{file.channels[0]} and "
            f"{file.channels[1]} channels, batch {file.batch}, {file.threads} thread: the "
            f"{file.quantile:.0%} quantile of {file.rounds} rounds in which the networks of a "
            f"block took turns ({file.machine})."
        )


def latencies(*names: str) -> Latencies:
    """The networks that all of these devices have measured; of all devices without names."""
    file = read_latency(FOLDER / "latency201.npz")
    devices = names or file.devices
    chosen = [file.devices.index(name) for name in devices]
    whole = np.isfinite(file.seconds[chosen]).all(0)
    table = digits201()
    first = first_of_each(table)
    archs = [live_edges(SPACE, first[row]) for row in file.networks[whole].tolist()]
    return Latencies(
        devices=devices,
        archs=archs,
        seconds=torch.from_numpy(file.seconds[chosen][:, whole]).double().T,
        halves=torch.from_numpy(file.halves[chosen][..., whole]).double().permute(1, 2, 0),
        macs=torch.from_numpy(file.macs[whole]).double(),
        counts=count_features(SPACE, archs),
        accuracy=torch.tensor([table.measure(arch).value for arch in archs]),
        measured=file,
    )


def first_of_each(table: Table) -> dict[int, Arch]:
    """Per row of the table the first architecture that it answers."""
    first: dict[int, Arch] = {}
    for arch, row in zip(table.space, table.rows.tolist(), strict=True):
        first.setdefault(row, arch)
    return first


def groups(count: int) -> list[Tensor]:
    """The networks, dealt out at random: intervals over groups say how much depends on them."""
    order = np.random.default_rng(0).permutation(count)
    return [torch.from_numpy(part) for part in np.array_split(order, GROUPS)]
