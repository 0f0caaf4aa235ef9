"""What the challenge is measured against: random search with the same budget of pictures.

Random search draws cells below the limit, gives each the same share of the budget, and keeps the
best on the validation pictures. How well cells do is measured in data/lab03_challenge.csv, which
`python -m data.make lab03_challenge` makes again.
"""

import csv
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np

from course_lib.core import Arch
from course_lib.nas.cells import CellSpace

FILE = Path(__file__).parents[3] / "data" / "lab03_challenge.csv"
LIMIT = 13_000
"""Parameters that the network may have."""
SHARES = {1: 21, 3: 20}
"""Cells per random search, and how many cells are trained with that share of the budget."""

Row = Mapping[str, str]


def parameters(space: CellSpace, arch: Arch) -> int:
    """What the limit counts: the numbers that training changes."""
    return sum(weight.numel() for weight in space.build(arch).parameters())


def measured() -> list[Row]:
    """The rows of data/lab03_challenge.csv."""
    with FILE.open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def random_searches(rows: Sequence[Row], share: int, *, count: int = 20_000) -> np.ndarray:
    """Test accuracies of random searches that train `share` cells each, (count,).

    Resampled from the measured cells: of `share` draws the one that is best on validation counts.
    """
    mine = [row for row in rows if int(row["share"]) == share]
    valid, test = (np.array([float(row[name]) for row in mine]) for name in ("valid", "test"))
    drawn = np.random.default_rng(0).integers(len(mine), size=(count, share))
    best = valid[drawn].argmax(1)
    return np.asarray(test[drawn[np.arange(count), best]])
