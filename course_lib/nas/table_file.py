"""The file of a table: whole counts of right answers in one small .npz."""

import os
import zipfile
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np

FORMAT = "course_lib.Table/1"
MISSING = 65535
"""Stands for a seed that was not trained."""


@dataclass(frozen=True)
class Records:
    """Trainings of the distinct cells of a space.

    operations: of the space. rows: (strings,) which row of the other arrays answers each string,
        strings in the space's lexicographic order.
    valid_right: (rows, seeds, epochs) validation images classified rightly after each epoch, of
        `valid_images`; `MISSING` where a seed was not trained.
    test_right: (rows, seeds) test images classified rightly at the end, of `test_images`.
    parameters, flops, seconds: (rows,); seconds are means over the trained seeds.
    machine: on which kind of machine, where training again gives the same numbers.
    """

    operations: tuple[str, ...]
    rows: np.ndarray
    valid_right: np.ndarray
    test_right: np.ndarray
    valid_images: int
    test_images: int
    parameters: np.ndarray
    flops: np.ndarray
    seconds: np.ndarray
    machine: str

    def __post_init__(self) -> None:
        count = len(self.parameters)
        shapes = {
            "rows": (self.rows.shape, (len(self.operations) ** 6,)),
            "valid_right": (self.valid_right.shape[:1], (count,)),
            "test_right": (self.test_right.shape, self.valid_right.shape[:2]),
            "flops": (self.flops.shape, (count,)),
            "seconds": (self.seconds.shape, (count,)),
        }
        for name, (found, expected) in shapes.items():
            if found != expected:
                raise ValueError(f"{name} has shape {found}, expected {expected}")
        if self.rows.max() >= count:
            raise ValueError(f"rows points at row {self.rows.max()}, but there are {count}")
        if (self.valid_right[:, 0] == MISSING).any():
            raise ValueError("a row lacks its first seed, expected one training of every cell")


_DTYPES: Mapping[str, type[np.generic]] = {
    "rows": np.uint16,
    "valid_right": np.uint16,
    "test_right": np.uint16,
    "valid_images": np.int64,
    "test_images": np.int64,
    "parameters": np.int32,
    "flops": np.int64,
    "seconds": np.float32,
}


def write_records(records: Records, path: Path) -> None:
    """Write the file whole or not at all: a kill leaves the old one."""
    arrays = {name: np.asarray(getattr(records, name), dtype) for name, dtype in _DTYPES.items()}
    arrays |= {
        "format": np.array(FORMAT),
        "operations": np.array(records.operations),
        "machine": np.array(records.machine),
    }
    draft = path.with_suffix(".draft")
    with draft.open("wb") as file:
        np.savez_compressed(file, **arrays)  # type: ignore[arg-type]  # none is named allow_pickle
    os.replace(draft, path)


def read_records(path: Path) -> Records:
    """Read what `write_records` wrote; ValueError says what is wrong with another file."""
    try:
        with path.open("rb") as source, np.load(source, allow_pickle=False) as file:
            if "format" not in file or str(file["format"]) != FORMAT:
                raise ValueError(f"it does not say format {FORMAT!r}")
            found = {name: file[name] for name in _DTYPES}
            operations = tuple(str(name) for name in file["operations"])
            machine = str(file["machine"])
        for name, dtype in _DTYPES.items():
            if found[name].dtype != dtype:
                raise ValueError(f"{name} holds {found[name].dtype}, expected {np.dtype(dtype)}")
        return Records(
            operations,
            found["rows"],
            found["valid_right"],
            found["test_right"],
            int(found["valid_images"]),
            int(found["test_images"]),
            found["parameters"],
            found["flops"],
            found["seconds"],
            machine,
        )
    except FileNotFoundError:
        raise
    except (
        *(ValueError, KeyError, EOFError, OSError, TypeError),
        *(zipfile.BadZipFile, zlib.error),
    ) as error:
        raise ValueError(
            f"{path} is not a whole table of this course: {error}. Expected an .npz file as "
            "python -m data.make digits201 writes it; was it cut off while it was copied?"
        ) from error
