"""What the challenge is measured against: random search with the same budget of pictures.

Random search draws cells below the limit, gives each the same share of the budget, and keeps the
best on the validation pictures. `python -m course_lib.checks.lab03_darts.baseline` trains cells
with the whole budget and with a third of it, and writes data/lab03_challenge.csv (about 10 minutes
on one core).
"""

import csv
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np

from course_lib.checks.lab03_darts.pictures import BUDGET, Pictures, judging_pictures
from course_lib.core import Arch, make_rng
from course_lib.nas.cells import CellSpace

FILE = Path(__file__).parents[3] / "data" / "lab03_challenge.csv"
LIMIT = 13_000
"""Parameters that the network may have."""
SHARES = {1: 21, 3: 20}
"""Cells per random search, and how many cells are trained with that share of the budget."""
COLUMNS = ("share", "seed", "cell", "parameters", "valid", "test")

Row = Mapping[str, str]


def random_cell(space: CellSpace, seed: int) -> Arch:
    """Uniform among the cells whose network has at most LIMIT parameters."""
    rng = make_rng(seed)
    while True:
        arch = space.sample(rng)
        if parameters(space, arch) <= LIMIT:
            return arch


def parameters(space: CellSpace, arch: Arch) -> int:
    """What the limit counts: the numbers that training changes."""
    return sum(weight.numel() for weight in space.build(arch).parameters())


def trained(share: int, seed: int) -> dict[str, object]:
    """One random cell, trained with BUDGET / share fresh pictures, and its test accuracy."""
    from course_lib.nas.training import accuracy, train

    space = CellSpace()
    arch = random_cell(space, 10_000 * share + seed)
    rng = make_rng(seed)
    network = space.build(arch, rng=rng)
    valid = train(network, Pictures(seed)(BUDGET // share), rng, epochs=1).curve[-1]
    test = accuracy(network, judging_pictures(4242))
    size = parameters(space, arch)
    return dict(zip(COLUMNS, (share, seed, space.describe(arch), size, valid, test), strict=True))


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


def main() -> None:
    """Train all cells and write the file; what it holds already is kept."""
    import torch

    torch.set_num_threads(1)
    rows: list[Mapping[str, object]] = list(measured()) if FILE.is_file() else []
    done = {(int(str(row["share"])), int(str(row["seed"]))) for row in rows}
    for share, count in SHARES.items():
        for seed in range(count):
            if (share, seed) not in done:
                rows.append(trained(share, seed))
                print(rows[-1], flush=True)
                _write(rows)


def _write(rows: Sequence[Mapping[str, object]]) -> None:
    with FILE.open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, COLUMNS, lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)


if __name__ == "__main__":
    main()
