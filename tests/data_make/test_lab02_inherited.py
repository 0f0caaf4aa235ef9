"""data/lab02_inherited.csv: maker and lab speak of the same cells."""

from course_lib.checks.lab02_weight_sharing.inherited import SPACE
from data.make.lab02_inherited import SUBSPACE


def test_the_cells_that_are_asked_are_those_of_the_lab() -> None:
    assert SPACE == SUBSPACE
