"""What a search asks and what it is told: `Arch`, `Trial`, `History`."""

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass, field
from typing import Any, overload

import numpy as np

from course_lib.core.saved import format_of, saved

Arch = tuple[int, ...]
"""One choice index per decision."""


@dataclass(frozen=True)
class Trial:
    """One answered question.

    arch: the architecture that was asked about.
    value: the scalar that a search maximises, as a rule validation accuracy in [0, 1].
    cost: what the answer cost, in the unit of the oracle's budget; positive.
    objectives: the named quantities that a multi-objective search may see as well.
    info: what only reports may see, such as `test_accuracy`; searches never read it.
    """

    arch: Arch
    value: float
    cost: float = 1.0
    objectives: Mapping[str, float] = field(default_factory=dict)
    info: Mapping[str, Any] = field(default_factory=dict)


class History:
    """An append-only record of trials, in the order in which they were answered."""

    def __init__(self, trials: Iterable[Trial] = ()) -> None:
        self._trials = list(trials)

    def append(self, trial: Trial) -> None:
        self._trials.append(trial)

    def __len__(self) -> int:
        return len(self._trials)

    def __iter__(self) -> Iterator[Trial]:
        return iter(self._trials)

    @overload
    def __getitem__(self, index: int) -> Trial: ...
    @overload
    def __getitem__(self, index: slice) -> "History": ...
    def __getitem__(self, index: int | slice) -> "Trial | History":
        if isinstance(index, slice):
            return History(self._trials[index])
        return self._trials[index]

    def __eq__(self, other: object) -> bool:
        return isinstance(other, History) and self._trials == other._trials

    def __repr__(self) -> str:
        best = f", best {self.best().value:.4g}" if self._trials else ""
        return f"History({len(self)} trials{best})"

    @property
    def values(self) -> np.ndarray:
        """The values in order, shape (trials,)."""
        return np.array([trial.value for trial in self._trials])

    @property
    def costs(self) -> np.ndarray:
        """The costs in order, shape (trials,)."""
        return np.array([trial.cost for trial in self._trials])

    def best(self) -> Trial:
        """The trial of highest value, the earliest of several; ValueError if there is none."""
        if not self._trials:
            raise ValueError("the history is empty: run a search before asking for its best trial")
        return max(self._trials, key=lambda trial: trial.value)

    def best_so_far(self) -> np.ndarray:
        """The highest value among the first t trials, t = 1, 2, ..., shape (trials,)."""
        return np.maximum.accumulate(self.values) if self._trials else np.empty(0)

    def to_json(self) -> str:
        """Text from which `from_json` makes an equal history."""
        return json.dumps(
            {"format": format_of("History"), "trials": [asdict(trial) for trial in self._trials]}
        )

    @classmethod
    def from_json(cls, text: str) -> "History":
        """The history that `to_json` wrote; ValueError says where a damaged text goes wrong."""
        trials = saved(text, "History", "trials", list)
        return cls(_trial_from(entry, index) for index, entry in enumerate(trials))


def _trial_from(entry: Any, index: int) -> Trial:
    try:
        arch = tuple(entry["arch"])
        if not all(type(choice) is int for choice in arch):
            raise TypeError(f"arch must be integers, got {list(arch)}")
        return Trial(
            arch,
            float(entry["value"]),
            float(entry["cost"]),
            dict(entry["objectives"]),
            dict(entry["info"]),
        )
    except (KeyError, TypeError, ValueError) as error:
        reason = f"{error} is missing" if isinstance(error, KeyError) else str(error)
        raise ValueError(f"damaged History: trial {index}: {reason}") from error
