"""A trained cell network as a small file: arrays of numbers and one text, never a pickle."""

import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import nn

from course_lib.checks.artefact import damaged
from course_lib.checks.wrong import Wrong
from course_lib.core import Arch
from course_lib.nas.cells import CellSpace

FORMAT = "lab03_darts challenge/1"
_LARGEST = 1_000_000
_WEIGHT = "weight/"


def save_network(path: Path, space: CellSpace, arch: Arch, network: nn.Module) -> None:
    """Write the cell's string and the network's numbers (buffers too) as float32 arrays."""
    arrays = {
        _WEIGHT + name: value.detach().float().numpy()
        for name, value in network.state_dict().items()
    }
    with path.open("wb") as file:
        np.savez_compressed(
            file, format=np.array(FORMAT), cell=np.array(space.describe(arch)), **arrays
        )


def load_network(path: Path, space: CellSpace) -> tuple[Arch, nn.Module]:
    """The cell and its network in evaluation mode; Wrong says what is the matter with the file."""
    try:
        arrays = _arrays(path)
        if str(arrays.pop("format")) != FORMAT:
            raise ValueError("another format")
        arch = space.parse(str(arrays.pop("cell")))
        network = space.build(arch)
        names = {_WEIGHT + name for name in network.state_dict()}
        if arrays.keys() != names:
            raise Wrong(
                f"the network in {path.name} is not that of the cell {space.describe(arch)}: "
                "my_network must return the arch that the network was built from"
            )
        network.load_state_dict(_state(arrays, network))
    except (OSError, ValueError, KeyError, RuntimeError, zipfile.BadZipFile, EOFError) as error:
        raise damaged(path, error) from error
    return arch, network.eval()


def _arrays(path: Path) -> dict[str, np.ndarray]:
    """All arrays of the file, none of them an object; a file that unpacks to much is refused."""
    with zipfile.ZipFile(path) as archive:
        size = sum(entry.file_size for entry in archive.infolist())
    if size > _LARGEST:
        raise ValueError(f"it unpacks to {size:,} bytes, expected at most {_LARGEST:,}")
    with np.load(path, allow_pickle=False) as file:
        return {name: file[name] for name in file.files}


def _state(arrays: dict[str, np.ndarray], network: nn.Module) -> dict[str, Any]:
    """The arrays as a state of this network: the same names and shapes, all numbers finite."""
    state = {}
    for name, value in network.state_dict().items():
        array = arrays.pop(_WEIGHT + name)
        if array.shape != tuple(value.shape) or array.dtype != np.float32:
            raise ValueError(f"{name}: {array.dtype} {array.shape}, expected {tuple(value.shape)}")
        if not np.isfinite(array).all():
            raise ValueError(f"{name} holds nan or infinite numbers")
        state[name] = torch.from_numpy(array).to(value.dtype)
    return state
