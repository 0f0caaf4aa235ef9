"""data/lab03_challenge.csv: cells that random search would train, for the challenge of lab 03.

They are trained with the whole budget of pictures and with a third of it: about 10 minutes on one
core. Each row is on disk at once; what the file holds already is kept.
"""

import csv
from collections.abc import Mapping, Sequence

from course_lib.checks.lab03_darts.baseline import FILE, LIMIT, SHARES, measured, parameters
from course_lib.checks.lab03_darts.pictures import BUDGET, Pictures, judging_pictures
from course_lib.core import Arch, make_rng
from course_lib.core.threads import one_thread
from course_lib.nas.cells import CellSpace
from course_lib.nas.training import accuracy, train

COLUMNS = ("share", "seed", "cell", "parameters", "valid", "test")


def random_cell(space: CellSpace, share: int, seed: int) -> Arch:
    """Uniform among the cells whose network has at most LIMIT parameters."""
    rng = make_rng(10_000 * share + seed)
    while True:
        arch = space.sample(rng)
        if parameters(space, arch) <= LIMIT:
            return arch


def trained(share: int, seed: int) -> dict[str, object]:
    """One random cell, trained with BUDGET / share fresh pictures, and its test accuracy."""
    space = CellSpace()
    arch = random_cell(space, share, seed)
    rng = make_rng(seed)
    with one_thread():
        network = space.build(arch, rng=rng)
        valid = train(network, Pictures(seed)(BUDGET // share), rng, epochs=1).curve[-1]
        test = accuracy(network, judging_pictures(4242))
    size = parameters(space, arch)
    return dict(zip(COLUMNS, (share, seed, space.describe(arch), size, valid, test), strict=True))


def main() -> None:
    """Train the cells that the file lacks, and write it."""
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
