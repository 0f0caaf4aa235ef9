"""What a training loop writes down: the curves of named numbers, one entry at a time."""

import json
from typing import Any

import numpy as np
from numpy.typing import NDArray
from torch import Tensor

from course_lib.core.saved import format_of, saved

Number = float | int | Tensor | NDArray[Any]
"""A scalar, or an array of any shape that stays the same over the entries."""


class Log:
    """An append-only record: every entry has the same names, every name its own shape.

    `log.append(epoch=0.5, loss=1.2, alpha=alpha)`, then `log["loss"]` is the curve (entries,) and
    `log["alpha"]` the snapshots (entries, *alpha.shape). Numbers are copied, as float64.
    """

    def __init__(self) -> None:
        self._columns: dict[str, list[NDArray[np.float64]]] = {}

    def append(self, **values: Number) -> None:
        """Add one entry; ValueError where its names or shapes are not those of the first."""
        entry = {name: _copied(value) for name, value in values.items()}
        if not entry:
            raise ValueError("an entry needs at least one name, such as log.append(loss=1.2)")
        if len(self) and entry.keys() != self._columns.keys():
            raise ValueError(
                f"this entry has {', '.join(entry)}; expected the names of the first entry: "
                f"{', '.join(self._columns)}"
            )
        for name, value in entry.items():
            if len(self) and value.shape != (first := self._columns[name][0].shape):
                raise ValueError(
                    f"{name} has shape {value.shape}, expected {first} as in the first entry"
                )
        for name, value in entry.items():
            self._columns.setdefault(name, []).append(value)

    @property
    def names(self) -> tuple[str, ...]:
        """What is recorded, in the order of the first entry."""
        return tuple(self._columns)

    def __len__(self) -> int:
        return len(next(iter(self._columns.values()), []))

    def __getitem__(self, name: str) -> NDArray[np.float64]:
        if name not in self._columns:
            known = ", ".join(self._columns) or "nothing yet"
            raise KeyError(f"no curve {name!r} in this log; it holds: {known}")
        return np.stack(self._columns[name])

    def __eq__(self, other: object) -> bool:
        """Same names, same numbers; a NaN equals a NaN."""
        if not isinstance(other, Log) or self.names != other.names or len(self) != len(other):
            return False
        return all(np.array_equal(self[name], other[name], equal_nan=True) for name in self.names)

    def __repr__(self) -> str:
        return f"Log({len(self)} entries of {', '.join(self._columns) or 'nothing yet'})"

    def to_json(self) -> str:
        """Text from which `from_json` makes an equal log."""
        columns = {name: self[name].tolist() for name in self.names}
        return json.dumps({"format": format_of("Log"), "columns": columns})

    @classmethod
    def from_json(cls, text: str) -> "Log":
        """The log that `to_json` wrote; ValueError says where a damaged text goes wrong."""
        columns = saved(text, "Log", "columns", dict)
        arrays = {name: _column(name, column) for name, column in columns.items()}
        if len({len(array) for array in arrays.values()}) > 1:
            raise ValueError("damaged Log: its curves are not equally long")
        log = cls()
        log._columns = {name: list(array) for name, array in arrays.items()}
        return log


def _copied(value: Number) -> NDArray[np.float64]:
    if isinstance(value, Tensor):
        value = value.detach().cpu().numpy()
    return np.array(value, dtype=np.float64)


def _column(name: str, column: Any) -> NDArray[np.float64]:
    try:
        array = np.array(column, dtype=np.float64)
    except (TypeError, ValueError) as error:
        raise ValueError(f"damaged Log: {name} is no array of numbers: {error}") from error
    if array.ndim == 0 or not len(array):
        raise ValueError(f"damaged Log: {name} has no entries")
    return array
