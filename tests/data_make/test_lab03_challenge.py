"""data/lab03_challenge.csv holds the cells that its maker draws."""

from course_lib.checks.lab03_darts.baseline import SHARES, measured
from course_lib.nas.cells import CellSpace
from data.make.lab03_challenge import random_cell


def test_the_cells_of_the_file_are_those_that_are_drawn() -> None:
    space = CellSpace()
    drawn = [
        (share, seed, space.describe(random_cell(space, share, seed)))
        for share, count in SHARES.items()
        for seed in range(count)
    ]
    assert [(int(row["share"]), int(row["seed"]), row["cell"]) for row in measured()] == drawn
