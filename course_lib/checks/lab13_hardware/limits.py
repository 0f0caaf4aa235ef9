"""What a cell takes on three devices at once, in parts of what it may take."""

from functools import cache

import numpy as np
import torch

from course_lib.core import Arch, Trial
from course_lib.hardware.edge_samples import EVERY_EDGE, edges201
from course_lib.hardware.lookup import LookupTable, lookup_latency, single_changes
from course_lib.hardware.measure import low_quantile
from course_lib.nas.canonical import EDGES
from course_lib.nas.cells import CellSpace
from course_lib.nas.table import Table

SHARE = 0.25
"""Of all architectures, so many keep the limit of a device; half keep that of the parameters."""
MAPS = 3
"""So many feature maps of a cell may be alive at once."""


class Limited:
    """measure(arch): the accuracy where all limits are kept, minus the largest excess elsewhere.

    The trial's objectives: `accuracy`, and each quantity as a part of its limit, by name.
    """

    def __init__(self, table: Table) -> None:
        archs = list(table.space)
        self._row = {arch: i for i, arch in enumerate(archs)}
        self._accuracy = np.array([table.measure(arch).value for arch in archs])
        parameters = table.info["parameters"][table.rows].astype(float)
        alive = np.array([maps_alive(table.space, arch) for arch in archs])
        self.parts = {
            **{name: seconds / limit(seconds, SHARE) for name, seconds in latencies(archs).items()},
            "memory": alive / MAPS,
            "parameters": parameters / limit(parameters, 0.5),
        }
        self._worst = np.max(list(self.parts.values()), axis=0)

    def __call__(self, arch: Arch, fidelity: int | None = None, /) -> Trial:
        i = self._row[arch]
        parts = {name: float(part[i]) for name, part in self.parts.items()}
        accuracy, worst = float(self._accuracy[i]), float(self._worst[i])
        value = accuracy if worst <= 1 else 1 - worst
        return Trial(arch, value, objectives={"accuracy": accuracy, **parts})


@cache
def limited(table: Table) -> Limited:
    """The measure of a table, made once."""
    return Limited(table)


def limit(values: np.ndarray, share: float) -> float:
    """What this share of the architectures does not exceed."""
    return float(np.quantile(values, share))


def latencies(archs: list[Arch]) -> dict[str, np.ndarray]:
    """Seconds by the look-up tables of three measured devices: name -> (n,)."""
    samples, choices = edges201(), len(CellSpace().operations)
    changes, every = single_changes(EVERY_EDGE, choices), torch.tensor(archs)
    found = {}
    for device in samples.devices:
        base, *others = low_quantile(samples.of(device, changes), 0.1).tolist()
        cost = torch.tensor(others, dtype=torch.float64).view(-1, choices) - base
        found[device] = lookup_latency(LookupTable(base, cost), every).numpy()
    return found


def maps_alive(space: CellSpace, arch: Arch) -> int:
    """How many feature maps must be kept at once, node after node: from input to output.

    A node is computed where the input reaches it and it reaches the output; its map is kept until
    the last node that reads it is computed.
    """
    edges = [edge for edge, name in zip(EDGES, space.names(arch), strict=True) if name != "none"]
    from_input, to_output = {0}, {3}
    for i, j in sorted(edges, key=lambda edge: edge[1]):
        if i in from_input:
            from_input.add(j)
    for i, j in sorted(edges, key=lambda edge: -edge[0]):
        if j in to_output:
            to_output.add(i)
    live = from_input & to_output
    read = [(i, j) for i, j in edges if {i, j} <= live]
    most = 1
    for node in sorted(live - {0}):
        kept = {i for i, j in read if i < node <= j}
        most = max(most, len(kept) + 1)
    return most
