"""The file of measured latencies: one small .npz, which says how they were measured."""

import os
import zipfile
import zlib
from dataclasses import dataclass, fields
from pathlib import Path

import numpy as np

FORMAT = "course_lib.Latency/2"


@dataclass(frozen=True)
class Measured:
    """Latencies of n networks on d devices, in seconds, NaN where a device has no measurement.

    networks: (n,) row of each in the table digits201. seconds: (d, n), the `quantile` of `rounds`
        interleaved samples or more. halves: (d, 2, n), the same of two random halves of the rounds.
    anchors: (d, blocks, k), networks that every block measured again; NaN where a device has fewer
        blocks. macs, parameters: (n,). channels, image: how wide the cells were, and on what.
    levelled: whether a round was divided by how slow the machine was in it, before the quantile.
    machine: processor and versions.
    """

    devices: tuple[str, ...]
    networks: np.ndarray
    seconds: np.ndarray
    halves: np.ndarray
    anchors: np.ndarray
    macs: np.ndarray
    parameters: np.ndarray
    channels: tuple[int, ...]
    image: tuple[int, ...]
    batch: int
    threads: int
    rounds: int
    quantile: float
    levelled: bool
    machine: str

    def __post_init__(self) -> None:
        d, n = len(self.devices), len(self.networks)
        shapes = {
            "seconds": (self.seconds.shape, (d, n)),
            "halves": (self.halves.shape, (d, 2, n)),
            "anchors": (self.anchors.shape[:1], (d,)),
            "macs": (self.macs.shape, (n,)),
            "parameters": (self.parameters.shape, (n,)),
        }
        for name, (found, expected) in shapes.items():
            if found != expected:
                raise ValueError(f"{name} has shape {found}, expected {expected}")
        if (self.seconds <= 0).any():
            raise ValueError("a latency is not above zero")


_TUPLES = {"devices": str, "channels": int, "image": int}
_NUMBERS = {
    **dict.fromkeys(("batch", "threads", "rounds"), int),
    **{"quantile": float, "levelled": bool, "machine": str},
}


def write_latency(measured: Measured, path: Path) -> None:
    """Write the file whole or not at all: a kill leaves the old one."""
    arrays = {field.name: np.array(getattr(measured, field.name)) for field in fields(measured)}
    arrays["format"] = np.array(FORMAT)
    draft = path.with_suffix(".draft")
    with draft.open("wb") as file:
        np.savez_compressed(file, **arrays)  # type: ignore[arg-type]  # none is named allow_pickle
    os.replace(draft, path)


def read_latency(path: Path) -> Measured:
    """Read what `write_latency` wrote; ValueError says what is wrong with another file."""
    try:
        with path.open("rb") as source, np.load(source, allow_pickle=False) as file:
            if "format" not in file or str(file["format"]) != FORMAT:
                raise ValueError(f"it does not say format {FORMAT!r}")
            found = {field.name: file[field.name] for field in fields(Measured)}
        for name, kind in _TUPLES.items():
            found[name] = tuple(map(kind, found[name].tolist()))
        for name, kind in _NUMBERS.items():
            found[name] = kind(found[name].item())
        return Measured(**found)
    except FileNotFoundError:
        raise
    except (
        *(ValueError, KeyError, EOFError, OSError, TypeError),
        *(zipfile.BadZipFile, zlib.error),
    ) as error:
        raise ValueError(
            f"{path} is not a whole file of latencies: {error}. Expected an .npz file as "
            "python -m data.make latency writes it; was it cut off while it was copied?"
        ) from error
