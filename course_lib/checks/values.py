"""Types before values: what an answer is, tested without calling a method that it may own."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from course_lib.checks.wrong import Wrong


def number(value: Any, what: str) -> float:
    """A finite or infinite real scalar as a float: int, float, numpy scalar, tensor of shape ()."""
    if type(value) in (int, float):
        try:
            return float(value)
        except OverflowError as error:
            raise Wrong(f"{what} is an integer beyond all floats") from error
    if type(value) in (Tensor, nn.Parameter):
        _expect_shape(value, (), what)
        if value.dtype is torch.bool or value.is_complex():
            raise Wrong(f"{what} is a tensor of {value.dtype}, expected a real number")
        return float(value.detach())
    if isinstance(value, np.generic) and type(value).__module__ == "numpy":
        if not isinstance(value, np.floating | np.integer):
            raise Wrong(f"{what} is {type(value).__name__}, expected a real number")
        return float(value)
    if type(value) is np.ndarray and value.shape == () and value.dtype.kind in "fiu":
        return float(value)
    raise Wrong(f"{what} is {kind(value)}, expected a number")


def integer(value: Any, what: str) -> int:
    """An int, a numpy integer or an integer tensor of shape (), as an int."""
    if type(value) is int:
        return value
    whole = number(value, what)
    if isinstance(value, float) or not whole.is_integer():
        raise Wrong(f"{what} is {whole:g} ({type(value).__name__}), expected an integer")
    return int(whole)


def integers(value: Any, what: str, entry: str) -> list[int]:
    """A list, a tuple, an array or a tensor of integers, (n,), as a list.

    what, entry: their names.
    """
    if type(value) in (np.ndarray, Tensor):
        if value.ndim != 1:
            raise Wrong(f"{what} has shape {tuple(value.shape)}, expected a list of integers")
        value = value.tolist()
    if type(value) not in (list, tuple):
        raise Wrong(f"{what} is {kind(value)}, expected a list of integers")
    return [integer(each, entry) for each in value]


def tensor(
    value: Any, shape: tuple[int, ...], what: str, *, integers: bool = False, advice: str = ""
) -> Tensor:
    """A tensor of this shape, floating or int64, all finite."""
    if type(value) not in (Tensor, nn.Parameter):
        raise Wrong(f"{what} is {kind(value)}, expected a tensor of shape {shape}")
    checked: Tensor = value
    if checked.layout is not torch.strided or checked.is_meta:
        raise Wrong(f"{what} is a sparse or meta tensor, expected a plain one")
    _expect_shape(checked, shape, what, advice)
    if integers:
        if value.dtype is not torch.int64:
            raise Wrong(f"{what} has dtype {value.dtype}, expected torch.int64")
    elif not value.dtype.is_floating_point:
        raise Wrong(f"{what} has dtype {value.dtype}, expected a floating-point tensor")
    elif not bool(torch.isfinite(value.detach()).all()):
        raise Wrong(f"{what} holds nan or infinite numbers: {shown(value)}")
    return checked


def same(found: Tensor, expected: Tensor, *, scale: float = 1.0) -> bool:
    """Equality up to single precision, relative to max(1, size).

    Also for double-precision answers: a right one may have passed through `torch.tensor(x)` or
    `.float()` on its way, which the result's dtype does not show.
    scale: about how many roundings add up.
    """
    error = (found.detach().double() - expected.detach().double()).abs()
    size = expected.detach().double().abs().clamp(min=1.0)
    return bool((error <= 1e-6 * scale * size).all())


def alike(found: Any, other: Any) -> bool:
    """Whether two things that a probe told are the same, numbers up to a few roundings."""
    if isinstance(found, Mapping) and isinstance(other, Mapping):
        return found.keys() == other.keys() and all(alike(found[k], other[k]) for k in found)
    if isinstance(found, list | tuple) and isinstance(other, list | tuple):
        return len(found) == len(other) and all(map(alike, found, other))
    if isinstance(found, Tensor) and isinstance(other, Tensor):
        return found.shape == other.shape and same(found, other, scale=30)
    if isinstance(found, float) and isinstance(other, float):
        return abs(found - other) <= 3e-5 * max(1.0, abs(other))
    return type(found) is type(other) and bool(found == other)


def tuple_of(answer: Any, *names: str) -> tuple[Any, ...]:
    """The answer as a tuple with one entry for each name; an array or a tensor (n,) will do."""
    if type(answer) in (np.ndarray, Tensor) and answer.ndim == 1:
        answer = answer.tolist()
    if type(answer) not in (tuple, list) or len(answer) != len(names):
        got = f"{len(answer)} entries" if type(answer) in (tuple, list) else kind(answer)
        raise Wrong(f"the answer is {got}, expected the tuple ({', '.join(names)})")
    return tuple(answer)


def shown(value: Tensor, limit: int = 6) -> str:
    """A tensor's first numbers for a message."""
    flat = value.detach().flatten().double().tolist()
    text = ", ".join(f"{x:.4g}" for x in flat[:limit])
    return f"[{text}{', ...' if len(flat) > limit else ''}]"


def told_apart(*values: float, digits: int = 4) -> tuple[str, ...]:
    """Numbers as text, with as many digits as it takes that different ones look different."""
    for count in range(digits, 18):
        told = tuple(f"{value:.{count}g}" for value in values)
        if len(set(told)) == len(set(values)):
            break
    return told


def apart(expected: Tensor, found: Tensor, limit: int = 6) -> tuple[str, str]:
    """Two tensors of one shape for a message, so that what is different looks different.

    limit: as many numbers at most, those around the largest difference.
    """
    pair = torch.stack([x.detach().flatten().double() for x in (expected, found)], 1)
    off = ((pair[:, 0] - pair[:, 1]).abs() / pair[:, 0].abs().clamp(min=1.0)).nan_to_num(nan=1e9)
    place, last = int(off.argmax()), max(len(pair) - limit, 0)
    first = min(place - limit // 2, last) if place >= limit else 0
    # small differences beside a large one are roundings
    differ = (off >= 0.01 * off.max()).tolist()
    told = [
        told_apart(*pair[k].tolist()) if differ[k] else tuple(f"{x:.4g}" for x in pair[k].tolist())
        for k in range(first, min(first + limit, len(pair)))
    ]
    before, after = "..., " if first else "", ", ..." if first < last else ""
    one, other = (f"[{before}{', '.join(each)}{after}]" for each in zip(*told, strict=True))
    return one, other


def _expect_shape(value: Tensor, shape: tuple[int, ...], what: str, advice: str = "") -> None:
    if tuple(value.shape) != shape:
        found = tuple(value.shape)
        raise Wrong(f"{what} has shape {found}, expected {shape}{advice}")


def kind(value: Any) -> str:
    """What a value is, for a message; never asks the value itself."""
    return "None (is a `return` missing?)" if value is None else f"of type {type(value).__name__}"
