"""Lecture 13: the measured latencies of digits201's networks, as the claims read them."""

from collections.abc import Sequence
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
RUNTIMES = ("PyTorch eager", "ONNX Runtime", "ONNX Runtime int8")
"""Devices that measured every network; the others measured some of them."""

ELSEWHERE = {"latency201_second": " (AVX2)", "latency201_third": " (Xeon)"}
"""What the devices of a file that another machine made are called."""

NOISY = ("OpenVINO",)
"""Devices of the second file which `latency201` refuses: two halves of their samples disagree."""


class Latencies(NamedTuple):
    """Distinct networks, all measured on all devices.

    archs: (n,), dead edges cleared. places: where each form stands. seconds: (n, devices);
    halves: (2, n, devices), of two halves of the rounds. macs: (n,) float64. counts: (n, 6), of
    the canonical form. accuracy: (n,), validation.
    measured: the first file. read: what of the samples, machine by machine.
    """

    devices: tuple[str, ...]
    archs: list[Arch]
    seconds: Tensor
    halves: Tensor
    macs: Tensor
    counts: Tensor
    accuracy: Tensor
    measured: Measured
    read: str

    def conditions(self) -> str:
        """How they were measured, in a sentence."""
        file, count = self.measured, len(self.archs)
        which = "all" if count == len(first_of_each(digits201())) else "drawn at random"
        return (
            f"{count:,} different networks of the table, {which}, {file.channels[0]} and "
            f"{file.channels[1]} channels, batch {file.batch}, {file.threads} thread; the networks "
            f"of a block took turns: {self.read}."
        )


def latencies(*names: str, files: Sequence[str] = ("latency201",)) -> Latencies:
    """The networks that all of these devices have measured; of all in `files` without names."""
    read = {name: read_latency(FOLDER / f"{name}.npz") for name in files}
    every = {
        f"{device}{ELSEWHERE.get(name, '')}": (file, place)
        for name, file in read.items()
        for place, device in enumerate(file.devices)
    }
    columns = {name: every[name] for name in names or every}
    rows = sorted(set.intersection(*(known(*own) for own in columns.values())))
    at = [(file, place, np.searchsorted(file.networks, rows)) for file, place in columns.values()]
    table, main = digits201(), next(iter(read.values()))
    first = first_of_each(table)
    archs = [live_edges(SPACE, first[row]) for row in rows]
    return Latencies(
        devices=tuple(columns),
        archs=archs,
        seconds=torch.tensor(np.array([f.seconds[p, own] for f, p, own in at])).double().T,
        halves=torch.tensor(np.array([f.halves[p][:, own] for f, p, own in at]))
        .double()
        .permute(1, 2, 0),
        macs=torch.from_numpy(main.macs[np.searchsorted(main.networks, rows)]).double(),
        counts=count_features(SPACE, archs),
        accuracy=torch.tensor([table.measure(arch).value for arch in archs]),
        measured=main,
        read=" and ".join(map(what_was_read, read.values())),
    )


def what_was_read(file: Measured) -> str:
    how = "median of levelled" if file.levelled else f"{file.quantile:.0%} quantile of"
    return f"the {how} rounds, {file.rounds} or more ({file.machine})"


def known(file: Measured, place: int) -> set[int]:
    """The rows of digits201 that a device has measured."""
    return set(file.networks[np.isfinite(file.seconds[place])].tolist())


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
