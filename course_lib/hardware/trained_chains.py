"""Trained chains to prune: three shapes on cluttered digits, kept in data/."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple
from zipfile import BadZipFile

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from course_lib.hardware.chain import Chain, chain_network, mobilenet, vgg

FILE = Path(__file__).parents[2] / "data" / "pruning_networks.npz"
CHAINS: Mapping[str, Chain] = {
    "vgg": vgg(),
    "unbalanced": vgg((4, 32, 8, 64, 8, 64)),
    "mobilenet": mobilenet(),
}
SEEDS: Mapping[str, range] = {"vgg": range(10), "unbalanced": range(10), "mobilenet": range(3)}
_UNUSABLE = (OSError, EOFError, BadZipFile, KeyError, TypeError, ValueError, RuntimeError)


class TrainedChain(NamedTuple):
    """A network in evaluation mode, with the accuracies of exactly these weights.

    Seed s was trained, and is to be judged, on `cluttered_digits(seed=s)`.
    """

    chain: Chain
    network: nn.Module
    epochs: int
    valid_accuracy: float
    test_accuracy: float


class SavedChain(NamedTuple):
    """What the file holds of one network: parameters and buffers, training, accuracies."""

    state: Mapping[str, Tensor]
    epochs: int
    valid_accuracy: float
    test_accuracy: float


def trained_chain(name: str, seed: int, *, file: Path = FILE) -> TrainedChain:
    """One of CHAINS by its name, trained with one of its SEEDS.

    ValueError where there is no such network, or where the file is missing or damaged.
    """
    if name not in CHAINS:
        raise ValueError(f"no trained chain {name!r}: there are {', '.join(CHAINS)}")
    key = f"{name}/{seed}"
    network = chain_network(CHAINS[name]).eval()
    try:
        with file.open("rb") as opened, np.load(opened) as arrays:
            report = json.loads(str(arrays["report"]))
            if key in report:
                network.load_state_dict(_state(arrays, key))
    except _UNUSABLE as error:
        raise ValueError(
            f"no usable networks in {file} ({error}): copy it from the course's repository; there: "
            "python -m data.make pruning_networks"
        ) from error
    if key not in report:
        seeds = [each.split("/")[1] for each in report if each.startswith(f"{name}/")]
        raise ValueError(f"{file} has {name} with seeds {', '.join(seeds)}, got {seed}")
    return TrainedChain(CHAINS[name], network, **report[key])


def read_chains(file: Path = FILE) -> dict[tuple[str, int], SavedChain]:
    """All that is in the file, by name and seed; nothing where it is missing."""
    if not file.exists():
        return {}
    with np.load(file) as arrays:
        report = json.loads(str(arrays["report"]))
        return {
            (key.split("/")[0], int(key.split("/")[1])): SavedChain(_state(arrays, key), **found)
            for key, found in report.items()
        }


def write_chains(chains: Mapping[tuple[str, int], SavedChain], file: Path = FILE) -> None:
    """Write a file that `trained_chain` reads, in half precision; a kill leaves the old one."""
    arrays = {
        f"{name}/{seed}/{entry}": value.half().numpy()
        for (name, seed), saved in chains.items()
        for entry, value in saved.state.items()
    }
    report = {
        f"{name}/{seed}": {
            "epochs": saved.epochs,
            "valid_accuracy": saved.valid_accuracy,
            "test_accuracy": saved.test_accuracy,
        }
        for (name, seed), saved in chains.items()
    }
    half_written = file.with_suffix(".new.npz")
    np.savez_compressed(
        half_written, allow_pickle=False, report=np.array(json.dumps(report)), **arrays
    )
    half_written.replace(file)


def _state(arrays: Mapping[str, NDArray[np.float16]], key: str) -> dict[str, Tensor]:
    return {
        name.removeprefix(f"{key}/"): torch.from_numpy(arrays[name]).float()
        for name in arrays
        if name.startswith(f"{key}/")
    }
