"""A learnt start as a small file: arrays of numbers, never a pickle."""

import zipfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor

from course_lib.checks.artefact import damaged
from course_lib.checks.wrong import Wrong
from course_lib.core import make_rng
from course_lib.meta.conv_network import conv_network

FORMAT = "lab10_meta_learning challenge/1"
WAYS, CHANNELS, MOST_STEPS = 5, (16, 32, 48, 64), 10
_LARGEST = 1_000_000
_WEIGHT, _RATE = "weight/", "rate/"


@dataclass(frozen=True)
class Start:
    """What a task begins with: theta, the rate of every parameter's steps, and how many steps."""

    theta: dict[str, Tensor]
    rates: dict[str, Tensor]
    steps: int


def shapes() -> dict[str, tuple[int, ...]]:
    """Names and shapes of the course's network."""
    theta, _ = conv_network(make_rng(0), ways=WAYS, channels=CHANNELS)
    return {name: tuple(value.shape) for name, value in theta.items()}


def start_of(answer: Any) -> Start:
    """The student's (theta, rates, steps); Wrong says what does not fit."""
    if not isinstance(answer, tuple) or len(answer) != 3:
        raise Wrong("meta_learn must return the tuple (theta, rates, steps)")
    theta, rates, steps = answer
    wanted = shapes()
    if not isinstance(rates, Mapping):
        rates = dict.fromkeys(wanted, rates)
    for what, given in (("theta", theta), ("rates", rates)):
        if not isinstance(given, Mapping) or set(given) != set(wanted):
            got = list(given) if isinstance(given, Mapping) else type(given).__name__
            raise Wrong(f"{what} must have the names {', '.join(wanted)}; got {got}")
    if type(steps) is not int or not 0 <= steps <= MOST_STEPS:
        raise Wrong(f"steps must be an integer from 0 to {MOST_STEPS}, got {steps!r}")
    try:
        numbers = {n: torch.as_tensor(v).detach().float().clone() for n, v in theta.items()}
        single = {n: torch.as_tensor(v).detach().float().clone() for n, v in rates.items()}
    except (TypeError, ValueError, RuntimeError) as error:
        raise Wrong(f"theta and rates must be tensors or numbers: {error}") from error
    for name, shape in wanted.items():
        _require(f"theta[{name!r}]", numbers[name], shape)
        _require(f"rates[{name!r}]", single[name], ())
    return Start(numbers, single, steps)


def _require(what: str, value: Tensor, shape: tuple[int, ...]) -> None:
    if tuple(value.shape) != shape:
        raise Wrong(f"{what} has shape {tuple(value.shape)}, expected {shape}")
    if not bool(torch.isfinite(value).all()):
        raise Wrong(f"{what} holds nan or infinite numbers")


def save_start(path: Path, start: Start) -> None:
    """Write theta and rates as float32 arrays, and the number of steps."""
    arrays = {_WEIGHT + name: value.numpy() for name, value in start.theta.items()}
    arrays |= {_RATE + name: value.numpy() for name, value in start.rates.items()}
    with path.open("wb") as file:
        np.savez_compressed(
            file,
            allow_pickle=False,
            format=np.array(FORMAT),
            steps=np.array(start.steps),
            **arrays,
        )


def load_start(path: Path) -> Start:
    """What `save_start` wrote; Wrong says what is the matter with the file."""
    try:
        arrays = _arrays(path)
        if str(arrays.pop("format")) != FORMAT:
            raise ValueError("another format")
        steps = int(arrays.pop("steps"))
        if any(a.dtype != np.float32 for a in arrays.values()):
            raise ValueError("an array of another type than float32")
        parts: list[dict[str, Tensor]] = [
            {
                name.removeprefix(start): torch.from_numpy(array)
                for name, array in arrays.items()
                if name.startswith(start)
            }
            for start in (_WEIGHT, _RATE)
        ]
        if sum(map(len, parts)) != len(arrays):
            raise ValueError("an array that belongs to neither theta nor rates")
        return start_of((*parts, steps))
    except Wrong as wrong:
        raise damaged(path, wrong.said) from wrong
    except (OSError, ValueError, KeyError, TypeError, zipfile.BadZipFile, EOFError) as error:
        raise damaged(path, error) from error


def _arrays(path: Path) -> dict[str, np.ndarray]:
    """All arrays of the file, none of them an object; a file that unpacks to much is refused."""
    with zipfile.ZipFile(path) as archive:
        size = sum(entry.file_size for entry in archive.infolist())
    if size > _LARGEST:
        raise ValueError(f"it unpacks to {size:,} bytes, expected at most {_LARGEST:,}")
    with np.load(path, allow_pickle=False) as file:
        return {name: file[name] for name in file.files}
