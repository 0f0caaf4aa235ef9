"""What an answer gave, as text that another process can read and trust to be nothing but data.

    value = from_text(to_text(value, most=10**6), most=10**6)

Numbers with their types, also nan and inf, to the last bit; words; lists, tuples, dictionaries and
sets; arrays and tensors with dtype and shape; and the few records that answers are made of.
Anything else is refused, on both sides. Never pickle: a text can only become such values.
"""

import base64
import json
import zlib
from collections.abc import Callable
from dataclasses import fields
from math import prod
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from course_lib.checks.chance import Drawn
from course_lib.core import Trial
from course_lib.nas.string_network import Layer

EXPANDED = 30
"""How many times longer a text may become when it is unpacked."""
RECORDS: dict[str, type[Any]] = {kind.__name__: kind for kind in (Drawn, Layer, Trial)}
NUMBERS = {
    name: np.dtype(f"<{code}")
    for name, code in (
        *(("float64", "f8"), ("float32", "f4"), ("float16", "f2")),
        *(("int64", "i8"), ("int32", "i4"), ("int16", "i2")),
        *(("int8", "i1"), ("uint8", "u1"), ("bool", "?")),
    )
}


class NoData(ValueError):
    """A value that cannot be handed over, or a text that is no such value; says why."""


def to_text(value: Any, *, most: int) -> str:
    """The value as ASCII, packed; NoData for what is no data, or too long (most: characters)."""
    try:
        plain = json.dumps(to_plain(value), separators=(",", ":"))
    except RecursionError as error:
        raise NoData("lists within lists without end") from error
    text = base64.b64encode(zlib.compress(plain.encode(), 1)).decode()
    if len(text) > most or len(plain) > EXPANDED * most:
        raise NoData(f"{len(text):,} characters, expected at most {most:,}")
    return text


def from_text(text: str, *, most: int) -> Any:
    """The value that `to_text` wrote; NoData for any other text."""
    if len(text) > most:
        raise NoData(f"{len(text):,} characters, expected at most {most:,}")
    try:
        unpacking = zlib.decompressobj()
        plain = unpacking.decompress(base64.b64decode(text, validate=True), EXPANDED * most)
        if not unpacking.eof:
            raise NoData("it is cut off, or too long when it is unpacked")
        return from_plain(json.loads(plain))
    except NoData:
        raise
    except (ValueError, zlib.error, RecursionError) as error:
        raise NoData(f"it is damaged ({error})") from error


def to_plain(value: Any) -> Any:
    """The value as JSON knows it: None, bool, int, str, lists, and {kind: content} for the rest."""
    kind = type(value)
    if value is None or kind is bool or kind is str:
        return value
    if kind is int:
        return _int(value)
    if kind is float:
        return {"float": value.hex()}
    if kind is list:
        return [to_plain(one) for one in value]
    if kind is tuple or kind is torch.Size:
        return {"tuple": [to_plain(one) for one in value]}
    if kind is dict:
        return {"dict": [[to_plain(key), to_plain(one)] for key, one in value.items()]}
    if kind in (set, frozenset):
        return {"set": sorted((to_plain(one) for one in value), key=repr)}
    if kind in (Tensor, nn.Parameter):
        return {"tensor": _of_tensor(value)}
    if kind is np.ndarray or (isinstance(value, np.generic) and kind.__module__ == "numpy"):
        return {"array" if kind is np.ndarray else "scalar": _of_array(np.asarray(value))}
    if RECORDS.get(kind.__name__) is kind:
        parts = {part.name: to_plain(getattr(value, part.name)) for part in fields(value)}
        return {"record": [kind.__name__, parts]}
    raise NoData(f"something of type {kind.__name__}")


def from_plain(plain: Any) -> Any:
    """The value again; NoData where `to_plain` makes no such thing."""
    if plain is None or isinstance(plain, bool | str):
        return plain
    if isinstance(plain, int):
        return _int(plain)
    if isinstance(plain, list):
        return [from_plain(one) for one in plain]
    if not isinstance(plain, dict) or len(plain) != 1:
        raise NoData("expected one kind and its content")
    ((kind, content),) = plain.items()
    if kind not in _READ:
        raise NoData(f"an unknown kind {kind[:20]!r}")
    try:
        return _READ[kind](content)
    except NoData:
        raise
    except (ValueError, TypeError, KeyError, AttributeError, OverflowError) as error:
        raise NoData(f"a damaged {kind}: {error}") from error


def _int(value: int) -> int:
    if value.bit_length() > 64:
        raise NoData(f"an integer of {value.bit_length()} bits")
    return value


def _of_tensor(value: Tensor) -> list[Any]:
    if value.layout is not torch.strided or value.device.type != "cpu" or value.is_quantized:
        raise NoData("a tensor that is not a plain one")
    if value.dtype is torch.bfloat16 or value.is_complex():
        raise NoData(f"a tensor of {value.dtype}")
    return _of_array(value.detach().resolve_neg().numpy())


def _of_array(value: np.ndarray) -> list[Any]:
    name = value.dtype.name
    if name not in NUMBERS:
        raise NoData(f"an array of {name[:20]}")
    raw = np.ascontiguousarray(value, dtype=NUMBERS[name]).tobytes()
    return [name, list(value.shape), base64.b64encode(raw).decode()]


def _array(content: Any) -> np.ndarray:
    name, shape, text = content
    if not isinstance(shape, list) or not all(type(n) is int and n >= 0 for n in shape):
        raise NoData("a shape is not a list of sizes")
    raw = base64.b64decode(text, validate=True)
    if len(raw) != prod(shape) * NUMBERS[name].itemsize:
        raise NoData(f"{len(raw)} bytes for {name} of shape {tuple(shape)}")
    if name == "bool" and raw.strip(b"\0\1"):
        raise NoData("a bool that is neither")
    return np.frombuffer(raw, NUMBERS[name]).reshape(shape).copy()


def _record(content: Any) -> Any:
    name, parts = content
    return RECORDS[name](**{key: from_plain(one) for key, one in parts.items()})


def _each(content: Any) -> list[Any]:
    if not isinstance(content, list):
        raise NoData("expected a list")
    return [from_plain(one) for one in content]


_READ: dict[str, Callable[[Any], Any]] = {
    "float": float.fromhex,
    "tuple": lambda content: tuple(_each(content)),
    "set": lambda content: set(_each(content)),
    "dict": lambda content: {from_plain(key): from_plain(one) for key, one in content},
    "tensor": lambda content: torch.from_numpy(_array(content)),
    "array": _array,
    "scalar": lambda content: _array(content)[()],
    "record": _record,
}
