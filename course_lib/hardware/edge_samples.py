"""Samples of digits201's cells that differ in one edge: what look-up tables are made of."""

import zipfile
import zlib
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np
import torch
from torch import Tensor

from course_lib.core import Arch
from course_lib.hardware.lookup import single_changes
from course_lib.nas.cells import CellSpace
from course_lib.nas.table import find_data

FORMAT = "course_lib.EdgeSamples/1"
NONE, SKIP = 0, 1
EVERY_EDGE: Arch = (SKIP,) * 6
"""Skip connections everywhere: a reference in which every edge matters."""
ONE_EDGE: Arch = (NONE, NONE, NONE, SKIP, NONE, NONE)
"""A single skip connection, from the input to the output."""


class EdgeSamples(NamedTuple):
    """Seconds per call, (devices, rounds, networks), every round all networks of `archs`.

    about: machine, threads, batch and channels.
    """

    devices: tuple[str, ...]
    archs: list[Arch]
    seconds: Tensor
    about: str

    def of(self, device: str, archs: Sequence[Arch]) -> Tensor:
        """The samples of these cells on one device, (rounds, len(archs)); a network may recur.

        ValueError: a device or a network that was not measured.
        """
        if device not in self.devices:
            raise ValueError(f"no device {device!r}, expected one of {', '.join(self.devices)}")
        space = CellSpace()
        place = {space.canonical(arch): i for i, arch in enumerate(self.archs)}
        forms = [space.canonical(arch) for arch in archs]
        for arch, form in zip(archs, forms, strict=True):
            if form not in place:
                raise ValueError(
                    f"{space.describe(arch)} was not measured: only the cells were that differ "
                    "in one edge from EVERY_EDGE or ONE_EDGE"
                )
        return self.seconds[self.devices.index(device)][:, [place[form] for form in forms]]


def edge_archs() -> list[Arch]:
    """The different networks among the single changes of both references, on edges that matter."""
    space = CellSpace()
    single = [(*ONE_EDGE[:3], choice, *ONE_EDGE[4:]) for choice in range(len(space.operations))]
    every = [*single_changes(EVERY_EDGE, len(space.operations)), *single]
    return list({space.canonical(arch): arch for arch in every}.values())


def write_edges(samples: EdgeSamples, path: Path) -> None:
    """Write the file that `edges201` reads."""
    np.savez_compressed(
        path,
        format=np.array(FORMAT),
        devices=np.array(samples.devices),
        archs=np.array(samples.archs),
        seconds=samples.seconds.numpy().astype(np.float32),
        about=np.array(samples.about),
    )


def edges201(path: Path | None = None) -> EdgeSamples:
    """What `python -m data.make latency_edges` measured: data/latency201_edges.npz.

    path: another file of that kind. ValueError: it is none.
    """
    path = find_data("latency201_edges.npz") if path is None else path
    try:
        with path.open("rb") as source, np.load(source, allow_pickle=False) as file:
            if str(file["format"]) != FORMAT:
                raise ValueError(f"it does not say format {FORMAT!r}")
            return EdgeSamples(
                tuple(file["devices"].tolist()),
                [tuple(arch) for arch in file["archs"].tolist()],
                torch.from_numpy(file["seconds"]).double(),
                str(file["about"]),
            )
    except (ValueError, KeyError, EOFError, zipfile.BadZipFile, zlib.error) as error:
        raise ValueError(
            f"{path} is not a whole file of samples: {error}. Expected what "
            "python -m data.make latency_edges writes"
        ) from error
