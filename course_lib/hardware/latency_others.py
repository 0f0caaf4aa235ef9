"""Tables of latencies that other people measured: read with their unit, not believed blindly."""

from pathlib import Path

import numpy as np
import torch

from course_lib.core import Space
from course_lib.hardware.latency_table import LatencyTable
from course_lib.nas.cells import CellSpace
from course_lib.nas.table_csv import finite, read_lines

UNITS = {"ms": 1e-3, "s": 1.0}
PLAUSIBLE = (1e-4, 1.0)
"""Seconds between which the median of a table is believed to lie."""


def from_csv(
    path: str | Path,
    *,
    column: str,
    unit: str,
    arch: str = "arch",
    space: Space | None = None,
    mask_implausible: bool = False,
    plausible: tuple[float, float] = PLAUSIBLE,
) -> LatencyTable:
    """The column of a CSV file with one line per architecture, as HW-NAS-Bench names its own.

    unit: "ms" or "s", the unit of the file. space: what the file covers; all cells unless told.
    arch: the column of what `space.parse` reads. The device is named as the column.

    ValueError: a median outside the plausible seconds (the wrong unit?); a latency that is not
    above zero or below a tenth of the median, unless mask_implausible sets it aside by name; and
    what `Table.from_csv` refuses.
    """
    space = CellSpace() if space is None else space
    lines = read_lines(Path(path), space, arch, [column])
    values = np.array([finite(column, line[column]) for line in lines])
    return _believed(values, column, unit, space, mask_implausible, plausible)


def from_help(
    path: str | Path,
    index: str | Path,
    *,
    unit: str,
    space: Space | None = None,
    mask_implausible: bool = False,
    plausible: tuple[float, float] = PLAUSIBLE,
) -> LatencyTable:
    """A device of HELP's public files: its latencies, and the file that numbers the architectures.

    path: latency/DEVICE.pt, one number per architecture; index: str_arch2idx.pt, string -> number.
    The rest as in `from_csv`. Source: Lee et al. 2021, "HELP".
    """
    space = CellSpace() if space is None else space
    numbers = torch.load(index, weights_only=True)
    held = torch.as_tensor(torch.load(path, weights_only=True), dtype=torch.float64).flatten()
    texts = [space.describe(each) for each in space]
    if missing := [text for text in texts if text not in numbers]:
        raise ValueError(f"{index} lacks {len(missing):,} architectures, the first {missing[0]}")
    if len(held) <= (last := max(numbers[text] for text in texts)):
        raise ValueError(f"{path} has {len(held):,} latencies, but {index} counts to {last:,}")
    values = held[[numbers[text] for text in texts]].numpy()
    return _believed(values, Path(path).stem, unit, space, mask_implausible, plausible)


def _believed(
    values: np.ndarray,
    device: str,
    unit: str,
    space: Space,
    mask: bool,
    plausible: tuple[float, float],
) -> LatencyTable:
    if unit not in UNITS:
        raise ValueError(f"unit is {unit!r}, expected one of {list(UNITS)}")
    seconds = values * UNITS[unit]
    median = float(np.median(seconds))
    if not plausible[0] <= median <= plausible[1]:
        other = next(name for name in UNITS if name != unit)
        raise ValueError(
            f"the median of {device} would be {median:.3g} s, expected {plausible[0]:g} to "
            f"{plausible[1]:g} s: are its numbers in {other}? Say unit={other!r}, or other limits"
        )
    doubted = ~(seconds > max(0.0, median / 10))
    names = tuple(space.describe(each) for each, bad in zip(space, doubted, strict=True) if bad)
    if names and not mask:
        raise ValueError(
            f"{len(names)} of {len(seconds):,} latencies on {device} are below a tenth of the "
            f"median {median:.3g} s, the first of {names[0]}: no network is so much faster than "
            "its like. Correct them, or set them aside with mask_implausible=True"
        )
    seconds[doubted] = np.nan
    return LatencyTable(space, np.arange(space.size), {device: seconds}, masked={device: names})
