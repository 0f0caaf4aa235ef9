"""What the runs of a claim gave, as it lies in data/claims/; its words stand in the lecture."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).parents[2] / "data" / "claims"

Samples = Mapping[str, Sequence[Sequence[float]]]
"""Label -> its sample over seeds, or two samples of which the difference of means is estimated."""

_LINE = 160


@dataclass(frozen=True)
class Row:
    """An estimate with its interval; n: the size of its sample, or of both."""

    label: str
    mean: float
    low: float
    high: float
    n: Sequence[int]


@dataclass(frozen=True)
class Intervals:
    """One row per sample; the intervals follow from the samples alone.

    kind: "mean", with Student's t intervals, or "share" of zeros and ones, with Wilson's.
    level: of each interval, so chosen that all rows hold together with 95 %.
    """

    kind: str
    level: float
    rows: Sequence[Row]
    samples: Samples


@dataclass(frozen=True)
class Curve:
    """A mean and its interval along x, each (points,)."""

    x: Sequence[float]
    mean: Sequence[float]
    low: Sequence[float]
    high: Sequence[float]


@dataclass(frozen=True)
class Curves:
    """Lines by name, and their axes; a scale is matplotlib's "linear" or "log"."""

    xlabel: str
    ylabel: str
    lines: Mapping[str, Curve]
    xscale: str = "linear"
    yscale: str = "linear"


@dataclass(frozen=True)
class Measured:
    """Estimates, and how they came about.

    conditions: sentences with the numbers of the run, as the card shows them.
    reference: what "nothing to see" would be.
    over: what was drawn anew from value to value, "seeds" or "cells", say.
    settings: what was chosen or tuned; the card's words may name them in braces, "{budget}".
    curves: where there are any, they are the picture.
    runs: what each seed gave, in the order of seeds.
    """

    conditions: str
    estimates: Intervals
    reference: float = 0.0
    over: str = "seeds"
    seeds: Sequence[int] = ()
    settings: Mapping[str, Any] = field(default_factory=dict)
    curves: Curves | None = None
    runs: Sequence[Any] = ()

    def to_json(self) -> str:
        """The file's text: the numbers of a sample stand on one line."""
        return f"{_text(asdict(self))}\n"

    @classmethod
    def from_json(cls, text: str) -> "Measured":
        data = json.loads(text)
        own, curves = data["estimates"], data["curves"]
        own["rows"] = [Row(**row) for row in own["rows"]]
        if curves is not None:
            curves["lines"] = {name: Curve(**line) for name, line in curves["lines"].items()}
            data["curves"] = Curves(**curves)
        return cls(**data | {"estimates": Intervals(**own)})


def read_measured(name: str, folder: Path = FOLDER) -> Measured:
    """What `make claims` wrote under this name; ValueError if there is no such claim."""
    path = folder / f"{name}.json"
    if not path.exists():
        raise ValueError(f"no result for the claim {name!r} in {folder}: run `make claims` first")
    return Measured.from_json(path.read_text(encoding="utf-8"))


def _text(value: Any, indent: str = "") -> str:
    """JSON in which a container stands on one line if it is short or holds no other."""
    line = json.dumps(value)
    inside = list(value.values() if isinstance(value, dict) else value) if line[0] in "[{" else []
    if len(indent) + len(line) <= _LINE or not any(isinstance(v, dict | list) for v in inside):
        return line
    deeper = f"{indent} "
    names = [f"{json.dumps(key)}: " if isinstance(value, dict) else "" for key in value]
    lines = [f"{deeper}{n}{_text(v, deeper)}" for n, v in zip(names, inside, strict=True)]
    return "\n".join([line[0], ",\n".join(lines), f"{indent}{line[-1]}"])
